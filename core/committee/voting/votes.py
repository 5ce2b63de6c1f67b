"""What rules count and return, and what they share."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

TOP_SCORE = 10.0
"""The best score that a vote can give; the worst is 0."""


class Vote(NamedTuple):
    """One voter's say, reduced to what is counted."""

    voter: str
    ranking: tuple[tuple[str, ...], ...] = ()
    """Labels, best first; labels in one inner tuple are tied."""
    scores: Mapping[str, float] = MappingProxyType({})
    """Label to score, 0 to `TOP_SCORE`."""
    weight: float = 1.0
    silent: frozenset[str] = frozenset()
    """Labels on which this voter has no say (its own answer): they neither gain nor lose by this vote."""


class Count(NamedTuple):
    """What a rule makes of the votes."""

    scores: dict[str, float]
    """For each candidate, in the rule's unit; the more the better."""
    winners: tuple[str, ...]
    """Every candidate tied for first, in candidates' order; all of them where nobody voted."""
    eliminated: dict[str, int]
    """Candidate to the round, from 1, in which it fell; empty for rules without rounds."""


Rule = Callable[[Sequence[Vote], Sequence[str]], Count]
Points = dict[str, Fraction]
Tiers = list[list[str]]


def exact(number: float) -> Fraction:
    """Return the decimal that a person would write for `number`: weights 0.1 and 0.2 tie with 0.3."""
    return Fraction(str(number))


def nothing(candidates: Sequence[str]) -> Points:
    """Return no points for anyone."""
    return dict.fromkeys(candidates, Fraction(0))


def most(points: Points) -> Count:
    """Return the count of a rule under which the most points win."""
    winners = tuple(label for label, score in points.items() if score == max(points.values()))
    return Count(floats(points), winners, {})


def floats(points: Points) -> dict[str, float]:
    """Return points as they are shown."""
    return {label: float(score) for label, score in points.items()}


def tiers(vote: Vote, candidates: Sequence[str]) -> Tiers:
    """Return the candidates as the vote ranks them: each once, no empty tier, the unranked and silent left out."""
    unseen = set(candidates) - vote.silent
    ranked: Tiers = []
    for tier in vote.ranking:
        kept = [label for label in dict.fromkeys(tier) if label in unseen]
        unseen.difference_update(kept)
        if kept:
            ranked.append(kept)
    return ranked
