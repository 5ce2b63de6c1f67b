"""What runs say together: examples come first, agreement ranks the rest, tests stand or fall by it; nobody votes."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.skills.drafting.agreement import Candidate, Evidence, alike, ranked, supported, writers
from core.skills.drafting.cases import Case, Output, normal
from core.skills.drafting.probes import probes, seeds


def evidence(
    gave: Mapping[str, Mapping[str, str]], examples: Mapping[str, str] = {}, tests: tuple[Case, ...] = (), **twice: int
) -> Evidence:
    """Return evidence from what each candidate gave; `!` is an error."""
    candidates = {label: Candidate(label, ("m",) * twice.get(label, 1), label) for label in gave}
    outputs = {
        label: {call: Output(error="!") if value == "!" else Output(value=value) for call, value in each.items()}
        for label, each in gave.items()
    }
    cases = [Case(arguments=call, expected=value) for call, value in examples.items()]
    return Evidence(candidates, cases, tests, outputs)


def case(call: str, expected: str, by: str = "ann") -> Case:
    """Return a member's test."""
    return Case(arguments=call, expected=expected, by=by)


def test_the_askers_examples_come_before_any_agreement() -> None:
    found = evidence({"A": {"1": "1", "2": "0"}, "B": {"1": "1", "2": "0"}, "C": {"1": "2", "2": "4"}}, {"1": "2"})
    assert ranked(found)[0] == "C"
    assert found.leading == ("C",)


def test_among_those_that_pass_the_one_that_most_agree_with_leads() -> None:
    found = evidence({"A": {"1": "5"}, "B": {"1": "7"}, "C": {"1": "7"}})
    assert ranked(found) == ["B", "C", "A"]
    assert alike(found, "B") == ("B", "C")
    assert found.score("B") > found.score("A")


def test_equal_programs_count_as_often_as_they_were_written() -> None:
    found = evidence({"A": {"1": "5"}, "B": {"1": "7"}, "C": {"1": "7"}}, A=3)
    assert ranked(found)[0] == "A"
    assert writers(found, ("A", "B")) == 4


def test_errors_agree_with_nothing() -> None:
    found = evidence({"A": {"1": "!", "2": "3"}, "B": {"1": "!", "2": "3"}, "C": {"1": "4", "2": "3"}})
    assert ranked(found)[0] == "C"


def test_a_test_that_most_outputs_contradict_is_voted_out_and_one_they_support_stays() -> None:
    tests = (case("1", "5"), case("1", "6", "bob"), case("2", "8"))
    found = evidence({"A": {"1": "6", "2": "8"}, "B": {"1": "6", "2": "9"}, "C": {"1": "6", "2": "9"}}, tests=tests)
    assert supported(found, "B") == (case("1", "6", "bob"),)


def test_two_critics_can_tip_the_balance_between_two_programs() -> None:
    tests = (case("1", "6", "ann"), case("1", "6", "bob"), case("1", "5", "ann"))
    found = evidence({"A": {"1": "5"}, "B": {"1": "6"}}, tests=tests)
    assert ranked(found)[0] == "B"


def test_without_any_call_every_program_stands_for_itself() -> None:
    found = evidence({"A": {}, "B": {}})
    assert alike(found, "A") == ("A",)
    assert ranked(found) == ["A", "B"]


@given(st.lists(st.lists(st.sampled_from("12!"), min_size=3, max_size=3), min_size=1, max_size=6))
def test_scores_are_shares_and_the_order_of_writing_settles_ties_alone(rows: list[list[str]]) -> None:
    gave = {chr(65 + at): dict(zip("xyz", row, strict=True)) for at, row in enumerate(rows)}
    found = evidence(gave)
    order = ranked(found)
    assert sorted(order) == sorted(gave)
    scores = [found.score(label) for label in order]
    assert all(0 <= score <= 1 for score in scores)
    assert scores == pytest.approx(sorted(scores, reverse=True))


def test_values_that_are_equal_are_written_alike() -> None:
    assert normal("[1.0, True]") == normal("[1, 1]")
    assert normal("{2, 1}") == normal("{1, 2}")
    assert normal("(1,)") != normal("[1]")
    assert normal("<f at 0x7f01>") == normal("<f at 0x7f02>")


def test_probes_change_calls_in_one_place_and_are_the_same_for_the_same_run() -> None:
    calls = ("[1, 2, 3], 'abc'", "[], ''")
    made = probes(calls, "run")
    assert made == probes(calls, "run")
    assert made != probes(calls, "another")
    assert len(set(made)) == len(made) > 5
    assert not set(made) & set(calls)


def test_a_function_that_nobody_called_is_called_with_what_its_signature_takes() -> None:
    assert seeds({"n": {"type": "integer"}, "words": {"type": "array", "items": {"type": "string"}}}) == (
        "3, ['hello world', '', 'Ab1']",
        "0, []",
        "-7, ['hello world', 'hello world']",
    )
    assert seeds({"n": {}}) == ()
    assert seeds({}) == ()
