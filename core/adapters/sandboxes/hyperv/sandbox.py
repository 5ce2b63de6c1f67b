"""The sandbox on a Windows host: one program at a time in each virtual machine, and none without a self check."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from core.adapters.sandboxes.following import NOBODY, Following
from core.adapters.sandboxes.hyperv import selfcheck
from core.adapters.sandboxes.hyperv.machines import Machines
from core.adapters.sandboxes.hyperv.trouble import Trouble
from core.adapters.sandboxes.hyperv.where import Guest, Machine, Place, Remote
from core.adapters.sandboxes.hyperv.work import work
from core.adapters.sandboxes.proof import Proof
from core.errors import DexterError, Unavailable
from core.sandbox import Follow, Isolation, Limits, Program, Ran
from core.wishes import refuse_wishes


class HyperV:
    """Runs programs in virtual machines: as many at one time as there are, `waiting` more in line."""

    def __init__(self, remote: Remote, guest: Guest, machines: Sequence[Machine], *, waiting: int = 500) -> None:
        self._remote = remote
        self._guest = guest
        self._machines = Machines(machines)
        self._most = len(machines) + waiting
        # The client for remote PowerShell blocks: a thread for each machine, and no more.
        self._pool = ThreadPoolExecutor(max(1, len(machines)), thread_name_prefix="hyperv")
        self._stops: set[threading.Event] = set()
        self._proof = Proof(self._proved)

    async def run(self, program: Program, limits: Limits, follow: Follow | None = None) -> Ran:
        """Run it once, alone. See `core.ports.Sandbox`."""
        refuse_wishes(program.secrets, program.network)
        await self._proof.host()
        if len(self._stops) >= self._most:
            raise Unavailable("{count} programs wait for the sandbox. Try again in a minute.", count=len(self._stops))
        try:
            return await self._carried(program, limits, following=Following(follow))
        except Trouble as trouble:
            raise trouble.error() from trouble

    async def check(self) -> Isolation:
        """Try to get out of every virtual machine, from inside, and return what holds."""
        return await self._proof.renewed()

    async def aclose(self) -> None:
        """End what runs, and wait until its virtual machines are restored."""
        self._pool.shutdown(wait=False, cancel_futures=True)  # first, so that nothing begins which nobody ends
        for stop in self._stops:
            stop.set()
        await asyncio.to_thread(self._pool.shutdown)

    async def _proved(self) -> tuple[Machines | None, Isolation]:
        machines = self._machines.all
        found = dict(zip(machines, await asyncio.gather(*map(self._probed, machines)), strict=True))
        self._machines.trust([machine for machine, said in found.items() if isinstance(said, str)])
        isolation = selfcheck.isolation(self._remote, found)
        return (self._machines if isolation.tier else None), isolation

    async def _probed(self, machine: Machine) -> str | Trouble | DexterError:
        """Return the Python of a guest in which isolation holds, or why it does not."""
        try:
            ran = await self._carried(selfcheck.probe(self._guest), selfcheck.LIMITS, only=machine)
            return selfcheck.judged(ran, machine)
        except (Trouble, DexterError) as trouble:
            return trouble

    async def _carried(
        self, program: Program, limits: Limits, *, only: Machine | None = None, following: Following = NOBODY
    ) -> Ran:
        """Wait for a machine, and run. Cancelling ends the run, and restores the machine, before it raises."""
        stop = threading.Event()
        self._stops.add(stop)
        try:
            job = self._pool.submit(
                self._run, stop, partial(work, program=program, limits=limits, following=following), only
            )
        except RuntimeError as error:
            self._stops.discard(stop)
            raise Unavailable("The sandbox is being closed.") from error
        waiting = asyncio.wrap_future(job)
        waiting.add_done_callback(lambda _: self._stops.discard(stop))
        try:
            await asyncio.wait([waiting])
        except asyncio.CancelledError:
            if not waiting.done() and not job.cancel():
                stop.set()
                await asyncio.wait([waiting])
                waiting.exception()  # nobody asks for it any more
            raise
        if waiting.cancelled():
            raise Unavailable("The sandbox is being closed.")
        ran = waiting.result()
        following.end()
        return ran

    def _run(self, stop: threading.Event, run: Callable[[Place, threading.Event], Ran], only: Machine | None) -> Ran:
        with self._machines.taken(only, stop) as machine:
            return run(Place(self._remote, self._guest, machine), stop)
