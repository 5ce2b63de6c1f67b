"""Every engine keeps the same promises about runs, whatever its database."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Literal

import pytest
from sqlalchemy import text

from core.adapters.durable import DurableRuns, carrier
from core.adapters.durable.body import Failed, Work
from core.entities import Noun
from core.errors import DexterError, NotFound, Unavailable
from core.ports import Steps
from storage.engine import connect
from storage.store import SqlStore
from storage.transactions import Transactions
from tests.doubles.questions import question


class Word(Noun):
    text: str


async def nobody(tenant: str, run: str, error: DexterError) -> None:
    raise AssertionError(f"{run} was told: {error}")


@asynccontextmanager
async def opened(
    transactions: Transactions,
    work: Work,
    failed: Failed = nobody,
    limits: tuple[int, int] = (16, 1000),
    role: Literal["all", "client"] = "all",
) -> AsyncIterator[DurableRuns]:
    accept = SqlStore(transactions).accept
    runs = DurableRuns(transactions, accept=accept, work=work, failed=failed, role=role, limits=limits)
    await runs.open()
    try:
        yield runs
    finally:
        await runs.close()


async def test_whoever_has_asked_for_little_need_not_wait_for_all_that_another_tenant_has_asked_for(
    transactions: Transactions,
) -> None:
    order: list[str] = []
    all_asked = asyncio.Event()

    async def work(tenant: str, run: str, steps: Steps) -> None:
        await all_asked.wait()
        order.append(tenant)

    async with opened(transactions, work, limits=(2, 1000)) as runs:
        wanted = ["much"] * 8 + ["little", "other", "little"]
        asked = [question(f"k{n}", tenant=tenant) for n, tenant in enumerate(wanted)]
        for each in asked:
            await runs.start(each, each.id)
        all_asked.set()
        async with asyncio.timeout(60):
            for each in asked:
                await runs.wait(each.id)
    assert Counter(order) == Counter(wanted)
    last = max(at for at, tenant in enumerate(order) if tenant != "much")
    assert last < 9, "as they came it would be 10; every second turn is 7, and two that began together may swap"


async def test_a_question_is_carried_to_its_end_and_a_redelivery_starts_nothing(transactions: Transactions) -> None:
    carried: list[tuple[str, str]] = []

    async def work(tenant: str, run: str, steps: Steps) -> None:
        carried.append((tenant, run))
        assert not steps.stopping()

    async with opened(transactions, work) as runs:
        asked = question()
        assert await runs.start(asked, "event-1")
        await runs.wait(asked.id)
        assert not await runs.start(asked, "event-1")
        assert not await runs.stop(asked.id), "it is over"
        await runs.wait("never-heard-of")
    assert carried == [("local", asked.id)]


async def test_at_most_so_many_run_and_so_many_wait(transactions: Transactions, store: SqlStore) -> None:
    going = asyncio.Semaphore(0)
    running: Counter[str] = Counter()
    most = 0
    begun: asyncio.Queue[str] = asyncio.Queue()

    async def work(tenant: str, run: str, steps: Steps) -> None:
        nonlocal most
        running[run] += 1
        most = max(most, running.total())
        begun.put_nowait(run)
        await going.acquire()
        running[run] -= 1

    asked = [question(f"k{number}") for number in range(5)]
    async with opened(transactions, work, limits=(2, 2)) as runs:
        for one in asked[:2]:
            await runs.start(one, one.id)
        assert {await begun.get(), await begun.get()} == {one.id for one in asked[:2]}
        for one in asked[2:4]:
            await runs.start(one, one.id)
        with pytest.raises(Unavailable, match="ask again"):
            await runs.start(asked[4], asked[4].id)
        with pytest.raises(NotFound):
            await store.collaboration("local", asked[4].id)
        going.release()
        assert await begun.get() == asked[2].id, "the first in the line is the first to run"
        assert await runs.start(asked[4], asked[4].id), "what was refused may be asked again"
        for _ in asked:
            going.release()
        await asyncio.gather(*(runs.wait(one.id) for one in asked))
    assert most == 2


async def test_a_stop_reaches_a_run_that_is_going_and_one_that_waits(transactions: Transactions) -> None:
    begun, ended = asyncio.Event(), []

    async def work(tenant: str, run: str, steps: Steps) -> None:
        begun.set()
        while not steps.stopping():
            await asyncio.sleep(0.01)
        ended.append(run)

    going, queued = question("going"), question("queued")
    async with opened(transactions, work, limits=(1, 5)) as runs:
        await runs.start(going, "e1")
        await begun.wait()
        await runs.start(queued, "e2")
        assert await runs.stop(queued.id)
        await runs.wait(queued.id)
        assert ended == [queued.id], "it does not wait for a free hand in order to end"
        assert await runs.stop(going.id)
        await runs.wait(going.id)
    assert ended == [queued.id, going.id]


async def test_after_a_restart_nothing_is_done_again_and_everything_is_done(transactions: Transactions) -> None:
    done: Counter[str] = Counter()
    stuck = asyncio.Event()
    hold = True

    async def step(key: str) -> Word:
        done[key] += 1
        return Word(text=key.upper())

    async def work(tenant: str, run: str, steps: Steps) -> None:
        once = (steps.once(run + key, partial(step, run + key), Word) for key in "abc")
        words = await asyncio.gather(*once)
        assert [word.text for word in words] == [f"{run}{key}".upper() for key in "abc"]
        if hold:
            stuck.set()
            await asyncio.Event().wait()
        await steps.once(f"{run}d", lambda: step(f"{run}d"), Word)

    going, queued = question("going"), question("queued")
    async with opened(transactions, work, limits=(1, 5)) as runs:
        await runs.start(going, "e1")
        await stuck.wait()
        await runs.start(queued, "e2")
    hold = False
    async with opened(transactions, work, limits=(1, 5)) as runs:
        assert not await runs.start(going, "e1")
        await asyncio.gather(runs.wait(going.id), runs.wait(queued.id))
    assert done == Counter({f"{one.id}{key}": 1 for one in (going, queued) for key in "abcd"})


async def test_the_notes_on_runs_that_are_over_are_deleted_and_those_on_runs_that_go_on_are_not(
    transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: Counter[str] = Counter()
    stuck, go_on = asyncio.Event(), asyncio.Event()

    async def step(run: str) -> Word:
        done[run] += 1
        return Word(text="once")

    async def work(tenant: str, run: str, steps: Steps) -> None:
        await steps.once("a", partial(step, run), Word)
        if run == going.id:
            stuck.set()
            await go_on.wait()

    over, going = [question(f"k{number}") for number in range(7)], question("going")
    async with opened(transactions, work) as runs:
        for each in (*over, going):
            await runs.start(each, each.id)
        await asyncio.gather(stuck.wait(), *(runs.wait(each.id) for each in over))
        assert noted(transactions) == {each.id for each in (*over, going)}
    stuck.clear()
    monkeypatch.setattr(carrier, "KEEP", timedelta())
    monkeypatch.setattr(carrier, "SWEEP", 3)
    async with opened(transactions, work) as runs:
        await stuck.wait()
        async with asyncio.timeout(60):
            while noted(transactions) != {going.id}:
                await asyncio.sleep(0.05)
        assert not await runs.start(over[0], over[0].id), "it is over all the same"
        go_on.set()
        await runs.wait(going.id)
    assert done == Counter({each.id: 1 for each in (*over, going)})


def noted(transactions: Transactions) -> set[str]:
    """Return the runs of whose steps the engine has notes."""
    schema = "" if transactions.sqlite else "dbos."
    with transactions.engine.connect() as connection:
        return set(connection.scalars(text(f"SELECT DISTINCT workflow_uuid FROM {schema}operation_outputs")))  # noqa: S608


async def test_a_stop_is_not_forgotten_by_a_restart(transactions: Transactions) -> None:
    begun, seen = asyncio.Event(), []

    async def deaf(tenant: str, run: str, steps: Steps) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def work(tenant: str, run: str, steps: Steps) -> None:
        seen.append(steps.stopping())

    asked = question()
    async with opened(transactions, deaf) as runs:
        await runs.start(asked, "e1")
        await begun.wait()
        assert await runs.stop(asked.id)
    async with opened(transactions, work) as runs:
        await runs.wait(asked.id)
    assert seen == [True]


async def test_a_run_goes_by_the_keys_of_its_steps_after_an_upgrade_and_says_so_where_it_cannot(
    transactions: Transactions,
) -> None:
    stuck: asyncio.Queue[str] = asyncio.Queue()
    told: list[tuple[str, str]] = []
    read: list[str] = []

    async def say(text: str) -> Word:
        return Word(text=text)

    async def older(tenant: str, run: str, steps: Steps) -> None:
        for key in ("first", "second"):
            await steps.once(key, partial(say, f"old {key}"), Word)
        stuck.put_nowait(run)
        await asyncio.Event().wait()

    async def number() -> int:
        return 1

    async def newer(tenant: str, run: str, steps: Steps) -> None:
        if run == reshaped.id:
            await steps.once("first", number, int)
        words = [await steps.once(key, partial(say, f"new {key}"), Word) for key in ("third", "second", "first")]
        read.extend(word.text for word in words)

    async def tell(tenant: str, run: str, error: DexterError) -> None:
        told.append((run, str(error)))

    reordered, reshaped = question("reordered"), question("reshaped")
    async with opened(transactions, older) as runs:
        await runs.start(reordered, "e1")
        await runs.start(reshaped, "e2")
        assert {await stuck.get(), await stuck.get()} == {reordered.id, reshaped.id}
    async with opened(transactions, newer, tell) as runs:
        await asyncio.gather(runs.wait(reordered.id), runs.wait(reshaped.id))
    assert read == ["new third", "old second", "old first"]
    assert [run for run, _ in told] == [reshaped.id]
    assert "another version" in told[0][1]


async def test_a_failure_ends_a_run_with_one_sentence_and_a_database_that_is_away_does_not(
    transactions: Transactions,
) -> None:
    tries: Counter[str] = Counter()
    told: list[tuple[str, str]] = []

    async def work(tenant: str, run: str, steps: Steps) -> None:
        tries[run] += 1
        if run == broken.id:
            raise ZeroDivisionError("a secret")
        if run == refused.id:
            raise DexterError("No.")
        if tries[run] == 1:
            raise Unavailable("The database does not answer.")

    async def tell(tenant: str, run: str, error: DexterError) -> None:
        told.append((run, str(error)))

    broken, refused, away = question("broken"), question("refused"), question("away")
    async with opened(transactions, work, tell) as runs:
        for one in (broken, refused, away):
            await runs.start(one, one.id)
        await asyncio.gather(*(runs.wait(one.id) for one in (broken, refused, away)))
    said = dict(told)
    assert len(told) == len(said) == 2
    assert said[refused.id] == "No."
    assert "log" in said[broken.id]
    assert "secret" not in said[broken.id]
    assert tries == Counter({broken.id: 1, refused.id: 1, away.id: 2})


async def test_one_process_asks_and_stops_what_another_carries(postgresql_url: str) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work(tenant: str, run: str, steps: Steps) -> None:
        begun.set()
        while not steps.stopping():
            await asyncio.sleep(0.01)
        ended.set()

    async def never(tenant: str, run: str, steps: Steps) -> None:
        raise AssertionError("a client carries nothing")

    asked = question()
    engines = [connect(postgresql_url) for _ in range(2)]
    ours, theirs = (Transactions(engine) for engine in engines)
    async with opened(ours, work), opened(theirs, never, role="client") as client:
        assert await client.start(asked, "e1")
        await begun.wait()
        assert await client.stop(asked.id)
        await client.wait(asked.id)
        assert ended.is_set()
    for each, engine in zip((ours, theirs), engines, strict=True):
        each.close()
        engine.dispose()
