"""The sandbox of containers: a bounded number of runs at one time, and none without a self check."""

import asyncio
from dataclasses import replace

from core.adapters.sandboxes.bubblewrap import folder
from core.adapters.sandboxes.container import selfcheck
from core.adapters.sandboxes.container.host import Choice, Host, lacking, look
from core.adapters.sandboxes.container.work import work
from core.adapters.sandboxes.following import NOBODY, Following
from core.adapters.sandboxes.pool import Pool
from core.adapters.sandboxes.proof import Proof
from core.errors import Unavailable
from core.sandbox import Follow, Isolation, Limits, Program, Ran
from core.sentences import said
from core.wishes import refuse_wishes


class Container:
    """Runs programs in containers of Docker or Podman: `parallel` at one time, `waiting` more in line."""

    def __init__(
        self,
        wanted: Choice | None = None,
        *,
        parallel: int | None = None,
        waiting: int = 500,
        cgroups: bool = True,
    ) -> None:
        """`cgroups=False` asks the engine for none, as where it may not make any."""
        self._wanted, self._cgroups = wanted or Choice(), cgroups
        self._pool = Pool(parallel, waiting)
        self._proof = Proof(self._proved)

    async def run(self, program: Program, limits: Limits, follow: Follow | None = None) -> Ran:
        """Run it once, alone. See `core.ports.Sandbox`."""
        refuse_wishes(program.secrets, program.network)
        host = await self._proof.host()
        self._pool.admit()
        return await self._carried(host, program, limits, Following(follow))

    async def check(self) -> Isolation:
        """Try to get out, from inside, and return what holds. Takes away what a Dexter that died left behind."""
        return await self._proof.renewed()

    async def aclose(self) -> None:
        """Kill what runs, and wait until it is gone."""
        await self._pool.aclose()

    async def _proved(self) -> tuple[Host | None, Isolation]:
        host = await asyncio.to_thread(look, self._wanted)
        if isinstance(host, Isolation):
            return None, host
        try:
            await asyncio.to_thread(_sweep, host)
        except Unavailable as error:
            return None, lacking(error.sentence, said("See what the engine's own log says."))
        return await selfcheck.check(replace(host, bounded=self._cgroups), self._carried)

    async def _carried(self, host: Host, program: Program, limits: Limits, following: Following = NOBODY) -> Ran:
        return await self._pool.carried(lambda slot: work(host, slot, program, limits), following)


def _sweep(host: Host) -> None:
    folder.sweep()
    host.engine.sweep()
