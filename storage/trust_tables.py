"""The tables of what is remembered of registries."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Table, Text
from sqlmodel import Field, SQLModel

from storage.tables import Moment, Name, Number


class PinRow(SQLModel, table=True):
    """A `Pin`: the key that a publisher is known by."""

    __tablename__ = "publisher"

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    publisher: str = Field(sa_column=Column(Name, primary_key=True))
    key: str = Field(sa_type=Name)
    by: str = Field(sa_type=Name)
    by_name: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)


class OriginRow(SQLModel, table=True):
    """An `Origin`: a package that was looked into, in the order in which they came."""

    __tablename__ = "skill_origin"
    __table_args__ = (
        Index("skill_origin_package", "tenant", "skill", "version", "place", unique=True),
        Index("skill_origin_order", "tenant", "seq"),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(default=None, sa_column=Column(Number, primary_key=True))
    tenant: str = Field(sa_type=Name)
    place: str = Field(sa_type=Name)
    skill: str = Field(sa_type=Name)
    version: str = Field(sa_type=Name)
    publisher: str = Field(sa_type=Name)
    key: str = Field(sa_type=Name)
    content: str = Field(sa_type=Name)
    archive: str = Field(sa_type=Name)
    statement: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)


class SerialRow(SQLModel, table=True):
    """The highest number of a registry's index that was seen."""

    __tablename__ = "registry_seen"

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    place: str = Field(sa_column=Column(Name, primary_key=True))
    serial: int = Field(sa_type=BigInteger)


class RatingRow(SQLModel, table=True):
    """A `Rating`: what a person gives a skill."""

    __tablename__ = "skill_rating"

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    skill: str = Field(sa_column=Column(Name, primary_key=True))
    person: str = Field(sa_column=Column(Name, primary_key=True))
    stars: int
    why: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Moment)


def _table(row: Any) -> Table:
    table: Table = row.__table__
    return table


TRUST = tuple(map(_table, (PinRow, OriginRow, SerialRow, RatingRow)))
PIN, ORIGIN, SERIAL, RATING = TRUST
