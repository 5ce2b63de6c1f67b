"""The clock of campaigns."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime

import pytest

from bot.ticker import AT_ONCE, MOST, Ticker
from core.errors import Unavailable


class Kept:
    """What is due, round by round; an error stands for a database that is away."""

    def __init__(self, *rounds: list[str] | Exception) -> None:
        self.rounds = list(rounds)
        self.asked = 0

    async def due(self, at: datetime, *, limit: int = 50) -> Sequence[tuple[str, str]]:
        self.asked += 1
        found = self.rounds.pop(0) if self.rounds else []
        if isinstance(found, Exception):
            raise found
        assert len(found) <= limit
        return [("local", id) for id in found]


class Ticks:
    """Counts, and fails for some."""

    def __init__(self, enough: int, broken: Exception | None = None) -> None:
        self.ticked: list[str] = []
        self.most = self.now = 0
        self.enough = asyncio.Event()
        self._wanted, self._broken = enough, broken

    async def tick(self, tenant: str, id: str) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        self.ticked.append(id)
        if len(self.ticked) >= self._wanted:
            self.enough.set()
        if id == "bad" and self._broken:
            raise self._broken


@asynccontextmanager
async def running(kept: Kept, ticks: Ticks, poll: float = 0.01) -> AsyncIterator[None]:
    task = asyncio.create_task(Ticker(kept, ticks, poll).run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("broken", [Unavailable("The disk is full."), RuntimeError("a fault")])
async def test_one_campaign_that_cannot_be_ticked_stops_no_other(broken: Exception) -> None:
    kept, ticks = Kept(["bad", "a"], ["b"]), Ticks(3, broken)
    async with running(kept, ticks), asyncio.timeout(30):
        await ticks.enough.wait()
    assert sorted(ticks.ticked) == ["a", "b", "bad"]


async def test_a_database_that_is_away_is_asked_again() -> None:
    kept, ticks = Kept(Unavailable("It does not answer."), RuntimeError("a fault"), ["a"]), Ticks(1)
    async with running(kept, ticks), asyncio.timeout(30):
        await ticks.enough.wait()
    assert kept.asked >= 3


async def test_where_much_is_due_it_goes_on_at_once_and_a_few_at_a_time() -> None:
    """The poll would take an hour: what is left is asked for without it."""
    first = [f"a{number}" for number in range(MOST)]
    kept, ticks = Kept(first, ["last"]), Ticks(MOST + 1)
    async with running(kept, ticks, poll=3600), asyncio.timeout(30):
        await ticks.enough.wait()
    assert sorted(ticks.ticked) == sorted([*first, "last"])
    assert ticks.most <= AT_ONCE
