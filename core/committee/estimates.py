"""Delphi: numbers read out of answers, their median and spread, and the count by the median."""

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median, quantiles

from core.committee.grouping import comparable
from core.committee.normal import NUMBER, number
from core.committee.patterns import Rounds
from core.committee.room import Room
from core.errors import ModelGarbage
from core.events import Dissent, Spread, Standing, Tally
from core.ports import Completion

READ = 200
"""Characters of a stated answer in which a number is looked for."""
_NUMBER = re.compile(NUMBER, re.IGNORECASE)
_RANGE = re.compile(rf"({NUMBER})\s*(?:-|–|—|to|and|bis)\s*({NUMBER})", re.IGNORECASE)


def estimate(text: str) -> float | None:
    """Return the number that an answer states, of a range its middle; `None` where it states none."""
    stated = comparable(text)
    if stated is None:
        stated = text.strip().rpartition("\n")[2]
        stated = stated.rpartition(":")[2] if "answer" in stated.lower() else ""
    whole = number(stated)
    if whole is not None:
        return float(whole)
    if span := _RANGE.search(stated[:READ]):
        ends = [float(end) for end in map(number, span.groups()) if end is not None]
        return sum(ends) / len(ends) if ends else None
    found = _NUMBER.search(stated[:READ])
    value = number(found[0]) if found else None
    return None if value is None else float(value)


def require_number(completion: Completion) -> None:
    """Raise `ModelGarbage` where a reply states no number."""
    if estimate(completion.text) is None:
        raise ModelGarbage("The reply has no line `Answer:` with a number.")


def estimates(room: Room) -> dict[str, float]:
    """Return each member's present number."""
    found = {member: estimate(stand.text) for member, stand in room.said.answers.items()}
    return {member: value for member, value in found.items() if value is not None}


def figures(room: Room) -> str:
    """Return the estimates so far in one line, without names."""
    values = sorted(estimates(room).values())
    if not values:
        return ""
    return f"median {median(values):g}, from {values[0]:g} to {values[-1]:g} ({len(values)} estimates)."


def spread_of(values: Sequence[float], round: int, rounds: Rounds, before: Spread | None) -> Spread:
    """Return what a round of estimates ended in.

    Settled where the middle half (between the first and third quartile) spans at most `rounds.spread` of the median,
    or where nothing moved since the round before.
    """
    ordered = sorted(values)
    middle = median(ordered)
    low, high = ordered[0], ordered[-1]
    inner = quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else [low, middle, high]
    close = inner[2] - inner[0] <= rounds.spread * abs(middle)
    still = before is not None and (before.median, before.low, before.high) == (middle, low, high)
    return Spread(round=round, median=middle, low=low, high=high, settled=close or still)


def count_estimates(room: Room) -> Tally:
    """Return the tally by the median: the answer nearest to it stands first, the rest by their distance.

    A standing's score is its estimate. The median of opinions: F. Galton (1907), Vox populi, Nature 75.
    """
    values = estimates(room)
    middle = median(values.values())
    standings = []
    for candidate in room.standing():
        mine = [values[member] for member in candidate.members if member in values]
        if mine:
            text = candidate.text if candidate.value is None else candidate.value
            standings.append(
                Standing(
                    label=candidate.label,
                    members=candidate.members,
                    text=text,
                    score=mine[0],
                    first_votes=len(mine),
                )
            )
    standings.sort(key=lambda standing: abs(standing.score - middle))
    tied = any(abs(abs(a.score - middle) - abs(b.score - middle)) < 1e-12 for a, b in pairwise(standings[:2]))
    return Tally(
        rule="median",
        standings=tuple(standings),
        winner=standings[0].label,
        tie=tied,
        tie_broken_by="seat order" if tied else "",
        voters=len(values),
        eligible=room.said.proposers,
        absences=tuple(room.said.absences),
    )


def outlier(room: Room) -> Dissent | None:
    """Return the estimate farthest from the median, where the spread has not settled."""
    tally, spread = room.said.tally, room.said.spread
    if tally is None or spread is None or spread.settled or len(tally.standings) < 2:
        return None
    last = tally.standings[-1]
    return Dissent(members=last.members, label=last.label, text=last.text, votes=last.first_votes)
