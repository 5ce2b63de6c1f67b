"""Posts in Slack: posted once, edited in place, found again, divided where they are too long."""

import asyncio

import pytest

from bot.shapes import Address, Foot, Heading, Post, Prose, TryLater, Undeliverable, plain
from bot.slack.api import client
from bot.slack.outgoing import ROOMS, Outgoing
from bot.slack.place import Place
from tests.doubles.slack_chat import SlackChat
from tests.doubles.slack_server import SlackServer

PARTS = tuple(Prose(f"Paragraph {n}: " + "all work and no play " * 20) for n in range(60))


@pytest.fixture
async def thread(slack: SlackServer) -> Address:
    return f"slack:T1:C1:{slack.say('A question').ts}"


async def test_a_post_opens_a_channel_and_its_thread_takes_the_next(chat: SlackChat, slack: SlackServer) -> None:
    root = await chat.show("slack:T1:C1", plain("**Ada** asks: why?"), "run:question", None, False)
    address = chat.thread("slack:T1:C1", root)
    await chat.show(address, plain("Because."), "run:answer", None, False)
    assert address == f"slack:T1:C1:{root}"
    assert [p.get("thread_ts") for p in slack.space.posts()] == [None, root]


async def test_a_post_with_a_message_is_edited_in_place(chat: SlackChat, slack: SlackServer, thread: Address) -> None:
    ts = await chat.show(thread, plain("0 of 3"), "run:progress", None, False)
    assert await chat.show(thread, plain("1 of 3"), "run:progress", ts, False) == ts
    assert [(p["text"], p["edits"]) for p in slack.space.posts()] == [("1 of 3", 1)]


async def test_a_deleted_message_is_posted_anew(chat: SlackChat, slack: SlackServer, thread: Address) -> None:
    ts = await chat.show(thread, plain("one"), "k", None, False)
    slack.space.channels["C1"].messages.pop()
    assert await chat.show(thread, plain("two"), "k", ts, False) != ts
    assert [p["text"] for p in slack.space.posts()] == ["two"]


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("threaded", [False, True])
async def test_a_post_whose_reply_was_lost_is_found_and_not_doubled(
    chat: SlackChat, slack: SlackServer, thread: Address, hidden: bool, threaded: bool
) -> None:
    slack.api.hidden_metadata = hidden
    address = thread if threaded else "slack:T1:C1"
    await chat.show(address, plain("another"), "run:other", None, False)
    slack.fault("chat.postMessage", lost=True)
    with pytest.raises(TryLater):
        await chat.show(address, plain("the answer"), "run:answer", None, False)
    ts = await chat.show(address, plain("the answer"), "run:answer", None, True)
    assert [p["text"] for p in slack.space.posts()] == ["another", "the answer"]
    assert slack.space.posts()[1]["ts"] == ts


async def test_an_earlier_try_is_found_behind_hundreds_of_replies(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    for n in range(450):
        slack.say(f"reply {n}", thread_ts=thread.split(":")[3])
    ts = await chat.show(thread, plain("the answer"), "k", None, False)
    assert await chat.show(thread, plain("the answer"), "k", None, True) == ts


async def test_a_try_that_never_got_through_is_posted_the_second_time(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    await chat.show(thread, plain("the answer"), "k", None, True)
    assert [p["text"] for p in slack.space.posts()] == ["the answer"]


async def test_a_message_of_another_that_carries_the_key_is_left_alone(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    forged = {"event_type": "dexter_post", "event_payload": {"key": "k"}}
    slack.say("mine", thread_ts=thread.split(":")[3], metadata=forged)
    await chat.show(thread, plain("the answer"), "k", None, True)
    assert [p["text"] for p in slack.space.posts()] == ["the answer"]


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ({"error": "ratelimited", "status": 429, "retry_after": 7}, 7.0),
        ({"error": "ratelimited", "status": 429, "retry_after": 0.5}, 0.5),
        ({"error": "ratelimited"}, 2.0),
        ({"status": 503}, 2.0),
        ({"error": "internal_error"}, 2.0),
        ({"error": "fatal_error", "status": 500}, 2.0),
        ({"lost": True}, 2.0),
    ],
)
async def test_what_passes_is_tried_later(
    chat: SlackChat, slack: SlackServer, thread: Address, fault: dict[str, object], seconds: float
) -> None:
    slack.fault("chat.postMessage", **fault)
    with pytest.raises(TryLater) as caught:
        await chat.show(thread, plain("x"), "k", None, False)
    assert (1.0 if "retry_after" in fault else 0.5) * seconds <= caught.value.seconds <= 1.5 * seconds
    assert [m for m, _ in slack.api.calls].count("chat.postMessage") == 1


@pytest.mark.parametrize(
    "error",
    ["channel_not_found", "is_archived", "not_in_channel", "account_inactive", "token_revoked", "missing_scope", "odd"],
)
async def test_what_never_will_arrive_says_why(
    chat: SlackChat, slack: SlackServer, thread: Address, error: str
) -> None:
    slack.fault("chat.postMessage", error=error)
    with pytest.raises(Undeliverable, match=r"^[A-Z].*\.$"):
        await chat.show(thread, plain("x"), "k", None, False)


@pytest.mark.parametrize("address", ["slack:T1:C3", "slack:T1:C4", "slack:T1:C9", "slack:T1:", "discord:1:2", "x"])
async def test_a_place_that_cannot_be_written_to_is_undeliverable(chat: SlackChat, address: Address) -> None:
    with pytest.raises(Undeliverable):
        await chat.show(address, plain("x"), "k", None, False)


async def test_a_server_that_is_not_there_is_tried_later() -> None:
    out = Outgoing(client("xoxb-1", "http://127.0.0.1:9/api/"))
    with pytest.raises(TryLater):
        await out.show(Place("C1"), plain("x"), "k", None, False)


async def test_a_long_post_goes_on_in_further_messages_of_its_thread_and_says_so(
    chat: SlackChat, slack: SlackServer
) -> None:
    ts = await chat.show("slack:T1:C1", Post((*PARTS, Foot("the foot"))), "k", None, False)
    posts = slack.space.posts()
    assert len(posts) > 2
    assert [p.get("thread_ts") for p in posts] == [None] + [ts] * (len(posts) - 1)
    text = "\n".join(p["text"] for p in posts)
    assert all(f"Paragraph {n}:" in text for n in range(60))
    assert f"Part 1 of {len(posts)}: continued in the next message." in posts[0]["text"]
    assert "the foot" in posts[-1]["text"]


async def test_a_long_post_that_broke_half_way_is_completed_and_not_doubled(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    await chat.show(thread, plain("first"), "other", None, False)
    slack.fault("chat.postMessage", lost=True)
    with pytest.raises(TryLater):
        await chat.show(thread, Post(PARTS), "k", None, False)
    slack.fault("chat.update", error="ratelimited", retry_after=0.1)
    with pytest.raises(TryLater) as caught:
        await chat.show(thread, Post(PARTS), "k", None, True)
    await asyncio.sleep(caught.value.seconds)
    ts = await chat.show(thread, Post(PARTS), "k", None, True)
    once = len(slack.space.posts())
    assert await chat.show(thread, Post(PARTS), "k", ts, False) == ts
    posts = slack.space.posts()
    assert len(posts) == once
    assert sum("Paragraph 59:" in str(p["blocks"]) for p in posts) == 1


async def test_a_post_that_slack_finds_too_long_goes_in_smaller_parts(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    slack.fault("chat.postMessage", times=3, error="msg_blocks_too_long")
    text = "\n\n".join(f"Sentence {n} of a text." + " padding" * 20 for n in range(40))
    await chat.show(thread, plain(text), "k", None, False)
    posts = slack.space.posts()
    assert len(posts) > 1
    assert all(f"Sentence {n} " in "\n".join(p["text"] for p in posts) for n in range(40))


async def test_a_post_that_is_too_long_however_it_is_divided_is_undeliverable(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    slack.fault("chat.postMessage", times=len(ROOMS), error="msg_too_long")
    with pytest.raises(Undeliverable, match="too long"):
        await chat.show(thread, plain("x"), "k", None, False)


async def test_an_edit_keeps_to_the_shorter_limit_of_edits(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    ts = await chat.show(thread, plain("short"), "k", None, False)
    await chat.show(thread, plain("word & word " * 500), "k", ts, False)
    post = slack.space.posts()[0]
    assert len(post["text"]) <= 4000
    assert post["text"].endswith(" … (the rest is in the message itself)")


async def test_links_are_not_unfolded_and_names_not_linked(
    chat: SlackChat, slack: SlackServer, thread: Address
) -> None:
    await chat.show(thread, Post((Heading("x"),)), "k", None, False)
    sent = next(body for method, body in slack.api.calls if method == "chat.postMessage")
    assert (sent["unfurl_links"], sent["unfurl_media"], sent["mrkdwn"]) == (False, False, False)
    assert "link_names" not in sent
    assert "parse" not in sent
