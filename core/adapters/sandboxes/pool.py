"""A bounded number of runs at one time, each in a thread that outlives it, and a bounded line in front of them."""

import asyncio
import os
import queue
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from core.adapters.sandboxes.following import NOBODY, Following
from core.errors import Unavailable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the runs that may be going on at one time."""

    number: int
    """None of the others has it now."""
    stop: int
    """An eventfd that ends the run."""
    following: Following


class Pool:
    """Carries runs: `parallel` at one time (none: as many as there are cores), `waiting` more in line."""

    def __init__(self, parallel: int | None, waiting: int) -> None:
        parallel = parallel or os.cpu_count() or 1
        self._most = parallel + waiting
        # bubblewrap dies with the thread that started it: these threads live as long as the pool.
        self._threads = ThreadPoolExecutor(parallel, thread_name_prefix="sandbox")
        self._numbers: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in range(parallel):
            self._numbers.put(number)
        self._stops: set[int] = set()

    def admit(self) -> None:
        """Raise `Unavailable` where the line is full."""
        if len(self._stops) >= self._most:
            raise Unavailable("{count} programs wait for the sandbox. Try again in a minute.", count=len(self._stops))

    async def carried(self, work: Callable[[Slot], T], following: Following = NOBODY) -> T:
        """Wait for a thread, and do the work there. Cancelling ends the run before it raises."""
        stop = os.eventfd(0)
        self._stops.add(stop)
        try:
            job = self._threads.submit(self._numbered, stop, following, work)
        except RuntimeError as error:
            self._forget(stop)
            raise Unavailable("The sandbox is being closed.") from error
        waiting = asyncio.wrap_future(job)
        waiting.add_done_callback(lambda _: self._forget(stop))
        try:
            await asyncio.wait([waiting])
        except asyncio.CancelledError:
            if not waiting.done() and not job.cancel():
                os.eventfd_write(stop, 1)
                await asyncio.wait([waiting])
                waiting.exception()  # nobody asks for it any more
            raise
        if waiting.cancelled():
            raise Unavailable("The sandbox is being closed.")
        result = waiting.result()
        following.end()
        return result

    async def aclose(self) -> None:
        """End what runs, and wait until it is gone."""
        self._threads.shutdown(wait=False, cancel_futures=True)  # first, so that nothing begins which nobody ends
        for stop in self._stops:
            os.eventfd_write(stop, 1)
        await asyncio.to_thread(self._threads.shutdown)

    def _numbered(self, stop: int, following: Following, work: Callable[[Slot], T]) -> T:
        number = self._numbers.get()
        try:
            return work(Slot(number, stop, following))
        finally:
            self._numbers.put(number)

    def _forget(self, stop: int) -> None:
        self._stops.discard(stop)
        os.close(stop)
