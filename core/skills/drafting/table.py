"""The table at which one draft is made: what was asked for, what was written, what was run. All of it can be redone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.committee.ballots import letters
from core.committee.patterns import Act, Drafting, Phase
from core.committee.prompts import Prompts, load_prompts
from core.committee.room import Room
from core.errors import Misconfigured
from core.ports import Sandbox
from core.skills.drafting.agreement import Candidate, Evidence
from core.skills.drafting.cases import Case, Output
from core.skills.drafting.probes import probes, seeds
from core.skills.drafting.signature import contract
from core.skills.drafting.trial import Trial
from core.skills.drafting.wish import Wish

SHIPPED = Path(__file__).with_name("prompts")


@dataclass(slots=True)
class Table:
    """Everything of one draft, in an order that does not depend on who was quick."""

    room: Room
    numbers: Drafting
    prompts: Prompts
    sandbox: Sandbox
    wish: Wish
    candidates: dict[str, Candidate] = field(default_factory=dict)
    """By label; of equal programs the first."""
    authors: dict[str, str] = field(default_factory=dict)
    """Who wrote what has a label, also where it is equal to another."""
    tests: list[Case] = field(default_factory=list)
    trials: dict[str, Trial] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    """On which every candidate is run; fixed once the tests are written."""
    labels: list[str] = field(default_factory=lambda: letters(500))

    @property
    def examples(self) -> tuple[Case, ...]:
        """Return the asker's own tests."""
        return self.wish.examples

    def phase(self, act: Act) -> Phase:
        """Return the pattern's phase of an act."""
        return next(phase for phase in self.room.pattern.phases if phase.act == act)

    def add(self, label: str, member: str, code: str) -> bool:
        """Put a program on the table; return whether it is a new one."""
        self.authors[label] = member
        for there in self.candidates.values():
            if there.code == code:
                same = Candidate(there.label, (*there.members, member), code)
                self.candidates[there.label] = same
                return False
        self.candidates[label] = Candidate(label, (member,), code)
        return True

    def settle_calls(self) -> None:
        """Fix what every candidate is run on: examples, tests, and calls made from both."""
        known = [*dict.fromkeys(case.arguments for case in (*self.examples, *self.tests))]
        if not known and self.candidates:
            first = next(iter(self.candidates.values()))
            known = [*seeds(contract(first.code, self.wish.name)[0]["properties"])]
        self.calls = (*known, *probes(known, f"{self.room.run}:probes"))

    def evidence(self) -> Evidence:
        """Return all that was run so far."""
        outputs: Mapping[str, Mapping[str, Output]] = {
            label: dict(zip(self.calls, trial.outputs, strict=True)) for label, trial in self.trials.items()
        }
        there = {label: candidate for label, candidate in self.candidates.items() if label in self.trials}
        return Evidence(there, self.examples, self.tests, outputs)


def drafting_prompts() -> Prompts:
    """Return the prompts of the pattern."""
    return load_prompts(SHIPPED)


def numbers_of(room: Room) -> Drafting:
    """Return the pattern's numbers. Raises `Misconfigured` where it has none."""
    if room.pattern.drafting is None:
        raise Misconfigured("The pattern {name} has no table `drafting`.", name=room.pattern.name)
    return room.pattern.drafting
