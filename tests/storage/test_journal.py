"""The journal: append-only by the database's own doing, complete, and in order."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.entities import now
from core.events import Event, Happening
from core.reports.report import Figure, Table
from core.sentences import Sentence
from core.skills.results import Produced
from storage import inbox, journal
from storage.engine import connect
from storage.journal import Journal
from storage.rows import HAPPENING
from storage.store import SqlStore
from storage.transactions import Transactions
from tests.doubles.questions import proposal, question, said

TAMPERINGS = (
    "UPDATE event SET body = '{}'",
    "UPDATE event SET at = at WHERE seq = 1",
    "DELETE FROM event",
    "DELETE FROM event WHERE tenant = 'local'",
)
REPLACING = "REPLACE INTO event SELECT seq, id, run, key, tenant, address, kind, at, '{}' FROM event"

words = st.text(max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
finite = st.text(max_size=10) | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
sentences = st.builds(Sentence, template=words, values=st.dictionaries(st.text(max_size=5), finite, max_size=3))
st.register_type_strategy(Sentence, sentences)  # which keeps of numbers only what JSON can hold
st.register_type_strategy(Produced, st.builds(Produced, value=values))  # JsonValue names itself
st.register_type_strategy(int, st.integers(-(2**31), 2**31 - 1))  # what counts in reports is a column of integers
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
st.register_type_strategy(Figure, st.builds(Figure, label=words, value=st.none() | numbers, before=st.none() | numbers))
rows = st.lists(st.lists(st.none() | numbers | words, max_size=3).map(tuple), max_size=3).map(tuple)
st.register_type_strategy(Table, st.builds(Table, name=words, rows=rows))
zones = st.just(UTC) | st.just(timezone(timedelta(hours=5, minutes=30)))
times = st.builds(datetime.fromtimestamp, st.floats(0, 4e9), zones)
st.register_type_strategy(datetime, times)
happenings: st.SearchStrategy[Happening] = st.one_of(
    *(st.from_type(kind) for kind in HAPPENING._type.__args__[0].__args__)
)


@pytest.mark.parametrize("tampering", [*TAMPERINGS, "TRUNCATE event", REPLACING])
async def test_what_is_written_cannot_be_changed(store: SqlStore, engine: Engine, tampering: str) -> None:
    if tampering.startswith("TRUNCATE" if engine.dialect.name == "sqlite" else "REPLACE"):
        pytest.skip("not a statement of this database")
    asked = question()
    await store.accept(asked, "k")
    event = said(asked)
    await store.append(event)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(tampering))
    assert await store.history("local", asked.id) == [event]


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(body=happenings, key=words, address=words, at=times)
def test_any_event_comes_back_as_it_was_written(
    journal_on: "OnConnection", body: Happening, key: str, address: str, at: datetime
) -> None:
    event = Event(key=key, run="r", tenant="local", address=address, at=at, body=body)
    back, expected = journal_on.round_trip(event), Event.model_validate(without_nul(event.model_dump()))
    read, written = (repr(each.body.model_dump(mode="json")) for each in (back, expected))
    assert read == written, "repr, because NaN is not equal to itself"
    assert back.but(body=event.body) == expected.but(body=event.body)


def without_nul(value: Any) -> Any:
    """Return what storage promises to keep: everything but NUL."""
    match value:
        case str():
            return value.replace("\0", "")
        case dict():
            return {without_nul(name): without_nul(item) for name, item in value.items()}
        case tuple() | list():
            return [without_nul(item) for item in value]
        case _:
            return value


class OnConnection:
    """Writes and reads in a transaction that is never committed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.journal = Journal(engine.dialect.name)

    def round_trip(self, event: Event) -> Event:
        with self.engine.connect() as connection:
            inbox.accept(connection, question(id="r"), "k", lambda _: None)
            assert self.journal.append(connection, event, ("progress",))
            [back] = journal.history(connection, event.tenant, event.run)
            connection.rollback()
        return back


@pytest.fixture
def journal_on(engine: Engine) -> OnConnection:
    return OnConnection(engine)


async def test_writers_of_one_run_take_turns_on_postgresql(postgresql_url: str) -> None:
    """Else a later number could be committed, posted and ticked off before an earlier one is seen."""
    engine = connect(postgresql_url)
    transactions = Transactions(engine)
    store = SqlStore(transactions)
    asked, other = question(), question("k2")
    await store.accept(asked, "k1")
    await store.accept(other, "k2")
    with engine.begin() as connection:
        Journal("postgresql").append(connection, said(asked, "first"), ())
        second = asyncio.create_task(store.append(said(asked, "second"), ("progress",)))
        assert await store.append(said(other, "elsewhere")), "another run does not wait"
        async with asyncio.timeout(20):
            while not await transactions.read(lambda c: c.execute(text(WAITS)).scalar()):
                assert not second.done()
                await asyncio.sleep(0.01)
        assert await store.history("local", asked.id) == []
    assert await second
    assert [event.key for event in await store.history("local", asked.id)] == ["first", "second"]
    transactions.close()
    engine.dispose()


WAITS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


async def test_an_append_that_fails_half_way_leaves_nothing(store: SqlStore, engine: Engine) -> None:
    asked = question()
    await store.accept(asked, "k")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE outbox"))
    with pytest.raises(Exception, match="dexter db upgrade"):
        await store.append(said(asked, "e", proposal(), at=now()), ("progress",))
    assert await store.history("local", asked.id) == []
    assert await store.calls("local") == []
