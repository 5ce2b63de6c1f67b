"""What is next for one objective: a table, case by case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.campaigns.campaign import Objective, Purpose
from core.campaigns.incidents import Ended
from core.campaigns.moves import next_move
from core.campaigns.rules import Rules
from core.campaigns.verdicts import clean, same, trace, verdict
from core.entities import Status
from tests.doubles.campaign_world import objective

RULES = Rules(attempts=3)
FRESH = objective("1")
DRAFT = objective("1", means="skill", attempts=1)
USE = objective("1", means="use", attempts=1)


def ended(text: str = "A result", status: Status = Status.ANSWERED, **fields: object) -> Ended:
    return Ended(run="r", status=status, text=text, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ready", "do"),
    [
        (FRESH, "work"),
        (DRAFT, "draft"),
        (USE, "use"),
        (objective("1", means="person"), "ask"),
        (FRESH.but(claims=True), "judge"),
        (FRESH.but(splits=True), "split"),
        (DRAFT.but(claims=True), "judge"),
    ],
)
def test_what_an_objective_that_is_ready_begins_with(ready: Objective, do: str) -> None:
    assert next_move(ready, RULES).do == do


@pytest.mark.parametrize(
    ("tried", "end", "do"),
    [
        (FRESH.but(attempts=1), ended(), "judge"),
        (FRESH.but(attempts=1), ended(status=Status.DISAGREED), "judge"),
        (FRESH.but(attempts=1), ended(" \n"), "again"),
        (FRESH.but(attempts=3), ended(""), "give up"),
        (FRESH.but(attempts=2, traces=(trace("a  RESULT."),)), ended(), "give up"),
        (FRESH.but(attempts=1), ended("gone", Status.FAILED), "later"),
        (FRESH.but(attempts=1, broken=2), ended("gone", Status.FAILED), "hold"),
        (FRESH.but(attempts=1), ended("too few", Status.NO_QUORUM), "later"),
        (FRESH.but(attempts=1), ended("stopped", Status.STOPPED), "later"),
        (DRAFT, ended(skill="s", version="1.0.0", passed=True), "met"),
        (DRAFT, ended(skill="s", version="1.0.0", passed=False), "again"),
        (DRAFT, ended(skill="s", version="1.0.0"), "again"),
        (DRAFT, ended(passed=True), "again"),
        (DRAFT.but(attempts=3), ended(skill="s", passed=False), "give up"),
        (DRAFT, ended("no sandbox", Status.FAILED), "later"),
        (USE, ended("3", Status.DONE, passed=True), "met"),
        (USE, ended("It ended with code 1", Status.FAILED, passed=False), "again"),
        (USE.but(failures=("Code 2",)), ended("Code 1", Status.FAILED, passed=False), "give up"),
        (USE, ended("There is no skill", Status.FAILED), "later"),
    ],
)  # fmt: skip
def test_what_comes_of_work(tried: Objective, end: Ended, do: str) -> None:
    assert next_move(tried, RULES, "work", end).do == do


@pytest.mark.parametrize(
    ("judged", "text", "do"),
    [
        (FRESH.but(attempts=1), "All there.\nAnswer: yes", "met"),
        (FRESH.but(attempts=1), "It lacks a source.\nAnswer: no", "again"),
        (FRESH.but(attempts=3), "It lacks a source.\nAnswer: no", "give up"),
        (FRESH.but(attempts=1), "I cannot say.", "later"),
        (FRESH.but(attempts=1, broken=2), "I cannot say.", "hold"),
        (FRESH.but(attempts=2, failures=("It lacks 2 sources",)), "It lacks 3 sources!\nAnswer: no", "give up"),
    ],
)
def test_what_comes_of_a_verdict(judged: Objective, text: str, do: str) -> None:
    assert next_move(judged, RULES, "judge", ended(text)).do == do


def test_judges_who_do_not_agree_have_not_found_it_done() -> None:
    move = next_move(FRESH.but(attempts=1), RULES, "judge", ended("Divided.", Status.DISAGREED))
    assert (move.do, move.why) == ("again", "The judges do not agree.")
    text = "No agreement.\n\n**ann, bob:**\n\nAll there.\nAnswer: yes\n\n**cat:**\n\nIt lacks a source.\nAnswer: no"
    move = next_move(FRESH.but(attempts=1), RULES, "judge", ended(text, Status.DISAGREED))
    assert (move.do, move.why) == ("again", "The judges do not agree. It lacks a source."), (
        "the next try reads only that"
    )


def test_a_yes_that_only_something_else_than_the_count_decided_is_none() -> None:
    move = next_move(FRESH.but(attempts=1), RULES, "judge", ended("All there.\nAnswer: yes", tie=True))
    assert (move.do, move.why) == ("again", "As many judges said no as yes. All there.")
    assert next_move(FRESH.but(attempts=1), RULES, "judge", ended("Answer: no", tie=True)).do == "again"


@pytest.mark.parametrize(
    ("attempts", "failures", "do"), [(1, (), "again"), (2, (), "split"), (1, ("It lacks a source.",), "split")]
)
def test_what_is_not_enough_twice_is_split_where_it_may_be(attempts: int, failures: tuple[str, ...], do: str) -> None:
    tried = FRESH.but(attempts=attempts, failures=failures)
    assert next_move(tried, RULES, "judge", ended("It lacks a source.\nAnswer: no"), splits=True).do == do


@pytest.mark.parametrize("purpose", ["work", "judge"])
def test_nothing_that_goes_wrong_goes_on_for_ever(purpose: Purpose) -> None:
    for status in (Status.FAILED, Status.ANSWERED):
        tried, moves = FRESH, list[str]()
        for turn in range(10):
            tried = tried.but(attempts=tried.attempts + (purpose == "work"))
            move = next_move(tried, RULES, purpose, ended("" if purpose == "work" else "Hm", status))
            moves.append(move.do)
            tried = tried.but(broken=tried.broken + 1, failures=(*tried.failures, f"{turn}"))
        assert {"give up", "hold"} & set(moves[:4])


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("Answer: yes", True),
        ("It has three facts.\n**Answer:** Yes.", True),
        ("It is not there.\nAnswer: no", False),
        ("No.", False),
        ("Yes, it names both.", True),
        ("No, the second is missing. A yes would need both.", False),
        ("Answer: yes, because all of it is there and nothing that was asked for in the end is missing at all.", True),
        ("The list is there.\nSo: yes", True),
        ("Alles da.\nAntwort: ja", True),
        ("Es fehlt etwas.\nAntwort: nein", False),
        ("Verdict: done", True),
        ('{"answer": "yes"}', True),
        ("Answer: The file does not contain the summary.", False),
        ("Es fehlen die Quellen.", False),
        ("Answer: maybe", None),
        ("", None),
        ("It is neither here nor there.", None),
        ("yes\nAnswer: no", False),
    ],
)
def test_a_verdict_is_read_as_members_write_it(text: str, yes: bool | None) -> None:
    assert verdict(text)[0] is yes


def test_the_reason_of_a_verdict_is_what_stands_around_it() -> None:
    assert verdict("It lacks a source.\nAnswer: no")[1] == "It lacks a source."
    assert verdict("no")[1] == "no"


@given(st.text())
def test_no_answer_is_too_odd_to_be_judged(text: str) -> None:
    for end in (ended(text), ended(text, Status.DISAGREED)):
        for purpose in ("work", "judge"):
            move = next_move(FRESH.but(attempts=1), RULES, purpose, end)  # type: ignore[arg-type]
            assert len(move.why) <= 500
    assert trace(text) == trace(text)


def test_a_loop_is_seen_through_case_marks_and_numbers() -> None:
    assert trace("The  Answer is 4.") == trace("the answer is 4.")
    assert trace("four") != trace("five")
    assert same("It ended with code 1: KeyError 'a'", "it ended with code 12: KeyError a")
    assert not same("It lacks a date", "It lacks a name")


def test_what_controls_a_terminal_is_taken_out_of_a_text() -> None:
    assert clean("a\x1b[31mb\r\nc\x00\td", 50) == "a[31mb\nc\td"
    assert len(clean("word " * 1000, 500)) <= 500
