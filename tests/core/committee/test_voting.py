"""Voting rules on examples that can be checked by hand or are printed in the literature."""

import math
from fractions import Fraction

import pytest

from core.committee.voting import RULES, Count, Vote, log_odds, margins

NO_ROUNDS: dict[str, int] = {}


def vote(ranking: str, times: int = 1, weight: float = 1.0) -> list[Vote]:
    """Return votes from a ranking like `A BC D`: B and C are tied."""
    tiers = tuple(tuple(tier) for tier in ranking.split())
    return [Vote(f"{ranking}{number}", tiers, weight=weight) for number in range(times)]


TENNESSEE = [*vote("M N C K", 42), *vote("N C K M", 26), *vote("C K N M", 15), *vote("K C N M", 17)]
"""The capital of Tennessee, the usual example in articles on voting systems."""


def test_plurality_elects_the_most_first_choices_without_a_majority() -> None:
    assert RULES["plurality"](TENNESSEE, "MNCK") == Count({"M": 42, "N": 26, "C": 15, "K": 17}, ("M",), NO_ROUNDS)


def test_borda_gives_a_point_for_each_rival_ranked_below() -> None:
    assert RULES["borda"](TENNESSEE, "MNCK") == Count({"M": 126, "N": 194, "C": 173, "K": 107}, ("N",), NO_ROUNDS)


def test_schulze_elects_the_condorcet_winner_and_counts_rivals_that_do_not_beat_it() -> None:
    assert RULES["schulze"](TENNESSEE, "MNCK") == Count({"M": 0, "N": 3, "C": 2, "K": 1}, ("N",), NO_ROUNDS)


def test_instant_runoff_drops_the_last_until_one_has_over_half() -> None:
    expected = Count({"M": 42, "N": 26, "C": 15, "K": 58}, ("K",), {"C": 1, "N": 2})
    assert RULES["irv"](TENNESSEE, "MNCK") == expected


def test_margins_are_preferences_for_less_preferences_against() -> None:
    votes = [*vote("A B", weight=2), *vote("BC A"), Vote("own", (("C",), ("A",)), silent=frozenset("C"))]
    assert margins(votes, "ABC") == {
        ("A", "B"): 2,
        ("B", "A"): -2,
        ("A", "C"): 1,
        ("C", "A"): -1,
        ("B", "C"): 2,
        ("C", "B"): -2,
    }


def test_margins_keep_halves_and_thirds_of_a_vote() -> None:
    votes = [*vote("A B", weight=0.5), *vote("B A", weight=1.2), *vote("A B")]
    assert margins(votes, "AB") == {("A", "B"): Fraction(3, 10), ("B", "A"): Fraction(-3, 10)}


def test_schulze_resolves_the_cycle_of_the_papers_first_example() -> None:
    ballots = {"A C B E D": 5, "A D E C B": 5, "B E D A C": 8, "C A B E D": 3, "C A E B D": 7, "C B A D E": 2}
    ballots |= {"D C E B A": 7, "E B A D C": 8}
    votes = [one for ranking, times in ballots.items() for one in vote(ranking, times)]
    assert RULES["schulze"](votes, "ABCDE") == Count({"E": 4, "A": 3, "C": 2, "B": 1, "D": 0}, ("E",), NO_ROUNDS)


def test_schulze_leaves_a_perfect_cycle_tied() -> None:
    votes = [*vote("A B C"), *vote("B C A"), *vote("C A B")]
    assert RULES["schulze"](votes, "ABC") == Count({"A": 2, "B": 2, "C": 2}, ("A", "B", "C"), NO_ROUNDS)


def test_schulze_breaks_a_cycle_at_its_weakest_win() -> None:
    votes = [*vote("A B C", 4), *vote("B C A", 3), *vote("C A B", 2)]
    assert RULES["schulze"](votes, "ABC").winners == ("A",)


def test_all_with_the_fewest_first_choices_fall_in_one_round() -> None:
    votes = [*vote("A C", 3), *vote("B A", 2), *vote("C B"), *vote("D B")]
    assert RULES["irv"](votes, "ABCD") == Count({"A": 3, "B": 4, "C": 1, "D": 1}, ("B",), {"C": 1, "D": 1})


def test_instant_runoff_stops_at_a_majority_of_the_votes_still_standing() -> None:
    votes = [*vote("A", 3), *vote("B", 2), *vote("C", 2)]
    assert RULES["irv"](votes, "ABC") == Count({"A": 3, "B": 2, "C": 2}, ("A",), {"B": 1, "C": 1})


def test_exactly_half_is_no_majority() -> None:
    votes = [*vote("A", 2), *vote("B C"), *vote("C B")]
    assert RULES["irv"](votes, "ABC") == Count({"A": 2, "B": 1, "C": 1}, ("A",), {"B": 1, "C": 1})


def test_a_runoff_that_ends_level_is_a_tie() -> None:
    votes = [*vote("A", 2), *vote("B", 2), *vote("C")]
    assert RULES["irv"](votes, "ABC") == Count({"A": 2, "B": 2, "C": 1}, ("A", "B"), {"C": 1})


def test_rounds_are_numbered_from_one() -> None:
    votes = [*vote("A D", 5), *vote("B D", 4), *vote("C D", 3), *vote("D B", 2)]
    votes += vote("E D")
    result = RULES["irv"](votes, "ABCDE")
    assert result.eliminated == {"E": 1, "C": 2, "D": 2}
    assert result.winners == ("B",)


def test_raising_the_winner_can_lose_an_instant_runoff() -> None:
    before = [*vote("A B C", 6), *vote("C A B", 5), *vote("B C A", 4), *vote("B A C", 2)]
    after = [*vote("A B C", 6), *vote("C A B", 5), *vote("B C A", 4), *vote("A B C", 2)]
    assert RULES["irv"](before, "ABC").winners == ("A",)
    assert RULES["irv"](after, "ABC").winners == ("C",)


def test_an_instant_runoff_splits_a_vote_tied_at_the_top_evenly_in_each_round() -> None:
    votes = [*vote("AB C"), *vote("ABC"), *vote("A"), *vote("B")]
    assert RULES["irv"](votes, "ABC") == Count({"A": 2, "B": 2, "C": 1 / 3}, ("A", "B"), {"C": 1})


@pytest.mark.parametrize("rule", ["plurality", "weighted", "log-odds"])
def test_a_vote_tied_at_the_top_is_split_evenly(rule: str) -> None:
    votes = [*vote("AB C"), *vote("ABC"), *vote("A"), *vote("B")]
    assert RULES[rule](votes, "ABC").scores == {"A": 11 / 6, "B": 11 / 6, "C": 1 / 3}


def test_thirds_add_up_to_exactly_one() -> None:
    assert RULES["plurality"]([*vote("ABC", 3), *vote("D")], "ABCD").winners == tuple("ABCD")


def test_weights_tie_as_they_are_written() -> None:
    votes = [*vote("A", weight=0.1), *vote("A", weight=0.2), *vote("B", weight=0.3)]
    assert 0.1 + 0.2 != 0.3
    assert RULES["weighted"](votes, "AB") == Count({"A": 0.3, "B": 0.3}, ("A", "B"), NO_ROUNDS)


def test_two_weak_voters_lose_to_one_strong_one_by_log_odds() -> None:
    votes = [*vote("A", weight=log_odds(0.6)), *vote("A", weight=log_odds(0.6)), *vote("B", weight=log_odds(0.9))]
    assert RULES["log-odds"](votes, "AB").winners == ("B",)
    assert RULES["log-odds"](votes, "AB").scores["B"] == pytest.approx(math.log(9))


def test_approval_counts_all_that_a_vote_ranks_wherever() -> None:
    votes = [*vote("A B"), *vote("BC"), *vote("C A", weight=2)]
    assert RULES["approval"](votes, "ABCD") == Count({"A": 3, "B": 2, "C": 3, "D": 0}, ("A", "C"), NO_ROUNDS)


def test_approval_without_a_ranking_counts_what_is_scored_five_or_more() -> None:
    votes = [Vote("v", (), {"A": 5.0, "B": 4.9, "C": 10.0, "X": 9.0}), Vote("w", (("B",),), {"A": 9.0})]
    assert RULES["approval"](votes, "ABC").scores == {"A": 1, "B": 1, "C": 1}


def test_borda_lets_the_tied_and_the_unranked_share_their_places() -> None:
    assert RULES["borda"](vote("A BC"), "ABCDE").scores == {"A": 4, "B": 2.5, "C": 2.5, "D": 0.5, "E": 0.5}


def test_borda_counts_a_pair_without_a_say_as_level() -> None:
    voted = Vote("v", (("B",), ("A",), ("C",)), silent=frozenset("B"))
    assert RULES["borda"]([voted], "ABCD").scores == {"A": 2.5, "B": 1.5, "C": 1.5, "D": 0.5}


def test_schulze_hears_no_vote_on_a_pair_without_a_say() -> None:
    own = Vote("v", (("B",), ("A",)), silent=frozenset("B"))
    assert RULES["schulze"]([own], "AB").winners == ("A", "B")
    assert RULES["schulze"]([own, *vote("A B")], "AB").winners == ("A",)


@pytest.mark.parametrize("rule", ["plurality", "irv", "approval"])
def test_a_vote_for_what_one_has_no_say_on_goes_to_the_next(rule: str) -> None:
    own = Vote("v", (("B",), ("A",)), silent=frozenset("B"))
    assert RULES[rule]([own], "AB") == Count({"A": 1, "B": 0}, ("A",), NO_ROUNDS)


def test_score_elects_the_best_mean_and_counts_the_unscored_as_nothing() -> None:
    votes = [Vote("v", (), {"A": 9.0, "B": 6.0}), Vote("w", (), {"B": 5.0}), Vote("x", (("A",),))]
    assert RULES["score"](votes, "ABC") == Count({"A": 4.5, "B": 5.5, "C": 0}, ("B",), NO_ROUNDS)


def test_score_weighs_votes() -> None:
    votes = [Vote("v", (), {"A": 8.0}, weight=3), Vote("w", (), {"A": 4.0, "B": 4.0})]
    assert RULES["score"](votes, "AB").scores == {"A": 7, "B": 1}


def test_score_leaves_a_voter_without_a_say_out_of_the_mean() -> None:
    votes = [Vote("v", (), {"A": 10.0, "B": 3.0}, silent=frozenset("A")), Vote("w", (), {"A": 6.0, "B": 5.0})]
    assert RULES["score"](votes, "AB").scores == {"A": 6, "B": 4}


def test_scores_out_of_range_or_not_numbers_cannot_buy_a_win() -> None:
    votes = [Vote("v", (), {"A": 1e9, "B": -1e9, "C": math.nan, "D": math.inf})]
    assert RULES["score"](votes, "ABCD").scores == {"A": 10, "B": 0, "C": 0, "D": 10}


@pytest.mark.parametrize("rule", RULES)
def test_a_label_named_twice_or_unknown_counts_for_nothing_more(rule: str) -> None:
    honest = [Vote("v", (("A",), ("B",)), {"A": 6.0, "B": 5.0}), *vote("B A")]
    stuffed = [Vote("v", (("X", "A", "A"), ("A",), (), ("B", "Y")), {"A": 6.0, "B": 5.0, "X": 9.0}), *vote("B A")]
    assert RULES[rule](stuffed, "AB") == RULES[rule](honest, "AB")


@pytest.mark.parametrize("rule", RULES)
def test_without_votes_all_are_tied_and_without_candidates_nobody_wins(rule: str) -> None:
    assert RULES[rule]([], "CAB").winners == ("C", "A", "B")
    assert set(RULES[rule]([Vote("v")], "AB").winners) == {"A", "B"}
    assert RULES[rule](vote("A"), "") == Count({}, (), NO_ROUNDS)


@pytest.mark.parametrize("rule", RULES)
def test_all_rules_agree_on_a_landslide(rule: str) -> None:
    votes = [Vote(f"v{n}", (("B",),), {"B": 10.0}) for n in range(4)] + [Vote("w", (("A",),), {"A": 10.0})]
    assert RULES[rule](votes, "ABC").winners == ("B",)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_it_is_and_where_it_comes_from(rule: str) -> None:
    said = RULES[rule].__doc__ or ""
    assert "Score:" in said
    assert any(mark in said for mark in ("17", "18", "19", "20", "sources at `log_odds`"))


def test_log_odds_are_zero_at_chance_and_mirror_each_other() -> None:
    assert log_odds(0.5) == 0
    assert log_odds(0.1, 10) == pytest.approx(0)
    assert log_odds(0.8) == pytest.approx(math.log(4))
    assert log_odds(0.2) == pytest.approx(-math.log(4))
    assert log_odds(0.8, 4) == pytest.approx(math.log(12))


@pytest.mark.parametrize(("p", "options"), [(0, 2), (1, 2), (-0.5, 2), (1.5, 2), (math.nan, 2), (0.5, 1)])
def test_log_odds_of_a_certainty_or_of_no_choice_are_refused(p: float, options: int) -> None:
    with pytest.raises(ValueError, match=rf"^log-odds need 0 < p < 1 and two options or more, not {p} and {options}$"):
        log_odds(p, options)
