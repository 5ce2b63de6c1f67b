"""The recipe: propose, critique, revise, vote, count, answer; which of them and how often, the pattern says."""

from collections.abc import Awaitable, Callable, Mapping

from core.committee.acts import critique, propose, revise
from core.committee.answers import answer
from core.committee.estimates import count_estimates
from core.committee.patterns import Phase
from core.committee.poll import vote
from core.committee.room import Room
from core.committee.rounds import settled, stretches
from core.events import Answer

ACTS: Mapping[str, Callable[[Room, Phase, int], Awaitable[None]]] = {
    "propose": propose,
    "critique": critique,
    "revise": revise,
    "vote": vote,
}
SETTLE = Phase(name="settle", act="revise", prompt="settle")
"""The round on the point of disagreement."""


async def deliberate(room: Room) -> Answer:
    """Carry a deliberation from the question to its answer.

    Raises `NoQuorum` where too few members answer or vote, and `Stopped` where a person stops it.
    """
    opening, again, closing = stretches(room.pattern)
    for phase in opening:
        await act(room, phase)
    await go_round(room, again)
    for phase in closing:
        await act(room, phase)
    await count(room)
    await settle(room)
    return await answer(room)


async def act(room: Room, phase: Phase) -> None:
    """Go through a phase once more."""
    room.said.rounds[phase.name] += 1
    await ACTS[phase.act](room, phase, room.said.rounds[phase.name])


async def go_round(room: Room, phases: tuple[Phase, ...]) -> None:
    """Repeat phases until nothing moves any more, or the pattern's limit is reached."""
    rounds = room.pattern.rounds
    if rounds is None or await settled(room, rounds, 1, None):
        return
    for round in range(2, rounds.most + 2):
        before = room.said.tally
        for phase in phases:
            await act(room, phase)
        if await settled(room, rounds, round, before):
            return


async def count(room: Room) -> None:
    """Count what no vote has counted: estimates, by their median; or a debate that began in agreement."""
    if room.pattern.vote == "median":
        room.said.candidates = room.standing()
        room.said.tally = count_estimates(room)
        await room.tell("tally:1", room.said.tally)
    elif room.pattern.vote != "none" and room.said.tally is None:
        await act(room, next(phase for phase in room.pattern.phases if phase.act == "vote"))


async def settle(room: Room) -> None:
    """Hold one more round on the point of disagreement, where the committee agrees less than it asks of itself."""
    tally = room.said.tally
    if tally is None or tally.winner is not None or room.pattern.vote == "median":
        return
    reasons = [(ballot.member, ballot.reason) for ballot in room.said.ballots if ballot.reason]
    room.said.remarks = reasons or room.said.remarks
    held = [phase for phase in room.pattern.phases if phase.act == "revise" and room.parts]
    reply = next((phase.reply for phase in room.pattern.phases if phase.reply != "text"), SETTLE.reply)
    await act(room, held[-1] if held else SETTLE.but(reply=reply))
    await act(room, next(phase for phase in room.pattern.phases if phase.act == "vote"))
