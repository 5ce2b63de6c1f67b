"""DBOS as Dexter sets it up: JSON and never pickle, no telemetry, no conductor, nothing on standard output.

DBOS is one to a process, so there is one open `Carrier` to a process.
"""

import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID
from sqlalchemy import Engine, create_engine, event

from core.entities import now

VERSION = "1"
"""Pinned: DBOS's default is a hash of the source, and after an upgrade nobody would finish what was begun."""
THREADS = 24
KEEP = timedelta(days=1)
"""How long DBOS keeps its notes on a run that is over; Dexter's journal has all that matters of it."""
SWEEP = 500
"""Runs whose notes are deleted at a time."""
OVER = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]

Body = Callable[[str, str], Awaitable[None]]
"""What a run does, given its tenant and its id."""


class Carrier:
    """Starts runs as DBOS workflows, and starts those again that a dead process left behind."""

    def __init__(self, engine: Engine, worker: str) -> None:
        self._engine = _single(engine) if engine.dialect.name == "sqlite" else engine
        self._given = engine
        self._worker = worker

    def open(self, body: Body) -> None:
        """Launch DBOS, which then runs again what this worker left unfinished.

        Called on the event loop, which DBOS makes its own; blocks it for some 0.2 s, more where tables are made.
        """
        log = logging.getLogger("dbos")
        if not log.handlers:  # or DBOS adds its own, and no line of it reaches Dexter's log
            log.addHandler(logging.NullHandler())
        config: DBOSConfig = {
            "name": "dexter",
            "system_database_engine": self._engine,
            "application_version": VERSION,
            "executor_id": self._worker,
            "serializer": DBOSPortableJSONSerializer(),
            "max_executor_threads": THREADS,
            "log_level": "ERROR",  # it warns of each page that is cut short when a run ends
            "enable_otlp": False,
            "notification_listener_polling_interval_sec": 0.1,  # nothing is read; closing waits for it
            "use_listen_notify": False,  # its sender wakes up 100 times a second, and Dexter sends nothing through it
        }

        async def run(tenant: str, id: str) -> None:
            await body(tenant, id)

        DBOS(config=config)
        self._run = DBOS.workflow(name="run", max_recovery_attempts=None)(run)
        DBOS.launch()

    async def begin(self, tenant: str, run: str) -> None:
        """Start a run; one that was started before, here or elsewhere, is left alone."""
        with SetWorkflowID(run):
            await DBOS.start_workflow_async(self._run, tenant, run)

    async def states(self, runs: Sequence[str]) -> Mapping[str, bool]:
        """Return which of these runs were ever started, and whether they are over."""
        if not runs:
            return {}
        found = await DBOS.list_workflows_async(workflow_ids=list(runs), load_input=False, load_output=False)
        return {state.workflow_id: state.status in OVER for state in found}

    async def take_over(self, dead: str) -> int:
        """Start the runs that a dead worker was carrying again, on whichever worker is first; return how many."""
        found = await DBOS.list_workflows_async(status="PENDING", executor_id=dead, load_input=False, load_output=False)
        runs = [state.workflow_id for state in found]
        if runs:
            await DBOS.resume_workflows_async(runs)
        return len(runs)

    async def sweep(self) -> None:
        """Delete DBOS's notes on runs that have been over for a day."""
        before, full = (now() - KEEP).isoformat(), True
        while full:
            found = await DBOS.list_workflows_async(
                status=OVER, completed_before=before, limit=SWEEP, load_input=False, load_output=False
            )
            if found:
                await DBOS.delete_workflows_async([state.workflow_id for state in found])
            full = len(found) == SWEEP

    def close(self) -> None:
        """Stop DBOS; blocks for a second or two."""
        DBOS.destroy(destroy_registry=True)
        if self._engine is not self._given:
            self._engine.dispose()


def _single(engine: Engine) -> Engine:
    """Return an engine on the same SQLite file that has one connection.

    SQLite has one writer at a time, and threads that wait for it inside SQLite sleep longer and longer; waiting for the
    connection instead, they are woken at once. Twice the steps a second under load.
    """
    single = create_engine(
        engine.url, pool_size=1, max_overflow=0, pool_timeout=60, connect_args={"isolation_level": "IMMEDIATE"}
    )

    def prepare(connection: sqlite3.Connection, _: object) -> None:
        for pragma in ("busy_timeout = 30000", "synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(single, "connect", prepare)
    return single
