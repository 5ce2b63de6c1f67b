"""Random votes for tests of voting rules: partial and tied rankings, scores, weights, and voters without a say."""

from collections.abc import Sequence

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from core.committee.voting import Vote

LABELS = "ABCDE"
Election = tuple[list[Vote], str]
Ranking = tuple[tuple[str, ...], ...]
many = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""So many examples a property; no deadline and no check of speed, as a busy machine is no failure."""


def rankings(labels: str, *, partial: bool = True, ties: bool = True) -> st.SearchStrategy[Ranking]:
    """Return rankings of some or all labels: each gets a level, the last level is left out where partial."""
    size = len(labels)
    if ties:
        levels = st.lists(st.integers(0, size if partial else size - 1), min_size=size, max_size=size)
    else:
        whole = st.permutations(range(size))
        levels = st.builds(_cut, whole, st.integers(1, size), st.just(size)) if partial else whole
    return levels.map(lambda given: _ranked(labels, given))


def _cut(order: Sequence[int], at: int, unranked: int) -> list[int]:
    return [level if level < at else unranked for level in order]


def _ranked(labels: str, levels: Sequence[int]) -> Ranking:
    tiers = [tuple(label for label, one in zip(labels, levels, strict=True) if one == n) for n in range(len(labels))]
    return tuple(tier for tier in tiers if tier)


def elections(
    *,
    partial: bool = True,
    ties: bool = True,
    weights: Sequence[float] = (1.0,),
    silent: bool = False,
    fewest: int = 0,
) -> st.SearchStrategy[Election]:
    """Return votes and the candidates they are on."""

    def over(size: int) -> st.SearchStrategy[Election]:
        labels = LABELS[:size]
        graded = st.lists(st.integers(-2, 10), min_size=size, max_size=size)
        vote = st.builds(
            Vote,
            voter=st.just("v"),
            ranking=rankings(labels, partial=partial, ties=ties),
            scores=graded.map(lambda given: {a: float(n) for a, n in zip(labels, given, strict=True) if n >= 0}),
            weight=st.sampled_from(weights),
            silent=st.sampled_from(["", *labels] if silent else [""]).map(frozenset),
        )
        return st.tuples(st.lists(vote, min_size=fewest, max_size=6), st.just(labels))

    return st.integers(1, len(LABELS)).flatmap(over)
