"""Patterns are data: each file loads, a new one needs no code, a wrong one says what is wrong, `auto` picks well."""

from pathlib import Path

import pytest

from core.adapters.scripted_model import ScriptedModel
from core.committee.patterns import choose, load_patterns
from core.errors import Misconfigured
from core.events import PhaseStarted
from tests.doubles.committee_world import PATTERNS, World, committee, plays

SAYS = dict.fromkeys(("ann", "bob", "cat"), "Answer: yes")
OURS = ("plan", "verdict", "work")
"""What campaigns plan, work and judge by."""
OWN = """
summary = "Two rounds of criticism."
when = "for tests"
rule = "borda"
phases = [
    { name = "draft", act = "propose" },
    { name = "first look", act = "critique" },
    { name = "second draft", act = "revise" },
    { name = "second look", act = "critique" },
    { name = "poll", act = "vote" },
]
"""


def test_the_shipped_patterns_are_those_that_are_promised() -> None:
    assert set(PATTERNS) == {
        "quick",
        "panel",
        "debate",
        "oxford",
        "delphi",
        "red-team",
        "chair",
        "solo",
        "skill",
        *OURS,
    }
    assert all(pattern.summary and pattern.when for pattern in PATTERNS.values())


def test_auto_never_picks_what_campaigns_plan_work_and_judge_by() -> None:
    assert all(PATTERNS[name].auto is None for name in OURS)
    assert choose("Is this done? Plan it.", {name: PATTERNS[name] for name in ("panel", *OURS)})[0].name == "panel"


async def test_a_new_pattern_is_one_file_and_no_code(tmp_path: Path) -> None:
    (tmp_path / "twice.toml").write_text(OWN)
    world = World(plays(SAYS), committee(), pattern="twice", patterns=load_patterns(tmp_path))
    answer = await world.run()
    assert answer.usage.calls == 12
    assert answer.tally is not None
    assert answer.tally.rule == "borda"


async def test_rounds_may_stand_in_the_middle_of_a_pattern(tmp_path: Path) -> None:
    rounds = 'rounds = { repeat = ["first look", "second draft"], most = 2, until = "leader" }\n'
    (tmp_path / "twice.toml").write_text(rounds + OWN)
    says = {"ann": "Move, for reasons " + "x " * 20, "bob": "Stay, for reasons " + "x " * 20}
    world = World(plays(says), committee("ann", "bob"), pattern="twice", patterns=load_patterns(tmp_path))
    await world.run()
    assert [(said.phase, said.round) for said in world.all(PhaseStarted)] == [
        ("draft", 1), ("first look", 1), ("second draft", 1), ("first look", 2), ("second draft", 2),
        ("second look", 1), ("poll", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('"borda"', '"coin"'), "there is no rule 'coin'"),
        (('act = "vote" },', 'act = "vote", by = ["jury"] },'), "unknown parts jury"),
        (('name = "poll"', 'name = "draft"'), "name of its own"),
        (('name = "poll"', 'name = "answer"'), "name of its own"),
        (('act = "vote"', 'act = "critique"'), "needs a phase whose act is vote"),
        (("summary", "sumary"), "sumary"),
        (("phases = [", "phases = [["), ""),
        (
            ('when = "for tests"', 'when = "x"\nrounds = { repeat = ["poll", "draft"], most = 2, until = "leader" }'),
            "side",
        ),
        (('when = "for tests"', 'when = "x"\nrounds = { repeat = ["dance"], most = 2, until = "leader" }'), "side"),
        (('when = "for tests"', 'when = "x"\nauto = { order = 1, match = ["("], why = "x" }'), "no regular expression"),
    ],
)
def test_a_wrong_pattern_names_its_file_and_what_is_wrong(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    (tmp_path / "odd.toml").write_text(OWN.replace(*change))
    with pytest.raises(Misconfigured, match=r"odd\.toml") as error:
        load_patterns(tmp_path)
    assert told in str(error.value)


def test_a_folder_without_patterns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no pattern"):
        load_patterns(tmp_path)


def test_a_pattern_that_names_an_unknown_prompt_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text(OWN.replace('act = "vote"', 'act = "vote", prompt = "sing"'))
    with pytest.raises(Misconfigured, match="sing"):
        World(ScriptedModel({}), committee(), patterns=load_patterns(tmp_path))


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("What is the capital of Australia?", "quick"),
        ("How many legs has a spider?", "quick"),
        ("17 * 3 =", "quick"),
        ("Who wrote Faust?", "quick"),
        ("Should we move our database to PostgreSQL?", "panel"),
        ("Is Postgres better than MySQL?", "panel"),
        ("What is the best way to store time zones?", "panel"),
        ("Tell me about love", "panel"),
        ("How long will the migration take?", "delphi"),
        ("Estimate the cost of a new office", "delphi"),
        ("How many engineers will we need?", "delphi"),
        ("How likely is rain tomorrow?", "delphi"),
        ("Do a security review of this design", "red-team"),
        ("How could somebody attack our login?", "red-team"),
        ("What could go wrong with this plan?", "red-team"),
        ("Argue for and against remote work", "oxford"),
        ("What are the pros and cons of Rust?", "oxford"),
        ("Debate whether tabs are better than spaces", "debate"),
        ("Write a letter to our customers", "chair"),
        ("Explain TCP to a child", "chair"),
    ],
)
def test_auto_picks_from_the_question_and_says_why(question: str, wanted: str) -> None:
    pattern, why = choose(question, PATTERNS)
    assert pattern.name == wanted
    assert why


def test_auto_looks_only_at_the_beginning_of_a_huge_question() -> None:
    pattern, _ = choose("Tell me. " + "x " * 500_000 + "what are the pros and cons?", PATTERNS)
    assert pattern.name == "panel"


def test_auto_takes_what_there_is_where_there_is_no_panel() -> None:
    assert choose("Tell me about love", {"solo": PATTERNS["solo"]})[0].name == "solo"
