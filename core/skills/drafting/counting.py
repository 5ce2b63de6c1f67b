"""Which program wins: counted from what was run, and put to the members only where that leaves it open."""

from core.committee.poll import vote
from core.committee.room import Standpoint
from core.errors import NoQuorum
from core.events import EXECUTED, Standing, Tally
from core.skills.drafting.agreement import Evidence, alike, ranked, supported
from core.skills.drafting.cases import Case
from core.skills.drafting.package import Made
from core.skills.drafting.reading import fenced, gave
from core.skills.drafting.table import Table

MOST_ON_BALLOT = 3
MOST_AGREED = 6
"""Tests that are made of what programs gave alike."""
NEAR = 0.005
"""Programs whose agreement differs by no more are put to the vote."""


async def count(table: Table, evidence: Evidence) -> str:
    """Return the label of the program that wins, and say how that was found."""
    best, *others = groups(evidence)
    open_ = [label for label in others if _near(evidence, best, label)][: MOST_ON_BALLOT - 1]
    if open_ and len(table.room.committee.seated) > 1 and (chosen := await _voted(table, evidence, [best, *open_])):
        return chosen
    tally = counted(evidence)
    table.room.said.tally = tally
    await table.room.tell("tally:count", tally)
    return best


def groups(evidence: Evidence) -> list[str]:
    """Return one program for each way to behave, best first."""
    found: list[str] = []
    for label in ranked(evidence):
        if not any(label in alike(evidence, other) for other in found):
            found.append(label)
    return found


def counted(evidence: Evidence) -> Tally:
    """Return the count of what was run. Nobody voted, and the tally says so by its rule and its voters."""
    found = groups(evidence)
    standings = []
    for label in found:
        same = alike(evidence, label) or (label,)
        members = tuple(dict.fromkeys(name for each in same for name in evidence.candidates[each].members))
        score = round(evidence.score(label), 3)
        standings.append(Standing(label=label, members=members, text=evidence.candidates[label].code, score=score))
    margin = standings[0].score - standings[1].score if len(standings) > 1 else standings[0].score
    tests = len(evidence.examples) + len(evidence.tests)
    return Tally(
        rule=EXECUTED, standings=tuple(standings), winner=found[0], margin=round(margin, 3), voters=0, eligible=tests
    )


def made_of(table: Table, evidence: Evidence, winner: str) -> Made:
    """Return the winner with the tests that go with it."""
    passed = tuple(case for case in evidence.examples if evidence.passes(winner, case))
    kept = supported(evidence, winner)
    return Made(
        label=winner,
        members=tuple(dict.fromkeys(evidence.candidates[winner].members)),
        name=table.wish.name,
        code=evidence.candidates[winner].code,
        examples=passed,
        failed=tuple(case for case in evidence.examples if case not in passed),
        tests=kept,
        agreed=_agreed(table, evidence, winner),
        voted_out=len(evidence.tests) - len(kept),
    )


def _agreed(table: Table, evidence: Evidence, winner: str) -> tuple[Case, ...]:
    """Return calls nobody wrote a test for on which all leading programs give the same, if there are two of them."""
    if len(evidence.leading) < 2:
        return ()
    known = {case.arguments for case in (*evidence.examples, *evidence.tests)}
    found = []
    for call in table.calls:
        keys = {evidence.outputs[label][call].key for label in evidence.leading}
        output = evidence.outputs[winner][call]
        if call not in known and len(keys) == 1 and output.key.startswith("="):
            found.append(Case(arguments=call, expected=output.value))
    return tuple(found[:MOST_AGREED])


def _near(evidence: Evidence, best: str, other: str) -> bool:
    same = evidence.shown(best) == evidence.shown(other)
    return same and evidence.score(best) - evidence.score(other) <= NEAR


async def _voted(table: Table, evidence: Evidence, labels: list[str]) -> str | None:
    """Have members vote between programs that the runs do not part, each shown with where they differ."""
    room = table.room
    room.said.answers = {
        label: Standpoint(evidence.candidates[label].members[0], label, _shown(table, evidence, label, labels), None)
        for label in labels
    }
    try:
        await vote(room, table.phase("vote"), 1)
    except NoQuorum:
        return None
    tally = room.said.tally
    return tally.winner if tally and tally.winner in labels else None


def _shown(table: Table, evidence: Evidence, label: str, labels: list[str]) -> str:
    """Return a program with what it gives on calls on which those to vote on differ."""
    name = table.wish.name
    lines: list[str] = []
    for call in table.calls:
        keys = {evidence.outputs[each][call].key for each in labels}
        if len(keys) > 1 and len(lines) < 4:
            lines.append(f"{name}({call}) gives {gave(evidence, label, Case(arguments=call, expected='None'))}")
    return "\n\n".join([fenced(evidence.candidates[label].code), "\n".join(lines)])
