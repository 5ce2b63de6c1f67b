"""When what is left of a campaign is over, for many draws at once of what each part of it takes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from core.campaigns.campaign import Objective
from core.campaigns.forecast_odds import Floats


class Left(NamedTuple):
    """Something that is still to be done, in seconds from now, one figure for each draw."""

    id: str
    needs: frozenset[str]
    """What must be over before, of all that is left."""
    begin: Floats | float
    """Not before."""
    taken: Floats
    """From when it begins, or from now where it is under way."""
    hand: bool
    """Dexter works on it: only so many of those go on at one time."""
    busy: bool
    """It is under way."""


def leaves(objectives: Sequence[Objective]) -> dict[str, frozenset[str]]:
    """Return what has no parts and is not over, with all that it needs and that is not over either.

    Who needs an objective with parts needs its parts; a part needs what the objective that it is a part of needs.
    """
    known = {one.id: one for one in objectives}
    parts = defaultdict(list)
    for one in objectives:
        parts[one.parent].append(one)
    left = {one.id: one for one in objectives if not one.stage.over and not parts[one.id]}
    wanted = {id: _needs(one, known) for id, one in left.items()}
    below = {id: _below(id, parts, left) for ids in wanted.values() for id in ids}
    return {id: frozenset().union(*(below[each] for each in ids)) - {id} for id, ids in wanted.items()}


def ends(left: Sequence[Left], hands: int) -> dict[str, Floats]:
    """Return when each of `left` ends, by its id, if all of it begins now.

    A list schedule, in one order for all draws: what is under way, then by when each could begin if there were hands
    enough. So something more to do never makes an end earlier.
    """
    free = np.zeros((max(hands, sum(one.busy and one.hand for one in left)), len(left[0].taken) if left else 1))
    found: dict[str, Floats] = {}
    for one in _order(left):
        ready = np.zeros(free.shape[1]) + one.begin
        for need in one.needs:
            if need in found:
                np.maximum(ready, found[need], out=ready)
        found[one.id] = _by_hand(ready, one.taken, free) if one.hand else ready + one.taken
    return found


def _needs(one: Objective, known: Mapping[str, Objective]) -> set[str]:
    needs, above = set(one.needs), {one.id}
    while (parent := known.get(one.parent)) and parent.id not in above:
        one = parent
        above.add(one.id)
        needs |= set(one.needs)
    return needs - above


def _below(id: str, parts: Mapping[str, Sequence[Objective]], left: Mapping[str, Objective]) -> frozenset[str]:
    """Return an objective that is left, or those of its parts that are."""
    found, seen, at = set(), set(), [id]
    while at:
        if (one := at.pop()) not in seen:
            seen.add(one)
            found |= {one} & left.keys()
            at += [part.id for part in parts.get(one, ())]
    return frozenset(found)


def _order(left: Sequence[Left]) -> list[Left]:
    """Return everything after what it needs; what needs each other in a circle comes last."""
    number = {one.id: at for at, one in enumerate(left)}
    needed_by = defaultdict(list)
    for one in left:
        for need in one.needs:
            needed_by[need].append(one)
    open_needs = {one.id: len(one.needs & number.keys()) for one in left}
    earliest = {one.id: one.begin if isinstance(one.begin, float) else float(np.median(one.begin)) for one in left}
    typical = np.median([one.taken for one in left], axis=1).tolist() if left else []
    heap: list[tuple[bool, float, int]] = []
    for one in left:
        if not open_needs[one.id]:
            heappush(heap, (not one.busy, earliest[one.id], number[one.id]))
    order = []
    while heap:
        one = left[heappop(heap)[2]]
        order.append(one)
        end = earliest[one.id] + typical[number[one.id]]
        for after in needed_by[one.id]:
            earliest[after.id] = max(earliest[after.id], end)
            open_needs[after.id] -= 1
            if not open_needs[after.id]:
                heappush(heap, (not after.busy, earliest[after.id], number[after.id]))
    return order + [one for one in left if open_needs[one.id] > 0]


def _by_hand(ready: Floats, taken: Floats, free: Floats) -> Floats:
    """Return when it ends if the hand that is free first begins it, and keep that hand until then."""
    if len(free) == 1:
        np.add(np.maximum(ready, free[0]), taken, out=free[0])
        return np.copy(free[0])
    first, each = free.argmin(axis=0), np.arange(free.shape[1])
    ends: Floats = np.maximum(ready, free[first, each]) + taken
    free[first, each] = ends
    return ends
