"""Early stop: the strongest are asked first, until the rest cannot, or hardly could, change the winner."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from core.committee.casting import cast, weights
from core.committee.committee import Committee, Member
from core.committee.early import decided, posterior
from core.committee.grouping import Candidate
from core.committee.patterns import Phase
from core.committee.roles import strongest_first
from core.committee.room import Room
from core.committee.voting import RULES, Vote
from core.events import Absence, Ballot
from core.sentences import said


class Race(NamedTuple):
    """How the vote stands while members are still to be asked."""

    committee: Committee
    rule: str
    votes: tuple[Vote, ...]
    labels: tuple[str, ...]

    def certain(self, waiting: Sequence[Member]) -> bool:
        """Tell whether those waiting cannot change the winner any more."""
        weight = weights(self.committee, self.rule)
        return bool(self.votes) and decided(self.votes, [weight[m.name] for m in waiting], self.labels, self.rule)

    def likely(self) -> bool:
        """Tell whether the leader's posterior is as high as the committee asks; unknown skills do not count."""
        skills = {m.name: m.skill for m in self.committee.seated if m.skill is not None}
        choices = {vote.voter: vote.ranking[0][0] for vote in self.votes if vote.ranking}
        if self.committee.early_stop != "posterior" or not skills.keys() & choices.keys():
            return False
        odds = posterior(choices, skills, max(2, len(self.labels)))
        return max(odds.values()) >= self.committee.posterior - 1e-9

    def with_votes(self, members: Sequence[Member]) -> "Race":
        """Return how it would stand if all of `members` voted for the leader."""
        leader = RULES[self.rule](self.votes, self.labels).winners[0]
        weight = weights(self.committee, self.rule)
        more = (Vote(m.name, ((leader,),), {leader: 10.0}, weight[m.name]) for m in members)
        return self._replace(votes=(*self.votes, *more))


Look = Callable[[Room], Race | None]
"""Return how the vote stands; `None` where that cannot be told and so nobody can be spared."""


async def ask_sparingly(
    room: Room, phase: Phase, members: Sequence[Member], ask: Callable[[Sequence[Member]], Awaitable[None]], look: Look
) -> list[Member]:
    """Ask the strongest first, and return whom it was needless to ask.

    Members are asked side by side in the least number that could end the asking if they agreed: so nobody is asked
    that one-by-one asking would have spared, and it takes fewer turns.
    """
    waiting = strongest_first(tuple(members))
    while waiting and (count := _fewest(look(room), waiting)):
        now, waiting = waiting[:count], waiting[count:]
        await ask(now)
    race = look(room)
    if waiting and race and not race.certain(waiting):
        room.said.exact = False
    await _spare(room, phase, waiting)
    return waiting


def _fewest(race: Race | None, waiting: Sequence[Member]) -> int:
    """Return how many more must be asked before asking can end; 0 where it can end now."""
    if race is None:
        return len(waiting)
    for count in range(len(waiting)):
        then = race.with_votes(waiting[:count])
        if then.likely() or then.certain(waiting[count:]):
            return count
    return len(waiting)


async def _spare(room: Room, phase: Phase, members: Sequence[Member]) -> None:
    why = said("The others had decided already.")
    for member in members:
        absence = Absence(member=member.name, phase=phase.name, reason="spared", detail=str(why), sentence=why)
        room.said.absences.append(absence)
        await room.tell(f"spared:{phase.name}:{room.said.rounds[phase.name]}:{member.name}", absence)


def counts_answers(room: Room) -> bool:
    """Tell whether the pattern lets the answers themselves be counted."""
    return room.pattern.vote == "answers"


def all_comparable(candidates: Sequence[Candidate]) -> bool:
    """Tell whether every answer has a value that can be compared."""
    return all(candidate.value is not None for candidate in candidates)


def own_ballots(candidates: Sequence[Candidate]) -> list[Ballot]:
    """Return each member's own answer as its vote."""
    return [
        Ballot(member=member, ranking=((candidate.label,),), scores={candidate.label: 10.0}, calls=())
        for candidate in candidates
        for member in candidate.members
    ]


def race_of_answers(room: Room) -> Race | None:
    """Return how the answers so far stand as votes; `None` as soon as one cannot be compared."""
    candidates = room.standing()
    if not all_comparable(candidates):
        return None
    return race_of(room, own_ballots(candidates), candidates, self_votes=True)


def race_of(room: Room, ballots: Sequence[Ballot], candidates: Sequence[Candidate], *, self_votes: bool) -> Race:
    """Return how the vote stands after `ballots`."""
    labels = tuple(candidate.label for candidate in candidates) or ("",)
    weight = weights(room.committee, room.rule)
    votes = tuple(cast(ballot, candidates, self_votes=self_votes, weight=weight[ballot.member]) for ballot in ballots)
    return Race(room.committee, room.rule, votes, labels)
