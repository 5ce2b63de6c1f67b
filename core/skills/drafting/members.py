"""What members are asked for a draft: a signature, code, tests for the others' code, and a repair of their own."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.committee.acts import started
from core.committee.committee import Member
from core.committee.floor import ask_all
from core.committee.patterns import Phase
from core.committee.replies import Ask, Reply
from core.committee.roles import chair_of
from core.errors import NoQuorum
from core.events import Critique, Happening, Proposal, Revision
from core.skills.drafting.agreement import Evidence, ranked
from core.skills.drafting.asserts import asserts_in
from core.skills.drafting.blocks import code_in
from core.skills.drafting.reading import bare, code, failures, fenced, helpers, with_files
from core.skills.drafting.table import Table
from core.skills.drafting.wish import signed

SHOWN = 2
"""Programs that a critic reads at a time."""
GREEDY = 0.0
"""The temperature of each model's first try: its best guess. All others are to differ."""
SLOWEST = 300.0
"""Seconds that a member may take for one reply, at least: code is longer than an answer."""


Body = Callable[[Reply, str], Happening]
"""Makes what is said of a reply, and of the label that it is known under."""


async def sign(table: Table) -> None:
    """Have the chair write signature and docstring of what was asked for in words; if it cannot, one after the other.

    The examples in them are the member's and not the person's: tests like any other of its. Raises `NoQuorum` where
    nobody can.
    """
    chair = chair_of(table.room.committee)
    for member in (chair, *(each for each in table.room.committee.seated if each != chair)):
        (reply,) = await ask_all(table.room, [_at(GREEDY, _ask(table, member, "sign:1"))], 1, _unheard)
        table.room.said.untold.extend(reply.calls if reply.good else ())
        table.wish, theirs = signed(table.wish, reply.text)
        if table.wish.stub:
            table.tests.extend(case.but(by=member.name) for case in theirs)
            return
    raise NoQuorum("No member could say as a function what is wanted. Say in other words what it takes and gives.")


async def write(table: Table, round: int) -> bool:
    """Ask every author for a program, side by side, and keep what they write; return whether any replied."""
    phase = table.phase("propose")
    asks = [_ask(table, member, f"write:{round}") for member in table.room.who(phase)]

    def body(reply: Reply, label: str) -> Happening:
        return Proposal(member=reply.member, label=label, text=reply.text, call=reply.calls[0])

    return await _programs(table, phase, round, asks, body)


async def write_tests(table: Table) -> None:
    """Ask critics for tests of the others' programs, whose authors they do not learn."""
    phase, name, most = table.phase("critique"), table.wish.name, table.numbers.tests
    members = table.room.who(phase)
    await started(table.room, phase, 1, members)
    asks = [_ask(table, each, "test:1", answers=_others(table, each), name=name, words=str(most)) for each in members]

    async def heard(ask: Ask, reply: Reply) -> None:
        await table.room.tell(ask.key, Critique(member=reply.member, text=reply.text, call=reply.calls[0]))

    given = {(case.arguments, case.expected) for case in table.examples}
    for reply in await ask_all(table.room, asks, table.room.need(phase, len(asks)), heard):
        if reply.good:
            found = asserts_in(reply.text, name, reply.member, 2 * most, helpers(table.wish))
            table.tests.extend(case for case in found if (case.arguments, case.expected) not in given)


async def repair(table: Table, evidence: Evidence, round: int) -> None:
    """Give every author its own best program back with what went wrong, and put the new one on the table too."""
    asks = []
    for member, label in _broken(table, evidence):
        own, wrong = fenced(evidence.candidates[label].code), fenced(failures(evidence, label, table.wish), "")
        asks.append(_ask(table, member, f"repair:{round}", own=own, figures=wrong))

    def body(reply: Reply, label: str) -> Happening:
        return Revision(member=reply.member, label=label, text=reply.text, round=round, call=reply.calls[0])

    await _programs(table, table.phase("revise"), round, asks, body)


async def _programs(table: Table, phase: Phase, round: int, asks: Sequence[Ask], body: Body) -> bool:
    """Ask for programs, the first of each model in the first round without randomness, and put them on the table."""
    members = [ask.member for ask in asks]
    await started(table.room, phase, round, members)
    first = {member.model: member.name for member in reversed(members)}.values() if round == 1 else ()
    warmed = [_at(GREEDY if ask.member.name in first else table.numbers.temperature, ask) for ask in asks]
    labels = dict(zip((ask.key for ask in warmed), _draw(table, len(asks), f"{phase.name}:{round}"), strict=True))

    async def heard(ask: Ask, reply: Reply) -> None:
        await table.room.tell(ask.key, body(reply, labels[ask.key]))

    replies = await ask_all(table.room, warmed, table.room.need(phase, len(asks)), heard)
    for label, reply in zip(labels.values(), replies, strict=True):
        written = code_in(reply.text, table.wish.name) if reply.good else None
        if written:
            table.add(label, reply.member, code(table.wish, written))
    return any(reply.good for reply in replies)


def _ask(table: Table, member: Member, step: str, **places: str) -> Ask:
    prompt, numbers = step.partition(":")[0], table.numbers
    question = with_files(table.wish, table.room.collaboration.context, member)
    return Ask(
        key=f"{step}:{member.name}",
        member=member.but(timeout=max(member.timeout, SLOWEST)),
        phase=prompt,
        messages=table.prompts.render(prompt, {"question": question, **places}),
        max_tokens=numbers.test_tokens if prompt == "test" else max(member.max_tokens, numbers.tokens),
    )


def _at(temperature: float, ask: Ask) -> Ask:
    return replace(ask, member=ask.member.but(temperature=temperature))


def _draw(table: Table, count: int, seed: str) -> list[str]:
    """Return labels nobody has yet, in an order that says nothing about who gets them."""
    drawn, table.labels = table.labels[:count], table.labels[count:]
    random.Random(f"{table.room.run}:{seed}").shuffle(drawn)
    return drawn


def _others(table: Table, member: Member) -> str:
    """Return programs that others wrote, under their labels, in an order of this reader's own."""
    others = [each for each in table.candidates.values() if member.name not in each.members]
    random.Random(f"{table.room.run}:{member.name}").shuffle(others)
    return "\n\n".join(f"{each.label}:\n{fenced(bare(each.code))}" for each in others[:SHOWN]) or "(nothing yet)"


def _broken(table: Table, evidence: Evidence) -> list[tuple[Member, str]]:
    """Return each author with the best program of its own that fails an example."""
    order = ranked(evidence)
    found = []
    for member in table.room.who(table.phase("revise")):
        own = [label for label in order if member.name in evidence.candidates[label].members]
        if own and evidence.shown(own[0]) < len(evidence.examples):
            found.append((member, own[0]))
    return found


async def _unheard(ask: Ask, reply: Reply) -> None:
    """Say nothing of the signature by itself: every program has it."""
