"""Rules with rounds."""

from collections.abc import Sequence

from core.committee.voting.positional import first_choices
from core.committee.voting.votes import Count, Vote, floats, nothing


def irv(votes: Sequence[Vote], candidates: Sequence[str]) -> Count:
    """Drop whoever has the fewest first choices, round by round, until one has over half of them: instant runoff.

    W. R. Ware (1871), as told in B. Reilly (2004), The global spread of preferential voting, Australian Journal of
    Political Science 39. All with the fewest fall together, but where that is everybody they tie for first. A vote
    with several on top is split evenly among them; one that ranks none of the rest is spent. Score: votes in the
    last round that the candidate took part in.
    """
    points, eliminated = nothing(candidates), dict[str, int]()
    while len(eliminated) < len(points):
        left = [label for label in points if label not in eliminated]
        tally = first_choices(votes, left)
        points |= tally
        best, fewest = max(tally.values()), min(tally.values())
        if 2 * best > sum(tally.values()) or best == fewest:
            return Count(floats(points), tuple(label for label in left if tally[label] == best), eliminated)
        fallen = max(eliminated.values(), default=0) + 1
        eliminated |= {label: fallen for label in left if tally[label] == fewest}
    return Count({}, (), {})
