"""A database as the rest of Dexter meets it: opened in the right order, looked at, moved."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from core.entities import Backlog
from storage import schema
from storage.backup import back_up
from storage.campaign_turns import Line, Slots
from storage.campaigns import SqlCampaigns
from storage.engine import claim_database, connect
from storage.outbox import SqlOutbox, free
from storage.reports import SqlReports
from storage.schedules import SqlSchedules
from storage.schema import Schema
from storage.skills import SqlSkills
from storage.standing import standing
from storage.store import SqlStore
from storage.transactions import Transactions
from storage.trust import SqlTrust
from storage.views import Views


@dataclass(frozen=True, slots=True)
class Kept:
    """An open database."""

    transactions: Transactions
    store: SqlStore
    outbox: SqlOutbox
    skills: SqlSkills
    trust: SqlTrust
    reports: SqlReports

    @property
    def name(self) -> str:
        """Return the kind of database, for people."""
        return "SQLite" if self.transactions.sqlite else "PostgreSQL"

    def campaigns(self, line: Line, slots: Slots) -> SqlCampaigns:
        """Return the campaigns, whose runs wait in `line`; `slots` says which posts an event makes due."""
        return SqlCampaigns(self.transactions, line, slots)

    def schedules(self, line: Line, slots: Slots) -> SqlSchedules:
        """Return the schedules, whose runs wait in `line`; `slots` says which posts an event makes due."""
        return SqlSchedules(self.transactions, line, slots)


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
                store, outbox = SqlStore(transactions), SqlOutbox(transactions)
                skills, trust, reports = SqlSkills(transactions), SqlTrust(transactions), SqlReports(transactions)
                yield Kept(transactions, store, outbox, skills, trust, reports)
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

    @contextmanager
    def views(self) -> Iterator[Views]:
        """Open the views for reading, beside a Dexter that may be running."""
        engine = connect(self.url)
        try:
            with engine.connect() as connection:
                yield Views(connection)
        finally:
            engine.dispose()

    def move(self, version: str) -> Schema:
        """Bring the schema to a version (`head`: the newest), and return the state after."""
        with self._mine() as engine:
            schema.move(engine, schema.versions()[-1] if version == "head" else version)
            return schema.state(engine)

    def back_up(self, target: Path) -> int:
        """Copy it to a new file, beside a Dexter that may be running, and return its bytes; see `storage.backup`."""
        return back_up(self.url, target)

    @contextmanager
    def _mine(self) -> Iterator[Engine]:
        with ExitStack() as stack:
            if lock := claim_database(self.url):
                stack.callback(lock.release)
            engine = connect(self.url)
            stack.callback(engine.dispose)
            yield engine
