"""The journal: events as they are written down, with the calls they tell of and the slots they mark as due."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, case, func, insert, literal_column, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from core.entities import Status, now
from core.errors import NotFound
from core.events import Answer, Event
from core.skills.results import Done
from storage.outcomes import Outcomes
from storage.rows import call_rows, clean, event_noun, event_row
from storage.tables import CALL, COLLABORATION, EVENT, LIVE, OUTBOX

E = EVENT.c
ASKER = select(COLLABORATION.c.asker).where(COLLABORATION.c.id == bindparam("asked_in")).scalar_subquery()


class Journal:
    """Writes and reads events on a caller's connection; made once, so that its statements are compiled once."""

    def __init__(self, dialect: str) -> None:
        self._lock = dialect == "postgresql"
        upserting: Any = postgresql.insert if self._lock else sqlite.insert
        self._event = upserting(EVENT).on_conflict_do_nothing(index_elements=["id"]).returning(E.seq)
        self._call = insert(CALL).values(asker=ASKER)
        self._slot: Insert = _mark(upserting(OUTBOX))
        self._outcomes = Outcomes(dialect)

    def append(self, connection: Connection, event: Event, slots: Sequence[str]) -> bool:
        """Write an event, its calls, its slots, and how the run ended if it did; False where it is there already.

        Whoever reads an end therefore never finds its run still at work. Raises `NotFound` where its tenant has no such
        run.
        """
        row = event_row(event)
        if self._lock:
            # Two writers of one run take turns, so that numbers appear in order: an outbox that has shown event 11
            # would never show an event 10 that was committed after it.
            connection.execute(TURN, {"run": row["run"]})
        try:
            seq = connection.execute(self._event, row).scalar()
        except IntegrityError:
            raise NotFound("There is no collaboration “{wanted}” here.", wanted=row["run"]) from None
        end = event.body if isinstance(event.body, Answer | Done) else None
        if end:  # also one that is there already: it was written when this was a second step
            settle(connection, event.run, end.status, end.text)
        if seq is None:
            return False
        if calls := call_rows(event):
            connection.execute(self._call, [{**call, "asked_in": call["run"]} for call in calls])
        if end:
            self._outcomes.keep(connection, row)
        if slots:
            mark = {name: row[name] for name in ("run", "tenant", "address")} | {"upto": seq, "due_at": now()}
            connection.execute(self._slot, [{**mark, "slot": clean(slot)} for slot in dict.fromkeys(slots)])
        return True


def settle(connection: Connection, run: str, status: Status, answer: str = "") -> bool:
    """Set a run's status (and answer and end, once it is over). A status that is over stays."""
    values: dict[str, object] = {"status": status.value}
    if status.over:
        values |= {"answer": clean(answer), "ended_at": now()}
    change = update(COLLABORATION).where(COLLABORATION.c.id == run, LIVE).values(values)
    return connection.execute(change).rowcount > 0


def touch(connection: Connection, run: str, slot: str) -> None:
    """Have a slot shown anew although nothing was said that it shows; one that was never due stays so."""
    waits = OUTBOX.c.upto > OUTBOX.c.shown
    again = {"upto": OUTBOX.c.upto + 1, "due_at": case((waits, OUTBOX.c.due_at), else_=now())}
    connection.execute(update(OUTBOX).where(OUTBOX.c.run == run, OUTBOX.c.slot == slot).values(again))


TURN = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("run"), 0)))


def _mark(insertion: Any) -> Insert:
    """Return the statement that marks a slot: one that was shown is due from now; one that waits keeps its place."""
    new = insertion.excluded
    waits = OUTBOX.c.upto > OUTBOX.c.shown
    # A slot that was touched may be ahead of its events; the next event must put it further ahead still.
    further = case((new.upto > OUTBOX.c.upto, new.upto), else_=OUTBOX.c.upto + 1)
    marked: Insert = insertion.on_conflict_do_update(
        index_elements=["run", "slot"],
        set_={"upto": further, "due_at": case((waits, OUTBOX.c.due_at), else_=new.due_at)},
    )
    return marked


def history(connection: Connection, tenant: str, run: str) -> list[Event]:
    """Return a run's events in the order they were written."""
    found = select(EVENT).where(E.tenant == tenant, E.run == run).order_by(E.seq)
    return [event_noun(row) for row in connection.execute(found)]


def latest(connection: Connection, tenant: str, kinds: Sequence[str], limit: int) -> list[Event]:
    """Return the newest `limit` events of some kinds, oldest first."""
    if not kinds:
        return []
    # One short walk of the index for each kind; sorting all kinds together would read the tenant's whole journal.
    each = [
        select(select(EVENT).where(E.tenant == tenant, E.kind == kind).order_by(E.seq.desc()).limit(limit).subquery())
        for kind in sorted(set(kinds))
    ]
    newest = union_all(*each).order_by(literal_column("seq").desc()).limit(limit)
    return [event_noun(row) for row in connection.execute(newest)][::-1]
