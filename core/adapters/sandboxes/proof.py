"""What a sandbox runs programs on, proved once by its self check, and nothing before that."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from core.errors import Misconfigured
from core.sandbox import Isolation

Host = TypeVar("Host")


class Proof(Generic[Host]):
    """Keeps what `prove` found: what runs may go to, and what the self check says of it."""

    def __init__(self, prove: Callable[[], Awaitable[tuple[Host | None, Isolation]]]) -> None:
        self._prove = prove
        self._checking = asyncio.Lock()
        self._host: Host | None = None

    async def renewed(self) -> Isolation:
        """Prove it, whatever was found before, and return what holds."""
        async with self._checking:
            self._host, isolation = await self._prove()
            return isolation

    async def mended(self, broken: Host, mend: Callable[[], Awaitable[Host]]) -> Host:
        """Return what takes the place of something broken: mended once, however many ask, or proved anew since."""
        async with self._checking:
            if self._host is None or self._host is broken:
                self._host = await mend()
            return self._host

    async def host(self) -> Host:
        """Return what runs go to. Raises `Misconfigured` where isolation does not hold."""
        async with self._checking:
            if self._host is None:
                self._host, isolation = await self._prove()
            if self._host is None:
                text = "Nothing may run here: {found}. {remedy}"
                raise Misconfigured(text, found=isolation.found, remedy=isolation.remedy or "")
            return self._host
