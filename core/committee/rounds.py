"""Going round again: until the leader cannot change (debate), the spread has settled (Delphi), or the limit comes."""

from core.committee.estimates import estimates, spread_of
from core.committee.patterns import Pattern, Phase, Rounds
from core.committee.room import Room
from core.events import Spread, Tally

Stretch = tuple[Phase, ...]


def stretches(pattern: Pattern) -> tuple[Stretch, Stretch, Stretch]:
    """Return the phases before the rounds, those gone through again and again, and those after."""
    if pattern.rounds is None:
        return pattern.phases, (), ()
    names = [phase.name for phase in pattern.phases]
    begin = names.index(pattern.rounds.repeat[0])
    end = begin + len(pattern.rounds.repeat)
    return pattern.phases[:begin], pattern.phases[begin:end], pattern.phases[end:]


async def settled(room: Room, rounds: Rounds, round: int, before: Tally | None) -> bool:
    """Say what a round ended in, and tell whether going on is needless."""
    said = room.said
    if rounds.until == "spread":
        said.spread = spread_of(list(estimates(room).values()), round, rounds, said.spread)
    else:
        one = len(room.standing()) == 1
        agreement = said.tally.agreement.value if said.tally and said.tally.agreement else None
        holds = one or leader_holds(before, said.tally)
        said.spread = Spread(round=round, agreement=1.0 if one else agreement, settled=holds)
    await room.tell(f"spread:{round}", said.spread)
    return said.spread.settled


def leader_holds(before: Tally | None, now: Tally | None) -> bool:
    """Tell whether the leader of a debate cannot be expected to change.

    It cannot where one side has more than half of all who may vote first in two rounds running: who was not moved
    by a whole round of argument is enough to win any later round. Sides are the same if they share a member, because
    labels move when answers become equal.
    """
    if before is None or now is None or not before.standings or not now.standings:
        return False
    old, new = before.standings[0], now.standings[0]
    majority = 2 * old.first_votes > before.eligible and 2 * new.first_votes > now.eligible
    return majority and not set(old.members).isdisjoint(new.members)
