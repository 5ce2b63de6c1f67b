"""The tables. Every row carries its tenant; a row maps a noun of core and adds nothing to its meaning."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    TypeDecorator,
    false,
    literal,
    text,
)
from sqlmodel import Field, SQLModel


class Moment(TypeDecorator[datetime]):
    """A time in UTC: `timestamptz` on PostgreSQL, sortable text on SQLite, which knows no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what is written: UTC."""
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what is read: UTC, and it says so."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


# Code-point order on both databases, so that a prefix is a range of the index whatever the server's locale.
Name = String().with_variant(String(collation="C"), "postgresql")
# SQLite gives out row numbers for INTEGER alone.
Number = BigInteger().with_variant(Integer(), "sqlite")

FIGURES = ("outcome", "seconds", "cost", "prompt_tokens", "completion_tokens", "retries")
"""What reports add up of calls: with it in their index they read nothing else."""
LIVE = text("status IN ('queued', 'running')")
LISTED = text("aim = ''")
"""Steps of campaigns are in no list. It stands in queries as it stands in the indexes, or these would not be used."""
DUE = text("upto > shown AND buried IS NULL")


class CollaborationRow(SQLModel, table=True):
    """A `Collaboration`, in the order they came in.

    What search reads (a `words` column on PostgreSQL, an FTS5 table on SQLite) is made by the migrations.
    """

    __tablename__ = "collaboration"
    __table_args__ = (
        Index("collaboration_id", "id", unique=True),
        Index("collaboration_tenant_id", "tenant", "id", unique=True),
        Index("collaboration_recent", "tenant", "seq", sqlite_where=LISTED, postgresql_where=LISTED),
        Index("collaboration_recent_of_asker", "tenant", "asker", "seq", sqlite_where=LISTED, postgresql_where=LISTED),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(default=None, sa_column=Column(Number, primary_key=True))
    id: str = Field(sa_type=Name)
    tenant: str = Field(sa_type=Name)
    asker: str = Field(sa_type=Name)
    asker_name: str = Field(sa_type=Text)
    address: str = Field(sa_type=Text)
    question: str = Field(sa_type=Text)
    context: str = Field(sa_type=Text)
    committee: str = Field(sa_type=Text)
    pattern: str = Field(sa_type=Text)
    parent: str | None = Field(default=None, sa_type=Name)
    language: str = Field(default="en", sa_type=Name, sa_column_kwargs={"server_default": text("'en'")})
    status: str = Field(sa_type=Name)
    created_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    answer: str = Field(sa_type=Text)
    task: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": text("''")})
    """JSON; empty where there is none."""
    aim: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": text("''")})
    """JSON; empty where it is no step of a campaign."""
    private: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    note: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": text("''")})
    """As `core.sentences.kept` writes a sentence."""


class EventRow(SQLModel, table=True):
    """The journal: an `Event`, numbered in the order they were written; triggers refuse any change."""

    __tablename__ = "event"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "run"], ["collaboration.tenant", "collaboration.id"], name="event_run"),
        Index("event_id", "id", unique=True),
        Index("event_history", "tenant", "run", "seq"),
        Index("event_latest", "tenant", "kind", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(default=None, sa_column=Column(Number, primary_key=True))
    id: str = Field(sa_type=Name)
    run: str = Field(sa_type=Name)
    key: str = Field(sa_type=Name)
    tenant: str = Field(sa_type=Name)
    address: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Name)
    at: datetime = Field(sa_type=Moment)
    body: str = Field(sa_type=Text)
    """The happening as JSON; text, so that it comes back exactly as it was written."""


class CallRow(SQLModel, table=True):
    """A `Call`, with whose it was and on which day (UTC), for budgets and statistics."""

    __tablename__ = "call"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "run"], ["collaboration.tenant", "collaboration.id"], name="call_run"),
        Index("call_id", "id", unique=True),
        Index("call_spent", "tenant", "day", "asker"),
        Index("call_latest", "tenant", "seq"),
        Index("call_of_run", "tenant", "run"),
        Index("call_period", "tenant", "day", "model", *FIGURES),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(default=None, sa_column=Column(Number, primary_key=True))
    id: str = Field(sa_type=Name)
    """`{event id}#{index}`."""
    tenant: str = Field(sa_type=Name)
    run: str = Field(sa_type=Name)
    asker: str = Field(sa_type=Name)
    day: date
    member: str = Field(sa_type=Text)
    phase: str = Field(sa_type=Text)
    model: str = Field(sa_type=Text)
    provider: str = Field(sa_type=Text)
    seconds: float
    first_token_seconds: float | None = None
    prompt_tokens: int
    completion_tokens: int
    cost: float | None = None
    retries: int
    outcome: str = Field(sa_type=Text)


class OutboxRow(SQLModel, table=True):
    """A slot of a run: up to which event it should be shown, up to which it is, and who is at it."""

    __tablename__ = "outbox"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "run"], ["collaboration.tenant", "collaboration.id"], name="outbox_run"),
        Index("outbox_due", "due_at", sqlite_where=DUE, postgresql_where=DUE),
        Index("outbox_standing", "tenant", sqlite_where=text("upto > shown"), postgresql_where=text("upto > shown")),
    )

    run: str = Field(sa_column=Column(Name, primary_key=True))
    slot: str = Field(sa_column=Column(Name, primary_key=True))
    tenant: str = Field(sa_type=Name)
    address: str = Field(sa_type=Text)
    upto: int = Field(sa_type=BigInteger)
    shown: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    message: str | None = Field(default=None, sa_type=Text)
    due_at: datetime = Field(sa_type=Moment)
    """Not to be claimed before; a claim and a delay both move it on."""
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """Claims since the last success. It also tells a claim from a later one."""
    worker: str | None = Field(default=None, sa_type=Text)
    error: str | None = Field(default=None, sa_type=Text)
    buried: str | None = Field(default=None, sa_type=Text)
    """Why it will never be tried again."""


class InboxRow(SQLModel, table=True):
    """A platform event that was accepted, by the platform's own key."""

    __tablename__ = "inbox"

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    key: str = Field(sa_column=Column(Name, primary_key=True))
    run: str = Field(sa_type=Name)
    created_at: datetime = Field(sa_type=Moment)


class ChannelRow(SQLModel, table=True):
    """A `Channel`; one that nobody has set anything for has no row."""

    __tablename__ = "channel"

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    address: str = Field(sa_column=Column(Name, primary_key=True))
    committee: str = Field(sa_type=Text)
    pattern: str = Field(sa_type=Text)
    listen: str = Field(sa_type=Text)
    thread_only: bool
    language: str = Field(sa_type=Text)
    quiet: str = Field(sa_type=Text)
    reaction: str = Field(sa_type=Text)
    zone: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": text("''")})


def _table(row: Any) -> Table:
    table: Table = row.__table__
    return table


ALL = tuple(map(_table, (CollaborationRow, EventRow, CallRow, OutboxRow, InboxRow, ChannelRow)))
COLLABORATION, EVENT, CALL, OUTBOX, INBOX, CHANNEL = ALL
BRIEF = (*(column for column in COLLABORATION.c if column.name != "context"), literal("[]").label("context"))
"""What lists read of a collaboration: its files may be megabytes."""
