"""How core and bot keep things: `core.ports.Store`, and the door for new questions."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, true
from sqlalchemy.dialects import postgresql, sqlite

from core.entities import Channel, Collaboration, Status
from core.errors import NotFound
from core.events import Call, Event, Usage
from storage import inbox, journal, search
from storage.rows import call_noun, channel_noun, channel_row, clean, collaboration_noun
from storage.tables import BRIEF, CALL, CHANNEL, COLLABORATION, LISTED
from storage.transactions import Transactions

C = COLLABORATION.c
SHORTEST_PREFIX = 4


def open_to(reader: str | None) -> ColumnElement[bool]:
    """Return the condition for what a reader may see; Dexter itself (`None`) sees all."""
    return true() if reader is None else or_(C.private.is_(False), C.asker == reader)


class SqlStore:
    """Everything that is kept, on SQLite and PostgreSQL; each method is one transaction.

    What takes a `tenant` sees nothing of another; what takes a run's full id alone is for the run itself.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._read = transactions.read
        self._write = transactions.write
        self._journal = journal.Journal(transactions.engine.dialect.name)

    async def accept(
        self, collaboration: Collaboration, inbox_key: str, also: Callable[[Connection], object] = lambda _: None
    ) -> bool:
        """Take a question in: inbox row, collaboration and `also` in one transaction.

        Returns False, calling and changing nothing, where the tenant's `inbox_key` was accepted before.
        """
        return await self._write(lambda c: inbox.accept(c, collaboration, inbox_key, also), alone=True)

    async def collaboration(self, tenant: str, id: str, *, reader: str | None = None) -> Collaboration:
        """Return it by id or by an unambiguous prefix of at least 4 characters. Raises `NotFound`.

        To a `reader` (a `Principal.id`), here as in lists, what others asked in private is not there.
        """
        wanted = clean(id).strip().lower()
        nothing = NotFound("There is no collaboration “{wanted}” here.", wanted=wanted[:40])
        if len(wanted) < SHORTEST_PREFIX or wanted[-1] > "z":
            raise nothing
        beginning = C.id >= wanted, C.id < wanted[:-1] + chr(ord(wanted[-1]) + 1)
        query = select(COLLABORATION).where(C.tenant == tenant, *beginning, open_to(reader)).order_by(C.id).limit(2)
        found = await self._collaborations(query)
        if not found:
            raise nothing
        if len(found) > 1 and found[0].id != wanted:
            raise NotFound("More than one collaboration begins with “{wanted}”: give more of its id.", wanted=wanted)
        return found[0]

    async def recent(
        self, tenant: str, *, asker: str | None = None, reader: str | None = None, limit: int = 20
    ) -> Sequence[Collaboration]:
        """Return the newest first, without the files that came with them."""
        whose = C.asker == asker if asker is not None else true()
        mine = select(*BRIEF).where(C.tenant == tenant, LISTED, whose, open_to(reader))
        return await self._collaborations(mine.order_by(C.seq.desc()).limit(limit))

    async def search(
        self, tenant: str, words: str, *, reader: str | None = None, limit: int = 20
    ) -> Sequence[Collaboration]:
        """Return what has all the words, or words they begin, best match first, without files."""
        wanted = search.words_in(words)
        if not wanted:
            return []
        query = search.matching(self._transactions.sqlite, tenant, wanted, limit)
        return await self._collaborations(query.where(open_to(reader)))

    async def settle(self, run: str, status: Status, answer: str = "") -> None:
        """Set a collaboration's status (and answer and end, once it is over). A status that is over stays."""
        await self._write(lambda c: journal.settle(c, run, status, answer))

    async def append(self, event: Event, slots: Sequence[str] = ()) -> bool:
        """Write an event and its calls down, mark `slots` of its run as due for posting, and settle a run that it ends.

        Returns False, and writes nothing else, where `event.id` is there already. Raises `NotFound` for an unknown run.
        """
        return await self._write(lambda c: self._journal.append(c, event, slots))

    async def history(self, tenant: str, run: str) -> Sequence[Event]:
        """Return a run's events in the order they were written."""
        return await self._read(lambda c: journal.history(c, tenant, run))

    async def latest(self, tenant: str, kinds: Sequence[str], *, limit: int = 1000) -> Sequence[Event]:
        """Return the newest events of some kinds, oldest first, for statistics."""
        return await self._read(lambda c: journal.latest(c, tenant, kinds, limit))

    async def spent(self, tenant: str, *, asker: str | None, day: date) -> Usage:
        """Return what a tenant, or one person in it, has used on a day (UTC)."""
        whose = CALL.c.asker == asker if asker is not None else true()
        tokens = func.coalesce(func.sum(CALL.c.prompt_tokens) + func.sum(CALL.c.completion_tokens), 0)
        query = select(
            func.count(CALL.c.model.distinct()).label("models"),
            func.count().label("calls"),
            tokens.label("tokens"),
            func.coalesce(func.sum(CALL.c.cost), 0.0).label("cost"),
            func.coalesce(func.sum(CALL.c.seconds), 0.0).label("seconds"),
            (func.count() - func.count(CALL.c.cost)).label("unpriced"),
        ).where(CALL.c.tenant == tenant, CALL.c.day == day, whose)
        row = await self._read(lambda c: c.execute(query).one())
        cost = None if row.unpriced else row.cost
        return Usage(models=row.models, calls=row.calls, tokens=row.tokens, cost=cost, seconds=row.seconds)

    async def calls(self, tenant: str, *, limit: int = 10_000) -> Sequence[Call]:
        """Return the newest model calls, newest first."""
        query = select(CALL).where(CALL.c.tenant == tenant).order_by(CALL.c.seq.desc()).limit(limit)
        return await self._read(lambda c: [call_noun(row) for row in c.execute(query)])

    async def started_by(self, tenant: str, run: str, prefix: str) -> str:
        """Return the platform's key that started a run, where it begins with `prefix`; else nothing."""
        return await self._read(lambda c: inbox.started_by(c, tenant, run, prefix))

    async def channel(self, tenant: str, address: str) -> Channel:
        """Return what is set for a channel, by its address without a thread; the defaults where nothing is."""
        query = select(CHANNEL).where(CHANNEL.c.tenant == tenant, CHANNEL.c.address == address)
        row = await self._read(lambda c: c.execute(query).one_or_none())
        return channel_noun(row) if row else Channel(tenant=tenant, address=address)

    async def keep_channel(self, channel: Channel) -> None:
        """Set everything for a channel, in place of what was set before."""
        values = channel_row(channel)
        inserting: Any = sqlite.insert if self._transactions.sqlite else postgresql.insert
        kept = inserting(CHANNEL).values(values).on_conflict_do_update(index_elements=CHANNEL.primary_key, set_=values)
        await self._write(lambda c: c.execute(kept).rowcount)

    async def _collaborations(self, query: Select[Any]) -> list[Collaboration]:
        return await self._read(lambda c: [collaboration_noun(row) for row in c.execute(query)])
