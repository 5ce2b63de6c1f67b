"""Everything that is kept, opened in the right order: the lock, the engine, the schema, the store and the outbox."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from storage.engine import claim_database, connect
from storage.outbox import SqlOutbox
from storage.schema import upgrade
from storage.store import SqlStore
from storage.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Kept:
    """An open database."""

    transactions: Transactions
    store: SqlStore
    outbox: SqlOutbox

    @property
    def name(self) -> str:
        """Return the kind of database, for people."""
        return "SQLite" if self.transactions.sqlite else "PostgreSQL"


@contextmanager
def opened(url: str) -> Iterator[Kept]:
    """Open a database and bring its schema up to date. Blocks. Raises `Misconfigured` and `Unavailable`."""
    with ExitStack() as stack:
        if lock := claim_database(url):
            stack.callback(lock.release)
        engine = connect(url)
        stack.callback(engine.dispose)
        upgrade(engine)
        transactions = Transactions(engine)
        stack.callback(transactions.close)
        yield Kept(transactions, SqlStore(transactions), SqlOutbox(transactions))
