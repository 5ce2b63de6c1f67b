"""The thread in which Dexter is named, within what Slack lets an app read."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.slack.api import client
from bot.slack.names import Names
from bot.slack.place import Place
from bot.slack.thread import MOST_CHARACTERS, MOST_MESSAGES, Known, Threads
from tests.doubles.slack_events import People
from tests.doubles.slack_server import SlackServer


@pytest.fixture
async def threads(slack: SlackServer) -> AsyncIterator[Threads]:
    web = client("xoxb-1", slack.base_url)
    async with aiohttp.ClientSession() as web.session:
        yield Threads(web, "UDEXTER", Names(web))


def asked(slack: SlackServer) -> int:
    return [method for method, _ in slack.api.calls].count("conversations.replies")


def talk(slack: SlackServer, count: int, root: str | None = None) -> Place:
    """Have people write so many messages into a thread."""
    root = root or slack.say("The root.").ts
    for number in range(count):
        slack.say(f"Message {number}.", thread_ts=root)
    return Place("C1", root)


async def test_people_are_named_and_dexter_and_apps_are_who_they_are(threads: Threads, slack: SlackServer) -> None:
    slack.space.people["U7"] = "grace.hopper@navy.example"
    root = slack.say("Ask <@U2> or <mailto:ada@example.com|ada@example.com>.", user="U7")
    slack.space.write(slack.space.channels["C1"], "UDEXTER", {"text": "Move.", "thread_ts": root.ts})
    slack.say("Deployed.", user="", thread_ts=root.ts, bot_id="B9", bot_profile={"name": "Deploy"})
    slack.say("Unknown speaks.", user="U99", thread_ts=root.ts)
    found = await threads.read(Place("C1", root.ts), "9")
    assert found.text.split("\n\n") == [
        "grace.hopper: Ask @Charles Babbage or ada@example.com.",
        "Dexter: Move.",
        "Deploy: Deployed.",
        "someone: Unknown speaks.",
    ]


async def test_dexters_progress_is_left_out(threads: Threads, slack: SlackServer) -> None:
    place = talk(slack, 0)
    blocks = [{"type": "context", "block_id": "dexter_post/k3f9:progress/1", "elements": []}]
    body = {"text": "Votes: 0 of 3", "thread_ts": place.thread, "blocks": blocks}
    slack.space.write(slack.space.channels["C1"], "UDEXTER", body)
    assert "Votes" not in (await threads.read(place, "9")).text


async def test_only_what_is_new_is_read_again(threads: Threads, slack: SlackServer) -> None:
    place = talk(slack, 3)
    await threads.read(place, "9")
    talk(slack, 1, place.thread)
    found = await threads.read(place, "9")
    assert found.text.count("Message") == 4
    assert asked(slack) == 2
    assert slack.api.calls[-1][1]["oldest"] > str(place.thread)


async def test_an_app_with_narrow_limits_reads_a_page_a_minute_and_remembers_the_rest(
    threads: Threads, slack: SlackServer
) -> None:
    slack.api.narrow = True
    place = talk(slack, 30)
    found = await threads.read(place, "9")
    assert found.text.count("Message") == 14
    assert "left out" in found.text
    threads.heard({"channel": "C1", "thread_ts": place.thread, "ts": "8.1", "user": "U1", "text": "Heard."})
    assert "Ada Lovelace: Heard." in (await threads.read(place, "9")).text
    assert asked(slack) == 1


async def test_a_refusal_is_waited_for_as_told(threads: Threads, slack: SlackServer) -> None:
    place = talk(slack, 3)
    slack.fault("conversations.replies", error="ratelimited", status=429, retry_after=60)
    for _ in range(3):
        assert (await threads.read(place, "9")).text == ""
    assert asked(slack) == 1


async def test_a_long_thread_keeps_its_newest_messages_and_says_that_some_are_left_out(
    threads: Threads, slack: SlackServer
) -> None:
    place = talk(slack, 0)
    for number in range(10):
        slack.say(f"{number} " + "long " * 1000, thread_ts=place.thread)
    found = await threads.read(place, "9")
    assert len(found.text) < MOST_CHARACTERS + 200
    assert "left out" in found.text.split("\n\n")[0]
    assert found.text.split("\n\n")[-1].startswith("Ada Lovelace: 9 long")


async def test_nothing_after_the_question_is_read(threads: Threads, slack: SlackServer) -> None:
    place = talk(slack, 2)
    question = slack.say("The question.", thread_ts=place.thread)
    slack.say("Later.", thread_ts=place.thread)
    found = await threads.read(place, question.ts)
    assert "Message 1." in found.text
    assert "Later." not in found.text
    assert "question" not in found.text


async def test_edits_and_deletions_are_taken_over(threads: Threads, slack: SlackServer) -> None:
    place = talk(slack, 2)
    await threads.read(place, "9")
    first, second = (m for m in slack.space.channels["C1"].messages if m.get("thread_ts"))
    threads.changed("C1", first["ts"], first | {"text": "Changed."})
    threads.changed("C1", second["ts"], None)
    text = (await threads.read(place, "9")).text
    assert "Changed." in text
    assert "Message 1." not in text


async def test_files_come_newest_first(threads: Threads, slack: SlackServer) -> None:
    place = talk(slack, 0)
    for name in ("old.md", "new.md"):
        slack.say("Look.", thread_ts=place.thread, files=[slack.file(name, b"x").row])
    assert [row["name"] for row in (await threads.read(place, "9")).files] == ["new.md", "old.md"]


async def test_a_thread_that_is_gone_reads_as_nothing(threads: Threads, slack: SlackServer) -> None:
    People(slack).archives()
    assert (await threads.read(Place("C1", "1.1"), "9")).text == ""
    assert (await threads.read(Place("C3", "1.1"), "9")).text == ""


def test_what_is_remembered_is_bounded_and_the_root_stays() -> None:
    known = Known()
    for number in range(MOST_MESSAGES + 50):
        known.put({"ts": f"{number:06}"})
    assert len(known.messages) == MOST_MESSAGES
    assert {"000000", f"{MOST_MESSAGES + 49:06}"} <= set(known.messages)
