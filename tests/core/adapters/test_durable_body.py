"""Hands that carry runs: patience with a database that is away, and a run that lost its owner lets go."""

import asyncio

import pytest
from sqlalchemy import Engine

from core.adapters.durable import line
from core.adapters.durable.body import Hands, beside, patiently
from core.errors import DexterError, Unavailable
from core.ports import Steps
from storage.transactions import Transactions


async def silent(tenant: str, run: str, error: DexterError) -> None:
    raise AssertionError(str(error))


async def nothing(tenant: str, run: str, steps: Steps) -> None:
    raise AssertionError("there is nothing to do")


async def test_a_run_that_was_over_when_the_process_died_is_not_carried_again(
    transactions: Transactions, engine: Engine
) -> None:
    line.make_tables(engine)
    hands = Hands("w", transactions, nothing, silent, 1)
    await hands.carry("t", "over")
    assert hands.free == 1


async def test_work_ends_where_its_results_can_no_longer_be_kept() -> None:
    let_go = asyncio.Event()

    class Lost(BaseException):
        """As DBOS says that a run has another owner."""

    async def keep() -> None:
        raise Lost

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            let_go.set()

    with pytest.raises(Lost):
        await beside(keep(), work())
    assert let_go.is_set()


async def test_patience_has_an_end() -> None:
    tries = 0

    async def away() -> None:
        nonlocal tries
        tries += 1
        raise Unavailable("The database does not answer.")

    with pytest.raises(Unavailable):
        await patiently(away, (0.0, 0.0))
    assert tries == 3


async def test_a_run_that_begins_while_dexter_stops_is_left_for_the_next_start(
    transactions: Transactions, engine: Engine
) -> None:
    line.make_tables(engine)
    await transactions.write(lambda c: line.enter(c, "late", "t"))
    hands = Hands("w", transactions, nothing, silent, 1)
    await hands.drop()
    with pytest.raises(asyncio.CancelledError):
        await hands.carry("t", "late")
    assert await transactions.read(lambda c: line.going(c, "late"))
