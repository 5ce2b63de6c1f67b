"""Campaigns as they are kept: `core.campaigns.store.CampaignStore`; a turn is one transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select, true, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from core.campaigns.campaign import Campaign
from core.campaigns.incidents import Turn
from core.campaigns.ledger import taken
from core.campaigns.store import Kept
from core.campaigns.sums import Sums
from core.entities import Collaboration, Status, now
from core.errors import NotFound
from core.events import Event
from storage import inbox
from storage.campaign_rows import campaign_noun, moment_key, thread_of
from storage.campaign_tables import CAMPAIGN, GOING, MOMENT, MONTH, TEMPLATE
from storage.campaign_turns import Line, Slots, Turns
from storage.outbox import ROOT
from storage.rows import call_noun, clean, event_noun
from storage.store import SHORTEST_PREFIX
from storage.tables import CALL, COLLABORATION, EVENT, OUTBOX
from storage.transactions import Transactions

C, E, M = CAMPAIGN.c, EVENT.c, MONTH.c
LEASE = timedelta(minutes=1)
SANDBOXED = ("tests", "done")
"""Kinds of events that tell what sandboxes took."""


class SqlCampaigns:
    """Campaigns on SQLite and PostgreSQL."""

    def __init__(self, transactions: Transactions, line: Line, slots: Slots) -> None:
        """`line` is where runs wait to be carried; `slots` says which posts an event makes due."""
        self._transactions = transactions
        self._read = transactions.read
        self._write = transactions.write
        self._line = line
        self._turns = Turns(transactions.engine.dialect.name, line, slots)

    async def begin(self, collaboration: Collaboration, turn: Turn, inbox_key: str) -> Kept | None:
        """Keep a new campaign with its first turn; `None`, changing nothing, where `inbox_key` was accepted before."""

        def work(connection: Connection) -> Kept | None:
            thread = thread_of(collaboration)
            fresh = inbox.accept(connection, thread, inbox_key, lambda c: self._turns.add(c, turn.campaign))
            return self._turns.keep(connection, turn.campaign.but(told=0), turn) if fresh else None

        return await self._write(work, alone=True)

    async def change(self, tenant: str, id: str, work: Callable[[Campaign], Turn]) -> Kept:
        """Lock a campaign, call `work`, and keep its turn whole; see `core.campaigns.store`."""

        def locked(connection: Connection) -> Kept:
            # SQLite has one writer, so that nothing can come between this and what is written below.
            mine = select(C.id, C.body).where(C.tenant == tenant, C.id == clean(id)).with_for_update()
            row = connection.execute(mine).one_or_none()
            if row is None:
                raise _nothing(id)
            before = campaign_noun(row.id, row.body)
            return self._turns.keep(connection, before, work(before))

        return await self._write(locked)

    async def campaign(self, tenant: str, id: str, *, reader: str | None = None) -> Campaign:
        """Return it by id or by an unambiguous prefix of at least 4 characters. Raises `NotFound`."""
        wanted = clean(id).strip().lower()
        if len(wanted) < SHORTEST_PREFIX or wanted[-1] > "z":
            raise _nothing(wanted)
        beginning = C.id >= wanted, C.id < wanted[:-1] + chr(ord(wanted[-1]) + 1)
        query = select(C.id, C.body).where(C.tenant == tenant, *beginning, _open_to(reader)).order_by(C.id).limit(2)
        found = await self._read(lambda c: c.execute(query).all())
        if not found:
            raise _nothing(wanted)
        if len(found) > 1 and found[0].id != wanted:
            raise NotFound("More than one campaign begins with “{wanted}”: give more of its id.", wanted=wanted)
        return campaign_noun(found[0].id, found[0].body)

    async def campaigns(
        self, tenant: str, *, owner: str | None = None, going: bool | None = None, reader: str | None = None,
        limit: int = 20,
    ) -> Sequence[Campaign]:  # fmt: skip
        """Return the newest first."""
        whose = C.owner == owner if owner is not None else true()
        state = true() if going is None else GOING if going else C.ended_at.is_not(None)
        mine = select(C.id, C.body).where(C.tenant == tenant, whose, state, _open_to(reader))
        query = mine.order_by(C.seq.desc()).limit(limit)
        return await self._read(lambda c: [campaign_noun(row.id, row.body) for row in c.execute(query)])

    async def campaign_at(self, tenant: str, address: str) -> Campaign | None:
        """Return the newest campaign that goes on in a thread: begun in it, or whose card is the thread's root."""
        channel, _, root = clean(address).rpartition(":")
        where, card = COLLABORATION.c.address, (OUTBOX.c.run == C.id) & (OUTBOX.c.slot == ROOT)
        own = (COLLABORATION.c.tenant == C.tenant) & (COLLABORATION.c.id == C.id)
        query = (
            select(C.id, C.body)
            .select_from(CAMPAIGN.join(COLLABORATION, own).outerjoin(OUTBOX, card))
            .where(C.tenant == tenant, C.ended_at.is_(None))
            .where(or_(where == clean(address), (where == channel) & (OUTBOX.c.message == root)))
            .order_by(C.seq.desc())
            .limit(1)
        )
        row = await self._read(lambda c: c.execute(query).one_or_none())
        return campaign_noun(row.id, row.body) if row else None

    async def due(self, at: datetime, *, limit: int = 50) -> Sequence[tuple[str, str]]:
        """Return tenant and id of what is due in all tenants, longest due first; nobody else gets it for a minute."""
        first = select(C.tenant, C.id).where(C.due_at <= at).order_by(C.due_at).limit(limit)
        if not await self._read(lambda c: c.execute(first.limit(1)).first()):
            return []  # asking often must not take the one write lock

        def lease(connection: Connection) -> list[tuple[str, str]]:
            found = [(row.tenant, row.id) for row in connection.execute(first.with_for_update(skip_locked=True))]
            mine = C.id.in_([id for _, id in found]), C.tenant.in_({tenant for tenant, _ in found})
            later = update(CAMPAIGN).where(*mine, tuple_(C.tenant, C.id).in_(found)).values(due_at=at + LEASE)
            if found:
                connection.execute(later)
            return found

        return await self._write(lease)

    async def over(self, tenant: str, runs: Collection[str]) -> Mapping[str, bool]:
        """Return which of some runs are over (True) and which are going on (False); the others are lost."""
        R = COLLABORATION.c  # noqa: N806  as everywhere here
        states = select(R.id, R.status).where(R.tenant == tenant, R.id.in_(runs))

        def look(connection: Connection) -> dict[str, bool]:
            # The line first: a run that has left it was settled before, and that is read after.
            going = self._line.there(connection, runs)
            found = {row.id: Status(row.status).over for row in connection.execute(states)}
            return {run: over for run, over in found.items() if over or run in going}

        return await self._read(look) if runs else {}

    async def sums(self, tenant: str, run: str) -> Sums:
        """Return what a run took, exactly: its calls, and the seconds of its sandboxes."""
        of_run = clean(run)
        # Their ids begin with the run's, and have an index; the run itself has none.
        calls = select(CALL).where(CALL.c.tenant == tenant, CALL.c.id >= f"{of_run}:", CALL.c.id < f"{of_run};")
        events = select(EVENT).where(E.tenant == tenant, E.run == of_run, E.kind.in_(SANDBOXED))

        def read(connection: Connection) -> Sums:
            return taken(map(call_noun, connection.execute(calls)), map(event_noun, connection.execute(events)))

        return await self._read(read)

    async def month(self, tenant: str, day: date) -> Sums:
        """Return what all campaigns took in the calendar month (UTC) of `day`, as far as their runs have ended."""
        query = select(MONTH).where(M.tenant == tenant, M.month == f"{day:%Y-%m}")
        row = await self._read(lambda c: c.execute(query).one_or_none())
        return Sums(**{name: getattr(row, name) for name in Sums.model_fields}) if row else Sums()

    async def moments(self, tenant: str, id: str, slot: str) -> Sequence[Event]:
        """Return the events that a slot of a campaign shows, oldest first."""
        mine = MOMENT.c.tenant == tenant, MOMENT.c.campaign == clean(id), MOMENT.c.slot == clean(slot)
        numbers = select(MOMENT.c.number).where(*mine)
        return await self._read(lambda c: _told(c, tenant, clean(id), c.execute(numbers).scalars().all()))

    async def log(self, tenant: str, id: str, *, before: int | None = None, limit: int = 50) -> Sequence[Event]:
        """Return the newest moments of a campaign, oldest first; those before the moment of number `before`."""
        if before is None:
            before = (await self.campaign(tenant, id)).told + 1
        numbers = range(max(1, before - limit), before)
        return await self._read(lambda c: _told(c, tenant, clean(id), numbers))

    async def template(self, tenant: str, name: str) -> str | None:
        """Return the text (TOML) of a template that was saved here, if it was."""
        query = select(TEMPLATE.c.body).where(TEMPLATE.c.tenant == tenant, TEMPLATE.c.name == clean(name))
        return await self._read(lambda c: c.execute(query).scalar())

    async def templates(self, tenant: str) -> Sequence[str]:
        """Return the names of the templates that were saved here."""
        query = select(TEMPLATE.c.name).where(TEMPLATE.c.tenant == tenant).order_by(TEMPLATE.c.name)
        return await self._read(lambda c: c.execute(query).scalars().all())

    async def keep_template(self, tenant: str, name: str, body: str, saved_by: str) -> None:
        """Save a template, in place of one that had the name; `saved_by` is a `Principal.id`."""
        values = {"tenant": tenant, "name": clean(name), "body": clean(body), "saved_by": saved_by, "saved_at": now()}
        inserting: Any = sqlite.insert if self._transactions.sqlite else postgresql.insert
        kept = inserting(TEMPLATE).values(values)
        kept = kept.on_conflict_do_update(index_elements=TEMPLATE.primary_key, set_=values)
        await self._write(lambda c: c.execute(kept).rowcount)


def _open_to(reader: str | None) -> ColumnElement[bool]:
    """Return the condition for what a reader may see; Dexter itself (`None`) sees all."""
    return true() if reader is None else or_(C.private.is_(False), C.owner == reader)


def _nothing(id: str) -> NotFound:
    return NotFound("There is no campaign “{wanted}” here.", wanted=id[:40])


def _told(connection: Connection, tenant: str, campaign: str, numbers: Sequence[int]) -> list[Event]:
    """Return moments by their numbers, in the order in which they were told."""
    ids = [f"{campaign}:{moment_key(number)}" for number in numbers]
    query = select(EVENT).where(E.tenant == tenant, E.id.in_(ids)).order_by(E.seq)
    return [event_noun(row) for row in connection.execute(query)] if ids else []
