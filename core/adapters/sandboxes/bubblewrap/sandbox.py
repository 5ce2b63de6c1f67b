"""The sandbox that comes with Dexter on Linux: a bounded number of runs at one time, and none without a self check."""

import asyncio
import os
import queue
from concurrent.futures import ThreadPoolExecutor

from core.adapters.sandboxes.bubblewrap import folder, selfcheck
from core.adapters.sandboxes.bubblewrap.host import Host, look
from core.adapters.sandboxes.bubblewrap.work import Slot, work
from core.errors import Misconfigured, Unavailable
from core.sandbox import Isolation, Limits, Program, Ran


class Bubblewrap:
    """Runs programs under bubblewrap: `parallel` at one time, `waiting` more in line."""

    def __init__(self, *, parallel: int | None = None, waiting: int = 500, cgroups: bool = True) -> None:
        """`cgroups=False` does without them, as on machines where Dexter may not make any."""
        parallel = parallel or os.cpu_count() or 1
        self._most = parallel + waiting
        self._cgroups = cgroups
        # A run dies with the thread that started it: these threads live as long as the pool.
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix="sandbox")
        self._numbers: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in range(parallel):
            self._numbers.put(number)
        self._stops: set[int] = set()
        self._checking = asyncio.Lock()
        self._host: Host | None = None

    async def run(self, program: Program, limits: Limits) -> Ran:
        """Run it once, alone. See `core.ports.Sandbox`."""
        host = await self._isolated()
        if len(self._stops) >= self._most:
            raise Unavailable("{count} programs wait for the sandbox. Try again in a minute.", count=len(self._stops))
        return await self._carried(host, program, limits)

    async def check(self) -> Isolation:
        """Try to get out, from inside, and return what holds. Takes away what a Dexter that died left behind."""
        async with self._checking:
            self._host, isolation = await self._proved()
            return isolation

    async def aclose(self) -> None:
        """Kill what runs, and wait until it is gone."""
        for stop in self._stops:
            os.eventfd_write(stop, 1)
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    async def _isolated(self) -> Host:
        """Return what runs go to, proved once. Raises `Misconfigured` where isolation does not hold."""
        async with self._checking:
            if self._host is None:
                self._host, isolation = await self._proved()
                if self._host is None:
                    raise Misconfigured(
                        "Nothing may run here: {found}. {remedy}",
                        found=isolation.found,
                        remedy=isolation.remedy or "",
                    )
            return self._host

    async def _proved(self) -> tuple[Host | None, Isolation]:
        """Return what runs may go to, and what the self check found."""
        host = await asyncio.to_thread(look, cgroups=self._cgroups)
        if isinstance(host, Isolation):
            return None, host
        await asyncio.to_thread(_sweep, host)
        isolation = await selfcheck.check(host, lambda program, limits: self._carried(host, program, limits))
        return (host if isolation.tier else None), isolation

    async def _carried(self, host: Host, program: Program, limits: Limits) -> Ran:
        """Wait for a thread, and run. Cancelling ends the run before it raises."""
        stop = os.eventfd(0)
        self._stops.add(stop)
        try:
            job = self._pool.submit(self._numbered, host, stop, program, limits)
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
        return waiting.result()

    def _numbered(self, host: Host, stop: int, program: Program, limits: Limits) -> Ran:
        number = self._numbers.get()
        try:
            return work(host, Slot(number, stop), program, limits)
        finally:
            self._numbers.put(number)

    def _forget(self, stop: int) -> None:
        self._stops.discard(stop)
        os.close(stop)


def _sweep(host: Host) -> None:
    folder.sweep()
    if host.cgroups:
        host.cgroups.sweep()
