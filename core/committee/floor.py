"""Asking members side by side: each ask is one durable step, bounded by the phase's gate."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from core.committee.gate import Gate
from core.committee.replies import Ask, Reply
from core.committee.room import Room
from core.errors import Stopped

T = TypeVar("T")
Heard = Callable[[Ask, Reply], Awaitable[None]]
"""Called with each reply as it comes, so that it is shown before the slowest is in."""


async def ask_all(room: Room, asks: Sequence[Ask], need: int, heard: Heard) -> list[Reply]:
    """Ask all at one time and return their replies in the order of `asks`.

    The phase closes `committee.grace` seconds after `need` replies are good; whoever is late is an absence. Raises
    `Stopped` where a person stopped the run meanwhile.
    """
    with Gate(need, room.committee.grace, room.tools.steps.stopping) as gate:
        replies = await together([_ask(room, ask, gate, heard) for ask in asks])
    room.tools.budget.passed(max((reply.seconds for reply in replies), default=0.0))
    room.said.absences.extend(reply.absence for reply in replies if reply.absence)
    room.said.untold.extend(call for reply in replies if reply.stopped for call in reply.calls)
    if any(reply.stopped for reply in replies):
        raise Stopped("A person stopped this run.")
    return replies


async def _ask(room: Room, ask: Ask, gate: Gate, heard: Heard) -> Reply:
    async def work() -> Reply:
        return await room.tools.calls.make(ask, gate, room.tools.budget, _words(room, ask))

    reply = await room.tools.steps.once(ask.key, work, Reply)
    room.tools.budget.charge(reply.calls)
    if reply.absence:
        await room.tell(ask.key, reply.absence)
    elif reply.good:
        gate.heard()
        await heard(ask, reply)
    return reply


def _words(room: Room, ask: Ask) -> Callable[[str], None] | None:
    """Stream what a person reads as it comes; a ballot is not for reading."""
    say = room.tools.listen(ask.phase) if ask.schema is None else None
    return (lambda text: say(ask.member.name, text)) if say else None


async def together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Run all side by side, begun in order, and return their results in order; the first failure ends the others."""
    try:
        async with asyncio.TaskGroup() as tasks:
            started = [tasks.create_task(one) for one in work]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in started]
