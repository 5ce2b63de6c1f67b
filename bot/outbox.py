"""Drains the stored outbox: paced per channel, progress merged, retried, effectively once."""

import asyncio
import contextlib
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

import structlog

from bot.live import Live
from bot.posting import Posting
from bot.posts import ANSWER, PROGRESS, QUESTION
from bot.shapes import Address, Chat, Post, Speaks, TryLater, Undeliverable, channel_of, has_thread
from bot.talks import Talk, Talks
from core.entities import Due
from core.errors import DexterError
from core.events import Event
from core.ports import Outbox
from core.sentences import Sentence, kept, said

RANK = {QUESTION: 0, ANSWER: 1, "request": 1, "post": 1, "digest": 1, PROGRESS: 2}
"""In a channel that is behind, a question opens its thread first, and what is said once goes before progress."""
MOST_TRIES = 25
"""Tries of a post that breaks something inside Dexter."""
MOST_WAITS = 1500
"""Tries of a post that its chat puts off, a second later each time up to a minute: a day at least."""
MOST_WAITING = 50
"""Claims that this process holds at a time: at a message a second even one channel is done before a lease ends."""

log = structlog.get_logger("dexter.outbox")


class Rhythm(NamedTuple):
    """Seconds."""

    poll: float = 1.0
    """Between two looks for what is due, where nobody rings."""
    lease: float = 60.0
    """For which a claim is held. After a third of it, it is renewed before its post is shown; the chat then has the
    rest of it, so that no other worker takes the post meanwhile for one that nobody is at."""


USUAL = Rhythm()


@dataclass(frozen=True, slots=True)
class Claim:
    """What is due, and since when it is held, by the loop's clock."""

    due: Due
    since: float


@dataclass(slots=True)
class Lane:
    """One channel's posts, one after the other."""

    due: "asyncio.PriorityQueue[tuple[int, int, Claim]]" = field(default_factory=asyncio.PriorityQueue)
    free_at: float = 0.0
    task: "asyncio.Task[None] | None" = None


class Postman:
    """Takes what is due to the chats, for as long as `run` runs."""

    def __init__(
        self,
        outbox: Outbox,
        posting: Posting,
        chats: Mapping[str, Chat],
        worker: str,
        live: Live | None = None,
        rhythm: Rhythm = USUAL,
    ) -> None:
        self._outbox, self._posting, self._chats, self._worker, self._rhythm = outbox, posting, chats, worker, rhythm
        self._talks = Talks(live or Live(), chats, self._wake)
        self._lanes: dict[Address, Lane] = {}
        self._order = count()
        self._held = 0
        self._bell = asyncio.Event()

    def nudge(self) -> None:
        """Say that something may be due, to be quicker than the poll."""
        self._bell.set()

    def attend(self, event: Event) -> None:
        """Note what has just happened: where an answer is being written, its words are shown as they come."""
        self._talks.attend(event)

    async def run(self) -> None:
        """Claim and deliver until cancelled; what is under way is finished or given back by its lease."""
        try:
            while True:
                self._bell.clear()
                await self._claim()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._rhythm.poll):  # wait_for can swallow a cancellation on Python 3.11
                        await self._bell.wait()
        finally:
            for lane in self._lanes.values():
                if lane.task:
                    lane.task.cancel()

    async def _claim(self) -> None:
        if self._held >= MOST_WAITING or not self._chats:
            return
        since = asyncio.get_running_loop().time()
        try:
            found = await self._outbox.claim(self._worker, limit=MOST_WAITING - self._held, lease=self._rhythm.lease)
        except DexterError as error:
            log.warning("outbox unreachable", why=str(error))
            return
        for due in found:
            self._held += 1
            lane = self._lanes.setdefault(channel_of(due.address), Lane())
            lane.due.put_nowait((RANK.get(due.slot.partition(":")[0], 3), next(self._order), Claim(due, since)))
            self._wake(channel_of(due.address))

    def _wake(self, channel: Address) -> None:
        lane = self._lanes.setdefault(channel, Lane())
        if lane.task is None or lane.task.done():
            lane.task = asyncio.create_task(self._drain(channel, lane))

    async def _drain(self, address: Address, lane: Lane) -> None:
        clock = asyncio.get_running_loop().time
        while not lane.due.empty() or self._talks.waiting(address):
            await asyncio.sleep(max(0.0, lane.free_at - clock()))
            if lane.due.empty():
                await self._speak(address, lane)
                continue
            _, _, claim = lane.due.get_nowait()
            try:
                await self._deliver(claim)
            finally:
                self._held -= 1
            chat = self._chats.get(_chat(address))
            lane.free_at = clock() + (chat.pace(claim.due.address) if chat else 0.0)
        self._bell.set()

    async def _speak(self, address: Address, lane: Lane) -> None:
        """Show the words that wait in a channel which has nothing else to show."""
        if not (waiting := self._talks.waiting(address)):
            return
        run, talk = waiting
        more = False
        try:
            more = await self._say(talk)
        except TryLater as later:
            more, lane.free_at = True, asyncio.get_running_loop().time() + later.seconds
        except Undeliverable as never:
            log.info("words not shown", run=run, why=str(never))
        except Exception as error:  # words are no reason for anything to stop
            log.exception("words not shown", run=run, error=type(error).__name__)
        if not more:
            self._talks.leave(run)

    async def _say(self, talk: Talk) -> bool:
        chat: object = self._chats.get(_chat(talk.address))
        if not isinstance(chat, Speaks):
            return False
        return await chat.speak(talk.address, talk.message, talk.take())

    async def _deliver(self, claim: Claim) -> None:
        due, chat = claim.due, self._chats.get(_chat(claim.due.address))
        try:
            if chat is None:
                raise TryLater("{chat} is not connected.", 60.0, chat=_chat(due.address))
            post = await self._posting.post(due)
            if not await self._holds(claim):
                log.info("post left to another", run=due.run, slot=due.slot, tenant=due.tenant)
                return
            message = await self._show(chat, due, post) if post else ""
            await self._outbox.posted(due, message)
            log.debug("posted", run=due.run, slot=due.slot, tenant=due.tenant)
        except TryLater as later:
            await self._again(due, max(later.seconds, min(60.0, due.attempts - 1.0)), later.sentence, MOST_WAITS)
        except Undeliverable as never:
            await self._bury(due, never.sentence)
        except Exception as error:  # the outbox survives whatever one post does
            log.exception("post failed", run=due.run, slot=due.slot, error=type(error).__name__)
            why = said("{name} inside Dexter; the log has it", name=type(error).__name__)
            await self._again(due, min(60.0, 2.0**due.attempts), why, MOST_TRIES)

    async def _holds(self, claim: Claim) -> bool:
        """Tell whether a claim is held for as long as the chat may take; one that was long in the lane is renewed."""
        if asyncio.get_running_loop().time() - claim.since < self._rhythm.lease / 3:
            return True
        return await self._outbox.renew(self._worker, claim.due, self._rhythm.lease)

    async def _show(self, chat: Chat, due: Due, post: Post) -> str:
        address = due.address
        if due.root and not has_thread(address) and due.slot != QUESTION:
            address = chat.thread(address, due.root)
        try:
            async with asyncio.timeout(self._rhythm.lease * 2 / 3):
                message = await chat.show(address, post, f"{due.run}:{due.slot}", due.message or None, due.attempts > 1)
        except TimeoutError as error:
            raise TryLater("{chat} did not take it in time.", self._rhythm.lease / 12, chat=_chat(address)) from error
        if due.slot == PROGRESS:
            self._talks.shown(due.run, address, message)
        return message

    async def _again(self, due: Due, seconds: float, why: Sentence, most: int) -> None:
        if due.attempts >= most:
            text = "given up after {tries} tries; the last one said: {why}"
            await self._bury(due, said(text, tries=due.attempts, why=why))
            return
        log.info("post waits", run=due.run, slot=due.slot, seconds=round(seconds, 1), why=str(why))
        await self._safely(self._outbox.postpone(due, seconds, kept(why)))

    async def _bury(self, due: Due, why: Sentence) -> None:
        log.warning("post undeliverable", run=due.run, slot=due.slot, tenant=due.tenant, why=str(why))
        await self._safely(self._outbox.bury(due, kept(why)))

    async def _safely(self, giving_back: Awaitable[None]) -> None:
        """Give a claim back; if the database is away just now, its lease runs out by itself."""
        try:
            await giving_back
        except DexterError as error:
            log.warning("outbox unreachable", why=str(error))


def _chat(address: Address) -> str:
    return address.split(":", 1)[0]
