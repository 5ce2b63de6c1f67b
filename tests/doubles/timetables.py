"""Schedules with everything filled in that a test does not care about, and a clock that a test sets."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

from core.entities import run_id
from core.schedules.firing import wake_at
from core.schedules.rule import Rule
from core.schedules.schedule import Schedule

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""Monday, 9:00 in Berlin."""


def schedule(key: str = "s1", *, tenant: str = "local", **changes: Any) -> Schedule:
    """Return an active schedule whose next time is `AT`, its id derived from `key`."""
    values: dict[str, Any] = {
        "id": run_id(tenant, f"schedule:{key}"), "tenant": tenant, "owner": "local:ada", "owner_name": "Ada",
        "address": f"console:{tenant}", "typed": "daily 9:00", "rule": Rule(zone="Europe/Berlin"),
        "what": 'ask "Is it?"', "next_at": AT, "created_at": AT - timedelta(days=1),
    }  # fmt: skip
    return Schedule(**{**values, **changes})


async def keep(store: Any, *schedules: Schedule) -> None:
    """Keep schedules, each to be looked at when it is due."""
    for each in schedules:
        assert await store.add(each, wake_at(each), most=10_000)


class HandClock:
    """A clock that stands still until a test moves it; whoever waits is woken when their time has come."""

    def __init__(self, at: datetime = AT - timedelta(days=1)) -> None:
        self._now, self._moved, self.waiting = at, asyncio.Event(), asyncio.Event()

    def now(self) -> datetime:
        return self._now

    def set(self, at: datetime) -> None:
        """Move to a time, which may be an earlier one."""
        self._now = at
        self._moved.set()

    def ring(self) -> None:
        self._moved.set()

    async def wait(self, at: datetime | None, most: float) -> None:
        """Return at once where the time has come; else wait until the clock is moved or rung."""
        if at is not None and at <= self._now:
            await asyncio.sleep(0)
            return
        self.waiting.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(30):
                await self._moved.wait()
        self._moved.clear()
        self.waiting.clear()

    def close(self) -> None:
        """Nothing to close."""
