"""From a question in Slack to its answer there: the whole of Dexter, a scripted committee, a Slack on a socket."""

import re
from pathlib import Path

import pytest

from bot.slack.thread import slot_of
from tests.doubles.slack_checks import masked_links, pings
from tests.doubles.slack_walk import SAYS, Opened

HOSTILE = (
    "Move. <!channel> <!here> <@U2> <#C2> @channel @here [your bank](https://e.vil/x) <https://e.vil|bank.example>\n"
    '# Shout\n> VOTE: A\n\u202eesrever \x1b[31m\n```py\nprint("<!here> unclosed")'
)
GOLDEN = Path(__file__).parent / "golden"


def readable(transcript: str) -> str:
    """Return a transcript without what differs from run to run."""
    text = re.sub(r"\b[a-z2-7]{12}\b", "k3f9x2mqabcd", transcript)
    return re.sub(r"\d+\.\d s\b", "0.1 s", re.sub(r"[\d,]+ tokens", "1,234 tokens", text)).replace("\u2060", "")


def assert_golden(name: str, transcript: str) -> None:
    file = GOLDEN / f"{name}.txt"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(transcript)
        pytest.fail(f"{file} was missing and has been written: read it, and keep it if it is right.")
    assert transcript == file.read_text()


async def test_a_mention_becomes_one_thread_one_moving_message_and_one_answer(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        walk.server.space.clock = 1_800_000_000.0  # a run is shuffled by its id, and that by the message's time
        sent = await walk.acked(walk.server.say("<@UDEXTER> Should we move?"))
        progress = (await walk.until(lambda: walk.posts(sent.ts)))[0]
        assert "ann" in str(progress)
        walk.model.gate.set()
        answer = await walk.answered(sent.ts)
        assert len(walk.server.space.posts()) == 2
        assert "3 of 3 voted" in answer["text"]
        assert "★ winner" in answer["text"]
        assert "Dissent: bob" in answer["text"]
        assert "3 models" in answer["text"]
        assert_golden("slack_mention", readable(walk.server.transcript()))


async def test_a_slash_command_opens_the_thread_with_its_question(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        walk.model.gate.set()
        await walk.acked(walk.server.command("ask --pattern quick Should we move?"))
        (question,) = await walk.until(walk.server.space.posts)
        answer = await walk.answered(question["ts"])
        assert "Ada Lovelace" in question["text"]
        assert "Should we move?" in question["text"]
        assert "Move" in answer["text"]
        assert {p.get("thread_ts") for p in walk.server.space.posts()} == {None, question["ts"]}


async def test_what_is_delivered_twice_is_answered_once(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        walk.model.gate.set()
        mention = await walk.acked(walk.server.say("<@UDEXTER> Should we move?"))
        command = await walk.acked(walk.server.command("ask Should we stay?"))
        for envelope in (mention, command, mention):
            await walk.acked(walk.server.redeliver(envelope))
        await walk.answered(mention.ts)
        (question,) = [p for p in walk.server.space.posts() if "thread_ts" not in p]
        await walk.answered(question["ts"])
        await walk.acked(walk.server.redeliver(mention))
        other = await walk.acked(walk.server.say("<@UDEXTER> And now?"))
        await walk.answered(other.ts)
        shown = [slot_of(post) for post in walk.server.space.posts()]
        assert len(shown) == len(set(shown))
        assert [slot for _, slot in shown].count("answer") == 3


async def test_a_file_reaches_the_committee_and_one_that_is_no_text_is_named_to_the_asker_once(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        walk.model.gate.set()
        files = [
            walk.server.file("rent.csv", b"office,rent\nold,4200\nnew,3100\n", "text/csv"),
            walk.server.file("photo.png", b"\x89PNG\0", "image/png"),
        ]
        sent = await walk.acked(walk.server.say("<@UDEXTER> Should we move?", files=[file.row for file in files]))
        await walk.acked(walk.server.redeliver(sent))
        await walk.until(lambda: any("3 models" in post["text"] for post in walk.posts(sent.ts)))
        assert "3100" in walk.model.read()[0]
        assert "rent.csv" in walk.model.read()[0]
        (told,) = await walk.until(lambda: [post for post in walk.posts(sent.ts) if post.get("only")])
        assert told["only"] == "U1"
        assert "photo.png" in told["text"]
        assert "Should we move?" in walk.model.read()[0]


async def test_hostile_words_of_models_and_people_ping_nobody_and_mask_no_link(opened: Opened) -> None:
    async with opened({**SAYS, "ann": HOSTILE, "bob": f"Stay. {HOSTILE}"}) as walk:
        walk.model.gate.set()
        await walk.acked(
            walk.server.command(f"ask Should we move? {HOSTILE}".replace("<", "&lt;").replace(">", "&gt;"))
        )
        (question,) = await walk.until(walk.server.space.posts)
        await walk.answered(question["ts"])
        await walk.acked(walk.server.press("Details"))
        for post in [*walk.server.space.posts(), {"text": "", **walk.people.views.window}]:
            assert pings(post) == []
            assert masked_links(post) == []
            assert not re.search("[\u202a-\u202e\x00-\x08\x0b-\x1f]", post["text"])


async def test_details_are_shown_to_the_one_who_presses_and_a_run_can_be_stopped(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        sent = await walk.acked(walk.server.say("<@UDEXTER> Should we move?"))
        await walk.until(lambda: walk.posts(sent.ts))
        await walk.acked(walk.server.press("Stop"))
        walk.model.gate.set()
        await walk.until(lambda: "stopped" in walk.server.transcript().lower())
        other = await walk.acked(walk.server.say("<@UDEXTER> Should we stay?"))
        await walk.answered(other.ts)
        await walk.acked(walk.server.press("Details", user="U2"))
        assert "Should we stay?" in str(walk.people.views.window["blocks"])
        await walk.acked(walk.people.presses("Ballots", user="U2"))
        assert "▸ Ballots" in str(walk.people.views.window["blocks"])
        await walk.acked(walk.server.press("Copy", user="U2"))
        assert "**Move**" in str(walk.people.views.window["blocks"])
        await walk.acked(walk.server.press("Good", user="U2"))
        await walk.until(lambda: "Thank you, noted." in walk.server.transcript())


async def test_limits_broken_connections_and_lost_replies_lose_and_double_nothing(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        walk.model.gate.set()
        walk.server.fault("chat.postMessage", lost=True)
        walk.server.fault("chat.postMessage", error="ratelimited", status=429, retry_after=1.5)
        walk.server.fault("chat.postMessage", lost=True)
        walk.server.fault("chat.update", times=2, status=502)
        await walk.acked(walk.server.command("ask Should we move?"))
        await walk.server.cut()
        (question,) = await walk.until(walk.server.space.posts)
        await walk.until(lambda: any("3 models" in post["text"] for post in walk.posts(question["ts"])))
        texts = [post["text"] for post in walk.server.space.posts()]
        assert [sum(mark in text for text in texts) for mark in ("asks:", "3 models")] == [1, 1]


async def test_mistakes_are_answered_with_a_sentence_to_their_author_alone(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        for text in ("show nonsense99999", "ask --pattern polka Why?", "ask 🤷", "ask " + "x" * 100_000):
            before = len(walk.server.space.posts())
            await walk.acked(walk.server.command(text))
            post = await walk.more(before)
            assert post.get("only") == "U1" or "asks" in post["text"]
            assert "Traceback" not in post["text"]
