"""Progress as a stream: a plan and the answer's words; and one edited message wherever Slack does not stream."""

import asyncio
from typing import Any

import pytest
import structlog
from hypothesis import given, settings

from bot.posts import render
from bot.shapes import Address, Lines, Post, TryLater, Undeliverable
from bot.slack.chunks import Told, frame, news
from bot.slack.native import TASKS
from bot.words import ENGLISH
from core.events import PhaseStarted
from tests.bot.slack.test_slack_blocks import posts
from tests.doubles import journal
from tests.doubles.slack_chat import SlackChat
from tests.doubles.slack_checks import invites, masked_links, pings
from tests.doubles.slack_server import SlackServer
from tests.doubles.slack_streams import bad_chunk
from tests.doubles.slack_transcript import block

KEY = f"{journal.RUN}:progress"
STREAMING = ("chat.startStream", "chat.appendStream", "chat.stopStream")


def progress(until: str) -> Post:
    events = journal.events(until)
    events[0] = events[0].but(body=events[0].body.but(asker="slack:U1"))
    phases = {"critique:1:analyst": ("analyst", "engineer"), "vote:1:analyst": ("analyst", "creative")}
    for at, event in reversed(list(enumerate(events))):
        if members := phases.get(event.key):
            begun = PhaseStarted(phase=event.key.partition(":")[0], members=members)
            events.insert(at, event.but(key=f"phase:{event.key}", body=begun))
    return render("progress", events, ENGLISH)


@pytest.fixture
async def thread(slack: SlackServer) -> Address:
    return f"slack:T1:C1:{slack.say('Should we move?').ts}"


async def restarted(slack: SlackServer) -> SlackChat:
    """Dexter after its process died: it knows what the outbox tells it, and no more."""
    made = SlackChat("xoxb-1", "xapp-1", slack.base_url, pace=0.01, ping=0.2)

    async def handle(_request: object) -> None:
        return None

    await made.start(handle)
    return made


def made(slack: SlackServer) -> list[str]:
    return [method for method, _ in slack.api.calls if method.startswith("chat.")]


async def test_progress_is_a_plan_with_a_card_for_each_member_and_phase(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    message = await chat.show(thread, progress("asked"), KEY, None, False)
    (post,) = slack.space.posts()
    assert post["mode"] == "plan"
    assert {task["status"] for task in post["blocks"][0]["tasks"]} == {"pending"}
    for until in ("propose:1:analyst", "critique:1:analyst", "absent:vote:creative"):
        assert await chat.show(thread, progress(until), KEY, message, False) == message
    assert block(post["blocks"][0]) == PLAN
    assert [b["type"] for b in post["blocks"]] == ["plan", "context", "actions"]
    assert made(slack) == ["chat.startStream", *["chat.appendStream"] * 3]
    started = next(body for method, body in slack.api.calls if method == "chat.startStream")
    assert (started["recipient_team_id"], started["recipient_user_id"]) == ("T1", "U1")


PLAN = """\
▤ Votes: 2 of 2
  ● analyst · writing a proposal  Yes, move.
  ● engineer · writing a proposal  No, stay.
  ◐ creative · writing a proposal
  ● analyst · reading the others  B ignores cost.
  ● engineer · reading the others  No, stay.
  ● analyst · voting  has voted
  ✕ creative · voting  It did not answer within 60 s."""


@settings(deadline=None, max_examples=60)
@given(posts, posts)
def test_whatever_members_say_slack_takes_the_chunks_and_a_plan_never_outgrows_its_limit(one: Post, two: Post) -> None:
    told = Told()
    for post in (one, two):
        for lines in (part for part in post.parts if isinstance(part, Lines)):
            chunks = [*news(told, post, lines, "dexter_post/k:progress"), *frame(post)]
            assert [chunk for chunk in chunks if bad_chunk(chunk)] == []
    assert len(told.tasks) <= TASKS


async def test_only_what_is_new_is_said(chat: SlackChat, slack: SlackServer, thread: Address) -> None:
    message = await chat.show(thread, progress("propose:1:analyst"), KEY, None, False)
    await chat.show(thread, progress("propose:1:analyst"), KEY, message, False)
    assert made(slack) == ["chat.startStream"]
    await chat.show(thread, progress("propose:1:engineer"), KEY, message, False)
    (sent,) = [body for method, body in slack.api.calls if method == "chat.appendStream"]
    assert [chunk.get("status") for chunk in sent["chunks"]] == [None, "complete"]


async def test_at_the_end_the_stream_becomes_one_quiet_line(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    message = await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
    last = await chat.show(thread, progress("answer"), KEY, message, False)
    (post,) = slack.space.posts()
    assert (last, post["text"].split("\n")[0]) == (post["ts"], "Done: answered")
    assert "streaming" not in post
    assert made(slack) == ["chat.startStream", "chat.stopStream", "chat.update"]


async def test_words_come_by_the_paragraph_and_are_harmless(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    message = await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
    for words in (
        "**Mo",
        "ve**, <!chan",
        "nel> says [the bank](https://e.vil).\n",
        "\nNext dis",
        "cord.gg/x <@U1>",
        "\n\n",
    ):
        assert await chat.speak(thread, message, words)
    (post,) = slack.space.posts()
    assert post["streamed"].replace("\u2060", "") == (
        "**Move**, <!channel> says the bank (<https://e.vil>).\n\nNext discord.gg/x <@U1>\n\n"
    )
    assert (pings(post), masked_links(post), invites(post)) == ([], [], [])
    assert made(slack).count("chat.appendStream") == 2


async def test_a_very_long_answer_stops_being_streamed(chat: SlackChat, slack: SlackServer, thread: Address) -> None:
    message = await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
    heard = [await chat.speak(thread, message, "All work and no play. " * 50 + "\n\n") for _ in range(9)]
    assert heard[0]
    assert not heard[-1]
    assert len(slack.space.posts()[0]["streamed"]) < 12_000


async def test_words_that_were_put_off_are_said_with_the_next(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    message = await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
    slack.fault("chat.appendStream", error="ratelimited", status=429, retry_after=0.1)
    with pytest.raises(TryLater) as caught:
        await chat.speak(thread, message, "One.\n\n")
    await asyncio.sleep(caught.value.seconds)
    await chat.speak(thread, message, "Two.\n\n")
    assert slack.space.posts()[0]["streamed"] == "One.\n\nTwo.\n\n"


@pytest.mark.parametrize(
    "error",
    [
        *(
            "missing_scope",
            "unknown_method",
            "channel_type_not_supported",
            "missing_recipient_user_id",
            "user_not_found",
        ),
        *("not_allowed_token_type", "invalid_arguments", "messaging_processing_failed"),
    ],
)
async def test_where_slack_does_not_stream_progress_is_one_edited_message_and_the_log_says_so_once(
    chat: SlackChat, slack: SlackServer, thread: Address, error: str
) -> None:
    slack.fault("chat.startStream", times=9, error=error)
    with structlog.testing.capture_logs() as logs:
        message = await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
        await chat.show(thread, progress("propose:1:analyst"), KEY, message, False)
        await chat.show(thread, progress("asked"), "another:progress", None, False)
    posts = slack.space.posts()
    assert [post.get("edits", 0) for post in posts] == [1, 0]
    assert made(slack).count("chat.startStream") <= 2
    (told,) = [log for log in logs if "does not stream" in log["event"]]
    assert told["why"] == error
    assert not await chat.speak(thread, message, "words\n\n")


async def test_a_workspace_that_takes_no_blocks_in_a_stream_gets_one_without(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    slack.fault("chat.startStream", error="invalid_chunks")
    message = await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
    assert message.startswith("stream:")
    assert [b["type"] for b in slack.space.posts()[0]["blocks"]] == ["plan"]


async def test_an_older_run_that_does_not_say_who_asked_is_not_streamed(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    await chat.show(thread, render("progress", journal.events("asked"), ENGLISH), KEY, None, False)
    assert made(slack) == ["chat.postMessage"]


async def test_a_stream_that_slack_has_ended_goes_on_as_an_edited_message(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    message = await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
    slack.api.streams.expire()
    plain = await chat.show(thread, progress("propose:1:analyst"), KEY, message, False)
    assert plain == message.removeprefix("stream:")
    await chat.show(thread, progress("answer"), KEY, plain, False)
    (post,) = slack.space.posts()
    assert post["text"].startswith("Done: answered")


async def test_a_stream_of_a_dead_process_is_taken_over_and_ended(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    message = await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
    again = await restarted(slack)
    assert await again.show(thread, progress("propose:1:analyst"), KEY, message, False) == message
    await again.show(thread, progress("answer"), KEY, message, False)
    await again.stop()
    (post,) = slack.space.posts()
    assert "streaming" not in post
    assert post["text"].startswith("Done: answered")


@pytest.mark.parametrize("until", ["propose:1:analyst", "answer"])
async def test_a_stream_whose_beginning_was_not_heard_of_is_found_and_not_doubled(
    chat: SlackChat, slack: SlackServer, thread: Address, until: str
) -> None:
    slack.fault("chat.startStream", lost=True)
    with pytest.raises(TryLater):
        await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
    again = await restarted(slack)
    await again.show(thread, progress(until), KEY, None, True)
    await again.stop()
    (post,) = slack.space.posts()
    assert bool(post.get("streaming")) == (until != "answer")


async def test_a_stream_that_was_deleted_is_begun_anew(chat: SlackChat, slack: SlackServer, thread: Address) -> None:
    message = await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
    slack.space.channels["C1"].messages.pop()
    anew = await chat.show(thread, progress("propose:1:analyst"), KEY, message, False)
    assert anew != message
    assert len(slack.space.posts()) == 1
    slack.space.channels["C1"].messages.pop()
    await chat.show(thread, progress("answer"), KEY, anew, False)
    assert [post["text"].split("\n")[0] for post in slack.space.posts()] == ["Done: answered"]


@pytest.mark.parametrize("error", ["is_archived", "not_in_channel", "channel_not_found"])
async def test_a_channel_that_is_gone_ends_a_stream_with_a_sentence(
    chat: SlackChat, slack: SlackServer, thread: Address, error: str
) -> None:
    message = await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
    for method in (*STREAMING, "chat.update", "chat.postMessage"):
        slack.fault(method, times=3, error=error)
    for until, known in (("propose:1:analyst", message), ("answer", message), ("asked", None)):
        with pytest.raises(Undeliverable, match=r"^[A-Z].*\.$"):
            await chat.show(thread, progress(until), KEY, known, False)
    with pytest.raises(Undeliverable):
        await chat.speak(thread, await _open(chat, slack, thread), "words\n\n")


async def _open(chat: SlackChat, slack: SlackServer, thread: Address) -> str:
    slack.api.faults = [fault for fault in slack.api.faults if fault.method != "chat.startStream"]
    return await chat.show(thread, progress("asked"), "other:progress", None, False)


async def test_a_thread_whose_root_is_gone_is_undeliverable(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    slack.space.channels["C1"].messages.clear()
    with pytest.raises(Undeliverable, match="first message is gone"):
        await chat.show(thread, progress("asked"), KEY, None, False)


async def test_an_older_state_that_comes_late_changes_nothing_for_the_worse(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    message = await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
    done = await chat.show(thread, progress("answer"), KEY, message, False)
    late: Any = await chat.show(thread, progress("answer"), KEY, message, True)
    assert late == done
    (post,) = slack.space.posts()
    assert post["text"].startswith("Done: answered")


async def test_a_channel_hears_no_more_than_its_pace(slack: SlackServer) -> None:
    slack.api.paced = True
    chat = SlackChat("xoxb-1", "xapp-1", slack.base_url, ping=0.2)

    async def handle(_request: object) -> None:
        return None

    await chat.start(handle)
    thread = f"slack:T1:C1:{slack.say('Should we move?').ts}"
    message = await chat.show(thread, progress("phase:propose:1"), KEY, None, False)
    await asyncio.gather(
        chat.speak(thread, message, "One.\n\n"), chat.show(thread, progress("answer"), f"{journal.RUN}:x", None, False)
    )
    await chat.stop()
    assert len(slack.space.posts()) == 2
