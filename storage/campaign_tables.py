"""The tables of campaigns: one row each, which is all of its state; what stands beside it is for finding things."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Table, Text, false, text
from sqlmodel import Field, SQLModel

from storage.tables import Moment, Name, Number

DUE = text("due_at IS NOT NULL")
GOING = text("ended_at IS NULL")


def _of_campaign(constraint: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant", "campaign"], ["campaign.tenant", "campaign.id"], name=constraint)


class CampaignRow(SQLModel, table=True):
    """A `Campaign`: `body` is the whole of it as JSON, the rest is repeated from it for queries."""

    __tablename__ = "campaign"
    __table_args__ = (
        ForeignKeyConstraint(["tenant", "id"], ["collaboration.tenant", "collaboration.id"], name="campaign_run"),
        Index("campaign_id", "tenant", "id", unique=True),
        Index("campaign_recent", "tenant", "seq"),
        Index("campaign_recent_of_owner", "tenant", "owner", "seq"),
        Index("campaign_going", "tenant", "seq", sqlite_where=GOING, postgresql_where=GOING),
        Index("campaign_due", "due_at", sqlite_where=DUE, postgresql_where=DUE),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(default=None, sa_column=Column(Number, primary_key=True))
    id: str = Field(sa_type=Name)
    tenant: str = Field(sa_type=Name)
    owner: str = Field(sa_type=Name)
    title: str = Field(sa_type=Text)
    template: str = Field(sa_type=Name)
    mode: str = Field(sa_type=Name)
    course: str = Field(sa_type=Name)
    private: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    objectives: int
    """How many there are."""
    met: int
    """How many of them are met."""
    tokens: int = Field(sa_type=BigInteger)
    """Spent by the runs that have ended."""
    microdollars: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    """When it is to be looked at; whoever takes that on moves it a minute further first."""
    revision: int
    body: str = Field(sa_type=Text)


class MomentRow(SQLModel, table=True):
    """Which moments of a campaign a slot shows, so that a post is made without reading the whole journal."""

    __tablename__ = "campaign_moment"
    __table_args__ = (_of_campaign("campaign_moment_of"),)

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    campaign: str = Field(sa_column=Column(Name, primary_key=True))
    slot: str = Field(sa_column=Column(Name, primary_key=True))
    number: int = Field(primary_key=True)
    """Its event's key is `moment:{number}`."""


class MonthRow(SQLModel, table=True):
    """What all campaigns of a tenant took in a calendar month (UTC)."""

    __tablename__ = "campaign_month"

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    month: str = Field(sa_column=Column(Name, primary_key=True))
    """`2026-11`."""
    tokens: int = Field(sa_type=BigInteger)
    microdollars: int = Field(sa_type=BigInteger)
    unpriced: int = Field(sa_type=BigInteger)
    calls: int = Field(sa_type=BigInteger)
    model_milliseconds: int = Field(sa_type=BigInteger)
    sandbox_milliseconds: int = Field(sa_type=BigInteger)


class TemplateRow(SQLModel, table=True):
    """A template that somebody saved, as the text that it would be in a file."""

    __tablename__ = "campaign_template"

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    name: str = Field(sa_column=Column(Name, primary_key=True))
    body: str = Field(sa_type=Text)
    """TOML."""
    saved_by: str = Field(sa_type=Name)
    saved_at: datetime = Field(sa_type=Moment)


def _table(row: Any) -> Table:
    table: Table = row.__table__
    return table


CAMPAIGNS = tuple(map(_table, (CampaignRow, MomentRow, MonthRow, TemplateRow)))
CAMPAIGN, MOMENT, MONTH, TEMPLATE = CAMPAIGNS
