"""The service: carries one task on a skill from its start to exactly one end, whatever happens on the way."""

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping

from core.entities import Collaboration, Status, Task
from core.errors import BadRequest, DexterError, Stopped, Unavailable
from core.ports import Emit, Steps, Store
from core.sentences import read, said
from core.skills.bench import Bench
from core.skills.checking import check
from core.skills.job import Job, ended, event
from core.skills.promoting import promote
from core.skills.results import Done, Started
from core.skills.trying import test
from core.skills.using import use

Kind = Callable[[Job, Bench], Awaitable[Done]]
"""Does one kind of task. What it does to the world is a step, or has the run for its key."""
KINDS: Mapping[str, Kind] = {"run": use, "test": test, "promote": promote, "check": check}

log = logging.getLogger(__name__)


class Tasks:
    """Runs that ask no committee."""

    def __init__(self, store: Store, bench: Bench, emit: Emit, more: Mapping[str, Kind] | None = None) -> None:
        """`more` are kinds of tasks beside those on skills that are here already."""
        self._store, self._bench, self._emit = store, bench, emit
        self._kinds = {**KINDS, **(more or {})}

    async def carry(self, tenant: str, run: str, steps: Steps) -> None:
        """Be the body of a durable run: do the task, say what happens, and settle it.

        On a replay nothing is run or said twice. Raises `Unavailable` where the store does not answer: the engine
        tries again, and tells `fail` in the end.
        """
        asked = await self._store.collaboration(tenant, run)
        if asked.status.over:
            return
        await self._store.settle(run, Status.RUNNING)
        await self._end(asked, await self._done(asked, steps))

    async def fail(self, tenant: str, run: str, error: DexterError) -> None:
        """End a run that its engine could not carry to the end."""
        asked = await self._store.collaboration(tenant, run)
        if not asked.status.over:
            await self._end(asked, ended(asked, Status.FAILED, error.sentence))

    async def _end(self, asked: Collaboration, done: Done) -> None:
        await self._emit(event(asked, "done", done))

    async def _done(self, asked: Collaboration, steps: Steps) -> Done:
        """Return the one end of a run, also of one that fails."""
        task = asked.task or Task(kind="check")
        job = Job(asked, task, steps, self._emit)
        try:
            await job.tell("started", _started(asked, task))
            if task.kind not in self._kinds:
                raise BadRequest("Dexter does not know how to {task} a skill here.", task=task.kind)
            return await self._kinds[task.kind](job, self._bench)
        except Unavailable:
            raise
        except Stopped as error:
            return ended(asked, Status.STOPPED, error.sentence)
        except DexterError as error:
            return ended(asked, Status.FAILED, error.sentence)
        except Exception as error:  # noqa: BLE001  a fault of ours must still end in words that a person can read
            trace = "".join(traceback.format_tb(error.__traceback__))  # without the message, which may quote anything
            log.error("run %s failed: %s\n%s", asked.id, type(error).__name__, trace)  # noqa: TRY400
            text = "Something went wrong inside Dexter; its log has the details under run {run}."
            return ended(asked, Status.FAILED, said(text, run=asked.id))


def _started(asked: Collaboration, task: Task) -> Started:
    return Started(
        task=task.kind,
        skill=task.skill,
        version=task.version,
        asker=asked.asker,
        asker_name=asked.asker_name,
        language=asked.language,
        note=read(asked.note) if asked.note else None,
    )
