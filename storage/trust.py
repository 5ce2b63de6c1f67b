"""How it is kept what a tenant remembers of registries: `core.ports.Trust`, on both databases."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from core.entities import Noun
from core.skills.registry.trust import Origin, Pin, Rating
from storage.rows import clean
from storage.transactions import Transactions
from storage.trust_tables import ORIGIN, PIN, RATING, SERIAL

N = TypeVar("N", bound=Noun)


class SqlTrust:
    """What all tenants remember; no method crosses from one to another."""

    def __init__(self, transactions: Transactions) -> None:
        self._read, self._write = transactions.read, transactions.write

    async def pin(self, tenant: str, publisher: str) -> Pin | None:
        """Return the key that a publisher is known by, if it is known."""
        return await self._read(lambda c: _pin(c, tenant, publisher))

    async def keep_pin(self, pin: Pin, *, instead: bool = False) -> Pin:
        """Know a publisher by a key from now on, and return the pin in force: the first stays but for `instead`."""
        changed = ("key", "by", "by_name", "at") if instead else ()
        await self._write(lambda c: _put(c, PIN, pin, changed))
        return await self.pin(pin.tenant, pin.publisher) or pin

    async def origins(self, tenant: str, skill: str = "") -> Sequence[Origin]:
        """Return where the versions of a skill, or of all skills, came from, in the order in which they came."""
        query = select(ORIGIN).where(ORIGIN.c.tenant == tenant).order_by(ORIGIN.c.seq)
        if skill:
            query = query.where(ORIGIN.c.skill == clean(skill))
        return await self._read(lambda c: [_noun(Origin, row) for row in c.execute(query)])

    async def keep_origin(self, origin: Origin) -> Origin:
        """Remember a package, and return what is remembered of that version: the first stays."""
        return await self._write(lambda c: _origin(c, origin))

    async def serial(self, tenant: str, registry: str) -> int:
        """Return the highest number of a registry's index that was seen; 0 where none was."""
        mine = SERIAL.c.tenant == tenant, SERIAL.c.place == clean(registry)
        query = select(SERIAL.c.serial).where(*mine)
        return await self._read(lambda c: c.execute(query).scalar_one_or_none() or 0)

    async def keep_serial(self, tenant: str, registry: str, serial: int) -> None:
        """Remember that a registry's index had this number; a higher one that was seen stays."""
        values = {"tenant": tenant, "place": clean(registry), "serial": serial}

        def put(connection: Connection) -> None:
            insert = _inserting(connection)(SERIAL).values(values)
            higher = insert.excluded.serial > SERIAL.c.serial
            set_ = {"serial": insert.excluded.serial}
            connection.execute(insert.on_conflict_do_update(index_elements=_keys(SERIAL), set_=set_, where=higher))

        await self._write(put)

    async def ratings(self, tenant: str, skill: str) -> Sequence[Rating]:
        """Return what people here gave a skill."""
        mine = RATING.c.tenant == tenant, RATING.c.skill == clean(skill)
        query = select(RATING).where(*mine).order_by(RATING.c.person)
        return await self._read(lambda c: [_noun(Rating, row) for row in c.execute(query)])

    async def keep_rating(self, rating: Rating) -> None:
        """Remember what a person gives a skill, in place of what they gave it before."""
        await self._write(lambda c: _put(c, RATING, rating, ("stars", "why", "at")))


def _pin(connection: Connection, tenant: str, publisher: str) -> Pin | None:
    query = select(PIN).where(PIN.c.tenant == tenant, PIN.c.publisher == clean(publisher))
    row = connection.execute(query).one_or_none()
    return _noun(Pin, row) if row else None


def _origin(connection: Connection, origin: Origin) -> Origin:
    connection.execute(_inserting(connection)(ORIGIN).values(_row(origin)).on_conflict_do_nothing())
    same = (
        ORIGIN.c.tenant == origin.tenant,
        ORIGIN.c.skill == clean(origin.skill),
        ORIGIN.c.version == clean(origin.version),
        ORIGIN.c.place == clean(origin.place),
    )
    return _noun(Origin, connection.execute(select(ORIGIN).where(*same)).one())


def _put(connection: Connection, table: Table, noun: Noun, changed: Sequence[str]) -> None:
    """Write a noun down; of one that is there the columns `changed` are written, or none."""
    insert = _inserting(connection)(table).values(_row(noun))
    set_ = {name: insert.excluded[name] for name in changed}
    if set_:
        connection.execute(insert.on_conflict_do_update(index_elements=_keys(table), set_=set_))
    else:
        connection.execute(insert.on_conflict_do_nothing())


def _inserting(connection: Connection) -> Any:
    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


def _row(noun: Noun) -> Mapping[str, Any]:
    values = {name: getattr(noun, name) for name in type(noun).model_fields}
    return {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}


def _noun(kind: type[N], row: Row[Any]) -> N:
    return kind(**{name: getattr(row, name) for name in kind.model_fields})
