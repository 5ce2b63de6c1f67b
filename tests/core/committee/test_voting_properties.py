"""What is proved of each voting rule holds on random votes, partial and tied ones included."""

import random
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.committee.voting import RULES, Vote, margins
from tests.doubles.profiles import Election, elections, many

ALL = sorted(RULES)
WEIGHTS = (0.5, 1.0, 2.0, 0.1)


def renamed(votes: list[Vote], names: dict[str, str]) -> list[Vote]:
    return [
        vote._replace(
            ranking=tuple(tuple(names[label] for label in tier) for tier in vote.ranking),
            scores={names[label]: score for label, score in vote.scores.items()},
            silent=frozenset(names[label] for label in vote.silent),
        )
        for vote in votes
    ]


@pytest.mark.parametrize("rule", ALL)
@many
@given(election=elections(weights=WEIGHTS, silent=True), seed=st.integers())
def test_anonymity_the_order_of_votes_and_who_cast_them_do_not_matter(rule: str, election: Election, seed: int) -> None:
    votes, labels = election
    shuffled = [vote._replace(voter="someone") for vote in votes]
    random.Random(seed).shuffle(shuffled)
    assert RULES[rule](shuffled, labels) == RULES[rule](votes, labels)


@pytest.mark.parametrize("rule", ALL)
@many
@given(election=elections(weights=WEIGHTS, silent=True), seed=st.integers())
def test_neutrality_renaming_the_candidates_renames_the_count(rule: str, election: Election, seed: int) -> None:
    votes, labels = election
    new = list(labels)
    random.Random(seed).shuffle(new)
    names = dict(zip(labels, new, strict=True))
    count, other = RULES[rule](votes, labels), RULES[rule](renamed(votes, names), labels)
    assert other.scores == {names[label]: score for label, score in count.scores.items()}
    assert set(other.winners) == {names[label] for label in count.winners}
    assert other.eliminated == {names[label]: fell for label, fell in count.eliminated.items()}


@pytest.mark.parametrize("rule", ALL)
@many
@given(election=elections(silent=True), times=st.integers(2, 3))
def test_homogeneity_counting_every_vote_again_changes_no_winner(rule: str, election: Election, times: int) -> None:
    votes, labels = election
    assert RULES[rule](votes * times, labels).winners == RULES[rule](votes, labels).winners


@pytest.mark.parametrize("rule", ALL)
@many
@given(election=elections(weights=(1.0, 2.0, 3.0), silent=True))
def test_a_weight_is_so_many_votes(rule: str, election: Election) -> None:
    votes, labels = election
    copies = [vote._replace(weight=1.0) for vote in votes for _ in range(int(vote.weight))]
    assert RULES[rule](copies, labels) == RULES[rule](votes, labels)


@pytest.mark.parametrize("rule", ALL)
@many
@given(election=elections(weights=WEIGHTS, silent=True))
def test_somebody_wins_every_candidate_has_a_score_and_nobody_fallen_wins(rule: str, election: Election) -> None:
    votes, labels = election
    count = RULES[rule](votes, labels)
    assert list(count.scores) == list(labels)
    assert count.winners
    assert list(count.winners) == [label for label in labels if label in count.winners]
    assert not set(count.winners) & set(count.eliminated)
    assert set(count.eliminated.values()) == set(range(1, max(count.eliminated.values(), default=0) + 1))


@pytest.mark.parametrize("rule", ["irv", "plurality", "schulze"])
@many
@given(election=elections(ties=False, fewest=1))
def test_majority_who_is_first_on_over_half_of_the_votes_wins_alone(rule: str, election: Election) -> None:
    votes, labels = election
    first = Counter(vote.ranking[0][0] for vote in votes if vote.ranking)
    favourite, times = max(first.items(), key=lambda item: item[1], default=("", 0))
    assume(2 * times > len(votes))
    assert RULES[rule](votes, labels).winners == (favourite,)


@many
@given(election=elections(weights=WEIGHTS, silent=True))
def test_schulze_elects_a_condorcet_winner_alone_and_never_a_condorcet_loser(election: Election) -> None:
    votes, labels = election
    assume(len(labels) > 1)
    against = margins(votes, labels)
    winners = RULES["schulze"](votes, labels).winners
    for label in labels:
        mine = [margin for (one, _), margin in against.items() if one == label]
        assert winners == (label,) or min(mine) <= 0
        assert label not in winners or max(mine) >= 0


@many
@given(election=elections(weights=WEIGHTS, silent=True))
def test_borda_never_elects_a_condorcet_loser(election: Election) -> None:
    votes, labels = election
    assume(len(labels) > 1)
    for label in RULES["borda"](votes, labels).winners:
        assert max(margin for (one, _), margin in margins(votes, labels).items() if one == label) >= 0


@pytest.mark.parametrize("rule", [rule for rule in ALL if rule != "irv"])
@many
@given(election=elections(fewest=1), pick=st.integers(0, 99))
def test_monotonicity_raising_a_winner_in_one_vote_lets_it_win_still(rule: str, election: Election, pick: int) -> None:
    votes, labels = election
    winners = RULES[rule](votes, labels).winners
    winner, at = winners[pick % len(winners)], pick % len(votes)
    rest = tuple(tuple(label for label in tier if label != winner) for tier in votes[at].ranking)
    scores = {**votes[at].scores, winner: 10.0} if votes[at].scores else {}
    raised = votes[at]._replace(ranking=((winner,), *rest), scores=scores)
    if rule == "approval" and not votes[at].ranking:
        raised = votes[at]._replace(scores=scores)
    assert winner in RULES[rule]([*votes[:at], raised, *votes[at + 1 :]], labels).winners


@pytest.mark.parametrize("rule", ["borda", "schulze"])
@many
@given(election=elections(partial=False, weights=WEIGHTS))
def test_reversal_symmetry_who_wins_alone_does_not_win_once_all_votes_are_turned_round(
    rule: str, election: Election
) -> None:
    votes, labels = election
    winners = RULES[rule](votes, labels).winners
    assume(len(labels) > 1 and len(winners) == 1)
    turned = [vote._replace(ranking=vote.ranking[::-1]) for vote in votes]
    assert winners[0] not in RULES[rule](turned, labels).winners


@pytest.mark.parametrize("rule", ["borda", "log-odds", "plurality", "schulze", "weighted"])
@many
@given(election=elections(weights=WEIGHTS))
def test_leaving_candidates_out_is_ranking_them_last_and_tied(rule: str, election: Election) -> None:
    votes, labels = election
    assume(all(vote.ranking for vote in votes))
    whole = []
    for vote in votes:
        ranked = {label for tier in vote.ranking for label in tier}
        whole.append(vote._replace(ranking=(*vote.ranking, tuple(set(labels) - ranked))))
    assert RULES[rule](whole, labels) == RULES[rule](votes, labels)


@pytest.mark.parametrize("rule", ["approval", "borda", "plurality"])
@many
@given(one=elections(weights=WEIGHTS), other=elections(weights=WEIGHTS))
def test_consistency_who_wins_in_both_halves_wins_in_the_whole(rule: str, one: Election, other: Election) -> None:
    labels = max(one[1], other[1], key=len)
    both = set(RULES[rule](one[0], labels).winners) & set(RULES[rule](other[0], labels).winners)
    assume(both)
    assert set(RULES[rule]([*one[0], *other[0]], labels).winners) == both


@pytest.mark.parametrize("rule", ["borda", "irv", "plurality", "schulze"])
@many
@given(election=elections(partial=False, ties=False, fewest=1))
def test_pareto_nobody_wins_whom_all_put_below_one_other(rule: str, election: Election) -> None:
    votes, labels = election
    below = {
        worse
        for worse in labels
        for better in labels
        if all(vote.ranking.index((better,)) < vote.ranking.index((worse,)) for vote in votes)
    }
    assert not below & set(RULES[rule](votes, labels).winners)


@pytest.mark.parametrize("rule", ALL)
@many
@given(election=elections(fewest=1))
def test_a_voter_without_a_say_on_a_candidate_cannot_hurt_or_help_it_by_its_place(
    rule: str, election: Election
) -> None:
    votes, labels = election
    voter = votes[0]._replace(silent=frozenset(labels[:1]))
    dropped = tuple(tuple(label for label in tier if label != labels[0]) for tier in voter.ranking)
    scores = {label: score for label, score in voter.scores.items() if label != labels[0]}
    assume(bool(scores) == bool(voter.scores) and any(dropped) == bool(voter.ranking))
    without = voter._replace(ranking=dropped, scores=scores)
    assert RULES[rule]([voter, *votes[1:]], labels) == RULES[rule]([without, *votes[1:]], labels)
