"""Transactions off the event loop: a bounded pool of threads, and one commit for writes that arrive together."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from core.errors import Unavailable
from storage.engine import is_sqlite
from storage.failures import spoken

T = TypeVar("T")
READERS = 4
WRITERS = 8
"""Threads for PostgreSQL; SQLite has one writer, whatever we do."""
TOGETHER = 64
"""Writes that share a commit on SQLite at most."""
MOST_WAITING = 10_000
"""Writes that may wait for a thread; one more is refused rather than kept in memory."""


@dataclass(slots=True)
class _Write:
    work: Callable[[Connection], Any]
    done: Future[Any]
    alone: bool


class Transactions:
    """Runs work on a connection, each piece all or nothing, from any number of event loops.

    On SQLite writes that wait together are committed together; should one fail, all are rolled back and each is done
    again by itself, so work must have no effect but on its connection, or be given as `alone`.
    """

    def __init__(self, engine: Engine, most_waiting: int = MOST_WAITING) -> None:
        self.engine = engine
        self.sqlite = is_sqlite(engine.url)
        self._together = TOGETHER if self.sqlite else 1
        self._free = 1 if self.sqlite else WRITERS
        self._readers = ThreadPoolExecutor(READERS, "dexter-read")
        self._writers = ThreadPoolExecutor(self._free, "dexter-write")
        self._waiting: deque[_Write] = deque()
        self._most_waiting = most_waiting
        self._guard = threading.Lock()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads."""
        return await asyncio.wrap_future(self._readers.submit(self._spoken, self._one, work))

    async def write(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        """Return what `work` returns, once it is committed. A caller that goes away does not undo it."""
        write = _Write(work, Future(), alone)
        with self._guard:
            if len(self._waiting) >= self._most_waiting:
                raise Unavailable("The database cannot keep up with what is to be written: try again in a moment.")
            self._waiting.append(write)
            start = self._free > 0
            self._free -= start
        if start:
            self._writers.submit(self._drain)
        result: T = await asyncio.shield(asyncio.wrap_future(write.done))
        return result

    def close(self) -> None:
        """Finish what was begun, and let the threads go. The engine belongs to whoever made it."""
        self._writers.shutdown()
        self._readers.shutdown()

    def _drain(self) -> None:
        while batch := self._next():
            self._commit(batch)

    def _next(self) -> list[_Write]:
        """Take the writes of the next transaction; none are left where it returns nothing, and the thread is free."""
        batch: list[_Write] = []
        with self._guard:
            while self._waiting and len(batch) < self._together:
                if batch and (batch[-1].alone or self._waiting[0].alone):
                    break
                batch.append(self._waiting.popleft())
            self._free += not batch
        return batch

    def _commit(self, batch: list[_Write]) -> None:
        try:
            results = self._spoken(self._one, lambda connection: [write.work(connection) for write in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to whoever waits for the write
            if len(batch) == 1:
                batch[0].done.set_exception(error)
                return
            for write in batch:
                self._commit([write])
            return
        for write, result in zip(batch, results, strict=True):
            write.done.set_result(result)

    def _one(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            return work(connection)

    def _spoken(self, call: Callable[[Callable[[Connection], T]], T], work: Callable[[Connection], T]) -> T:
        try:
            return call(work)
        except SQLAlchemyError as error:
            said = spoken(error, self.engine.url)
            if said is None:
                raise
            raise said from error
