"""The contract of `core.ports.SkillStore`, on every database."""

import asyncio

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.entities import now
from core.errors import BadRequest, NotFound
from core.ports import SkillStore
from core.skills.folder import Folder, digest
from core.skills.skill import File, Locked, Move, Need, SkillVersion, Stage
from storage.skills import SqlSkills


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
    made = await kept(skills, needs=(needs,), lock=(lock,), parent="0.9.0", source="näive 🦊", collaboration="abcd")
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
