"""How runs ended is kept with the event that ended them, and read out of the journal of those before."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from core.entities import Aim, Collaboration, Status, Task, now
from core.events import Absence, Agreement, Answer, Asked, Call, Dissent, Seat, Standing, Tally, Usage
from core.sentences import said as sentence
from core.skills.results import Done, Drafted, Produced, Started, TestResult, TestRun
from core.skills.skill import Stage
from storage import schema
from storage.outcome_tables import OUTCOME, PART
from storage.store import SqlStore
from tests.doubles.questions import call, proposal, question, said

MEMBERS = ("analyst", "critic", "scout")
SEATS = tuple(Seat(member=name, role="specialist", model=f"openai/{name}") for name in MEMBERS)


def asked(**changes: Any) -> Asked:
    values: dict[str, Any] = {"question": "?", "asker_name": "Ada", "committee": "legal", "pattern": "panel"}
    return Asked(**{**values, "seats": SEATS, "phases": ("propose",), **changes})


def tally(**changes: Any) -> Tally:
    standings = (
        Standing(label="B", members=("critic", "scout"), text="no", score=4.0, first_votes=2),
        Standing(label="A", members=("analyst",), text="yes", score=3.0, first_votes=1),
    )
    values: dict[str, Any] = {"rule": "borda", "standings": standings, "winner": "B", "margin": 1.0, "voters": 3}
    agreement = Agreement(measure="Kendall's W", value=0.7)
    return Tally(**{**values, "eligible": 4, "agreement": agreement, **changes})


def answer(**changes: Any) -> Answer:
    gone = Absence(member="scout", phase="vote", reason="timeout", detail="no reply", call=call(outcome="timeout"))
    spared = Absence(member="analyst", phase="vote", reason="spared", detail="needless")
    values: dict[str, Any] = {
        "status": Status.ANSWERED, "text": "No.", "how": "winner", "tally": tally(), "absences": (gone, spared),
        "dissent": Dissent(members=("analyst",), label="A", text="yes", votes=1), "usage": Usage(seconds=4.5),
    }  # fmt: skip
    return Answer(**{**values, **changes})


async def held(
    store: SqlStore, key: str = "k", *, begin: object = None, end: object = None, **of: Any
) -> Collaboration:
    """Carry a run from its question to its end, ten seconds later."""
    run = question(key, address="slack:T1:C7:170.1", **of)
    await store.accept(run, key)
    first: Any = begin or asked()
    if begin is not False:
        await store.append(said(run, "asked" if first.kind == "asked" else "started", first, at=at(run, 2)))
    unpriced: list[Call] = [call(), call(cost=None)]
    for number, each in enumerate(unpriced):
        await store.append(said(run, f"p{number}", proposal().but(call=each), at=at(run, 3)))
    last: Any = end or answer()
    await store.append(said(run, last.kind, last, at=at(run, 10)))
    return run


def at(run: Collaboration, seconds: float) -> Any:
    return run.created_at + timedelta(seconds=seconds)


def rows(engine: Engine, table: str) -> list[dict[str, Any]]:
    query = select({"outcome": OUTCOME, "outcome_part": PART}[table]).order_by("run")
    with engine.connect() as connection:
        found = [{**row._mapping} for row in connection.execute(query)]
    return sorted(found, key=lambda row: (row["run"], row.get("member", "")))


async def test_how_a_question_ended_is_one_short_row(store: SqlStore, engine: Engine) -> None:
    run = await held(store, private=True)
    (row,) = rows(engine, "outcome")
    assert (row["run"], row["channel"], row["asker"]) == (run.id, "slack:T1:C7", "local:ada")
    assert (row["committee"], row["pattern"], row["task"], row["private"]) == ("legal", "panel", "", True)
    assert (row["status"], row["how"], row["passed"]) == ("answered", "winner", None)
    assert (row["waited"], row["took"], row["worked"]) == (2.0, 10.0, 4.5)
    assert (row["agreement"], row["margin"], row["voters"], row["eligible"], row["dissent"]) == (0.7, 0.25, 3, 4, 1)
    assert (row["calls"], row["prompt_tokens"], row["completion_tokens"]) == (2, 20, 10)
    assert (row["cost"], row["unpriced"]) == (0.25, 1)


async def test_the_part_of_each_member_says_who_won_who_dissented_and_who_was_absent(
    store: SqlStore, engine: Engine
) -> None:
    await held(store)
    parts = {row["member"]: row for row in rows(engine, "outcome_part")}
    assert [bool(parts[name]["won"]) for name in MEMBERS] == [False, True, True]
    assert [bool(parts[name]["dissented"]) for name in MEMBERS] == [True, False, False]
    assert [(parts[name]["absent"], parts[name]["spared"]) for name in MEMBERS] == [(0, 1), (0, 0), (1, 0)]
    assert parts["scout"]["model"] == "openai/scout"


async def test_a_run_that_never_began_and_one_without_a_tally_are_kept_too(store: SqlStore, engine: Engine) -> None:
    none = answer(status=Status.FAILED, how="none", tally=None, dissent=None, absences=())
    await held(store, begin=False, end=none)
    (row,) = rows(engine, "outcome")
    assert (row["status"], row["waited"], row["agreement"], row["margin"], row["dissent"]) == (
        "failed",
        None,
        None,
        None,
        0,
    )
    assert rows(engine, "outcome_part") == []


async def test_one_model_alone_has_won(store: SqlStore, engine: Engine) -> None:
    await held(store, end=answer(how="solo", tally=None, dissent=None, sources=("critic",)))
    assert [row["member"] for row in rows(engine, "outcome_part") if row["won"]] == ["critic"]


TASKS = {
    "run": Done(task="run", skill="csv", version="1.0.0", status=Status.DONE, produced=Produced(seconds=1.5)),
    "bad run": Done(
        task="run", skill="csv", version="1.0.0", status=Status.DONE, produced=Produced(problem=sentence("no value"))
    ),
    "test": Done(
        task="test", skill="csv", version="1.0.0", status=Status.DONE, passed=True,
        tests=(TestRun(subject="csv 1.0.0", seconds=2.5, results=(TestResult(name="t", outcome="passed"),)),),
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "passed", "worked"), [("run", True, 1.5), ("bad run", False, 0.0), ("test", True, 2.5)]
)
async def test_how_a_task_ended_says_what_it_was_on(
    store: SqlStore, engine: Engine, name: str, passed: bool, worked: float
) -> None:
    done = TASKS[name]
    task = Task.model_validate({"kind": done.task, "skill": "csv", "version": "1.0.0"})
    await held(store, begin=Started(task=done.task, asker_name="Ada"), end=done, task=task)
    (row,) = rows(engine, "outcome")
    assert (row["task"], row["skill"], row["version"], row["worked"]) == (done.task, "csv", "1.0.0", worked)
    assert bool(row["passed"]) is passed


async def test_an_end_that_is_told_of_again_changes_nothing(store: SqlStore, engine: Engine) -> None:
    run = await held(store)
    before = rows(engine, "outcome")
    assert not await store.append(said(run, "answer", answer(status=Status.FAILED), at=now()))
    assert rows(engine, "outcome") == before


async def test_what_ended_before_the_upgrade_is_read_out_of_the_journal_alike(store: SqlStore, engine: Engine) -> None:
    drafted = Drafted(skill="csv", version="0.1.0", stage=Stage.DRAFT, content="x", label="A", members=("critic",))
    step = Aim(campaign="k3f9x2mqabcd", objective="1", purpose="work")
    await held(store, "1", private=True)
    await held(store, "2", end=answer(how="solo", tally=None, sources=("critic",), drafted=drafted), aim=step)
    await held(store, "3", begin=False, end=answer(status=Status.NO_QUORUM, how="none", tally=None, usage=Usage()))
    await held(store, "4", end=answer(tally=tally(winner=None, margin=0.0)))
    for number, done in enumerate(TASKS.values()):
        begin = Started(task=done.task, asker_name="Ada")
        task = Task.model_validate({"kind": done.task, "skill": "csv"})
        await held(store, f"t{number}", begin=begin, end=done, task=task)
    kept = rows(engine, "outcome"), rows(engine, "outcome_part")
    assert len(kept[0]) == 7
    assert len(kept[1]) == 9
    schema.move(engine, "0010")
    schema.upgrade(engine)
    assert (rows(engine, "outcome"), rows(engine, "outcome_part")) == kept
