"""What becomes of a draft: a folder that is a skill, a version with its makers, Tested where its tests are a proof."""

import json

import pytest

from core.skills.drafting.cases import Case
from core.skills.drafting.keeping import keeper
from core.skills.drafting.package import Made, folder_of, skill_name
from core.skills.drafting.signature import contract
from core.skills.drafting.wish import read_wish
from core.skills.folder import Folder, check
from core.skills.results import TestRun
from core.skills.running.run import produced
from core.skills.skill import Stage
from tests.doubles.committee_world import RUN, TENANT, Recording
from tests.doubles.drafting_world import DraftWorld, block, scripted
from tests.doubles.workshop import Workshop

REQUEST = '''def grade(points: int, most: int = 10) -> str:
    """Return "good" for at least half of the points, else "bad".

    >>> grade(5)
    'good'
    >>> grade(4)
    'bad'
    """
'''
CODE = "def grade(points: int, most: int = 10) -> str:\n    return 'good' if points * 2 >= most else 'bad'"
SAYS = {"write": block(CODE), "test": block("assert grade(0) == 'bad'\nassert grade(1, 2) == 'good'")}


def _world(workshop: Workshop, says: dict[str, str]) -> DraftWorld:
    sandbox = workshop.pool.of(TENANT)
    return DraftWorld(
        scripted(dict.fromkeys(("ann", "bob", "cat"), says)), sandbox, REQUEST, keep=keeper(workshop.bench)
    )


async def test_a_draft_becomes_a_tested_version_that_names_the_collaboration_and_runs(workshop: Workshop) -> None:
    world = _world(workshop, SAYS)
    answer = await world.run()
    version = await workshop.skills.version(TENANT, "grade")
    assert (version.stage, version.collaboration, version.made.by) == (Stage.TESTED, RUN, "local:me")
    assert answer.drafted is not None
    assert (answer.drafted.version, answer.drafted.stage) == (version.version, Stage.TESTED)
    assert answer.drafted.content == version.content
    assert f"**grade {version.version}** is written (tested)." in answer.text
    fresh = world.all(TestRun)[-1]
    assert (fresh.subject, fresh.passed) == (f"grade {version.version}", True)
    gave = await produced(workshop.pool.of(TENANT), await workshop.skills.folder(version), {}, {"points": 3, "most": 6})
    assert (gave.value, gave.problem) == ("good", None)


async def test_a_draft_without_tests_stays_a_draft_and_the_answer_says_why(workshop: Workshop) -> None:
    world = _world(workshop, {**SAYS, "test": "None come to mind."})
    words = "def grade(points: int, most: int = 10) -> str:\n    'Say whether it is good.'\n"
    world.store.collaboration_ = world.store.collaboration_.but(question=words)
    answer = await world.run()
    assert answer.drafted is not None
    assert answer.drafted.stage is Stage.DRAFT
    assert (await workshop.skills.version(TENANT, "grade")).stage is Stage.DRAFT
    assert "no tests" in answer.text.lower()


async def test_a_draft_that_fails_an_example_is_kept_as_a_draft(workshop: Workshop) -> None:
    wrong = block("def grade(points: int, most: int = 10) -> str:\n    return 'good'")
    world = _world(workshop, {**SAYS, "write": wrong, "repair": wrong})
    answer = await world.run()
    assert answer.drafted is not None
    assert answer.drafted.stage is Stage.DRAFT
    assert (await workshop.skills.version(TENANT, "grade")).stage is Stage.DRAFT


async def test_what_cannot_be_kept_is_answered_all_the_same_with_the_reason(workshop: Workshop) -> None:
    await workshop.bring(_folder("gra-de"))
    world = _world(workshop, SAYS)
    answer = await world.run()
    assert answer.drafted is None
    assert "could not be kept" in answer.text
    assert "points * 2" in answer.text


async def test_a_draft_killed_while_it_is_kept_is_kept_once(workshop: Workshop) -> None:
    whole = Recording()
    await _world(workshop, SAYS).run(whole)
    steps = Recording()
    steps.kept = {key: text for key, text in whole.kept.items() if key != "keep"}
    await _world(workshop, SAYS).run(steps)
    assert len(await workshop.skills.history(TENANT, "grade")) == 1


def _folder(name: str) -> Folder:
    wish = read_wish(REQUEST)
    folder = folder_of(_made(), wish)
    text = folder.files["SKILL.md"].decode().replace("name: grade", f"name: {name}")
    return Folder({**folder.files, "SKILL.md": text.encode()})


def _made() -> Made:
    return Made(
        label="A", members=("ann",), name="grade", code=CODE, examples=(Case(arguments="5", expected="'good'"),)
    )


def test_the_folder_is_a_skill_with_a_contract_from_the_signature() -> None:
    folder = folder_of(_made(), read_wish(REQUEST))
    manifest = check(folder)
    assert (manifest.name, manifest.contract.entry) == ("grade", "scripts/main.py")
    assert manifest.description.startswith('Return "good" for at least half')
    assert manifest.contract.input == {
        "type": "object",
        "properties": {"points": {"type": "integer"}, "most": {"type": "integer"}},
        "required": ["points"],
        "additionalProperties": False,
    }
    assert manifest.contract.output == {"type": "string"}
    assert "def test_examples_1():\n    assert grade(5) == 'good'" in folder.files["tests/test_examples.py"].decode()


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        ("int", {"type": "integer"}),
        ("float", {"type": "number"}),
        ("List[int]", {"type": "array", "items": {"type": "integer"}}),
        ("list[list[str]]", {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}),
        ("Tuple[int, int]", {"type": "array", "items": {"type": "integer"}}),
        ("tuple[int, str]", {"type": "array"}),
        ("Optional[str]", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ("int | None", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ("Dict[str, float]", {"type": "object", "additionalProperties": {"type": "number"}}),
        ("'list[int]'", {"type": "array", "items": {"type": "integer"}}),
        ("typing.Any", {}),
        ("Whatever[int]", {}),
    ],
)
def test_type_hints_become_a_schema(hint: str, schema: dict[str, object]) -> None:
    takes, gives = contract(f"def f(x: {hint}, *, y=1) -> {hint}:\n    return x", "f")
    assert takes["properties"]["x"] == schema
    assert takes["required"] == ["x"]
    assert gives == schema
    json.dumps(takes)


@pytest.mark.parametrize(
    ("function", "text", "wanted"),
    [
        ("count_words", "", "count-words"),
        ("digitSum", "", "digit-sum"),
        ("f", "Build me something that counts words", "build-me-something-that-counts"),
        ("dexter", "Ünï", "drafted-skill"),
        ("con", "Con text of names", "con-text-of-names"),
    ],
)
def test_a_skill_is_called_as_its_function_where_it_may_be(function: str, text: str, wanted: str) -> None:
    assert skill_name(function, text) == wanted
