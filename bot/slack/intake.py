"""What is in hand: every arrival read, handled and answered, in a channel one after the other."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any
from weakref import WeakValueDictionary

import structlog

from bot.attachments import Attachments
from bot.shapes import Handle, Post, plain
from bot.slack.arrival import Arrival, Read
from bot.slack.replies import Replies
from bot.words import words_for
from core.errors import DexterError, Unavailable

log = structlog.get_logger("dexter.slack")

ACKNOWLEDGE = 2.5
"""Seconds until a request is acknowledged, handled or not; Slack gives 3 and then sends it again."""

MOST = 1000
"""Requests in hand; one more is not acknowledged, so that Slack brings it again later."""

TURN = 10.0
"""Seconds that a request waits for those before it in its channel; then it goes ahead."""

LAST_WORDS = 5.0
"""Seconds that `close` gives to what is in hand."""


class Intake:
    """Takes arrivals of all workspaces in, once `handle` is set."""

    def __init__(self, patience: float = ACKNOWLEDGE, attachments: Attachments | None = None) -> None:
        self.attachments = attachments or Attachments()
        """Reads the files of all workspaces."""
        self.handle: Handle = _not_started
        self._patience = patience
        self._tasks: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def take(self, replies: Replies, read: Read, more: float) -> None:
        """Have an arrival handled; return when it is, or when Slack will wait no longer, or `more` seconds later.

        Raises `Unavailable` where too much is in hand.
        """
        if len(self._tasks) >= MOST:
            raise Unavailable("Too many requests at once.")
        await asyncio.wait({self._spawn(self._serve(replies, read))}, timeout=self._patience + more)

    async def close(self) -> None:
        """Let what is in hand finish for a few seconds, and give the rest up."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_WORDS)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, replies: Replies, read: Read) -> None:
        arrival = await read()
        if arrival is None:
            return
        async with self._turn("handle", arrival):
            post = arrival.said or await self._answer(arrival)
        if arrival.after is not None:
            self._spawn(arrival.after(post))
        if post is not None and not arrival.mute:
            self._spawn(self._reply(replies, arrival, post))

    async def _reply(self, replies: Replies, arrival: Arrival, post: Post) -> None:
        async with self._turn("reply", arrival):
            await replies.reply(arrival, post)

    async def _answer(self, arrival: Arrival) -> Post | None:
        words = words_for(arrival.request.locale)
        try:
            post = await self.handle(arrival.request)
        except DexterError as error:
            return plain(words.error(error), private=True, failed=True)
        except Exception:
            log.exception("a request from slack failed", tenant=arrival.request.tenant)
            return plain(
                words("That went wrong inside Dexter. Please try again; its log says what happened."), private=True
            )
        if post is None and arrival.elsewhere:
            return plain(
                words(
                    "I am not in this channel, so the answer comes in our direct messages. To have it here, type "
                    "/invite @Dexter and ask again."
                ),
                private=True,
            )
        return post

    @contextlib.asynccontextmanager
    async def _turn(self, act: str, arrival: Arrival) -> AsyncIterator[None]:
        """Wait for those before in the same channel, but not for ever: one that hangs must not hold up the others."""
        name = (act, f"{arrival.request.tenant}:{arrival.place.channel}")
        lock = self._turns.setdefault(name, asyncio.Lock())
        try:
            async with asyncio.timeout(TURN):
                await lock.acquire()
        except TimeoutError:
            yield
            return
        try:
            yield
        finally:
            lock.release()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("work for slack failed", error=f"{type(error).__name__}: {error}")


async def _not_started(_request: object) -> Post | None:
    raise Unavailable("Slack is not connected yet.")
