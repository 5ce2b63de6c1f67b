"""Rules that compare candidates two by two."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

from core.committee.voting.votes import Count, Vote, exact, most, tiers

Links = dict[tuple[str, str], Fraction | int]
"""For each ordered pair, something about the first against the second. Whole numbers add ten times as fast."""


def margins(votes: Sequence[Vote], candidates: Sequence[str]) -> Links:
    """Return for each ordered pair the weight that prefers the first less the weight that prefers the second.

    Who ranks one of two and leaves out the other prefers the ranked one, unless it has no say on the other.
    """
    links: Links = dict.fromkeys(permutations(candidates, 2), 0)
    for vote in votes:
        weight = exact(vote.weight)
        unit = weight.numerator if weight.denominator == 1 else weight
        place = {label: depth for depth, tier in enumerate(tiers(vote, candidates)) for label in tier}
        depth = {label: place.get(label, len(place)) for label in candidates if label not in vote.silent}
        for one, other in permutations(depth, 2):
            prefers = (depth[one] < depth[other]) - (depth[one] > depth[other])
            links[one, other] += prefers * unit
    return links


def schulze(votes: Sequence[Vote], candidates: Sequence[str]) -> Count:
    """Elect whom no rival beats by a stronger chain of pairwise wins; the Condorcet winner wherever there is one.

    M. Schulze (2011), A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner
    election method, Social Choice and Welfare 36; the strength of a link is its margin, so that a pair which a vote
    leaves level counts for neither. Chains by the algorithm of Floyd and Warshall. Score: rivals that do not beat it.
    """
    chain = {pair: max(margin, 0) for pair, margin in margins(votes, candidates).items()}
    for middle, one, other in permutations(candidates, 3):
        detour = min(chain[one, middle], chain[middle, other])
        chain[one, other] = max(chain[one, other], detour)
    unbeaten = dict.fromkeys(candidates, 0)
    for (one, other), strength in chain.items():
        unbeaten[one] += strength >= chain[other, one]
    return most({label: Fraction(rivals) for label, rivals in unbeaten.items()})
