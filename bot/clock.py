"""The time, and waking up at one: APScheduler rings at the next schedule, the poll finds what others have added."""

import asyncio
import contextlib
import logging
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]

from core.entities import now


class Clock:
    """The clock of this machine. Jobs live in memory: the schedules' own table is what is true."""

    def __init__(self) -> None:
        logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it tells of each job that comes and goes
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._rung = asyncio.Event()

    def now(self) -> datetime:
        """Return the time in UTC."""
        return now()

    def ring(self) -> None:
        """Wake who waits: something may be due sooner."""
        self._rung.set()

    async def wait(self, at: datetime | None, most: float) -> None:
        """Return at a time, when somebody rings, or after `most` seconds by a clock that nobody sets."""
        if not self._scheduler.running:
            self._scheduler.start()
        if at is not None:
            self._scheduler.add_job(
                self._ring,  # a coroutine, as APScheduler calls anything else in a thread
                "date",
                run_date=at,
                id="next",
                replace_existing=True,
                misfire_grace_time=None,
                max_instances=1000,  # of one it skips the second where the first has rung in the same turn of the loop
            )
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(most):
                await self._rung.wait()
        self._rung.clear()

    async def _ring(self) -> None:
        self.ring()

    def close(self) -> None:
        """Ring no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
