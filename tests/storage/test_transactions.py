"""Transactions: all or nothing, together where that is cheaper, and never without a bound."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, event, text

from core.errors import Unavailable
from storage import transactions as module
from storage.engine import connect
from storage.transactions import Transactions

INSERT = text("INSERT INTO inbox (tenant, key, run, created_at) VALUES ('t', :key, 'r', '2026-01-01 00:00:00')")


def writes(key: str) -> Callable[[Connection], str]:
    return lambda connection: str(connection.execute(INSERT, {"key": key}) and key)


def count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM inbox")).scalar_one())


async def test_a_failure_among_writes_that_are_committed_together_is_its_own(transactions: Transactions) -> None:
    keys = [f"k{index % 25}" for index in range(50)]  # each one twice: the second is refused
    outcomes = await asyncio.gather(*(transactions.write(writes(key)) for key in keys), return_exceptions=True)
    assert sorted(each for each in outcomes if isinstance(each, str)) == sorted(set(keys))
    assert await transactions.read(count) == 25


async def test_a_write_whose_caller_went_away_is_finished(transactions: Transactions) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        begun.set()
        go_on.wait(30)
        connection.execute(INSERT, {"key": "k"})

    task = asyncio.create_task(transactions.write(slow))
    await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await transactions.write(lambda _: None)
    await asyncio.to_thread(transactions.close)
    with transactions.engine.connect() as connection:
        assert count(connection) == 1


async def test_more_than_may_wait_is_refused_in_words(engine: Engine) -> None:
    transactions = Transactions(engine, most_waiting=20)
    go_on = threading.Event()
    held = [asyncio.create_task(transactions.write(lambda _: go_on.wait(60))) for _ in range(module.WRITERS + 20)]
    await asyncio.sleep(0)
    outcomes = asyncio.gather(*(transactions.write(writes(f"k{n}")) for n in range(60)), return_exceptions=True)
    await asyncio.sleep(0)
    go_on.set()
    refused = [each for each in await outcomes if isinstance(each, Unavailable)]
    assert len(refused) >= 30
    assert "try again" in str(refused[0])
    await asyncio.gather(*held, return_exceptions=True)
    assert await transactions.write(writes("after")) == "after"
    transactions.close()


def test_it_serves_several_event_loops_at_once(transactions: Transactions) -> None:
    async def many(name: str) -> None:
        await asyncio.gather(*(transactions.write(writes(f"{name}{index}")) for index in range(30)))

    threads = [threading.Thread(target=lambda n=name: asyncio.run(many(n))) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with transactions.engine.connect() as connection:
        assert count(connection) == 120


async def test_writes_that_wait_together_share_a_commit_on_sqlite(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    transactions = Transactions(engine)
    commits: list[object] = []
    event.listen(engine, "commit", commits.append)
    await asyncio.gather(*(transactions.write(writes(f"k{index}")) for index in range(100)))
    assert len(commits) < 30
    del commits[:]
    await asyncio.gather(*(transactions.write(writes(f"a{index}"), alone=True) for index in range(10)))
    assert len(commits) == 10
    transactions.close()
    engine.dispose()
