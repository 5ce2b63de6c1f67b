"""The contract of `core.ports.SkillStore`, on every database."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.entities import now
from core.errors import BadRequest, NotFound
from core.events import Event
from core.ports import SkillStore
from core.sandbox import Tier
from core.skills.folder import Folder, digest
from core.skills.record import Record, Trial
from core.skills.results import Approval
from core.skills.skill import File, Locked, LockedPackage, Move, Need, SkillVersion, Stage
from storage.skills import SqlSkills
from storage.store import SqlStore
from tests.doubles.questions import question


def move(stage: Stage = Stage.DRAFT, why: str = "to try") -> Move:
    return Move(stage=stage, by="local:ada", by_name="Ada", at=now(), why=why)


def version(name: str = "csv-tools", number: str = "1.0.0", **changes: object) -> SkillVersion:
    files = {"SKILL.md": f"{name} {number}".encode(), "scripts/main.py": b"\0\xff"}
    return SkillVersion(
        tenant="local",
        skill=name,
        version=number,
        content=Folder(files).content,
        description="Reads CSV.",
        files=tuple(File(path=path, sha256=digest(body), size=len(body)) for path, body in files.items()),
        moves=(move(),),
    ).but(**changes)


def contents(of: SkillVersion) -> dict[str, bytes]:
    both = (f"{of.skill} {of.version}".encode(), b"\0\xff")
    return {digest(body): body for body in both}


async def kept(skills: SkillStore, name: str = "csv-tools", number: str = "1.0.0", **changes: object) -> SkillVersion:
    made = version(name, number, **changes)
    assert await skills.add(made, contents(made))
    return made


async def test_a_version_comes_back_as_it_was_kept_with_its_files(skills: SkillStore) -> None:
    needs, lock = Need(name="a", range=">=1"), Locked(name="a", version="1.0.0", content="x")
    wheel = LockedPackage(name="p", version="1.0", file="p-1.0-py3-none-any.whl", sha256="a" * 64)
    more: dict[str, Any] = {"parent": "0.9.0", "source": "näive 🦊", "collaboration": "abcd", "packages": (wheel,)}
    made = await kept(skills, needs=(needs,), lock=(lock,), **more)
    assert await skills.versions("local", ["csv-tools"]) == [made]
    assert await skills.contents("local", [file.sha256 for file in made.files]) == contents(made)
    assert await skills.versions("local", ["nothing"]) == []
    assert await skills.contents("local", []) == {}


async def test_the_same_again_changes_nothing_and_other_content_is_refused(skills: SkillStore) -> None:
    made = await kept(skills)
    assert not await skills.add(made.but(description="other", moves=(move(why="again"),)), contents(made))
    with pytest.raises(BadRequest, match="is here with other content, and versions never change"):
        await skills.add(made.but(content="other"), contents(made))
    assert await skills.versions("local", ["csv-tools"]) == [made]
    (skill,) = await skills.skills("local")
    assert skill.versions == 1


async def test_twenty_imports_at_once_keep_one(skills: SkillStore) -> None:
    made = version()
    answers = await asyncio.gather(*(skills.add(made, contents(made)) for _ in range(20)))
    assert answers.count(True) == 1
    assert await skills.versions("local", ["csv-tools"]) == [made]


@pytest.mark.parametrize("other", ["csv-t00ls", "csvtools", "c-s-v-tools", "csv-too1s"])
async def test_a_name_that_looks_like_another_is_refused(skills: SkillStore, other: str) -> None:
    await kept(skills)
    made = version(other)
    with pytest.raises(BadRequest, match="is too easily taken for “csv-tools”"):
        await skills.add(made, contents(made))
    assert await skills.count("local") == 1
    assert await skills.versions("local", [other]) == []


async def test_a_list_shows_each_skill_once_by_name_with_its_newest_version(skills: SkillStore) -> None:
    for name, number in (("b", "1.9.0"), ("a", "1.0.0"), ("b", "1.10.0"), ("b", "1.2.0"), ("c", "0.1.0")):
        await kept(skills, name, number, description=f"{name} {number}")
    listed = await skills.skills("local")
    assert [(s.name, s.version, s.versions, s.description) for s in listed] == [
        ("a", "1.0.0", 1, "a 1.0.0"), ("b", "1.10.0", 3, "b 1.10.0"), ("c", "0.1.0", 1, "c 0.1.0"),
    ]  # fmt: skip
    assert [s.name for s in await skills.skills("local", offset=1, limit=1)] == ["b"]
    assert await skills.count("local") == 3


async def test_a_step_is_remembered_with_who_when_and_why(skills: SkillStore) -> None:
    await kept(skills)
    tested, retired = move(Stage.TESTED, "passed"), move(Stage.RETIRED, "wrong")
    after = await skills.move("local", "csv-tools", "1.0.0", tested)
    assert (after.stage, after.moves[-1]) == (Stage.TESTED, tested)
    await skills.move("local", "csv-tools", "1.0.0", retired)
    (found,) = await skills.versions("local", ["csv-tools"])
    assert [each.stage for each in found.moves] == [Stage.DRAFT, Stage.TESTED, Stage.RETIRED]
    assert (await skills.skills("local"))[0].stage is Stage.RETIRED
    with pytest.raises(BadRequest, match="is retired, and cannot become tested"):
        await skills.move("local", "csv-tools", "1.0.0", tested)


async def test_an_older_version_that_moves_does_not_show_in_the_list(skills: SkillStore) -> None:
    await kept(skills)
    await kept(skills, number="2.0.0")
    await skills.move("local", "csv-tools", "1.0.0", move(Stage.RETIRED))
    assert [(s.version, s.stage) for s in await skills.skills("local")] == [("2.0.0", Stage.DRAFT)]


async def test_of_many_who_take_one_step_at_once_one_does(skills: SkillStore) -> None:
    await kept(skills)
    steps = (skills.move("local", "csv-tools", "1.0.0", move(Stage.TESTED)) for _ in range(10))
    answers = await asyncio.gather(*steps, return_exceptions=True)
    assert sum(isinstance(answer, SkillVersion) for answer in answers) == 1
    assert sum(isinstance(answer, BadRequest) for answer in answers) == 9


@pytest.mark.parametrize(("name", "number"), [("csv-tools", "9.9.9"), ("nothing", "1.0.0"), ("a' OR 1=1 --", "\0")])
async def test_what_is_not_there_cannot_move(skills: SkillStore, name: str, number: str) -> None:
    await kept(skills)
    with pytest.raises(NotFound):
        await skills.move("local", name, number, move(Stage.TESTED))


async def test_who_uses_a_version_is_known_until_they_retire(skills: SkillStore) -> None:
    await kept(skills, "base")
    lock = (Locked(name="base", version="1.0.0", content="x"),)
    await kept(skills, "report", "1.0.0", lock=lock)
    await kept(skills, "report", "1.1.0", lock=lock)
    await kept(skills, "cleanup", lock=(lock[0].but(version="2.0.0"),))
    assert await skills.users("local", "base", "1.0.0") == [("report", "1.0.0"), ("report", "1.1.0")]
    await skills.move("local", "report", "1.0.0", move(Stage.RETIRED))
    assert await skills.users("local", "base", "1.0.0") == [("report", "1.1.0")]
    assert await skills.users("local", "report", "1.1.0") == []


async def test_what_no_database_can_hold_is_left_out_of_texts(skills: SkillStore) -> None:
    await kept(skills, description="a\0b", source="\udfff", moves=(move(why="x\0y"),))
    (found,) = await skills.versions("local", ["csv-tools"])
    assert (found.description, found.source, found.made.why) == ("ab", "\ufffd", "xy")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE skill_version SET content = 'x'",
        "UPDATE skill_version SET files = '[]'",
        "UPDATE skill_version SET lock = '[]', moves = moves",
        "UPDATE skill_version SET packages = '[1]'",
        "DELETE FROM skill_version",
        "UPDATE skill_file SET content = ''",
    ],
)
async def test_the_database_itself_refuses_to_change_a_version(
    skills: SqlSkills, engine: Engine, statement: str
) -> None:
    await kept(skills)
    with engine.begin() as connection, pytest.raises(DBAPIError, match="versions of skills never change"):
        connection.execute(text(statement))


async def test_tenants_have_skills_of_their_own(skills: SkillStore) -> None:
    await kept(skills)
    await kept(skills, tenant="slack:T2", content="other")
    await kept(skills, "csv-t00ls", tenant="slack:T3")
    assert [await skills.count(tenant) for tenant in ("local", "slack:T2", "slack:T3", "slack:T4")] == [1, 1, 1, 0]


async def test_words_find_skills_by_name_and_description_whole_or_begun(skills: SkillStore) -> None:
    for name, description in (
        ("csv-tools", "Reads tables."), ("mail-merge", "Writes letters from a CSV table, très vite."),
        ("weather", "Tells whether it rains."),
    ):  # fmt: skip
        await kept(skills, name, description=description)
    for typed, wanted in {
        "csv": ["csv-tools", "mail-merge"],
        "TABLE": ["csv-tools", "mail-merge"],
        "table letters": ["mail-merge"],
        "tres": ["mail-merge"],
        "très": ["mail-merge"],
        "csv-tools": ["csv-tools"],
        "cs": ["csv-tools", "mail-merge"],
        "c": [],
        "a": ["mail-merge"],
        "csv rains": [],
        "' OR 1=1 --": [],
        "\0 % _ *": [],
        "": [],
    }.items():
        found, count = await skills.search("local", typed)
        assert ([s.name for s in found], count) == (wanted, len(wanted)), typed
    found, count = await skills.search("local", "csv", offset=1, limit=1)
    assert ([s.name for s in found], count) == (["mail-merge"], 2)
    assert await skills.search("local", "csv", offset=2, limit=1) == ([], 2)


async def test_a_skill_is_found_by_its_newest_description_alone(skills: SkillStore) -> None:
    await kept(skills, description="Reads tables.")
    await kept(skills, number="2.0.0", description="Draws charts.")
    await kept(skills, number="1.5.0", description="Sings songs.")
    counts = [(await skills.search("local", word))[1] for word in ("tables", "charts", "songs", "csv")]
    assert counts == [0, 1, 0, 1]


def trial(run: str = "r1", **changes: object) -> Trial:
    counted = {"held": True, "at": now(), "tests": 3, "passed": 3, "tier": Tier.GROUPED}
    named = {"tenant": "local", "run": run, "skill": "csv-tools", "version": "1.0.0", "kind": "tests"}
    return Trial(**named | counted | changes)


async def test_a_trial_is_counted_once_however_often_it_is_told_of(skills: SkillStore) -> None:
    await kept(skills)
    key = ("csv-tools", "1.0.0")
    assert await skills.records("local", [key]) == {}
    tested, used = trial(), trial("r2", kind="use")
    assert [await skills.note(each) for each in (tested, tested, used, used.but(held=False))] == [
        True,
        False,
        True,
        False,
    ]
    wanted = Record(
        tests=3, passed=3, tier=Tier.GROUPED, tested_at=tested.at, runs=1, succeeded=1, last_run_at=used.at
    )  # fmt: skip
    assert await skills.records("local", [key, ("csv-tools", "9.9.9")]) == {key: wanted}
    failed = trial("r3", kind="use", held=False)
    await skills.note(failed)
    (record,) = (await skills.records("local", [key])).values()
    assert (record.runs, record.succeeded, record.last_run_at, record.success) == (2, 1, failed.at, 0.5)


async def test_many_who_count_one_run_at_once_count_it_once_and_many_runs_are_all_counted(skills: SkillStore) -> None:
    await kept(skills)
    same = [skills.note(trial("r", kind="use")) for _ in range(10)]
    apart = [skills.note(trial(f"r{n}", kind="use", held=n % 2 == 0)) for n in range(20)]
    answers = await asyncio.gather(*same, *apart)
    assert answers.count(True) == 21
    (record,) = (await skills.records("local", [("csv-tools", "1.0.0")])).values()
    assert (record.runs, record.succeeded) == (21, 11)


async def test_since_when_tests_fail_is_known_until_they_hold_again(skills: SkillStore) -> None:
    await kept(skills)
    first = now()
    for run, held, minutes in (("a", True, 0), ("b", False, 1), ("c", False, 2)):
        await skills.note(trial(run, held=held, passed=1, at=first + timedelta(minutes=minutes)))
    (record,) = (await skills.records("local", [("csv-tools", "1.0.0")])).values()
    assert record.failing_since == first + timedelta(minutes=1)
    assert (record.tests, record.passed, record.tested_at) == (3, 1, first + timedelta(minutes=2))
    await skills.note(trial("d"))
    (record,) = (await skills.records("local", [("csv-tools", "1.0.0")])).values()
    assert record.failing_since is None


async def promoted(skills: SkillStore, name: str = "csv-tools", number: str = "1.0.0", **changes: object) -> None:
    await kept(skills, name, number, **changes)
    for stage in (Stage.TESTED, Stage.PROMOTED):
        await skills.move(str(changes.get("tenant", "local")), name, number, move(stage))


async def test_promoted_versions_are_checked_in_turn_those_never_tested_first(skills: SkillStore) -> None:
    for name in ("a", "b", "c"):
        await promoted(skills, name)
    await kept(skills, "draft")
    await promoted(skills, "theirs", tenant="slack:T2")
    early, late = now() - timedelta(days=1), now()
    await skills.note(trial("r1", skill="a", at=late, held=False))
    await skills.note(trial("r2", skill="c", at=early))
    turns = [("b", "1.0.0", False), ("c", "1.0.0", False), ("a", "1.0.0", True)]
    assert await skills.stalest("local", limit=9) == turns
    assert await skills.stalest("local", limit=2) == turns[:2]


async def test_the_newest_promoted_version_is_in_force_whatever_comes_and_goes(skills: SkillStore) -> None:
    async def in_force() -> str:
        return (await skills.skills("local"))[0].in_force

    await promoted(skills, number="1.0.0")
    assert await in_force() == "1.0.0"
    await promoted(skills, number="1.10.0")
    await promoted(skills, number="1.9.0")
    await kept(skills, number="2.0.0")
    assert await in_force() == "1.10.0"
    await skills.move("local", "csv-tools", "1.10.0", move(Stage.TESTED))
    assert await in_force() == "1.9.0"
    await skills.move("local", "csv-tools", "1.9.0", move(Stage.RETIRED))
    assert await in_force() == "1.0.0"
    await skills.move("local", "csv-tools", "1.0.0", move(Stage.TESTED))
    assert await in_force() == ""


async def test_a_run_takes_a_step_once_alone(skills: SkillStore) -> None:
    await kept(skills)
    step = move(Stage.TESTED).but(run="r1")
    one = await skills.move("local", "csv-tools", "1.0.0", step)
    assert await skills.move("local", "csv-tools", "1.0.0", step.but(at=now())) == one
    await skills.move("local", "csv-tools", "1.0.0", move(Stage.DRAFT))
    again = await skills.move("local", "csv-tools", "1.0.0", step)
    assert again.stage is Stage.DRAFT


def approval(yes: bool = True, run: str = "") -> Event:
    asked = question()
    body = Approval(person="local:ada", person_name="Ada", yes=yes, what="promote csv-tools 1.0.0")
    return Event(key="approval", run=run or asked.id, tenant="local", address=asked.address, at=now(), body=body)


async def test_an_approval_and_its_step_are_one_thing(skills: SkillStore, store: SqlStore) -> None:
    asked = question()
    await store.accept(asked, "k")
    await kept(skills)
    step, event = move(Stage.PROMOTED), approval()
    with pytest.raises(BadRequest, match="is draft, and cannot become promoted"):
        await skills.decide(event, ("answer",), "csv-tools", "1.0.0", before="", move=step)
    assert await store.history("local", asked.id) == []
    await skills.move("local", "csv-tools", "1.0.0", move(Stage.TESTED))
    with pytest.raises(BadRequest, match="No version of csv-tools is in force any more"):
        await skills.decide(event, (), "csv-tools", "1.0.0", before="0.9.0", move=step)
    after = await skills.decide(event, ("answer",), "csv-tools", "1.0.0", before="", move=step)
    assert after.stage is Stage.PROMOTED
    assert await store.history("local", asked.id) == [event]
    for yes in (True, False):
        with pytest.raises(BadRequest, match="decided before"):
            await skills.decide(approval(yes), (), "csv-tools", "1.0.0", before="1.0.0", move=None)
    await kept(skills, number="1.1.0")
    with pytest.raises(BadRequest, match=r"csv-tools 1\.0\.0 is in force by now"):
        await skills.decide(event, (), "csv-tools", "1.1.0", before="", move=None)


async def test_of_many_approvals_at_once_one_counts(skills: SkillStore, store: SqlStore) -> None:
    await store.accept(question(), "k")
    await kept(skills)
    await skills.move("local", "csv-tools", "1.0.0", move(Stage.TESTED))
    steps = (move(Stage.PROMOTED).but(run=question().id) if n % 2 else None for n in range(10))
    decisions = (
        skills.decide(approval(yes=bool(step)), (), "csv-tools", "1.0.0", before="", move=step) for step in steps
    )
    answers = await asyncio.gather(*decisions, return_exceptions=True)
    assert sum(isinstance(answer, SkillVersion) for answer in answers) == 1
    assert all(isinstance(answer, SkillVersion | BadRequest) for answer in answers)
    (event,) = await store.history("local", question().id)
    (found,) = await skills.versions("local", ["csv-tools"])
    assert isinstance(event.body, Approval)
    assert (found.stage is Stage.PROMOTED) == event.body.yes


async def test_an_approval_of_a_run_that_is_not_there_moves_nothing(skills: SkillStore) -> None:
    await kept(skills)
    await skills.move("local", "csv-tools", "1.0.0", move(Stage.TESTED))
    with pytest.raises(NotFound):
        await skills.decide(approval(), (), "csv-tools", "1.0.0", before="", move=move(Stage.PROMOTED))
    (found,) = await skills.versions("local", ["csv-tools"])
    assert found.stage is Stage.TESTED
