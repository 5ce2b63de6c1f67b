"""One sandbox for all tenants, each served in turn: none sees or starves another."""

import asyncio
from collections import deque

from core.errors import Unavailable
from core.ports import Sandbox
from core.sandbox import Follow, Isolation, Limits, Program, Ran


class Pool:
    """At most `parallel` programs at one time, and `waiting` more in the line of each tenant."""

    def __init__(self, sandbox: Sandbox, *, parallel: int, waiting: int = 500, most: int = 5_000) -> None:
        """`most` is how many may wait in all lines together; `sandbox` must take `parallel` at one time."""
        self._sandbox = sandbox
        self._free = parallel
        self._longest, self._most = waiting, most
        self._lines: dict[str, deque[asyncio.Future[None]]] = {}
        """By tenant, the one whose turn is next first; no line is empty."""
        self._checking = asyncio.Lock()
        self.isolation: Isolation | None = None
        """What the last self check found; `None` before the first."""

    def of(self, tenant: str) -> Sandbox:
        """Return the sandbox as one tenant sees it."""
        return _Share(self, tenant)

    async def check(self) -> Isolation:
        """Have the sandbox prove itself now. See `core.ports.Sandbox`."""
        async with self._checking:
            return await self._check()

    async def proved(self) -> Isolation:
        """Return what the last self check found, after one where there was none."""
        async with self._checking:
            return self.isolation or await self._check()

    async def run(self, tenant: str, program: Program, limits: Limits, follow: Follow | None = None) -> Ran:
        """Run it once it is its turn. Raises `Unavailable` where too many wait."""
        await self._enter(tenant)
        try:
            return await self._sandbox.run(program, limits, follow)
        finally:
            self._leave()

    async def aclose(self) -> None:
        """Kill what runs."""
        await self._sandbox.aclose()

    async def _check(self) -> Isolation:
        self.isolation = await self._sandbox.check()
        return self.isolation

    async def _enter(self, tenant: str) -> None:
        if self._free:
            self._free -= 1
            return
        turn = self._queue(tenant)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(tenant, turn)
            else:
                self._leave()  # it was let in and called off at one time
            raise

    def _queue(self, tenant: str) -> asyncio.Future[None]:
        """Return what is done once it is a program's turn."""
        own, all_ = len(self._lines.get(tenant, ())), sum(map(len, self._lines.values()))
        if own >= self._longest or all_ >= self._most:
            text = "{count} programs wait for the sandbox. Try again in a minute."
            raise Unavailable(text, count=own if own >= self._longest else all_)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(tenant, deque()).append(turn)
        return turn

    def _leave(self) -> None:
        """Let in the first of the line whose turn it is; that line's next turn comes after all others'."""
        while self._lines:
            tenant = next(iter(self._lines))
            line = self._lines.pop(tenant)
            turn = line.popleft()
            if line:
                self._lines[tenant] = line
            if not turn.done():  # else it was called off, and has not come to say so yet
                turn.set_result(None)
                return
        self._free += 1

    def _forget(self, tenant: str, turn: asyncio.Future[None]) -> None:
        line = self._lines.get(tenant, deque())
        if turn in line:
            line.remove(turn)
            if not line:
                del self._lines[tenant]


class _Share:
    """The pool as one tenant sees it."""

    def __init__(self, pool: Pool, tenant: str) -> None:
        self._pool, self._tenant = pool, tenant

    async def run(self, program: Program, limits: Limits, follow: Follow | None = None) -> Ran:
        """Run it once it is its turn."""
        return await self._pool.run(self._tenant, program, limits, follow)

    async def check(self) -> Isolation:
        """Have the sandbox prove itself now."""
        return await self._pool.check()

    async def aclose(self) -> None:
        """Nothing of it is this tenant's alone."""
