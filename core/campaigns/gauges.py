"""What an objective took, held against what was estimated: in logarithms, an attempt at a time."""

import math
from collections.abc import Callable
from typing import NamedTuple

from core.campaigns.campaign import Objective


class Gauge(NamedTuple):
    """How to read one figure of an objective. Figures that are not there, and zeros, are `None`."""

    taken: Callable[[Objective], float | None]
    estimated: Callable[[Objective], float]
    usual: float
    """What such a thing takes; estimates are believed to lie too far from it."""
    trust: float
    """How far an estimate is believed where nothing was seen: 1 wholly, 0 not at all."""

    def expected(self, one: Objective, trust: float) -> float:
        """Return what an attempt is expected to take: the estimate, drawn towards what is usual."""
        return float(self.usual * (self.estimated(one) / self.usual) ** trust)

    def off(self, one: Objective, trust: float) -> float | None:
        """Return log(taken by an attempt / expected)."""
        taken, estimated = self.taken(one), self.estimated(one)
        if not taken or taken <= 0 or estimated <= 0:
            return None
        return math.log(taken / max(one.attempts, 1) / self.expected(one, trust))

    def lean(self, one: Objective) -> float:
        """Return how far its estimate lies from what is usual, as a logarithm."""
        return math.log(self.estimated(one) / self.usual)


def _lasted(one: Objective) -> float | None:
    return (one.ended_at - one.started_at).total_seconds() if one.started_at and one.ended_at else None


def _by_dexter(one: Objective) -> float | None:
    return None if one.means == "person" else _lasted(one)


def _by_people(one: Objective) -> float | None:
    return _lasted(one) if one.means == "person" else None


WORK = Gauge(_by_dexter, lambda one: one.estimate.seconds, usual=600.0, trust=0.8)
"""Seconds that Dexter works."""
PEOPLE = Gauge(_by_people, lambda one: one.estimate.seconds, usual=3 * 3600.0, trust=0.4)
"""Seconds that people take for what is theirs: few know when somebody else will find the time."""
REPLIES = Gauge(_by_people, lambda _: 1.0, usual=1.0, trust=0.0)
"""Seconds that people take, plain."""
TOKENS = Gauge(lambda one: float(one.spent.tokens), lambda one: float(one.estimate.tokens), usual=4000.0, trust=0.8)
