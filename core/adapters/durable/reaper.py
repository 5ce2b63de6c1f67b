"""Workers on PostgreSQL watch over each other: one that has died is noticed, and its runs are taken over.

No lock is held meanwhile, because a process that freezes under a lock would stop everybody. A takeover is a lease
on the dead worker; should the one who took it die as well, the lease runs out and the next worker has it. Times are
the database's, so that clocks which differ between machines do no harm.
"""

from collections.abc import Sequence

import structlog
from sqlalchemy import Column, Connection, DateTime, MetaData, String, Table, delete, func, or_, text, update
from sqlalchemy.dialects.postgresql import insert

from core.adapters.durable import line
from core.adapters.durable.body import Hands, Transactions
from core.adapters.durable.carrier import Carrier

BEAT_SECONDS = 1.0
DEAD_SECONDS = 5.0
"""A worker that has not beaten for so long is dead; one that was only frozen finds that its runs have another owner."""

TABLES = MetaData()
WORKER = Table(
    "run_worker",
    TABLES,
    Column("id", String, primary_key=True),
    Column("beat", DateTime(timezone=True), nullable=False),
    Column("heir", String),
    Column("inherited", DateTime(timezone=True)),
)
C = WORKER.c
NOW = func.clock_timestamp()
LONG_AGO = NOW - text(f"interval '{DEAD_SECONDS} seconds'")


def beat(connection: Connection, worker: str) -> None:
    """Say that `worker` lives."""
    row = insert(WORKER).values(id=worker, beat=NOW)
    connection.execute(row.on_conflict_do_update(index_elements=["id"], set_={"beat": NOW}))


def inherit(connection: Connection, heir: str) -> Sequence[str]:
    """Return the dead workers whose runs `heir` shall take over now."""
    free = or_(C.heir.is_(None), C.inherited < LONG_AGO)
    dead = update(WORKER).where(C.id != heir, C.beat < LONG_AGO, free)
    return connection.execute(dead.values(heir=heir, inherited=NOW).returning(C.id)).scalars().all()


def bury(connection: Connection, worker: str) -> None:
    """Forget a dead worker, unless it beats again."""
    connection.execute(delete(WORKER).where(C.id == worker, C.beat < LONG_AGO))


def resign(connection: Connection, worker: str) -> None:
    """Say that `worker` ends on purpose, so that its runs need not wait for it to be missed."""
    connection.execute(update(WORKER).where(C.id == worker).values(beat=text("'epoch'")))


class Reaper:
    """Takes over, for one worker, from those that no longer beat."""

    def __init__(self, worker: str, transactions: Transactions, carrier: Carrier, hands: Hands) -> None:
        self._worker = worker
        self._transactions = transactions
        self._carrier = carrier
        self._hands = hands
        self._log = structlog.get_logger(__name__)

    async def round(self) -> None:
        """Take over from the dead, and hear of stops whose message was lost."""
        runs = self._hands.runs

        def look(connection: Connection) -> tuple[Sequence[str], set[str]]:
            stops = line.asked_to_stop(connection, runs) if runs else set()
            return inherit(connection, self._worker), stops

        dead, stops = await self._transactions.write(look)
        for run in stops:
            self._hands.stop(run)
        for worker in dead:
            await self._take_over(worker)

    async def _take_over(self, dead: str) -> None:
        runs = await self._carrier.take_over(dead)
        await self.put_back(dead)
        await self._transactions.write(lambda c: bury(c, dead))
        self._log.info("worker_gone", worker=dead, runs_taken_over=runs)

    async def put_back(self, dead: str) -> None:
        """Put those runs back into the line that a worker had taken and not begun when it died."""
        runs = await self._transactions.read(lambda c: line.held(c, dead))
        states = await self._carrier.states(runs)
        unknown = [run for run in runs if run not in states]
        over = [run for run in runs if states.get(run)]

        def tidy(connection: Connection) -> None:
            line.give_back(connection, unknown)
            for run in over:
                line.leave(connection, run)

        await self._transactions.write(tidy)
