"""Schedules as they are kept: `core.schedules.store.ScheduleStore`; a firing is one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, Table, and_, delete, func, insert, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import BadRequest, NotFound
from core.events import Event
from core.schedules.schedule import Firing, Occurrence, Schedule, State
from storage import inbox
from storage.journal import Journal
from storage.rows import clean, dumped
from storage.schedule_tables import OCCURRENCE, SCHEDULE, ZONE
from storage.store import SHORTEST_PREFIX
from storage.tables import COLLABORATION, OUTBOX
from storage.transactions import Transactions

S, O = SCHEDULE.c, OCCURRENCE.c  # noqa: E741 -- as the outbox's columns are called in its own file
LEASE = timedelta(seconds=15)
"""How long who took a schedule on has it for themselves."""
Slots = Callable[[Event], Sequence[str]]
"""Says which posts an event makes due."""


class Line(Protocol):
    """Where runs wait to be carried."""

    def enter(self, connection: Connection, run: str, tenant: str, *, patient: bool) -> None:
        """Put a run at the end, in the caller's transaction; a `patient` one lets others pass."""


class SqlSchedules:
    """Schedules on SQLite and PostgreSQL."""

    def __init__(self, transactions: Transactions, line: Line, slots: Slots) -> None:
        """`line` is where runs wait to be carried; `slots` says which posts an event makes due."""
        self._read, self._write = transactions.read, transactions.write
        self._line, self._slots = line, slots
        self._journal = Journal(transactions.engine.dialect.name)

    async def add(self, schedule: Schedule, wake_at: datetime | None, *, most: int) -> bool:
        """Keep a new schedule; False, changing nothing, where its id is there already."""
        mine = S.tenant == schedule.tenant, S.owner == clean(schedule.owner), S.state != State.OVER.value

        def work(connection: Connection) -> bool:
            there = select(func.count()).where(S.id == schedule.id)
            if connection.execute(there).scalar_one():
                return False
            if connection.execute(select(func.count()).where(*mine)).scalar_one() >= most:
                text = "You have {most} schedules already, which is as many as there may be: remove one first."
                raise BadRequest(text, most=most)
            return _new(connection, SCHEDULE, _row(schedule, wake_at))

        return await self._write(work)

    async def schedule(self, tenant: str, id: str, *, reader: str | None = None) -> Schedule:
        """Return it by id or by an unambiguous prefix of at least 4 characters. Raises `NotFound`."""
        wanted = clean(id).strip().lower()
        if len(wanted) < SHORTEST_PREFIX or wanted[-1] > "z":
            raise _nothing(wanted)
        beginning = S.id >= wanted, S.id < wanted[:-1] + chr(ord(wanted[-1]) + 1)
        query = select(S.body).where(S.tenant == tenant, *beginning, _open_to(reader)).order_by(S.id).limit(2)
        found = await self._read(lambda c: [_noun(body) for body in c.scalars(query)])
        if not found:
            raise _nothing(wanted)
        if len(found) > 1 and found[0].id != wanted:
            raise NotFound("More than one schedule begins with “{wanted}”: give more of its id.", wanted=wanted)
        return found[0]

    async def schedules(
        self, tenant: str, *, owner: str | None = None, reader: str | None = None, limit: int = 50
    ) -> Sequence[Schedule]:
        """Return those that come next first, then those that are paused or over, newest first."""
        whose = S.owner == owner if owner is not None else true()
        waits = and_(S.state == State.ACTIVE.value, S.next_at.is_not(None))
        order = waits.desc(), S.next_at, S.created_at.desc()
        query = select(S.body).where(S.tenant == tenant, whose, _open_to(reader)).order_by(*order).limit(limit)
        return await self._read(lambda c: [_noun(body) for body in c.scalars(query)])

    async def change(
        self, tenant: str, id: str, work: Callable[[Schedule], tuple[Schedule, datetime | None]]
    ) -> Schedule:
        """Lock a schedule, call `work`, and keep what it returns with the next revision."""
        mine = S.tenant == tenant, S.id == clean(id)

        def locked(connection: Connection) -> Schedule:
            body = connection.execute(select(S.body).where(*mine).with_for_update()).scalar_one_or_none()
            if body is None:
                raise _nothing(id)
            before = _noun(body)
            after, wake_at = work(before)
            after = after.but(revision=before.revision + 1)
            connection.execute(update(SCHEDULE).where(*mine).values(_row(after, wake_at)))
            return after

        return await self._write(locked)

    async def remove(self, tenant: str, id: str) -> None:
        """Forget a schedule and its history; the runs that it started stay."""

        def work(connection: Connection) -> None:
            connection.execute(select(S.id).where(S.tenant == tenant, S.id == clean(id)).with_for_update())
            connection.execute(delete(OCCURRENCE).where(O.tenant == tenant, O.schedule == clean(id)))
            connection.execute(delete(SCHEDULE).where(S.tenant == tenant, S.id == clean(id)))

        await self._write(work)

    async def due(self, at: datetime, *, limit: int = 50) -> Sequence[Schedule]:
        """Take what is due in all tenants, longest due first; nobody else is given it for some seconds."""
        first = select(S.id).where(S.wake_at <= at).order_by(S.wake_at).limit(limit).with_for_update(skip_locked=True)
        taken = update(SCHEDULE).where(S.id.in_(first)).values(wake_at=at + LEASE).returning(S.body)
        found = await self._write(lambda c: [_noun(body) for body in c.scalars(taken)])
        return sorted(found, key=lambda each: (each.next_at or at, each.id))

    async def earliest(self) -> datetime | None:
        """Return when the next schedule of all tenants is due."""
        query = select(S.wake_at).where(S.wake_at.is_not(None)).order_by(S.wake_at).limit(1)
        return await self._read(lambda c: c.execute(query).scalar_one_or_none())

    async def fire(self, before: Schedule, firing: Firing) -> bool:
        """Keep a firing whole; False, changing nothing, where the schedule was changed since `before`."""
        after = firing.schedule.but(revision=before.revision + 1)
        values = _row(after, firing.wake_at)
        if firing.occurrence:
            values["fired_at"] = firing.occurrence.fired_at

        def work(connection: Connection) -> bool:
            if not connection.execute(update(SCHEDULE).where(*_same(before)).values(values)).rowcount:
                return False
            if firing.occurrence is None or _new(connection, OCCURRENCE, _occurrence(firing.occurrence)):
                self._start(connection, firing)
            return True

        return await self._write(work)

    def _start(self, connection: Connection, firing: Firing) -> None:
        """Accept the run, however many wait, as nobody could be told to come again; what is over is only told."""
        run = firing.start
        if run is None:
            return

        def begun(c: Connection) -> None:
            if not run.status.over:
                self._line.enter(c, run.id, run.tenant, patient=True)
            if firing.told:
                self._journal.append(c, firing.told, self._slots(firing.told))

        inbox.accept(connection, run, firing.key, begun)

    async def later(self, before: Schedule, wake_at: datetime) -> None:
        """Look at a schedule again at another time, if it was not changed since `before`."""
        change = update(SCHEDULE).where(*_same(before)).values(wake_at=wake_at)
        await self._write(lambda c: c.execute(change).rowcount)

    async def history(self, tenant: str, id: str, *, limit: int = 20) -> Sequence[tuple[Occurrence, str]]:
        """Return the newest occurrences with the status of the runs that they started (empty: none)."""
        run = and_(COLLABORATION.c.tenant == O.tenant, COLLABORATION.c.id == O.run)
        rows = select(OCCURRENCE, COLLABORATION.c.status).outerjoin(COLLABORATION, run)
        mine = rows.where(O.tenant == tenant, O.schedule == clean(id)).order_by(O.at.desc()).limit(limit)

        def read(connection: Connection) -> list[tuple[Occurrence, str]]:
            names = Occurrence.model_fields
            found = connection.execute(mine)
            return [(Occurrence(**{name: getattr(row, name) for name in names}), row.status or "") for row in found]

        return await self._read(read)

    async def undelivered(self, tenant: str, run: str) -> str:
        """Return why posts of a run will never arrive, as `core.sentences.kept`; empty where they may."""
        mine = OUTBOX.c.tenant == tenant, OUTBOX.c.run == clean(run), OUTBOX.c.buried.is_not(None)
        query = select(OUTBOX.c.buried).where(*mine).limit(1)
        return await self._read(lambda c: str(c.execute(query).scalar_one_or_none() or ""))

    async def zone(self, tenant: str, person: str) -> str:
        """Return the time zone that a person has set for themselves; empty where none."""
        query = select(ZONE.c.zone).where(ZONE.c.tenant == tenant, ZONE.c.person == clean(person))
        return await self._read(lambda c: str(c.execute(query).scalar_one_or_none() or ""))

    async def keep_zone(self, tenant: str, person: str, zone: str) -> None:
        """Set a person's time zone; empty: what holds where nobody sets any."""
        mine = ZONE.c.tenant == tenant, ZONE.c.person == clean(person)

        def work(connection: Connection) -> None:
            connection.execute(delete(ZONE).where(*mine))
            if zone:
                connection.execute(insert(ZONE).values(tenant=tenant, person=clean(person), zone=zone))

        await self._write(work)

    async def purge(self, before: datetime) -> int:
        """Forget occurrences that fired before a time, and schedules that have been over since; return how many."""
        over = S.state == State.OVER.value, func.coalesce(S.fired_at, S.created_at) < before
        gone = select(S.id).where(*over)

        def work(connection: Connection) -> int:
            old = or_(O.fired_at < before, O.schedule.in_(gone))
            count = connection.execute(delete(OCCURRENCE).where(old)).rowcount
            return count + connection.execute(delete(SCHEDULE).where(*over)).rowcount

        return await self._write(work)


def _same(before: Schedule) -> tuple[Any, ...]:
    return S.tenant == before.tenant, S.id == before.id, S.revision == before.revision


def _open_to(reader: str | None) -> Any:
    return true() if reader is None else or_(S.private.is_(False), S.owner == reader)


def _nothing(id: str) -> NotFound:
    return NotFound("There is no schedule “{wanted}” here: `schedule list` shows them all.", wanted=id[:40])


def _row(schedule: Schedule, wake_at: datetime | None) -> dict[str, Any]:
    repeated = {name: getattr(schedule, name) for name in ("private", "created_at", "next_at", "revision")}
    named = {name: clean(getattr(schedule, name)) for name in ("id", "tenant", "owner")}
    return {**named, **repeated, "state": schedule.state.value, "wake_at": wake_at, "body": dumped(schedule)}


def _occurrence(occurrence: Occurrence) -> dict[str, Any]:
    values = {name: getattr(occurrence, name) for name in Occurrence.model_fields}
    return {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}


def _noun(body: str) -> Schedule:
    """Return a schedule; what another version of Dexter wrote is read as far as this one knows it."""
    return Schedule.model_validate_json(body, extra="ignore")


def _new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    inserting: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    insertion = inserting(table).on_conflict_do_nothing().returning(table.c.tenant)
    return connection.execute(insertion, values).first() is not None
