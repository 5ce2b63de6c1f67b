"""Drains the stored outbox: paced per channel, progress merged, retried, effectively once."""

import asyncio
import contextlib
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import structlog

from bot.live import Live
from bot.posts import ANSWER, PROGRESS, QUESTION, render
from bot.shapes import Address, Chat, Post, Speaks, TryLater, Undeliverable, channel_of, has_thread
from bot.talks import Talk, Talks
from bot.words import words_for
from core.entities import Channel, Due, now
from core.errors import DexterError
from core.events import Answer, Asked, Event
from core.ports import Outbox, Store
from core.quiet import quiet_now

RANK = {QUESTION: 0, ANSWER: 1, PROGRESS: 2}
"""In a channel that is behind, a question opens its thread first, and answers go before progress."""
MOST_TRIES = 25
"""Tries of a post that breaks something inside Dexter."""
MOST_WAITS = 1500
"""Tries of a post that its chat puts off: about a day, where the chat is not connected."""
MOST_WAITING = 50
"""Claims that this process holds at a time: at a message a second even one channel is done before a lease ends."""

log = structlog.get_logger("dexter.outbox")


@dataclass(slots=True)
class Lane:
    """One channel's posts, one after the other."""

    due: "asyncio.PriorityQueue[tuple[int, int, Due]]" = field(default_factory=asyncio.PriorityQueue)
    free_at: float = 0.0
    task: "asyncio.Task[None] | None" = None


class Postman:
    """Takes what is due to the chats, for as long as `run` runs."""

    def __init__(
        self,
        outbox: Outbox,
        store: Store,
        chats: Mapping[str, Chat],
        worker: str,
        poll: float = 1.0,
        live: Live | None = None,
    ) -> None:
        self._outbox, self._store, self._chats, self._worker, self._poll = outbox, store, chats, worker, poll
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
                    async with asyncio.timeout(self._poll):  # wait_for can swallow a cancellation on Python 3.11
                        await self._bell.wait()
        finally:
            for lane in self._lanes.values():
                if lane.task:
                    lane.task.cancel()

    async def _claim(self) -> None:
        if self._held >= MOST_WAITING or not self._chats:
            return
        try:
            found = await self._outbox.claim(self._worker, limit=MOST_WAITING - self._held)
        except DexterError as error:
            log.warning("outbox unreachable", why=str(error))
            return
        for due in found:
            self._held += 1
            lane = self._lanes.setdefault(channel_of(due.address), Lane())
            lane.due.put_nowait((RANK.get(due.slot, 3), next(self._order), due))
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
            _, _, due = lane.due.get_nowait()
            try:
                await self._deliver(due)
            finally:
                self._held -= 1
            chat = self._chats.get(_chat(address))
            lane.free_at = clock() + (chat.pace(due.address) if chat else 0.0)
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

    async def _deliver(self, due: Due) -> None:
        chat = self._chats.get(_chat(due.address))
        try:
            if chat is None:
                raise TryLater(f"{_chat(due.address)} is not connected", 60.0)
            message = await self._show(chat, due)
            await self._outbox.posted(due, message)
            log.debug("posted", run=due.run, slot=due.slot, tenant=due.tenant)
        except TryLater as later:
            await self._again(due, later.seconds, str(later), MOST_WAITS)
        except Undeliverable as never:
            await self._bury(due, str(never))
        except Exception as error:  # the outbox survives whatever one post does
            log.exception("post failed", run=due.run, slot=due.slot, error=type(error).__name__)
            await self._again(
                due, min(60.0, 2.0**due.attempts), f"{type(error).__name__} inside Dexter; the log has it", MOST_TRIES
            )

    async def _show(self, chat: Chat, due: Due) -> str:
        events = await self._store.history(due.tenant, due.run)
        over = any(isinstance(event.body, Answer) for event in events)
        rules = await self._store.channel(due.tenant, channel_of(due.address))
        if due.slot == PROGRESS and not due.message and (over or quiet_now(rules, now())):
            return ""  # answered before any progress was shown, or not to be disturbed by it
        address = due.address
        if due.root and not has_thread(address):
            address = chat.thread(address, due.root)
        key = f"{due.run}:{due.slot}"
        post = await self._post(due, events, rules)
        message = await chat.show(address, post, key, due.message or None, due.attempts > 1)
        if due.slot == PROGRESS:
            self._talks.shown(due.run, address, message)
        return message

    async def _post(self, due: Due, events: Sequence[Event], rules: Channel) -> Post:
        """Return the slot's post in the language of its run; one that ended before it began has told no language."""
        language = next((event.body.language for event in events if isinstance(event.body, Asked)), None)
        if language is None:
            language = (await self._store.collaboration(due.tenant, due.run)).language
        post = render(due.slot, events, words_for(language))
        return replace(post, broadcast=due.slot == ANSWER and not rules.thread_only)

    async def _again(self, due: Due, seconds: float, why: str, most: int) -> None:
        if due.attempts >= most:
            await self._bury(due, f"given up after {due.attempts} tries; the last one said: {why}")
            return
        log.info("post waits", run=due.run, slot=due.slot, seconds=round(seconds, 1), why=why)
        await self._safely(self._outbox.postpone(due, seconds, why))

    async def _bury(self, due: Due, why: str) -> None:
        log.warning("post undeliverable", run=due.run, slot=due.slot, tenant=due.tenant, why=why)
        await self._safely(self._outbox.bury(due, why))

    async def _safely(self, giving_back: Awaitable[None]) -> None:
        """Give a claim back; if the database is away just now, its lease runs out by itself."""
        try:
            await giving_back
        except DexterError as error:
            log.warning("outbox unreachable", why=str(error))


def _chat(address: Address) -> str:
    return address.split(":", 1)[0]
