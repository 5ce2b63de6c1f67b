"""The vote: ballots from each voter's own structured reply, or the answers themselves where they can be counted."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from core.committee.acts import started
from core.committee.ballots import Say, Sheet, instruction, merge, read, schema, sheet
from core.committee.committee import Committee, Member
from core.committee.floor import ask_all
from core.committee.grouping import Candidate
from core.committee.patterns import Phase
from core.committee.quorum import require
from core.committee.reading import Places, ask_for
from core.committee.replies import Ask, Reply
from core.committee.room import Room
from core.committee.sparing import Race, all_comparable, ask_sparingly, counts_answers, own_ballots, race_of
from core.committee.tally import tally
from core.events import Ballot
from core.ports import Completion


async def vote(room: Room, phase: Phase, round: int) -> None:
    """Vote and count. One answer left is unanimous and asks nobody; comparable answers may be votes themselves."""
    candidates = room.said.candidates = room.standing()
    if len(candidates) == 1 or (counts_answers(room) and all_comparable(candidates)):
        await _count(room, own_ballots(candidates), room.committee.but(self_votes=True), room.said.proposers)
        return
    voters = room.who(phase)
    await started(room, phase, round, voters)
    poll = Poll(room, phase, round, _fair(room.committee, candidates))
    spared = await poll.hold(voters)
    if not spared:
        require(room, phase, [voter for voter in voters if voter.name in poll.said], len(voters))
    ballots = [poll.said[voter.name] for voter in voters if voter.name in poll.said]
    await _count(room, ballots, poll.committee, len(voters))


def _fair(committee: Committee, candidates: Sequence[Candidate]) -> Committee:
    """Let everyone vote for any answer as soon as one is shared: two who agree do not vote for themselves.

    Were self-votes left out then, each of two who agree could only vote for a third, and so make it win.
    """
    shared = any(len(candidate.members) > 1 for candidate in candidates)
    return committee.but(self_votes=True) if shared else committee


async def _count(room: Room, ballots: Sequence[Ballot], committee: Committee, eligible: int) -> None:
    said = room.said
    voted = {ballot.member for ballot in ballots}
    said.ballots = tuple(ballots)
    said.tally = tally(
        ballots,
        said.candidates,
        committee,
        room.rule,
        absences=tuple({a.member: a for a in said.absences if a.member not in voted}.values()),
        eligible=eligible,
        seed=room.run,
        saved_calls=said.saved,
        exact=said.exact,
    )
    said.tallies += 1
    await room.tell(f"tally:{said.tallies}", said.tally)


class Poll:
    """One poll: who is asked, and what each has said so far."""

    def __init__(self, room: Room, phase: Phase, round: int, committee: Committee) -> None:
        self.committee = committee
        self.said: dict[str, Ballot] = {}
        self._room = room
        self._phase = phase
        self._round = round
        self._orders = (False, True) if committee.both_orders else (False,)

    async def hold(self, voters: Sequence[Member]) -> list[Member]:
        """Ask the voters, sparingly where the committee says so, and return whom it was needless to ask."""
        if self.committee.early_stop == "off":
            await self._ask(voters)
            return []
        spared = await ask_sparingly(self._room, self._phase, voters, self._ask, self._race)
        self._room.said.saved += len(spared) * len(self._orders)
        return spared

    def _race(self, room: Room) -> Race:
        return race_of(room, list(self.said.values()), room.said.candidates, self_votes=self.committee.self_votes)

    async def _ask(self, voters: Sequence[Member]) -> None:
        """Ask voters side by side, each in every order that the committee wants, and say each ballot once it is in."""
        says: dict[str, dict[str, tuple[Say, Reply]]] = defaultdict(dict)
        sheets = {ask.key: (ask, shown) for voter in voters for ask, shown in self._asks(voter)}

        async def heard(ask: Ask, reply: Reply) -> None:
            says[reply.member][ask.key] = (read(reply.data, sheets[ask.key][1]), reply)
            if len(says[reply.member]) == len(self._orders):
                await self._keep(reply.member, says[reply.member])

        need = self._room.need(self._phase, len(voters)) * len(self._orders)
        await ask_all(self._room, [ask for ask, _ in sheets.values()], need, heard)
        for member, half in says.items():
            if member not in self.said:
                await self._keep(member, half)

    async def _keep(self, member: str, says: dict[str, tuple[Say, Reply]]) -> None:
        """Make one ballot of what a voter said in one order or in both, whichever of the two came first."""
        heard = [says[key] for key in sorted(says)]
        say = reduce(merge, [said for said, _ in heard])
        ballot = Ballot(member=member, **say._asdict(), calls=tuple(reply.calls[0] for _, reply in heard))
        self.said[member] = ballot
        await self._room.tell(f"ballot:{self._phase.name}:{self._round}:{member}", ballot)

    def _asks(self, voter: Member) -> list[tuple[Ask, Sheet]]:
        return [self._one(voter, backwards) for backwards in self._orders]

    def _one(self, voter: Member, backwards: bool) -> tuple[Ask, Sheet]:
        """Return what a voter is asked, and the sheet that leads its letters back to labels."""
        room = self._room
        texts = {candidate.label: candidate.text for candidate in room.said.candidates}
        seed = f"{room.run}:{voter.name}:{self._phase.name}:{self._round}"
        shown = sheet(room.rule, room.said.candidates, seed, backwards=backwards)
        answers = [(f"answer {letter}", texts[label]) for letter, label in shown.letters.items()]
        places: Places = {"answers": lambda: answers, "ballot": lambda: instruction(shown)}
        ask = ask_for(room, self._phase, self._round, voter, places)

        def accept(completion: Completion) -> None:
            read(completion.data, shown)

        key = f"{ask.key}:backwards" if backwards else ask.key
        return replace(ask, key=key, schema=schema(shown), max_tokens=shown.tokens, accept=accept), shown
