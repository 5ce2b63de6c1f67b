"""How far ballots agree, against published and worked examples."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.committee.agreement import entropy_agreement, kendalls_w, measure
from core.committee.grouping import Candidate
from core.committee.voting import Vote
from core.events import Ballot
from tests.doubles.profiles import LABELS, Election, Ranking, elections, many, rankings


def vote(ranking: str, silent: str = "") -> Vote:
    return Vote("v", tuple(tuple(tier) for tier in ranking.split()), silent=frozenset(silent))


def candidates(labels: str) -> list[Candidate]:
    return [Candidate(label, (f"m{label}",), (label,), label, None) for label in labels]


def ballot(member: str, ranking: str) -> Ballot:
    return Ballot(member=member, ranking=tuple(tuple(tier) for tier in ranking.split()), calls=())


def test_one_order_is_complete_agreement_and_opposite_orders_are_none() -> None:
    assert kendalls_w([vote("A B C")] * 3, "ABC") == pytest.approx(1)
    assert kendalls_w([vote("A B C"), vote("C B A")], "ABC") == 0


def test_kendalls_w_without_ties_is_the_textbooks() -> None:
    votes = [vote("A B C D"), vote("B A C D"), vote("A C B D")]
    sums = np.array([1 + 2 + 1, 2 + 1 + 3, 3 + 3 + 2, 4 + 4 + 4])
    assert kendalls_w(votes, "ABCD") == pytest.approx(12 * ((sums - 7.5) ** 2).sum() / (9 * (64 - 4)))


def test_kendalls_w_is_corrected_for_ties_and_ranks_the_unranked_last() -> None:
    votes = [vote("A BC D"), vote("A B"), vote("D A B C")]
    sums = np.array([1 + 1 + 2, 2.5 + 2 + 3, 2.5 + 3.5 + 4, 4 + 3.5 + 1])
    most = 9 * (64 - 4) - 3 * ((8 - 2) + (8 - 2))
    assert kendalls_w(votes, "ABCD") == pytest.approx(12 * ((sums - 7.5) ** 2).sum() / most)


@many
@given(st.lists(rankings("ABCDE"), min_size=2, max_size=6))
def test_kendalls_w_equals_the_formula_on_any_ranks(given_rankings: list[Ranking]) -> None:
    table = []
    for ranking in given_rankings:
        tiers = [*ranking, tuple(set(LABELS) - {label for tier in ranking for label in tier})]
        ranks, above = {}, 0
        for tier in tiers:
            ranks.update(dict.fromkeys(tier, above + (len(tier) + 1) / 2))
            above += len(tier)
        table.append([ranks[label] for label in LABELS])
    n, m = len(table), len(LABELS)
    ties = sum(list(row).count(x) ** 3 - list(row).count(x) for row in table for x in set(row))
    deviations = ((np.array(table).sum(axis=0) - n * (m + 1) / 2) ** 2).sum()
    most = n**2 * (m**3 - m) - n * ties
    expected = 12 * deviations / most if most else 0
    assert kendalls_w([Vote("v", ranking) for ranking in given_rankings], LABELS) == pytest.approx(expected)


def test_orders_that_fit_together_agree_completely_though_each_leaves_out_its_own() -> None:
    votes = [vote("B C", silent="A"), vote("A C", silent="B"), vote("A B", silent="C")]
    assert kendalls_w(votes, "ABC") == pytest.approx(1)
    circle = [vote("B C", silent="A"), vote("C A", silent="B"), vote("A B", silent="C")]
    assert kendalls_w(circle, "ABC") == 0


def test_kendalls_w_of_a_balanced_design_is_durbins() -> None:
    votes = [vote("B C", silent="A"), vote("A C", silent="B"), vote("B A", silent="C")]
    ranks = {"A": 1 + 2, "B": 1 + 1, "C": 2 + 2}
    durbin = (12 * sum(r**2 for r in ranks.values()) - 3 * 2**2 * 3 * 3**2) / (1**2 * 3 * (3**2 - 1))
    assert kendalls_w(votes, "ABC") == pytest.approx(durbin)


@many
@given(elections(silent=True))
def test_kendalls_w_stays_between_none_and_complete(election: Election) -> None:
    assert 0 <= kendalls_w(*election) <= 1


def test_indifference_is_no_agreement() -> None:
    assert kendalls_w([vote("ABC"), vote("ABC")], "ABC") == 0
    assert kendalls_w([vote("A", silent="B")] * 2, "AB") == 0


def test_choices_that_are_all_alike_agree_and_even_ones_do_not() -> None:
    assert entropy_agreement([5.0], 5) == 1
    assert entropy_agreement([5.0, 0.0], 5) == 1
    assert entropy_agreement([2.0, 2.0], 4) == pytest.approx(0)
    assert entropy_agreement([1.0, 1.0, 0.0, 0.0, 0.0], 2) == pytest.approx(0)
    assert entropy_agreement([0.0, 0.0], 3) == 1


def test_the_entropy_is_shannons_over_its_greatest() -> None:
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert entropy_agreement([3.0, 1.0], 4) == pytest.approx(1 - entropy / math.log(2))
    assert entropy_agreement([3.0, 1.0, 0.0], 4) == pytest.approx(1 - entropy / math.log(3))


@many
@given(st.lists(st.integers(0, 9).map(float), max_size=6))
def test_entropy_agreement_stays_between_none_and_complete(shares: list[float]) -> None:
    assert 0 <= entropy_agreement(shares, int(sum(shares))) <= 1


def test_single_choices_are_measured_by_entropy() -> None:
    found = measure([ballot("x", "A"), ballot("y", "A"), ballot("z", "A"), ballot("w", "B")], candidates("AB"))
    assert found is not None
    assert found.measure == "1 - normalised entropy"
    assert found.value == pytest.approx(1 + (0.75 * math.log(0.75) + 0.25 * math.log(0.25)) / math.log(2))


@pytest.mark.parametrize("ranking", ["A B", "AB"])
def test_as_soon_as_one_ballot_ranks_more_kendalls_w_measures(ranking: str) -> None:
    found = measure([ballot("x", "A"), ballot("y", "B"), ballot("z", ranking)], candidates("ABC"))
    assert found is not None
    assert found.measure == "Kendall's W"


def test_one_voice_is_no_agreement_to_speak_of() -> None:
    assert measure([], candidates("AB")) is None
    assert measure([ballot("x", "A B")], candidates("AB")) is None
    assert measure([ballot("x", "A B"), ballot("y", "")], candidates("AB")) is None


def test_without_self_votes_nobodys_place_for_its_own_answer_matters() -> None:
    ballots = [ballot("mA", "A B C"), ballot("mB", "B A C"), ballot("mC", "C A B")]
    with_own, without = measure(ballots, candidates("ABC")), measure(ballots, candidates("ABC"), self_votes=False)
    assert with_own is not None
    assert with_own.value < 0.5
    assert without is not None
    assert without.value == pytest.approx(1)
