"""How often Discord lets the bot begin a new session (identify), and the wait where that is used up."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

Gateway = tuple[int, str, Any]
"""What Discord says of the gateway: how many shards, the address, and the limit on new sessions."""
FEW = 20
"""New sessions left of the day's 1,000, from which on the log says so."""

log = structlog.get_logger("dexter.discord")


class Sessions:
    """The sessions that are left. A token that begins more is reset by Discord, which nobody wants."""

    def __init__(self, ask: Callable[[], Awaitable[Gateway]], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._left, self._renewed_at = 0, 0.0

    async def look(self, wanted: int = 0) -> Gateway:
        """Ask Discord; return its answer once so many sessions may begin (0: as many as it has shards)."""
        told = False
        while True:
            shards, url, limit = await self._ask()
            self._left = int(limit["remaining"])
            self._renewed_at = self._clock() + limit["reset_after"] / 1000
            if self._left >= min(wanted or shards, int(limit["total"])):
                return shards, url, limit
            if not told:
                log.error(
                    "discord allows no new session yet: its limit for the day is used up",
                    left=self._left,
                    wanted=wanted or shards,
                    wait_minutes=math.ceil(limit["reset_after"] / 60_000),
                )
                told = True
            await asyncio.sleep(limit["reset_after"] / 1000)

    async def take(self) -> None:
        """Count one new session; where none is left, return once there is."""
        if self._left < 1:
            await self.look(1)
        self._left -= 1
        if self._left in (FEW, 0):
            log.warning("few new discord sessions are left", left=self._left)
