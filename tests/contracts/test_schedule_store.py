"""The contract of `core.schedules.store.ScheduleStore`, on every database."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from core.entities import Status, now
from core.errors import BadRequest, NotFound
from core.events import Answer, Event, Usage
from core.schedules.firing import decide, key_of, wake_at
from core.schedules.schedule import Firing, Occurrence, Schedule, State
from core.schedules.store import ScheduleStore
from core.sentences import said
from storage.outbox import SqlOutbox
from storage.schedules import LEASE, SqlSchedules
from storage.store import SqlStore
from storage.transactions import Transactions
from tests.doubles.questions import question
from tests.doubles.timetables import AT, keep, schedule

LATER = LEASE + timedelta(seconds=1)


def firing(before: Schedule, at: object = AT, **changes: object) -> Firing:
    """Return what comes of a schedule's next time: a question."""
    due = decide(before, at, lambda place, year: ())  # type: ignore[arg-type]
    assert due is not None
    key = key_of(before, due.at)
    run = question(key, tenant=before.tenant, address=before.address)
    after = due.schedule.but(runs=before.runs + 1, last_run=run.id)
    occurrence = Occurrence(
        tenant=before.tenant, schedule=before.id, at=due.at, fired_at=AT, outcome="started", run=run.id
    )
    made = Firing(schedule=after, wake_at=wake_at(after), occurrence=occurrence, start=run, key=key)
    return made.but(**changes)


def waiting(transactions: Transactions) -> list[str]:
    with transactions.engine.connect() as connection:
        return list(connection.scalars(text("SELECT run FROM run_line ORDER BY place")))


async def test_it_is_a_schedule_store_and_empty_at_first(schedules: ScheduleStore) -> None:
    assert await schedules.schedules("local") == []
    assert await schedules.due(AT) == []
    assert await schedules.earliest() is None
    with pytest.raises(NotFound):
        await schedules.schedule("local", schedule().id)


async def test_what_is_kept_comes_back_as_it_was_and_only_once(schedules: ScheduleStore) -> None:
    made = schedule(what="ask “näive” 🦊\0?", why=said("{n} odd", n=1))
    assert await schedules.add(made, AT, most=5)
    assert not await schedules.add(made.but(what="ask other"), AT, most=5)
    kept = made.but(what="ask “näive” 🦊?")
    assert await schedules.schedule("local", made.id) == kept
    assert await schedules.schedule("local", made.id[:6].upper()) == kept
    assert await schedules.schedules("local") == [kept]


async def test_a_person_may_have_so_many_that_are_not_over(schedules: ScheduleStore) -> None:
    await keep(schedules, schedule("1"), schedule("2", state=State.OVER, next_at=None))
    with pytest.raises(BadRequest):
        await schedules.add(schedule("3"), AT, most=1)
    assert await schedules.add(schedule("4", owner="local:bob"), AT, most=1)


async def test_those_that_come_next_are_listed_first_and_private_ones_to_their_owner_alone(
    schedules: ScheduleStore,
) -> None:
    late, soon = schedule("late", next_at=AT + timedelta(days=2)), schedule("soon")
    rests = schedule("rests", state=State.PAUSED)
    private = schedule("mine", private=True, owner="local:bob", next_at=AT + timedelta(days=1))
    await keep(schedules, late, rests, soon, private)
    assert await schedules.schedules("local") == [soon, private, late, rests]
    assert await schedules.schedules("local", reader="local:ada") == [soon, late, rests]
    assert await schedules.schedules("local", owner="local:bob") == [private]
    with pytest.raises(NotFound):
        await schedules.schedule("local", private.id, reader="local:ada")


async def test_what_is_due_is_given_to_one_worker_and_again_when_its_lease_has_run_out(
    schedules: ScheduleStore,
) -> None:
    await keep(schedules, schedule("1"), schedule("2", next_at=AT + timedelta(hours=1)))
    assert await schedules.earliest() == AT
    assert await schedules.due(AT - timedelta(seconds=1)) == []
    assert [each.id for each in await schedules.due(AT)] == [schedule("1").id]
    assert await schedules.due(AT + LEASE / 2) == []
    assert [each.id for each in await schedules.due(AT + LATER)] == [schedule("1").id]


async def test_twenty_workers_that_look_at_once_share_what_is_due(schedules: ScheduleStore) -> None:
    await keep(schedules, *(schedule(f"{n}") for n in range(40)))
    found = await asyncio.gather(*(schedules.due(AT, limit=7) for _ in range(20)))
    ids = [each.id for part in found for each in part]
    assert len(ids) == len(set(ids))
    while more := await schedules.due(AT, limit=7):
        ids += [each.id for each in more]
    assert len(set(ids)) == 40


async def test_a_firing_moves_the_schedule_on_and_starts_its_run_in_one_piece(
    schedules: SqlSchedules, store: SqlStore, transactions: Transactions
) -> None:
    before = schedule()
    await keep(schedules, before)
    assert await schedules.fire(before, firing(before))
    after = await schedules.schedule("local", before.id)
    assert (after.next_at, after.revision, after.runs) == (AT + timedelta(days=1), 1, 1)
    assert await schedules.earliest() == AT + timedelta(days=1)
    assert waiting(transactions) == [after.last_run]
    assert (await store.collaboration("local", after.last_run)).status is Status.QUEUED
    [(occurrence, status)] = await schedules.history("local", before.id)
    assert (occurrence.at, occurrence.run, status) == (AT, after.last_run, "queued")


async def test_twenty_workers_that_fire_one_time_start_one_run(
    schedules: SqlSchedules, transactions: Transactions
) -> None:
    before = schedule()
    await keep(schedules, before)
    done = await asyncio.gather(*(schedules.fire(before, firing(before)) for _ in range(20)))
    assert sorted(done) == [False] * 19 + [True]
    assert len(waiting(transactions)) == 1


async def test_a_time_that_was_fired_is_not_fired_again_however_the_schedule_is_set_back(
    schedules: SqlSchedules, transactions: Transactions
) -> None:
    before = schedule()
    await keep(schedules, before)
    await schedules.fire(before, firing(before))
    back = await schedules.change("local", before.id, lambda each: (each.but(next_at=AT), AT))
    assert await schedules.fire(back, firing(back))
    assert len(waiting(transactions)) == 1
    assert len(await schedules.history("local", before.id)) == 1
    assert (await schedules.schedule("local", before.id)).next_at == AT + timedelta(days=1)


async def test_a_schedule_that_was_changed_meanwhile_is_not_fired(
    schedules: SqlSchedules, transactions: Transactions
) -> None:
    before = schedule()
    await keep(schedules, before)
    paused = await schedules.change("local", before.id, lambda each: (each.but(state=State.PAUSED), None))
    assert not await schedules.fire(before, firing(before))
    await schedules.later(before, AT)
    assert await schedules.schedule("local", before.id) == paused
    assert (waiting(transactions), await schedules.earliest()) == ([], None)
    assert await schedules.history("local", before.id) == []


async def test_a_firing_that_only_tells_why_nothing_is_done_posts_that_and_starts_nothing(
    schedules: SqlSchedules, store: SqlStore, outbox: SqlOutbox, transactions: Transactions
) -> None:
    before = schedule(address="slack:T1:C1")
    await keep(schedules, before)
    run = question("told", address="slack:T1:C1", status=Status.FAILED, answer="No.", ended_at=now())
    body = Answer(status=Status.FAILED, text="No.", how="none", usage=Usage())
    told = Event(key="answer", run=run.id, tenant="local", address=run.address, at=now(), body=body)
    made = firing(before, start=run, told=told, schedule=before.but(state=State.PAUSED), wake_at=None)
    assert await schedules.fire(before, made)
    assert waiting(transactions) == []
    assert (await store.collaboration("local", run.id)).status is Status.FAILED
    assert [event.key for event in await store.history("local", run.id)] == ["answer"]
    due = {each.slot: each for each in await outbox.claim("w1")}
    assert "answer" in due
    assert await schedules.undelivered("local", run.id) == ""
    await outbox.bury(due["answer"], "gone")
    assert await schedules.undelivered("local", run.id) == "gone"
    assert await schedules.earliest() is None


async def test_changes_are_made_one_after_the_other(schedules: SqlSchedules) -> None:
    before = schedule()
    await keep(schedules, before)

    def more(each: Schedule) -> tuple[Schedule, None]:
        return each.but(runs=each.runs + 1), None

    await asyncio.gather(*(schedules.change("local", before.id, more) for _ in range(20)))
    after = await schedules.schedule("local", before.id)
    assert (after.runs, after.revision) == (20, 20)

    def refuse(each: Schedule) -> tuple[Schedule, None]:
        raise BadRequest("no")

    with pytest.raises(BadRequest):
        await schedules.change("local", before.id, refuse)
    assert await schedules.schedule("local", before.id) == after


async def test_what_is_removed_is_gone_with_its_history_and_its_runs_stay(
    schedules: SqlSchedules, store: SqlStore
) -> None:
    before = schedule()
    await keep(schedules, before)
    made = firing(before)
    await schedules.fire(before, made)
    await schedules.remove("local", before.id)
    assert await schedules.schedules("local") == []
    assert await schedules.history("local", before.id) == []
    assert made.start is not None
    assert (await store.collaboration("local", made.start.id)).id == made.start.id
    await schedules.remove("local", before.id)


async def test_the_newest_of_a_long_history_come_first_and_old_ones_are_forgotten(schedules: SqlSchedules) -> None:
    kept, over = schedule(), schedule("over", state=State.OVER, next_at=None)
    await keep(schedules, kept, over)
    for n in range(5):
        at = AT + timedelta(days=n)
        past = Occurrence(tenant="local", schedule=kept.id, at=at, fired_at=at, outcome="skipped")
        before = await schedules.schedule("local", kept.id)
        assert await schedules.fire(before, Firing(schedule=before, wake_at=AT, occurrence=past))
    found = [each.at for each, _ in await schedules.history("local", kept.id, limit=3)]
    assert found == [AT + timedelta(days=n) for n in (4, 3, 2)]
    assert await schedules.purge(AT + timedelta(days=3)) == 4
    assert len(await schedules.history("local", kept.id)) == 2
    assert [each.id for each in await schedules.schedules("local")] == [kept.id]


async def test_a_person_has_one_zone_and_may_have_none(schedules: ScheduleStore) -> None:
    assert await schedules.zone("local", "local:ada") == ""
    await schedules.keep_zone("local", "local:ada", "Europe/Berlin")
    await schedules.keep_zone("local", "local:ada", "Asia/Kathmandu")
    assert await schedules.zone("local", "local:ada") == "Asia/Kathmandu"
    assert await schedules.zone("local", "local:bob") == ""
    await schedules.keep_zone("local", "local:ada", "")
    assert await schedules.zone("local", "local:ada") == ""
