"""The sandbox of virtual machines: each program gets one of its own, thrown away when it ends."""

import asyncio
from functools import partial
from pathlib import Path

from core.adapters.sandboxes.following import NOBODY, Following
from core.adapters.sandboxes.microvm import selfcheck, snapshot
from core.adapters.sandboxes.microvm.host import Host, Wanted, lacking, look
from core.adapters.sandboxes.microvm.snapshot import Snapshot
from core.adapters.sandboxes.microvm.work import Broken, work
from core.adapters.sandboxes.pool import Pool, Slot
from core.adapters.sandboxes.proof import Proof
from core.errors import Unavailable
from core.sandbox import Follow, Isolation, Limits, Program, Ran
from core.wishes import refuse_wishes


class MicroVM:
    """Runs programs in virtual machines: `parallel` at one time, `waiting` more in line."""

    def __init__(
        self, home: Path, wanted: Wanted | None = None, *, parallel: int | None = None, waiting: int = 500
    ) -> None:
        """`home` is a folder of Dexter's own, for snapshots."""
        self._home = home
        self._wanted = wanted or Wanted()
        self._pool = Pool(parallel, waiting)
        self._proof = Proof(self._proved)

    async def run(self, program: Program, limits: Limits, follow: Follow | None = None) -> Ran:
        """Run it once, alone. See `core.ports.Sandbox`."""
        refuse_wishes(program.secrets, program.network)
        there = await self._proof.host()
        self._pool.admit()
        following = Following(follow)
        try:
            return await self._carried(there[1], program, limits, following)
        except Broken:
            _, frozen = await self._proof.mended(there, lambda: self._again(*there))
            return await self._carried(frozen, program, limits, following)

    async def check(self) -> Isolation:
        """Try to get out, from inside, and return what holds. Boots a guest where none is kept."""
        return await self._proof.renewed()

    async def aclose(self) -> None:
        """Kill what runs, and wait until it is gone."""
        await self._pool.aclose()

    async def _proved(self) -> tuple[tuple[Host, Snapshot] | None, Isolation]:
        host = await asyncio.to_thread(look, self._wanted)
        if isinstance(host, Isolation):
            return None, host
        try:
            frozen = await self._ready(host)
            try:
                isolation = await self._tried(frozen)
            except Broken:
                frozen = await self._ready(host, instead_of=frozen)
                isolation = await self._tried(frozen)
        except Unavailable as error:
            return None, lacking(error.sentence, selfcheck.REMEDY)
        return ((host, frozen) if isolation.tier else None), isolation

    async def _tried(self, frozen: Snapshot) -> Isolation:
        return await selfcheck.check(frozen, partial(self._carried, frozen))

    async def _again(self, host: Host, broken: Snapshot) -> tuple[Host, Snapshot]:
        """Return the host with another guest than one that does not go on."""
        return host, await self._ready(host, instead_of=broken)

    async def _ready(self, host: Host, instead_of: Snapshot | None = None) -> Snapshot:
        """Return a frozen guest; boot one where there is none. Raises `Unavailable`."""

        def make(slot: Slot) -> Snapshot:
            if instead_of:
                snapshot.discard(instead_of)
            return snapshot.ready(host, self._home, slot)

        return await self._pool.carried(make)

    async def _carried(self, frozen: Snapshot, program: Program, limits: Limits, following: Following = NOBODY) -> Ran:
        return await self._pool.carried(lambda slot: work(frozen, self._home, slot, program, limits), following)
