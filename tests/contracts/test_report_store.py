"""The contract of `core.reports.store.ReportStore`, on every database."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.entities import Aim, Collaboration, Status, Task
from core.events import Answer
from core.reports.period import Period
from core.reports.store import ReportStore
from core.skills.results import Done, Produced, Started
from core.skills.skill import Move, Stage
from storage.reports import SqlReports
from storage.skills import SqlSkills
from storage.store import SqlStore
from storage.transactions import Transactions
from tests.contracts.test_skill_store import contents, trial, version
from tests.doubles.questions import call, proposal, question, said
from tests.storage.test_outcomes import answer, asked, tally

DAY = datetime(2026, 11, 3, 12, tzinfo=UTC)
PERIOD = Period(first=date(2026, 11, 1), last=date(2026, 11, 15))
ADA, BOB = "local:ada", "local:bob"


@pytest.fixture
def reports(transactions: Transactions) -> ReportStore:
    return SqlReports(transactions)


async def run(
    store: SqlStore,
    key: str,
    at: datetime = DAY,
    end: Answer | Done | None = None,
    calls: Sequence[Any] = (),
    **of: Any,
) -> Collaboration:
    """Carry a run from its question to its end, ten seconds later."""
    held = question(key, address="slack:T1:C7:170.1", created_at=at, question=f"What of {key}?", **of)
    await store.accept(held, key)
    begin: Any = Started(task=held.task.kind, asker_name="Ada") if held.task else asked()
    await store.append(said(held, "started" if held.task else "asked", begin, at=at + timedelta(seconds=2)))
    for number, each in enumerate(calls or (call(),)):
        await store.append(said(held, f"p{number}", proposal().but(call=each), at=at + timedelta(seconds=3)))
    last = end or answer()
    await store.append(said(held, last.kind, last, at=at + timedelta(seconds=10)))
    await store.settle(held.id, last.status, last.text)
    return held


DONE = Done(task="run", skill="csv-tools", version="1.0.0", status=Status.DONE, produced=Produced(seconds=1.0))


async def test_runs_are_counted_by_day_sort_and_status_within_the_period_alone(
    store: SqlStore, reports: ReportStore
) -> None:
    await run(store, "1")
    await run(store, "2", calls=(call(), call(cost=None)))
    await run(store, "3", end=answer(status=Status.FAILED, how="none", tally=None, dissent=None))
    await run(store, "4", end=DONE, task=Task(kind="run", skill="csv-tools", version="1.0.0"))
    await run(store, "5", aim=Aim(campaign="k3f9x2mqabcd", purpose="work"))
    for late in (datetime(2026, 10, 31, 23, 59, 55, tzinfo=UTC), datetime(2026, 11, 15, 23, 59, 45, tzinfo=UTC)):
        await run(store, f"{late}", late)  # they end ten seconds later, both on a day of the period
    for out in (datetime(2026, 10, 31, 23, 59, 45, tzinfo=UTC), datetime(2026, 11, 15, 23, 59, 55, tzinfo=UTC)):
        await run(store, f"{out}", out)
    found = {(str(e.day), e.task, e.step, e.status.value): e for e in await reports.ended("local", PERIOD)}
    assert {key: e.runs for key, e in found.items()} == {
        ("2026-11-01", "", False, "answered"): 1,
        ("2026-11-03", "", False, "answered"): 2,
        ("2026-11-03", "", False, "failed"): 1,
        ("2026-11-03", "", True, "answered"): 1,
        ("2026-11-03", "run", False, "done"): 1,
        ("2026-11-15", "", False, "answered"): 1,
    }
    two = found["2026-11-03", "", False, "answered"]
    assert (two.voted, two.agreement, two.dissents) == (2, pytest.approx(1.4), 2)
    assert (two.calls, two.tokens, two.cost, two.unpriced) == (3, 45, 0.5, 1)
    assert found["2026-11-03", "run", False, "done"].passed == 1


async def test_delays_are_tenths_of_a_second_and_what_never_ended_is_counted(
    store: SqlStore, reports: ReportStore
) -> None:
    await run(store, "1")
    await run(store, "2", end=answer(usage=answer().usage.but(seconds=9.96)))
    await store.accept(question("3", created_at=DAY), "3")
    await store.accept(question("4", created_at=DAY, task=Task(kind="campaign")), "4")
    delays = await reports.delays("local", PERIOD)
    assert (delays.waited, delays.took) == ({20: 2}, {100: 2})
    assert delays.overhead == {0: 1, 55: 1}
    assert (delays.unbegun, delays.unfinished) == (0, 1)


async def test_ways_of_deliberating_are_told_apart_the_commonest_first(store: SqlStore, reports: ReportStore) -> None:
    for key in "12":
        await run(store, key)
    await run(store, "3", end=answer(status=Status.DISAGREED, dissent=None, tally=tally(agreement=None)))
    (way,) = await reports.ways("local", PERIOD)
    assert (way.committee, way.pattern, way.runs, way.answered) == ("legal", "panel", 3, 2)
    assert (way.voted, way.agreement, way.dissents) == (2, pytest.approx(1.4), 2)


async def test_the_closest_dissent_comes_first_and_what_others_asked_in_private_is_not_told(
    store: SqlStore, reports: ReportStore
) -> None:
    await run(store, "wide", end=answer(tally=tally(margin=3.0)))
    await run(store, "close", end=answer(tally=tally(margin=0.1)))
    await run(store, "secret", end=answer(tally=tally(margin=0.0)), private=True)
    await run(store, "agreed", end=answer(dissent=None))
    for reader, expected in ((ADA, ["secret", "close", "wide"]), (BOB, ["close", "wide"]), ("", ["close", "wide"])):
        found = await reports.argued("local", PERIOD, reader=reader)
        assert [each.question for each in found] == [f"What of {key}?" for key in expected]
    assert found[0].dissent == "yes"
    assert found[0].members == ("analyst",)
    assert [each.question for each in await reports.argued("local", PERIOD, reader=ADA, limit=1)] == ["What of secret?"]


async def test_the_questions_that_took_the_most_work_come_first(store: SqlStore, reports: ReportStore) -> None:
    await run(store, "small")
    await run(store, "large", calls=(call(),) * 3)
    await run(store, "secret", calls=(call(),) * 9, private=True)
    found = await reports.asked("local", PERIOD, reader=BOB)
    assert [(each.question, each.calls) for each in found] == [("What of large?", 3), ("What of small?", 1)]
    assert found[0].answer == "No."
    assert await reports.asked("local", PERIOD.before, reader=BOB) == []


async def test_what_models_did_is_added_up_and_spread_over_tenths_of_a_second(
    store: SqlStore, reports: ReportStore
) -> None:
    failed = call(model="b/slow", outcome="timeout", seconds=60.0, cost=None)
    await run(
        store, "1", calls=(call(model="a/fast", seconds=0.52), call(model="a/fast", seconds=1.5, retries=2), failed)
    )
    fast, slow = await reports.model_days("local", PERIOD)
    assert (fast.day, fast.model, fast.calls, fast.good, fast.retries) == (DAY.date(), "a/fast", 2, 2, 2)
    assert (fast.prompt_tokens, fast.completion_tokens, fast.cost, fast.unpriced) == (20, 10, 0.5, 0)
    assert fast.seconds == pytest.approx(2.02)
    assert (slow.model, slow.calls, slow.good, slow.seconds, slow.unpriced) == ("b/slow", 1, 0, 0, 1)
    assert await reports.tenths("local", PERIOD) == {"a/fast": {5: 1, 15: 1}}


async def test_the_seats_of_a_model_won_dissented_and_were_absent(store: SqlStore, reports: ReportStore) -> None:
    for key in "12":
        await run(store, key)
    parts = {each.model: each for each in await reports.parts("local", PERIOD)}
    assert {model: (p.runs, p.won, p.dissented, p.absent, p.spared) for model, p in parts.items()} == {
        "openai/analyst": (2, 0, 2, 0, 2),
        "openai/critic": (2, 2, 0, 0, 0),
        "openai/scout": (2, 2, 0, 2, 0),
    }


async def test_spending_is_by_person_or_by_channel_and_direct_messages_are_one(
    store: SqlStore, reports: ReportStore
) -> None:
    await run(store, "1")
    await run(store, "2", asker=BOB, asker_name="Bob", calls=(call(cost=2.0),))
    await run(store, "3", private=True, calls=(call(cost=None),))
    people = await reports.spending("local", PERIOD, "asker")
    assert [(p.key, p.name, p.runs, p.cost, p.unpriced) for p in people] == [
        (BOB, "Bob", 1, 2.0, 0),
        (ADA, "Ada", 2, 0.25, 1),
    ]
    channels = await reports.spending("local", PERIOD, "channel")
    assert [(c.key, c.name, c.runs) for c in channels] == [("slack:T1:C7", "", 2), ("", "", 1)]
    (own,) = await reports.spending("local", PERIOD, "asker", asker=ADA)
    assert (own.key, own.runs) == (ADA, 2)


async def test_who_was_active_on_a_day_are_people_and_not_the_steps_of_campaigns(
    store: SqlStore, reports: ReportStore
) -> None:
    await run(store, "1")
    await run(store, "2", DAY + timedelta(days=1), asker=BOB)
    await run(store, "3", DAY + timedelta(days=1))
    await run(store, "4", DAY + timedelta(days=2), aim=Aim(campaign="k3f9x2mqabcd", purpose="work"))
    active = await reports.active("local", PERIOD)
    assert active == {date(2026, 11, 3): {ADA}, date(2026, 11, 4): {ADA, BOB}}


async def test_skills_made_promoted_tried_and_failing(skills: SqlSkills, reports: ReportStore) -> None:
    made = version(moves=(Move(stage=Stage.DRAFT, by=ADA, by_name="Ada", at=DAY),))
    await skills.add(made, contents(made))
    for stage, at in ((Stage.TESTED, DAY), (Stage.PROMOTED, DAY + timedelta(days=1))):
        await skills.move("local", "csv-tools", "1.0.0", Move(stage=stage, by=ADA, by_name="Ada", at=at))
    for number, held in enumerate((True, True, False)):
        await skills.note(trial(f"u{number}", kind="use", held=held, at=DAY))
    await skills.note(trial("t", kind="tests", held=False, at=DAY + timedelta(hours=1)))
    tried = {(t.skill, t.kind): (t.trials, t.held) for t in await reports.tried("local", PERIOD)}
    assert tried == {("csv-tools", "use"): (3, 2), ("csv-tools", "tests"): (1, 0)}
    (moves,) = await reports.moves("local", PERIOD)
    assert (moves.skill, moves.drafted, moves.promoted, moves.retired) == ("csv-tools", 1, 1, 0)
    assert (moves.in_force, moves.failing_since) == ("1.0.0", DAY.date())
    (still,) = await reports.moves("local", PERIOD.before)  # nothing happened, but its tests fail
    assert (still.drafted, still.failing_since) == (0, DAY.date())
    assert await reports.tried("local", PERIOD.before) == []


async def test_an_empty_history_is_nothing(reports: ReportStore) -> None:
    assert await reports.ended("local", PERIOD) == []
    assert await reports.tenths("local", PERIOD) == {}
    assert await reports.model_days("local", PERIOD) == []
    assert await reports.active("local", PERIOD) == {}
    assert (await reports.courses("local", PERIOD)).begun == 0
    assert (await reports.delays("local", PERIOD)).unfinished == 0
