"""The real clock: it wakes at a time, when it is rung, and by itself after a while."""

import asyncio
from datetime import timedelta

import pytest

from bot.clock import Clock

LONG = 60.0


@pytest.fixture
async def clock():
    clock = Clock()
    yield clock
    clock.close()


async def test_it_wakes_at_a_time_and_not_before(clock) -> None:
    at = clock.now() + timedelta(seconds=0.3)
    await clock.wait(at, LONG)
    assert clock.now() >= at - timedelta(milliseconds=5)


async def test_a_time_that_has_passed_wakes_at_once_and_every_time(clock) -> None:
    for _ in range(20):  # right after each other, while the scheduler still counts the last ring as going on
        await clock.wait(clock.now() - timedelta(seconds=1), LONG)


async def test_it_is_rung_also_before_somebody_waits(clock) -> None:
    clock.ring()
    await clock.wait(None, LONG)
    waiting = asyncio.create_task(clock.wait(clock.now() + timedelta(days=1), LONG))
    await asyncio.sleep(0)
    clock.ring()
    await waiting


async def test_it_returns_by_itself_where_nothing_is_due(clock) -> None:
    await clock.wait(None, 0.01)
    await clock.wait(clock.now() + timedelta(days=1), 0.01)


async def test_it_can_be_closed_before_it_was_ever_used() -> None:
    Clock().close()
