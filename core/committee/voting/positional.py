"""Rules that add up what each vote gives: first choices, approvals, places or scores."""

import math
from collections.abc import Sequence

from core.committee.voting.votes import TOP_SCORE, Count, Points, Vote, exact, most, nothing, tiers

APPROVED_FROM = 5.0
"""A candidate that is scored, not ranked, is approved from here up."""


def log_odds(p: float, options: int = 2) -> float:
    """Return the best weight of a voter that is right with probability `p` and else picks any other option.

    ln((options - 1) p / (1 - p)): zero at chance, negative below it. With two options: S. Nitzan and J. Paroush
    (1982), Optimal decision rules in uncertain dichotomous choice situations, International Economic Review 23; L.
    Shapley and B. Grofman (1984), Optimizing group judgmental accuracy in the presence of interdependencies, Public
    Choice 43. With more: R. Ben-Yashar and J. Paroush (2001), Optimal decision rules for fixed-size committees in
    polychotomous choice situations, Social Choice and Welfare 18.
    Raises `ValueError` unless 0 < p < 1 and options >= 2.
    """
    if not 0 < p < 1 or options < 2:
        raise ValueError(f"log-odds need 0 < p < 1 and two options or more, not {p} and {options}")
    return math.log((options - 1) * p / (1 - p))


def first_choices(votes: Sequence[Vote], candidates: Sequence[str]) -> Points:
    """Return each candidate's first choices; a vote with several on top is split evenly among them."""
    points = nothing(candidates)
    for vote in votes:
        for top in tiers(vote, candidates)[:1]:
            for label in top:
                points[label] += exact(vote.weight) / len(top)
    return points


def plurality(votes: Sequence[Vote], candidates: Sequence[str]) -> Count:
    """Count first choices; the most win, whether or not they are over half.

    J. R. Chamberlin and M. D. Cohen (1978), Toward applicable social choice theory, American Political Science
    Review 72. Score: votes.
    """
    return most(first_choices(votes, candidates))


def weighted(votes: Sequence[Vote], candidates: Sequence[str]) -> Count:
    """Count first choices, each worth its voter's weight: weighted majority.

    J. von Neumann and O. Morgenstern (1944), Theory of Games and Economic Behavior, section 50. Score: weight.
    """
    return most(first_choices(votes, candidates))


def by_log_odds(votes: Sequence[Vote], candidates: Sequence[str]) -> Count:
    """Count first choices, each worth `log_odds` of its voter's skill; whoever makes the votes sets the weight so.

    Elects the likeliest answer where voters err independently; sources at `log_odds`. Score: log-odds.
    """
    return most(first_choices(votes, candidates))


def approval(votes: Sequence[Vote], candidates: Sequence[str]) -> Count:
    """Count approvals: a vote approves all that it ranks or, without a ranking, all that it scores 5 or more.

    S. J. Brams and P. C. Fishburn (1978), Approval voting, American Political Science Review 72. Voters are asked
    to name the answers they approve and no others: a full ranking approves everyone. Score: approvals.
    """
    points = nothing(candidates)
    for vote in votes:
        liked = [label for label, score in vote.scores.items() if score >= APPROVED_FROM]
        approved = {label for tier in vote.ranking for label in tier} or set(liked)
        for label in approved.intersection(candidates) - vote.silent:
            points[label] += exact(vote.weight)
    return most(points)


def borda(votes: Sequence[Vote], candidates: Sequence[str]) -> Count:
    """Give each candidate a point for every rival ranked below it and half a point for every rival level with it.

    J.-C. de Borda (1781), Mémoire sur les élections au scrutin. Level are the tied and the unranked, which so share
    the mean of their places (D. Black 1976, Partial justification of the Borda count, Public Choice 28), and any
    pair on which the voter has no say. Score: points.
    """
    points = nothing(candidates)
    rivals = len(points) - 1
    for vote in votes:
        half = exact(vote.weight) / 2
        ranked = tiers(vote, candidates)
        above, below = 0, len(set(points) - vote.silent)
        unranked = [label for label in points if label not in vote.silent and not any(label in tier for tier in ranked)]
        for label in points:
            points[label] += half * rivals
        for tier in [*ranked, unranked]:
            below -= len(tier)
            for label in tier:
                points[label] += half * (below - above)
            above += len(tier)
    return most(points)


def score(votes: Sequence[Vote], candidates: Sequence[str]) -> Count:
    """Give each candidate the mean of its scores, 0 to 10: range voting.

    W. D. Smith (2000), Range voting. A candidate that a vote leaves unscored gets 0 from it; a vote without scores
    abstains; a voter without a say on a candidate is left out of its mean. Score: mean score.
    """
    points, weights = nothing(candidates), nothing(candidates)
    for vote in votes:
        for label in set(points) - vote.silent if vote.scores else ():
            weights[label] += exact(vote.weight)
            points[label] += exact(vote.weight) * exact(min(max(0.0, vote.scores.get(label, 0.0)), TOP_SCORE))
    return most({label: points[label] / weight if weight else points[label] for label, weight in weights.items()})
