"""A workshop on a real store and under a real sandbox."""

from collections.abc import AsyncIterator, Iterator

import pytest

from storage.engine import connect
from storage.skills import SqlSkills
from storage.store import SqlStore
from storage.transactions import Transactions
from tests.doubles.sandboxes import MAKE, lacking
from tests.doubles.workshop import Workshop


@pytest.fixture
def on_sqlite(sqlite_url: str) -> Iterator[Transactions]:
    engine = connect(sqlite_url)
    transactions = Transactions(engine)
    yield transactions
    transactions.close()
    engine.dispose()


@pytest.fixture
async def workshop(on_sqlite: Transactions) -> AsyncIterator[Workshop]:
    if missing := lacking("bubblewrap"):
        pytest.skip(missing)
    made = Workshop(SqlStore(on_sqlite), SqlSkills(on_sqlite), MAKE["bubblewrap"]())
    yield made
    await made.pool.aclose()
