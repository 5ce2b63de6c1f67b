"""One task under way: what happens in it is said once, and what it has done is not done again after a crash."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from core.entities import Collaboration, Status, Task, now
from core.errors import DexterError, Misconfigured, Stopped, Unavailable
from core.events import Event, Happening
from core.ports import Emit, Steps
from core.sentences import Sentence
from core.skills.results import Done

T = TypeVar("T")
LOOK = 0.2
"""Seconds between two looks at whether a person has stopped the run."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run that asks no committee."""

    asked: Collaboration
    task: Task
    steps: Steps
    emit: Emit

    async def tell(self, key: str, body: Happening) -> None:
        """Say what happened, once however often the run is replayed."""
        await self.emit(event(self.asked, key, body))

    def done(self, status: Status, sentence: Sentence) -> Done:
        """Return the end of the run, with what there is to say."""
        return ended(self.asked, status, sentence)

    async def apart(self, key: str, work: Callable[[], Awaitable[T]], shape: type[T]) -> T:
        """Return what `work`, which runs something in the sandbox, returned now or before a crash.

        Raises `Stopped`, once nothing of it is left, where a person stopped the run; and a `DexterError`, which ends
        it, where the sandbox failed.
        """

        async def bounded() -> T:
            try:
                return await self._unless_stopped(work())
            except (Unavailable, Misconfigured) as error:  # waiting for the database is something else
                raise DexterError(error.sentence) from error

        return await self.steps.once(key, bounded, shape)

    async def _unless_stopped(self, work: Awaitable[T]) -> T:
        working = asyncio.ensure_future(work)
        try:
            while not working.done():
                if self.steps.stopping():
                    raise Stopped("A person stopped this run.")
                await asyncio.wait([working], timeout=LOOK)
            return working.result()
        finally:
            if working.cancel():
                await asyncio.wait([working])


def event(asked: Collaboration, key: str, body: Happening) -> Event:
    """Return what happened in a run, in its envelope."""
    return Event(key=key, run=asked.id, tenant=asked.tenant, address=asked.address, at=now(), body=body)


def ended(asked: Collaboration, status: Status, sentence: Sentence) -> Done:
    """Return the end of a run, with what there is to say."""
    task = asked.task or Task(kind="check")
    return Done(
        task=task.kind, skill=task.skill, version=task.version, status=status, text=str(sentence), sentence=sentence
    )
