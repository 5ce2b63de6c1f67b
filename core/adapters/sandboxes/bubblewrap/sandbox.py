"""The sandbox that comes with Dexter on Linux: a bounded number of runs at one time, and none without a self check."""

import asyncio
from functools import partial

from core.adapters.sandboxes.bubblewrap import folder, selfcheck
from core.adapters.sandboxes.bubblewrap.host import Host, look
from core.adapters.sandboxes.bubblewrap.work import work
from core.adapters.sandboxes.following import Following
from core.adapters.sandboxes.network import door
from core.adapters.sandboxes.pool import Pool
from core.adapters.sandboxes.proof import Proof
from core.sandbox import Follow, Isolation, Limits, Program, Ran
from core.wishes import struck


class Bubblewrap:
    """Runs programs under bubblewrap: `parallel` at one time, `waiting` more in line."""

    def __init__(self, *, parallel: int | None = None, waiting: int = 500, cgroups: bool = True) -> None:
        """`cgroups=False` does without them, as on machines where Dexter may not make any."""
        self._pool = Pool(parallel, waiting)
        self._cgroups = cgroups
        self._proof = Proof(self._proved)

    async def run(self, program: Program, limits: Limits, follow: Follow | None = None) -> Ran:
        """Run it once, alone. See `core.ports.Sandbox`."""
        host = await self._proof.host()
        self._pool.admit()
        following = Following(follow, program.secrets.values())
        async with door(program.network) as way:
            ran = await self._pool.carried(lambda slot: work(host, slot, program, limits, way), following)
        said = {name: struck(getattr(ran, name), program.secrets.values()) for name in ("stdout", "stderr", "value")}
        return ran.but(**said)

    async def check(self) -> Isolation:
        """Try to get out, from inside, and return what holds. Takes away what a Dexter that died left behind."""
        return await self._proof.renewed()

    async def aclose(self) -> None:
        """Kill what runs, and wait until it is gone."""
        await self._pool.aclose()

    async def _proved(self) -> tuple[Host | None, Isolation]:
        """Return what runs may go to, and what the self check found."""
        host = await asyncio.to_thread(look, cgroups=self._cgroups)
        if isinstance(host, Isolation):
            return None, host
        await asyncio.to_thread(_sweep, host)
        isolation = await selfcheck.check(host, partial(self._carried, host))
        return (host if isolation.tier else None), isolation

    async def _carried(self, host: Host, program: Program, limits: Limits) -> Ran:
        return await self._pool.carried(lambda slot: work(host, slot, program, limits))


def _sweep(host: Host) -> None:
    folder.sweep()
    if host.cgroups:
        host.cgroups.sweep()
