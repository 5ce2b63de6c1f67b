"""The line at the door: who is first, who carries what, and what a stop or a death changes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, Engine

from core.adapters.durable import line
from storage.transactions import Transactions

T = TypeVar("T")
Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
async def ask(transactions: Transactions, engine: Engine) -> Ask:
    line.make_tables(engine)
    line.make_tables(engine)  # a second process changes nothing

    async def run(work: Callable[..., T], *arguments: object) -> T:
        def on(connection: Connection) -> T:
            return work(connection, *arguments)

        return await transactions.write(on)

    return run


async def test_the_line_is_first_come_first_served_and_each_run_has_one_worker(ask: Ask) -> None:
    for run in ("r3", "r1", "r2"):
        await ask(line.enter, run, "t")
    assert await ask(line.waiting) == 3
    assert [place.run for place in await ask(line.claim, "w1", 2)] == ["r3", "r1"]
    assert await ask(line.claim, "w2", 5) == [line.Place("r2", "t", False)]
    assert await ask(line.claim, "w1", 5) == []
    assert await ask(line.waiting) == 0
    assert sorted(await ask(line.held, "w1")) == ["r1", "r3"]


async def test_a_run_that_waits_only_to_be_stopped_passes_the_line(ask: Ask) -> None:
    for run in ("r1", "r2"):
        await ask(line.enter, run, "t")
    assert await ask(line.ask_to_stop, "r2")
    assert not await ask(line.ask_to_stop, "unknown")
    assert await ask(line.claim, "w1", 0) == [line.Place("r2", "t", True)]
    assert await ask(line.asked_to_stop, {"r1", "r2"}) == {"r2"}


async def test_a_run_that_is_over_cannot_be_carried_again(ask: Ask) -> None:
    await ask(line.enter, "r1", "t")
    assert await ask(line.adopt, "r1", "w2") == line.Place("r1", "t", False)
    assert await ask(line.going, "r1")
    await ask(line.leave, "r1")
    assert not await ask(line.going, "r1")
    assert await ask(line.adopt, "r1", "w2") is None


async def test_what_is_given_back_keeps_its_place_in_the_line(ask: Ask) -> None:
    for run in ("r1", "r2"):
        await ask(line.enter, run, "t")
    await ask(line.claim, "w1", 1)
    await ask(line.give_back, ["r1"])
    assert [place.run for place in await ask(line.claim, "w2", 2)] == ["r1", "r2"]


async def test_many_workers_that_claim_at_once_share_without_a_double(ask: Ask) -> None:
    for number in range(20):
        await ask(line.enter, f"r{number}", "t")
    claims = await asyncio.gather(*(ask(line.claim, f"w{number}", 3) for number in range(8)))
    taken = [place.run for places in claims for place in places]
    assert len(taken) == len(set(taken))
    rest = await ask(line.claim, "last", 20)
    assert sorted(taken + [place.run for place in rest]) == sorted(f"r{number}" for number in range(20))
