"""The tables of schedules: one row each, what came of each of their times, and the zones that people set."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, Table, Text, false, text
from sqlmodel import Field, SQLModel

from storage.tables import Moment, Name

WAKES = text("wake_at IS NOT NULL")


class ScheduleRow(SQLModel, table=True):
    """A `Schedule`: `body` is the whole of it as JSON, the rest is repeated from it for queries."""

    __tablename__ = "schedule"
    __table_args__ = (
        Index("schedule_of_tenant", "tenant", "id", unique=True),
        Index("schedule_of_owner", "tenant", "owner"),
        Index("schedule_due", "wake_at", sqlite_where=WAKES, postgresql_where=WAKES),
    )

    id: str = Field(sa_column=Column(Name, primary_key=True))
    tenant: str = Field(sa_type=Name)
    owner: str = Field(sa_type=Name)
    state: str = Field(sa_type=Name)
    private: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    created_at: datetime = Field(sa_type=Moment)
    next_at: datetime | None = Field(default=None, sa_type=Moment)
    wake_at: datetime | None = Field(default=None, sa_type=Moment)
    """When it is to be looked at; whoever takes that on moves it some seconds further first."""
    fired_at: datetime | None = Field(default=None, sa_type=Moment)
    """When its last time was done."""
    revision: int
    body: str = Field(sa_type=Text)


class OccurrenceRow(SQLModel, table=True):
    """An `Occurrence`; the key lets a schedule have each time once."""

    __tablename__ = "schedule_occurrence"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "schedule"], ["schedule.tenant", "schedule.id"], name="occurrence_of"),
        Index("occurrence_fired", "fired_at"),
    )

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    schedule: str = Field(sa_column=Column(Name, primary_key=True))
    at: datetime = Field(sa_column=Column(Moment, primary_key=True))
    fired_at: datetime = Field(sa_type=Moment)
    outcome: str = Field(sa_type=Name)
    run: str = Field(sa_type=Name)
    missed: int
    by: str = Field(sa_type=Name)


class ZoneRow(SQLModel, table=True):
    """The time zone that a person has set for themselves."""

    __tablename__ = "person_zone"

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    person: str = Field(sa_column=Column(Name, primary_key=True))
    zone: str = Field(sa_type=Name)


def _table(row: Any) -> Table:
    table: Table = row.__table__
    return table


SCHEDULES = tuple(map(_table, (ScheduleRow, OccurrenceRow, ZoneRow)))
SCHEDULE, OCCURRENCE, ZONE = SCHEDULES
