"""Asking ends early only where that is right."""

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.committee.early import decided, posterior
from core.committee.voting import RULES, Vote
from tests.doubles.profiles import many, rankings

FIRST_CHOICE = ("log-odds", "plurality", "weighted")


def votes(*tops: str) -> list[Vote]:
    return [Vote(f"v{n}", tuple((label,) for label in ranking)) for n, ranking in enumerate(tops)]


@pytest.mark.parametrize("rule", FIRST_CHOICE)
def test_a_lead_as_large_as_what_is_to_come_is_not_enough(rule: str) -> None:
    assert not decided(votes("A", "A"), [1.0, 1.0], "AB", rule)
    assert decided(votes("A", "A", "A"), [1.0, 1.0], "AB", rule)
    assert not decided(votes("A", "A", "A", "B"), [1.0, 1.0], "AB", rule)


def test_weights_to_come_count_as_they_weigh() -> None:
    assert decided(votes("A"), [0.5, 0.4], "AB", "weighted")
    assert not decided(votes("A"), [0.5, 0.5], "AB", "weighted")
    assert not decided(votes("A"), [-0.5, 0.5], "AB", "log-odds")
    assert decided(votes("A"), [-0.5, 0.4], "AB", "log-odds")


@pytest.mark.parametrize("rule", FIRST_CHOICE)
def test_an_answer_nobody_has_given_yet_may_still_win_a_count_of_answers(rule: str) -> None:
    assert not decided(votes("A"), [1.0], "A", rule)
    assert decided(votes("A", "A"), [1.0], "A", rule)


@pytest.mark.parametrize("rule", ["approval", "borda", "irv", "schulze", "score"])
def test_where_ballots_are_on_given_answers_a_lone_one_has_won(rule: str) -> None:
    assert decided([Vote("v", (("A",),), {"A": 5.0})] * 2, [1.0], "A", rule)


@pytest.mark.parametrize("rule", RULES)
def test_where_there_is_nothing_to_choose_nothing_is_decided_until_all_are_heard(rule: str) -> None:
    assert not decided([], [1.0], "", rule)
    assert decided([], [], "", rule)


def test_an_approval_to_come_may_be_for_the_rival_alone() -> None:
    assert not decided(votes("A"), [1.0], "AB", "approval")
    assert decided(votes("A", "A"), [1.0], "AB", "approval")


def test_a_score_to_come_may_be_the_best_for_the_rival_and_nothing_for_the_leader() -> None:
    scored = [Vote(f"v{n}", (), {"A": 9.0, "B": 3.0}) for n in range(2)]
    assert not decided(scored, [1.0, 1.0], "AB", "score")
    assert decided(scored, [1.0], "AB", "score")


@pytest.mark.parametrize("rule", RULES)
def test_with_nothing_to_come_all_is_decided_and_with_a_tie_nothing_is(rule: str) -> None:
    tied = [Vote("v", (("A",),), {"A": 9.0}), Vote("w", (("B",),), {"B": 9.0})]
    assert decided(tied, [], "AB", rule)
    assert decided(tied, [0.0], "AB", rule)
    assert not decided(tied, [1.0], "AB", rule)
    assert not decided([], [1.0], "AB", rule)


def test_borda_counts_places_to_come() -> None:
    assert not decided(votes("ABC", "ABC"), [1.0, 1.0], "ABC", "borda")
    assert not decided(votes("ABC", "ABC"), [1.0], "ABC", "borda")
    assert decided(votes("ABC", "ABC", "ACB"), [1.0], "ABC", "borda")
    assert not decided(votes("ABC", "ABC"), [-1.0], "ABC", "borda")
    assert decided(votes("ABC", "ABC"), [-0.9], "ABC", "borda")


def test_schulze_and_instant_runoff_say_yes_only_on_a_lead_that_cannot_be_lost() -> None:
    for rule in ("schulze", "irv"):
        assert decided(votes("AB", "AB", "AB"), [1.0, 1.0], "AB", rule)
        assert not decided(votes("AB", "AB"), [1.0, 1.0], "AB", rule)
    in_a_circle = votes(*["ABC"] * 5, *["BCA"] * 4, *["CAB"] * 3)
    assert RULES["schulze"](in_a_circle, "ABC").winners == ("A",)
    assert not decided(in_a_circle, [1.0], "ABC", "schulze")
    ahead_without_half = votes(*["A"] * 5, *["BA"] * 3, *["CA"] * 3)
    assert RULES["irv"](ahead_without_half, "ABC").winners == ("A",)
    assert not decided(ahead_without_half, [1.0], "ABC", "irv")


@pytest.mark.parametrize("rule", ["approval", "borda", "score", *FIRST_CHOICE])
@settings(many, max_examples=20)
@given(data=st.data())
def test_where_rules_add_up_it_says_yes_exactly_when_no_completion_changes_the_winner(
    rule: str, data: st.DataObject
) -> None:
    labels = "ABC"[: data.draw(st.integers(2, 3))]
    grades = [{}, *({label: 10.0} for label in labels)] if rule == "score" else [{}]
    places = st.sampled_from([()]) if rule == "score" else rankings(labels)
    cast = data.draw(
        st.lists(st.tuples(places, st.sampled_from(grades)).map(lambda given: Vote("v", *given)), max_size=5)
    )
    weights = data.draw(st.lists(st.sampled_from([1.0, 2.0, 0.5]), min_size=1, max_size=2))
    full = [tuple((label,) for label in order) for order in ("ABC", "ACB", "BAC", "BCA", "CAB", "CBA")]
    orders = [tuple(tier for tier in order if tier[0] in labels) for order in full] + [((label,),) for label in labels]
    extremes = [Vote("w", order, scores) for order in ([()] if rule == "score" else orders) for scores in grades]
    winners = {
        RULES[rule]([*cast, *(v._replace(weight=w) for v, w in zip(rest, weights, strict=True))], labels).winners
        for rest in product(extremes, repeat=len(weights))
    }
    leaders = RULES[rule](cast, labels).winners
    assert decided(cast, weights, labels, rule) == (winners == {leaders} and len(leaders) == 1)


@pytest.mark.parametrize("rule", ["irv", "schulze"])
@many
@given(data=st.data())
def test_where_rules_do_not_add_up_a_yes_is_never_wrong(rule: str, data: st.DataObject) -> None:
    one = rankings("ABC").map(lambda ranking: Vote("v", ranking))
    cast = data.draw(st.lists(one, min_size=1, max_size=6))
    rest = data.draw(st.lists(one, min_size=1, max_size=2))
    if decided(cast, [1.0] * len(rest), "ABC", rule):
        assert RULES[rule]([*cast, *rest], "ABC").winners == RULES[rule](cast, "ABC").winners


def test_a_posterior_is_bayes_rule() -> None:
    found = posterior({"x": "A", "y": "B"}, {"x": 0.9, "y": 0.6}, "AB")
    assert found == pytest.approx({"A": 0.9 * 0.4 / (0.9 * 0.4 + 0.1 * 0.6), "B": 0.1 * 0.6 / (0.9 * 0.4 + 0.1 * 0.6)})


def test_a_wrong_voter_is_as_likely_to_pick_any_wrong_option() -> None:
    found = posterior({"x": "A", "y": "A"}, {"x": 0.5, "y": 0.5}, "ABC")
    assert found == pytest.approx({"A": 0.25 / 0.375, "B": 0.0625 / 0.375, "C": 0.0625 / 0.375})


def test_nobody_heard_leaves_all_options_alike() -> None:
    assert posterior({}, {"x": 0.9}, "ABCD") == pytest.approx(dict.fromkeys("ABCD", 0.25))
    assert posterior({"stranger": "A"}, {"x": 0.9}, "AB") == pytest.approx({"A": 0.5, "B": 0.5})
    assert posterior({"x": "none of these"}, {"x": 0.9}, "AB") == pytest.approx({"A": 0.5, "B": 0.5})
    assert posterior({}, {}, 10) == {}


def test_open_answers_leave_room_for_those_unheard() -> None:
    closed = posterior({"x": "A", "y": "B"}, {"x": 0.9, "y": 0.6}, ["A", "B", "C", "D"])
    open_ended = posterior({"x": "A", "y": "B"}, {"x": 0.9, "y": 0.6}, 4)
    assert open_ended == pytest.approx({label: closed[label] for label in "AB"})
    assert posterior({"x": "A", "y": "B"}, {"x": 0.9, "y": 0.6}, 1) == pytest.approx(
        posterior({"x": "A", "y": "B"}, {"x": 0.9, "y": 0.6}, "AB")
    )


def test_a_hundred_experts_do_not_overflow() -> None:
    skills = {f"v{n}": (0.999 if n % 2 else 0.001) for n in range(1000)}
    for skill in (0.999, 0.001):
        found = posterior(dict.fromkeys(skills, "A"), dict.fromkeys(skills, skill), "AB")
        assert math.fsum(found.values()) == pytest.approx(1)
        assert found["A"] == pytest.approx(1 if skill > 0.5 else 0)
        split = {voter: "AB"[number % 2] for number, voter in enumerate(skills)}
        assert posterior(split, dict.fromkeys(skills, skill), "AB") == pytest.approx({"A": 0.5, "B": 0.5})
        assert 0 <= posterior(dict.fromkeys(skills, "A"), dict.fromkeys(skills, skill), 5)["A"] <= 1


@pytest.mark.parametrize("options", ["", "A", "AA", 0, 1])
def test_a_choice_needs_two_options(options: str | int) -> None:
    with pytest.raises(ValueError, match=r"^a posterior needs two options or more$"):
        posterior({"x": "A"}, {"x": 0.9}, options)
