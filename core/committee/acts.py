"""What members do besides voting: propose, criticise, revise. Each act asks, listens, and keeps what was said."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from core.committee.committee import Member
from core.committee.estimates import figures, require_number
from core.committee.floor import ask_all
from core.committee.grouping import comparable
from core.committee.judgement import judged, require_judgement
from core.committee.patterns import Phase
from core.committee.quorum import require
from core.committee.reading import Places, answers_for, ask_for, others_for, remarks_for, vote_so_far
from core.committee.replies import Ask, Reply
from core.committee.room import Room, Standpoint
from core.committee.sparing import ask_sparingly, counts_answers, race_of_answers
from core.events import Critique, Happening, PhaseStarted, Proposal, Revision

Body = Callable[[Reply], Happening]
REQUIRED = {"number": require_number, "judgement": require_judgement}
"""What a reply must have, by `Phase.reply`, not to be asked for again."""


async def propose(room: Room, phase: Phase, round: int) -> None:
    """Ask for first answers; raises `NoQuorum` where too few come."""
    members = room.who(phase)
    await started(room, phase, round, members)
    ask = partial(_propose, room, phase, round)
    spared: list[Member] = []
    if counts_answers(room) and room.committee.early_stop != "off":
        spared = await ask_sparingly(room, phase, members, ask, race_of_answers)
    else:
        await ask(members)
    room.said.proposers += len(members)
    room.said.saved += len(spared)
    if not spared:
        require(room, phase, [member for member in members if member.name in room.said.answers], len(members))


async def _propose(room: Room, phase: Phase, round: int, members: Sequence[Member]) -> None:
    stands: dict[str, Standpoint] = {}

    def body(reply: Reply) -> Happening:
        s = stands[reply.member] = _stand(room, phase, reply)
        return Proposal(member=s.member, label=s.label, text=s.text, value=s.value, call=reply.calls[0])

    for reply in await _ask_all(room, phase, round, members, body):
        room.said.answers[reply.member] = stands[reply.member]


async def critique(room: Room, phase: Phase, round: int) -> None:
    """Ask for remarks on the answers; a committee can do without any one of them."""

    def body(reply: Reply) -> Happening:
        return Critique(member=reply.member, text=reply.text, call=reply.calls[0])

    members = room.who(phase)
    await started(room, phase, round, members)
    replies = await _ask_all(room, phase, round, members, body)
    room.said.remarks = [(reply.member, reply.text) for reply in replies]


async def revise(room: Room, phase: Phase, round: int) -> None:
    """Ask those who have answered to answer again; who does not keeps the answer it has."""
    stands: dict[str, Standpoint] = {}

    def body(reply: Reply) -> Happening:
        s = stands[reply.member] = _stand(room, phase, reply)
        return Revision(member=s.member, label=s.label, text=s.text, value=s.value, round=round, call=reply.calls[0])

    members = [member for member in room.who(phase) if member.name in room.said.answers]
    await started(room, phase, round, members)
    for reply in await _ask_all(room, phase, round, members, body):
        room.said.answers[reply.member] = stands[reply.member]


async def _ask_all(room: Room, phase: Phase, round: int, members: Sequence[Member], body: Body) -> list[Reply]:
    """Ask members side by side, say what each gives as it comes, and return the good replies in order."""

    async def heard(ask: Ask, reply: Reply) -> None:
        await room.tell(ask.key, body(reply))

    asks = [_ask(room, phase, round, member) for member in members]
    replies = await ask_all(room, asks, room.need(phase, len(asks)), heard)
    return [reply for reply in replies if reply.good]


def _ask(room: Room, phase: Phase, round: int, member: Member) -> Ask:
    own = room.said.answers.get(member.name)
    places: Places = {
        "answers": lambda: answers_for(room, member, round),
        "others": lambda: others_for(room, member, round),
        "own": lambda: [("your answer", own.text)] if own else "",
        "remarks": lambda: remarks_for(room, member, round),
        "figures": lambda: figures(room),
        "standing": lambda: vote_so_far(room),
    }
    ask = ask_for(room, phase, round, member, places)
    return replace(ask, accept=REQUIRED[phase.reply]) if phase.reply in REQUIRED else ask


def _stand(room: Room, phase: Phase, reply: Reply) -> Standpoint:
    """Return the answer in a reply. Sides that a pattern set against each other are never merged as equal."""
    value = None if room.parts else comparable(reply.text)
    if phase.reply == "judgement":
        value = "yes" if judged(reply.text) else "no"
    return Standpoint(reply.member, room.labels[reply.member], reply.shown, value)


async def started(room: Room, phase: Phase, round: int, members: Sequence[Member]) -> None:
    """Say that members have been asked something."""
    names = tuple(member.name for member in members)
    await room.tell(f"phase:{phase.name}:{round}", PhaseStarted(phase=phase.name, round=round, members=names))
