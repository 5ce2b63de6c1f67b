"""A database as the rest of Dexter meets it: opened in the right order, looked at, moved."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from core.entities import Backlog
from storage import schema
from storage.engine import claim_database, connect
from storage.outbox import SqlOutbox, free
from storage.schema import Schema
from storage.skills import SqlSkills
from storage.standing import standing
from storage.store import SqlStore
from storage.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Kept:
    """An open database."""

    transactions: Transactions
    store: SqlStore
    outbox: SqlOutbox
    skills: SqlSkills

    @property
    def name(self) -> str:
        """Return the kind of database, for people."""
        return "SQLite" if self.transactions.sqlite else "PostgreSQL"


@dataclass(frozen=True, slots=True)
class Database:
    """Where everything is kept. All methods block, and raise `Misconfigured` and `Unavailable`."""

    url: str

    @contextmanager
    def opened(self) -> Iterator[Kept]:
        """Open it for this process, with its schema brought up to date."""
        with self._mine() as engine:
            schema.upgrade(engine)
            transactions = Transactions(engine)
            if transactions.sqlite:
                with engine.begin() as connection:
                    free(connection)
            try:
                yield Kept(transactions, SqlStore(transactions), SqlOutbox(transactions), SqlSkills(transactions))
            finally:
                transactions.close()

    def state(self) -> Schema:
        """Return which schema it has and which it lacks, changing nothing."""
        engine = connect(self.url)
        try:
            return schema.state(engine)
        finally:
            engine.dispose()

    def standing(self) -> Backlog:
        """Return how the outbox stands over all tenants, changing nothing."""
        engine = connect(self.url)
        try:
            with engine.connect() as connection:
                return standing(connection)
        finally:
            engine.dispose()

    def move(self, version: str) -> Schema:
        """Bring the schema to a version (`head`: the newest), and return the state after."""
        with self._mine() as engine:
            schema.move(engine, schema.versions()[-1] if version == "head" else version)
            return schema.state(engine)

    @contextmanager
    def _mine(self) -> Iterator[Engine]:
        with ExitStack() as stack:
            if lock := claim_database(self.url):
                stack.callback(lock.release)
            engine = connect(self.url)
            stack.callback(engine.dispose)
            yield engine
