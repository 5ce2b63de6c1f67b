"""The line at the door: every run that was accepted and is not over, who carries it, and whether it is to stop.

A row is written in the transaction that accepts its question and deleted once the run is over, so the table is
as long as the work in hand. All functions here block; each is the work of one transaction.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

CHANNEL = "dexter_runs"
"""Where PostgreSQL tells the other processes what happened to a run: `enter`, `stop` or `over`, and its id."""

TABLES = MetaData()
LINE = Table(
    "run_line",
    TABLES,
    Column("place", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("run", String, nullable=False, unique=True),
    Column("tenant", String, nullable=False),
    Column("worker", String),
    Column("stop", Boolean, nullable=False, server_default=false()),
    Column("patient", Boolean, nullable=False, server_default=false()),
)
C = LINE.c


class Place(NamedTuple):
    """One run in the line."""

    run: str
    tenant: str
    stop: bool


def make_tables(engine: Engine, tables: MetaData = TABLES) -> None:
    """Create what is missing; several processes may do so at once."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('dexter_runs'))"))
        tables.create_all(connection)


def enter(connection: Connection, run: str, tenant: str, *, patient: bool = False) -> None:
    """Put a run at the end of the line; a `patient` one lets those pass that come later and are not."""
    connection.execute(insert(LINE).values(run=run, tenant=tenant, patient=patient))
    _tell(connection, "enter", run)


def waiting(connection: Connection) -> int:
    """Return how many runs nobody carries yet, but for the patient ones: these keep nobody out."""
    nobodys = select(func.count()).select_from(LINE).where(C.worker.is_(None), C.patient.is_(False))
    return connection.execute(nobodys).scalar_one()


def claim(connection: Connection, worker: str, free: int, last: Collection[str] = ()) -> Sequence[Place]:
    """Take the first `free` runs of the line, and all that only wait to be stopped; oldest first.

    A tenant of whom fewer runs are carried comes before one of whom more are, however much that one has asked for;
    of two of whom as many are, the one that is not among the `last` served. Patient runs come after the tenant's
    others.
    """
    nobodys = select(C.run).where(C.worker.is_(None))
    turn = func.row_number().over(partition_by=C.tenant, order_by=(C.worker.is_(None), C.patient, C.place))
    turns = select(C.run, C.tenant, C.place, C.worker, turn.label("turn")).subquery()
    order = turns.c.turn, turns.c.tenant.in_(last), turns.c.place
    waiting = select(turns.c.run).where(turns.c.worker.is_(None)).order_by(*order).limit(free)
    first = nobodys.where(C.run.in_(waiting)).with_for_update(skip_locked=True)
    stopped = nobodys.where(C.stop).with_for_update(skip_locked=True)
    taken = (
        update(LINE)
        .where(C.worker.is_(None), or_(C.run.in_(first), C.run.in_(stopped)))
        .values(worker=worker)
        .returning(C.place, C.run, C.tenant, C.stop)
    )
    return [Place(row.run, row.tenant, row.stop) for row in sorted(connection.execute(taken))]


def adopt(connection: Connection, run: str, worker: str) -> Place | None:
    """Say that `worker` carries a run now; `None` where the run is over."""
    change = update(LINE).where(C.run == run).values(worker=worker).returning(C.run, C.tenant, C.stop)
    row = connection.execute(change).one_or_none()
    return Place(row.run, row.tenant, row.stop) if row else None


def held(connection: Connection, worker: str) -> Sequence[str]:
    """Return the runs that `worker` has taken and not finished."""
    return connection.execute(select(C.run).where(C.worker == worker)).scalars().all()


def give_back(connection: Connection, runs: Collection[str]) -> None:
    """Let anyone take these runs again."""
    for run in runs:
        connection.execute(update(LINE).where(C.run == run).values(worker=None))
        _tell(connection, "enter", run)


def leave(connection: Connection, run: str) -> None:
    """The run is over."""
    connection.execute(delete(LINE).where(C.run == run))
    _tell(connection, "over", run)


def ask_to_stop(connection: Connection, run: str) -> bool:
    """Note that a person wants the run to stop; True if it was still in the line."""
    found = connection.execute(update(LINE).where(C.run == run).values(stop=True)).rowcount > 0
    if found:
        _tell(connection, "stop", run)
    return found


def asked_to_stop(connection: Connection, runs: Collection[str]) -> set[str]:
    """Return which of these runs are to stop."""
    return set(connection.execute(select(C.run).where(C.stop, C.run.in_(runs))).scalars())


def going(connection: Connection, run: str) -> bool:
    """Tell whether a run is in the line."""
    return bool(connection.execute(select(exists().where(C.run == run))).scalar())


def there(connection: Connection, runs: Collection[str]) -> set[str]:
    """Return which of these runs are in the line."""
    return set(connection.execute(select(C.run).where(C.run.in_(runs))).scalars())


def _tell(connection: Connection, what: str, run: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(CHANNEL, f"{what} {run}")))
