"""The words of an answer on their way to a chat that can show them: behind every post, and never in its way."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import pytest

from bot.live import Live
from bot.outbox import Postman, Rhythm
from bot.posting import Posting
from bot.posts import slots
from bot.shapes import TryLater, Undeliverable
from bot.talks import MOST
from tests.bot.test_outbox import accept, kept, nothing_is_due
from tests.doubles import journal
from tests.doubles.recording_chat import RecordingChat

__all__ = ["kept"]


@dataclass
class SpeakingChat(RecordingChat):
    """A chat that streams."""

    spoken: list = field(default_factory=list)
    refusals: list = field(default_factory=list)
    more: bool = True

    async def speak(self, address, message, words):
        self._news.set()
        if self.refusals:
            raise self.refusals.pop(0)
        self.spoken.append((address, message, words))
        return self.more


class Scene:
    """A run that is being carried, its words and its posts."""

    def __init__(self, store, postman, live):
        self.store, self.postman, self.live = store, postman, live

    async def until(self, key, after=None):
        behind = after is None
        for event in journal.events(key):
            if behind:
                await self.store.append(event, slots(event))
                self.live.publish(event)
                self.postman.attend(event)
                self.postman.nudge()
            behind = behind or event.key == after

    def say(self, text, phase="answer"):
        assert self.live.watched(journal.RUN, phase)
        self.live.say(journal.RUN, "analyst", text, phase)


@contextlib.asynccontextmanager
async def scene(kept, chat):
    store, outbox = kept
    await accept(store)
    live = Live()
    postman = Postman(outbox, Posting(store), {chat.name: chat}, "w1", rhythm=Rhythm(0.05), live=live)
    task = asyncio.create_task(postman.run())
    try:
        yield Scene(store, postman, live)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_words_of_the_answer_go_to_the_message_of_progress(kept):
    chat = SpeakingChat()
    async with scene(kept, chat) as run:
        await run.until("tally")
        run.say("before there is a message, ")
        await chat.until(lambda: chat.slot("progress"))
        run.say("and after")
        await chat.until(lambda: "".join(words for *_, words in chat.spoken).endswith("after"))
    (shown,) = chat.slot("progress")
    assert {(address, message) for address, message, _ in chat.spoken} == {(shown.address, shown.message)}
    assert "".join(words for *_, words in chat.spoken) == "before there is a message, and after"


async def test_only_the_phase_that_writes_the_answer_is_streamed(kept):
    async with scene(kept, SpeakingChat()) as run:
        await run.until("asked")
        assert [phase for phase in ("propose", "vote", "answer") if run.live.watched(journal.RUN, phase)] == ["answer"]
        await run.until("answer", after="asked")
        assert not run.live.watched(journal.RUN, "answer")


async def test_a_chat_that_cannot_show_words_costs_nothing(kept):
    async with scene(kept, RecordingChat()) as run:
        await run.until("asked")
        assert not run.live.watched(journal.RUN, "answer")


@pytest.mark.parametrize("refusal", [Undeliverable("gone"), RuntimeError("broken"), None])
async def test_a_chat_that_takes_no_more_words_is_told_none_and_still_gets_its_answer(kept, refusal):
    chat = SpeakingChat(refusals=[refusal] if refusal else [], more=False)
    async with scene(kept, chat) as run:
        await run.until("tally")
        await chat.until(lambda: chat.slot("progress"))
        run.say("words")
        async with asyncio.timeout(10):
            while run.live.watched(journal.RUN, "answer"):
                await asyncio.sleep(0.01)
        await run.until("answer", after="tally")
        await chat.until(lambda: chat.slot("answer"))
        await nothing_is_due(kept)
    assert len(chat.spoken) == (0 if refusal else 1)


async def test_words_wait_where_the_chat_says_so(kept):
    chat = SpeakingChat(refusals=[TryLater("limited", 0.05)])
    async with scene(kept, chat) as run:
        await run.until("tally")
        await chat.until(lambda: chat.slot("progress"))
        run.say("lost, ")
        await chat.until(lambda: not chat.refusals)
        run.say("kept")
        await chat.until(lambda: chat.spoken)
    assert chat.spoken[-1][2] == "kept"


async def test_words_that_nobody_takes_are_bounded(kept):
    chat = SpeakingChat(failures=[TryLater("later", 60)] * 3)
    async with scene(kept, chat) as run:
        await run.until("tally")
        await chat.until(lambda: chat.calls)
        for _ in range(MOST // 1000 + 20):
            run.say("x" * 1000)
        assert len(run.postman._talks._talks[journal.RUN].words) <= MOST + 1000
