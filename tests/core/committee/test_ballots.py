"""Ballots: whatever a model replies, only letters that were shown count, and they lead back to the right labels."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from core.committee.ballots import Say, Sheet, instruction, letters, merge, read, schema, sheet
from core.committee.grouping import Candidate
from core.errors import ModelGarbage

RULES = ["plurality", "approval", "borda", "schulze", "irv", "score", "weighted", "log-odds"]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["A", "B", "C"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("ABCxyz"), inner, max_size=4),
    max_leaves=8,
)
rules = st.sampled_from(RULES)
counts = st.integers(min_value=2, max_value=9)


def candidates(count: int) -> list[Candidate]:
    return [Candidate(f"L{n}", (f"m{n}",), (f"L{n}",), f"text {n}", None) for n in range(count)]


@given(rules, counts, st.text(), st.booleans())
def test_a_sheet_shows_every_candidate_once_under_the_first_letters(
    rule: str, count: int, seed: str, backwards: bool
) -> None:
    shown = sheet(rule, candidates(count), seed, backwards=backwards)
    assert list(shown.letters) == letters(count)
    assert sorted(shown.letters.values()) == sorted(c.label for c in candidates(count))


@given(rules, counts, st.text())
def test_backwards_is_the_same_order_from_its_other_end(rule: str, count: int, seed: str) -> None:
    one, other = (sheet(rule, candidates(count), seed, backwards=backwards) for backwards in (False, True))
    assert list(one.letters.values()) == list(other.letters.values())[::-1]


@given(rules, counts, st.text())
def test_voters_see_orders_of_their_own_and_the_same_on_a_replay(rule: str, count: int, seed: str) -> None:
    assert sheet(rule, candidates(count), seed) == sheet(rule, candidates(count), seed)


def test_orders_differ_between_voters() -> None:
    seen = {tuple(sheet("borda", candidates(5), f"run:{n}").letters.values()) for n in range(50)}
    assert len(seen) > 20


@given(rules, counts, st.data())
def test_what_fits_the_schema_is_read_back_to_the_labels_it_meant(rule: str, count: int, data: st.DataObject) -> None:
    shown = sheet(rule, candidates(count), "seed")
    order = data.draw(st.permutations(list(shown.letters)))
    reply: dict[str, Any] = {"confidence": 0.5, "reason": "why"}
    reply[shown.kind] = {letter: float(at) for at, letter in enumerate(order)} if shown.kind == "scores" else order
    Draft202012Validator(schema(shown)).validate(reply)
    said = read(json.loads(json.dumps(reply)), shown)
    if shown.kind == "scores":
        assert said.scores == {shown.letters[letter]: float(at) for at, letter in enumerate(order)}
    else:
        assert [label for tier in said.ranking for label in tier] == [shown.letters[letter] for letter in order]


@given(rules, counts, anything)
def test_whatever_comes_is_a_ballot_over_shown_candidates_or_garbage(rule: str, count: int, data: Any) -> None:
    shown = sheet(rule, candidates(count), "seed")
    reply = {shown.kind: data, "confidence": data, "reason": data}
    try:
        said = read(reply, shown)
    except ModelGarbage:
        return
    named = [label for tier in said.ranking for label in tier]
    assert set(named) | set(said.scores) <= set(shown.letters.values())
    assert len(named) == len(set(named))
    assert named or said.scores
    assert all(0 <= score <= 10 for score in said.scores.values())
    assert 0 <= said.confidence <= 1
    assert "\n" not in said.reason
    assert len(said.reason) <= 200


@given(anything)
def test_a_reply_that_is_no_object_is_garbage(data: Any) -> None:
    if not isinstance(data, dict):
        with pytest.raises(ModelGarbage):
            read(data, sheet("borda", candidates(3), "seed"))


@pytest.mark.parametrize(
    ("said", "meant"),
    [(0.7, 0.7), (85, 0.85), (1, 1.0), (0, 0.0), (-1, 0.5), (200, 0.5), ("high", 0.5), (None, 0.5), (True, 0.5)],
)
def test_a_confidence_is_read_as_people_and_models_write_it(said: Any, meant: float) -> None:
    shown = Sheet("ranking", {"A": "L0"})
    assert read({"ranking": ["A"], "confidence": said}, shown).confidence == meant


def test_one_letter_alone_is_understood_and_of_a_letter_named_twice_the_first_counts() -> None:
    shown = Sheet("ranking", {"A": "L1", "B": "L0"})
    assert read({"ranking": "B"}, shown).ranking == (("L0",),)
    assert read({"ranking": ["B", "A", "B", "Z", 7]}, shown).ranking == (("L0",), ("L1",))


def test_all_that_are_approved_stand_side_by_side() -> None:
    assert read({"approved": ["B", "A"]}, Sheet("approved", {"A": "L1", "B": "L0"})).ranking == (("L0", "L1"),)


@given(st.permutations(["x", "y", "z"]))
def test_two_ballots_that_agree_merge_to_the_same_and_opposite_ones_to_a_tie(order: list[str]) -> None:
    one = Say(tuple((label,) for label in order), {"x": 4.0}, 0.6, "first")
    assert merge(one, one) == one
    tied = merge(one, Say(one.ranking[::-1], {"x": 6.0, "y": 2.0}, 0.4, "second"))
    assert [set(tier) for tier in tied.ranking] == [{"x", "y", "z"}]
    assert (tied.scores, tied.confidence, tied.reason) == ({"x": 5.0, "y": 1.0}, 0.5, "first")


def test_what_only_one_of_two_ballots_ranks_is_below_what_both_rank() -> None:
    assert merge(Say((("x",), ("y",))), Say((("x",),))).ranking == (("x",), ("y",))
    assert merge(Say((("x",),)), Say((("y",),))).ranking == (("x", "y"),)


def test_there_are_letters_for_any_number_of_answers() -> None:
    assert letters(28)[24:] == ["Y", "Z", "AA", "AB"]
    assert len(set(letters(200))) == 200


@pytest.mark.parametrize("rule", RULES)
def test_the_instruction_names_the_field_that_the_schema_asks_for(rule: str) -> None:
    shown = sheet(rule, candidates(3), "seed")
    assert f'"{shown.kind}"' in instruction(shown)
    assert next(iter(schema(shown)["properties"])) == shown.kind
    assert shown.tokens < 200


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("The answer C provides the most.", "The answer x provides the most."),
        ("Answer A is wrong; options B and C are not", "Answer z is wrong; options y and x are not"),
        ("B is the shortest", "y is the shortest"),
        ("C: it names its source", "x: it names its source"),
        ("Antwort (B) nennt die Quelle", "Antwort (y) nennt die Quelle"),
        ("A clear answer about vitamin C", "A clear answer about vitamin C"),
        ("Solutions in C++ are faster, plan B is not", "Solutions in C++ are faster, plan B is not"),
        ("answer D was not shown", "answer D was not shown"),
        ("", ""),
    ],
)
def test_letters_that_a_reason_names_are_told_as_labels(said: str, kept: str) -> None:
    shown = Sheet("ranking", {"A": "z", "B": "y", "C": "x"})
    assert read({"ranking": ["A"], "confidence": 1, "reason": said}, shown).reason == kept


@given(st.text(max_size=300), counts, st.text())
def test_a_reason_is_one_short_line_whatever_it_says(said: str, count: int, seed: str) -> None:
    shown = sheet("borda", candidates(count), seed)
    kept = read({"ranking": ["A"], "reason": said}, shown).reason
    assert len(kept) <= 200
    assert "\n" not in kept
