"""The room in which one run deliberates: who sits where, and what has been said so far."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from core.budget import Budget
from core.committee.calls import Calls
from core.committee.casting import rule_in_force
from core.committee.committee import Committee, Member
from core.committee.grouping import Candidate, group
from core.committee.patterns import Pattern, Phase
from core.committee.prompts import Prompts
from core.committee.roles import cast_parts, chair_of, labels_of, who
from core.entities import Collaboration, now
from core.events import Absence, Ballot, Call, Event, Happening, Spread, Tally
from core.ports import Emit, Steps


@dataclass(frozen=True, slots=True)
class Tools:
    """What the room works with."""

    calls: Calls
    prompts: Prompts
    steps: Steps
    emit: Emit
    budget: Budget
    listen: Callable[[str], Callable[[str, str], None] | None]
    """Return where words go that a member is just saying in a phase; nothing where nobody watches."""


@dataclass(frozen=True, slots=True)
class Standpoint:
    """The answer that a member stands by at present."""

    member: str
    label: str
    text: str
    value: str | None


@dataclass(slots=True)
class Said:
    """Everything said so far, always in the order of seats, whatever came first."""

    answers: dict[str, Standpoint] = field(default_factory=dict)
    proposers: int = 0
    """How many were asked for a first answer."""
    remarks: list[tuple[str, str]] = field(default_factory=list)
    """Member and remark, of the last round alone."""
    ballots: tuple[Ballot, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    """What was voted on last."""
    tally: Tally | None = None
    tallies: int = 0
    spread: Spread | None = None
    absences: list[Absence] = field(default_factory=list)
    untold: list[Call] = field(default_factory=list)
    """Calls that the answer has to tell of, because no other happening does."""
    rounds: Counter[str] = field(default_factory=Counter)
    """How often each phase was gone through."""
    saved: int = 0
    """Calls that early stop made needless."""
    exact: bool = True


class Room:
    """One run's committee at work. Everything that is not a step is computed anew on a replay, and comes out alike."""

    def __init__(self, collaboration: Collaboration, committee: Committee, pattern: Pattern, tools: Tools) -> None:
        self.collaboration = collaboration
        self.committee = committee
        self.pattern = pattern
        self.tools = tools
        self.parts = cast_parts(pattern, committee)
        self.labels = labels_of(committee, collaboration.id)
        self.said = Said()
        self._rule = rule_in_force(committee, pattern.rule)

    @property
    def run(self) -> str:
        """Return the run's id."""
        return self.collaboration.id

    @property
    def rule(self) -> str:
        """Return the voting rule in force."""
        return self._rule

    def who(self, phase: Phase) -> tuple[Member, ...]:
        """Return whom a phase asks. Where all have parts and so nobody is left to judge, all judge."""
        return who(phase, self.committee, self.parts) or self.committee.seated

    @property
    def players(self) -> tuple[Member, ...]:
        """Return the members that any phase of the pattern asks, in the order of their seats."""
        asked = {member.name for phase in self.pattern.phases for member in self.who(phase)}
        if self.pattern.answer == "synthesis":
            asked.add(chair_of(self.committee).name)
        return tuple(member for member in self.committee.seated if member.name in asked)

    def need(self, phase: Phase, asked: int) -> int:
        """Return how many of those asked must give something: the quorum, rounded up."""
        return math.ceil(asked * (phase.quorum or self.committee.quorum) - 1e-9)

    def brief(self, member: Member) -> str:
        """Return what the member's part in the pattern tells it."""
        held = (part.brief for part in self.pattern.parts if self.parts.get(part.name) == member)
        return next(held, "")

    def standing(self) -> tuple[Candidate, ...]:
        """Return the answers as they stand, equal ones merged."""
        return group([(a.member, a.label, a.text, a.value) for a in self.said.answers.values()])

    async def tell(self, key: str, body: Happening) -> None:
        """Say what happened, once however often the run is replayed."""
        where = self.collaboration
        await self.tools.emit(
            Event(key=key, run=where.id, tenant=where.tenant, address=where.address, at=now(), body=body)
        )
