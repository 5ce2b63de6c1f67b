"""The clock of campaigns: takes what is due, in each process that carries runs, and lets time pass for it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog

from core.entities import now
from core.errors import DexterError

POLL_SECONDS = 1.0
AT_ONCE = 4
"""Campaigns that one process ticks at one time: each takes a few threads of the database for some milliseconds."""
MOST = 40
"""Campaigns that one process takes on at a time: all are done long before it would have to give them back."""

log = structlog.get_logger("dexter.ticker")


class Due(Protocol):
    """Knows which campaigns are to be looked at."""

    async def due(self, at: datetime, *, limit: int = 50) -> Sequence[tuple[str, str]]:
        """Return tenant and id of each; nobody else gets it for a minute."""


class Ticks(Protocol):
    """Lets time pass for a campaign."""

    async def tick(self, tenant: str, id: str) -> None:
        """Do what is due."""


class Ticker:
    """Ticks for as long as `run` runs. Who dies on the way leaves it to the next one, a minute later."""

    def __init__(self, kept: Due, campaigns: Ticks, poll: float = POLL_SECONDS) -> None:
        self._kept, self._campaigns, self._poll = kept, campaigns, poll
        self._free = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            if await self._round() < MOST:  # else there is more
                await asyncio.sleep(self._poll)

    async def _round(self) -> int:
        try:
            found = await self._kept.due(now(), limit=MOST)
        except DexterError as error:
            log.warning("campaigns unreachable", why=str(error))
            return 0
        except Exception as error:  # a clock that stops would stop every campaign, and nobody would see why
            log.exception("campaigns unreachable", error=type(error).__name__)
            return 0
        await asyncio.gather(*(self._tick(tenant, id) for tenant, id in found))
        return len(found)

    async def _tick(self, tenant: str, id: str) -> None:
        async with self._free:
            try:
                await self._campaigns.tick(tenant, id)
            except DexterError as error:
                log.warning("campaign not ticked", campaign=id, tenant=tenant, why=str(error))
            except Exception as error:  # one campaign must not stop the others; it is tried again in a minute
                log.exception("campaign not ticked", campaign=id, tenant=tenant, error=type(error).__name__)
