"""Random votes for tests of voting rules: partial and tied rankings, scores, weights, and voters without a say."""

from collections.abc import Sequence

from hypothesis import strategies as st

from core.committee.voting import Vote

LABELS = "ABCDE"
Ranking = tuple[tuple[str, ...], ...]


@st.composite
def rankings(draw: st.DrawFn, labels: Sequence[str], *, partial: bool = True, ties: bool = True) -> Ranking:
    """Draw a ranking of some or all labels."""
    order = draw(st.permutations(list(labels)))
    kept = order[: draw(st.integers(0, len(order)))] if partial else order
    cuts = draw(st.lists(st.booleans(), min_size=len(kept), max_size=len(kept))) if ties else [True] * len(kept)
    tiers: list[tuple[str, ...]] = []
    for label, cut in zip(kept, cuts, strict=True):
        if cut or not tiers:
            tiers.append((label,))
        else:
            tiers[-1] += (label,)
    return tuple(tiers)


@st.composite
def elections(
    draw: st.DrawFn,
    *,
    partial: bool = True,
    ties: bool = True,
    weights: Sequence[float] = (1.0,),
    silent: bool = False,
    most: int = 6,
    fewest: int = 0,
) -> tuple[list[Vote], str]:
    """Draw votes and the candidates they are on."""
    labels = LABELS[: draw(st.integers(1, len(LABELS)))]
    votes = [
        Vote(
            voter=f"v{number}",
            ranking=draw(rankings(labels, partial=partial, ties=ties)),
            scores=draw(st.dictionaries(st.sampled_from(labels), st.integers(0, 10).map(float))),
            weight=draw(st.sampled_from(weights)),
            silent=frozenset(draw(st.sets(st.sampled_from(labels), max_size=1))) if silent else frozenset(),
        )
        for number in range(draw(st.integers(fewest, most)))
    ]
    return votes, labels
