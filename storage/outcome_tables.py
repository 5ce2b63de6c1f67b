"""The tables that reports are made from: one short row for each run that ended, and one for each of its members.

All of it stands in the journal too, in documents that are long to read: over a year of history that takes a minute,
and these take a second.
"""

from datetime import date
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, Table, Text
from sqlmodel import Field, SQLModel

from storage.tables import Name


def _of_run(constraint: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant", "run"], ["collaboration.tenant", "collaboration.id"], name=constraint)


class OutcomeRow(SQLModel, table=True):
    """How a run ended, and what it took; written with the event that ended it."""

    __tablename__ = "outcome"
    __table_args__ = (_of_run("outcome_of_run"), Index("outcome_period", "tenant", "day", "task"))

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    run: str = Field(sa_column=Column(Name, primary_key=True))
    day: date
    """On which it ended, in UTC."""
    asker: str = Field(sa_type=Name)
    channel: str = Field(sa_type=Name)
    """Where, without a thread."""
    task: str = Field(sa_type=Name)
    """`Task.kind`; empty: a question."""
    skill: str = Field(sa_type=Name)
    """That it ran, tested or drafted."""
    version: str = Field(sa_type=Name)
    campaign: str = Field(sa_type=Name)
    """Of a step of one: its id."""
    purpose: str = Field(sa_type=Name)
    """Of a step of a campaign: what it was for."""
    committee: str = Field(sa_type=Text)
    pattern: str = Field(sa_type=Text)
    """As it was played, not as it was asked for."""
    private: bool
    status: str = Field(sa_type=Name)
    how: str = Field(sa_type=Name)
    """Of a question: `Answer.how`."""
    passed: bool | None = None
    """Of tests: whether all held; of a skill's run: whether it gave what it promises."""
    waited: float | None = None
    """Seconds from being accepted to its beginning; `None` where it never began."""
    took: float
    """Seconds from being accepted to its end."""
    worked: float
    """Seconds of these that members and sandboxes took."""
    agreement: float | None = None
    margin: float | None = None
    """The winner's lead over the runner-up, as a share of the winner's score."""
    voters: int
    eligible: int
    dissent: int
    """Votes of the strongest losing side; 0: there was no dissent."""
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float
    """US dollars, of the calls whose price is known."""
    unpriced: int
    """Calls whose price is not known."""


class PartRow(SQLModel, table=True):
    """What part a member had in a run of a committee."""

    __tablename__ = "outcome_part"
    __table_args__ = (_of_run("outcome_part_of_run"), Index("outcome_part_period", "tenant", "day"))

    tenant: str = Field(sa_column=Column(Name, primary_key=True))
    run: str = Field(sa_column=Column(Name, primary_key=True))
    member: str = Field(sa_column=Column(Name, primary_key=True))
    day: date
    model: str = Field(sa_type=Text)
    """That the seat has; where it failed another may have answered."""
    won: bool
    """The answer that won was its own, or one that says the same."""
    dissented: bool
    absent: int
    """Times that it gave nothing when it was asked."""
    spared: int
    """Times that asking it was needless."""


def _table(row: Any) -> Table:
    table: Table = row.__table__
    return table


OUTCOMES = tuple(map(_table, (OutcomeRow, PartRow)))
OUTCOME, PART = OUTCOMES
