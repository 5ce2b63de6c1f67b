"""What a ballot counts for."""

import pytest

from core.committee.casting import by_score, cast, rule_in_force, weights
from core.committee.committee import Committee, Member
from core.committee.grouping import Candidate
from core.committee.voting import Vote, log_odds
from core.events import Ballot

CANDIDATES = [Candidate("A", ("x", "y"), ("A", "C"), "one", None), Candidate("B", ("z",), ("B",), "two", None)]


def committee(*members: Member) -> Committee:
    return Committee(name="test", members=members)


def test_a_ballot_becomes_a_vote() -> None:
    ballot = Ballot(member="x", ranking=(("B",), ("A",)), scores={"A": 3.0}, calls=())
    assert cast(ballot, CANDIDATES).weight == 1.0
    assert cast(ballot, CANDIDATES, weight=2.0) == Vote("x", (("B",), ("A",)), {"A": 3.0}, 2.0, frozenset())


def test_a_label_of_a_merged_answer_stands_for_its_candidate_and_unknown_ones_for_nothing() -> None:
    ballot = Ballot(member="w", ranking=(("C",), ("X", "B"), ("A",)), calls=())
    assert cast(ballot, CANDIDATES).ranking == (("A",), ("B",), ("A",))
    scored = Ballot(member="w", scores={"C": 7.0, "A": 2.0, "X": 9.0}, calls=())
    assert cast(scored, CANDIDATES).scores == {"A": 7.0}


def test_without_a_ranking_the_scores_give_one() -> None:
    assert cast(Ballot(member="w", scores={"A": 3.0, "B": 7.0}, calls=()), CANDIDATES).ranking == (("B",), ("A",))
    assert by_score({"A": 3.0, "B": 7.0, "C": 3.0, "D": 1.0}) == (("B",), ("A", "C"), ("D",))
    assert by_score({}) == ()


def test_voters_have_no_say_on_their_own_answer_unless_the_committee_says_so() -> None:
    ballot = Ballot(member="y", ranking=(("A",), ("B",)), calls=())
    assert cast(ballot, CANDIDATES, self_votes=False).silent == {"A"}
    assert cast(ballot, CANDIDATES, self_votes=True).silent == frozenset()
    assert cast(Ballot(member="w", calls=()), CANDIDATES, self_votes=False).silent == frozenset()


SEATS = committee(
    Member(name="x", model="m", weight=3.0, skill=0.9),
    Member(name="y", model="m", skill=0.6),
    Member(name="z", model="m", weight=2.0),
    Member(name="w", model="m", skill=0.1),
)


@pytest.mark.parametrize("rule", ["plurality", "borda", "schulze", "irv", "approval", "score"])
def test_one_member_one_vote(rule: str) -> None:
    assert weights(SEATS, rule) == {"x": 1, "y": 1, "z": 1, "w": 1}


def test_weighted_majority_takes_the_members_weights() -> None:
    assert weights(SEATS, "weighted") == {"x": 3, "y": 1, "z": 2, "w": 1}


def test_log_odds_weigh_skills_the_unknown_as_the_mean_and_the_weak_a_little() -> None:
    strong, weak = log_odds(0.9), log_odds(0.6)
    mean = (strong + weak + 0.1) / 3
    assert weights(SEATS, "log-odds") == pytest.approx({"x": strong, "y": weak, "z": mean, "w": 0.1})


def test_log_odds_without_any_skill_are_plurality() -> None:
    assert weights(committee(Member(name="x", model="m"), Member(name="y", model="m", weight=5)), "log-odds") == {
        "x": 1,
        "y": 1,
    }


SKILLED = tuple(Member(name=name, model="m", skill=0.8) for name in "xy")


def test_first_choices_are_weighed_by_skill_where_all_skills_are_known() -> None:
    assert rule_in_force(committee(*SKILLED), "plurality") == "log-odds"
    assert rule_in_force(committee(*SKILLED, Member(name="z", model="m", on=False)), "plurality") == "log-odds"
    assert rule_in_force(committee(*SKILLED), "schulze") == "schulze"


def test_where_one_skill_is_unknown_or_the_committee_names_its_rule_nothing_is_weighed() -> None:
    assert rule_in_force(committee(*SKILLED, Member(name="z", model="m")), "plurality") == "plurality"
    assert rule_in_force(committee(), "plurality") == "plurality"
    assert rule_in_force(committee(*SKILLED).but(rule="borda"), "plurality") == "borda"
    assert rule_in_force(committee(*SKILLED).but(rule="plurality"), "plurality") == "plurality"
