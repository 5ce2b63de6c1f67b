"""The sandbox that is used: the one that the settings name, or the first that proves to be strong enough."""

import asyncio
from collections.abc import Callable, Mapping

from core.errors import Misconfigured
from core.ports import Sandbox
from core.sandbox import Follow, Isolation, Limits, Program, Ran, Tier
from core.sentences import said

AUTO = "auto"
_LONGEST = 120.0
"""Seconds that one self check may take: the first one may have to build what it runs in."""


class Chosen:
    """One sandbox out of several, chosen at its first use by what each proves of itself."""

    def __init__(self, kind: str, makers: Mapping[str, Callable[[], Sandbox]], *, least: Tier = Tier.LIMITED) -> None:
        """`makers` in the order of preference, the quickest first; `kind` is one of them, or `auto`.

        With `auto` it is the first that reaches `least`, or where none does the strongest of all.
        """
        self._makers = makers if kind == AUTO else {kind: makers[kind]}
        self._least = least
        self._made: dict[str, Sandbox] = {}
        self._choosing = asyncio.Lock()
        self._used: Sandbox | None = None

    async def run(self, program: Program, limits: Limits, follow: Follow | None = None) -> Ran:
        """Run it once, alone. See `core.ports.Sandbox`."""
        async with self._choosing:
            if self._used is None:
                await self._choose()
        if self._used is None:
            raise Misconfigured("No sandbox holds on this machine. `dexter doctor` says why and what to install.")
        return await self._used.run(program, limits, follow)

    async def check(self) -> Isolation:
        """Choose anew, and return what was found of the one that is used; of the preferred one where none holds."""
        async with self._choosing:
            return await self._choose()

    async def survey(self) -> list[Isolation]:
        """Return what each of them finds of itself, all of them asked at once."""
        return list(await asyncio.gather(*(self._checked(name) for name in self._makers)))

    async def aclose(self) -> None:
        """Close all that were made."""
        for sandbox in self._made.values():
            await sandbox.aclose()

    async def _choose(self) -> Isolation:
        self._used = None
        best: tuple[str, Isolation] | None = None
        first: Isolation | None = None
        for name in self._makers:
            found = await self._checked(name)
            first = first or found
            if found.tier and (best is None or not best[1].tier or not best[1].tier.reaches(found.tier)):
                best = name, found
            if found.tier and found.tier.reaches(self._least):
                break
        if best is None:
            assert first  # noqa: S101  there is at least one
            return first
        self._used = self._made[best[0]]
        return best[1]

    async def _checked(self, name: str) -> Isolation:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        try:
            async with asyncio.timeout(_LONGEST):
                return await self._made[name].check()
        except TimeoutError:
            return Isolation(name, None, said("no answer in {seconds:.0f} s", seconds=_LONGEST))
