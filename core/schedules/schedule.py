"""What a schedule is: when, what, for whom and where; and what came of each of its times."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from core.entities import Collaboration, Noun
from core.events import Event
from core.schedules.rule import Rule
from core.sentences import Sentence

Missed = Literal["once", "all", "skip"]
"""What is done about the times that passed while Dexter was down: run the last one, run each, or none."""


class State(StrEnum):
    """Where a schedule is in its life."""

    ACTIVE = "active"
    PAUSED = "paused"
    OVER = "over"
    """Its last time has come."""


class Schedule(Noun):
    """One command that is given again and again, or once, later. All of its state; a change is a new copy."""

    id: str
    tenant: str
    owner: str
    """`Principal.id` of the person whose rights count when it is run."""
    owner_name: str
    address: str
    """Where it posts."""
    where: str = ""
    """The channel as the person named it; empty where it is the one that it was typed in."""
    language: str = "en"
    private: bool = False
    """It posts where its owner alone reads; nobody else is shown it."""
    typed: str = Field(max_length=300)
    """When, as the person typed it."""
    rule: Rule
    what: str
    """The command, as it would be typed."""
    missed: Missed = "once"
    state: State = State.ACTIVE
    why: Sentence | None = None
    """Why it was paused, where a person did not do it."""
    next_at: datetime | None = None
    """The next time by its rule; nothing once it is over."""
    last_run: str = ""
    """The id of the run that it started last."""
    runs: int = 0
    """How many it started."""
    revision: int = 0
    created_at: datetime


class Occurrence(Noun):
    """One time of a schedule, and what was done."""

    tenant: str
    schedule: str
    at: datetime
    """The time by its rule; a schedule has each once."""
    fired_at: datetime
    outcome: Literal["started", "done", "skipped", "refused"]
    """`done`: what it does starts no run; `refused`: its owner may not, or it cannot be done any more."""
    run: str = ""
    missed: int = 0
    """Times before it that were passed over with it."""
    by: str = ""
    """Who had it run by hand."""


class Firing(Noun):
    """What comes of one time: all of it is kept in one transaction, or nothing is."""

    schedule: Schedule
    """As it is afterwards."""
    wake_at: datetime | None = None
    """When to look at it next; `None`: never."""
    occurrence: Occurrence | None = None
    start: Collaboration | None = None
    told: Event | None = None
    """What is said of a run that is over before it began."""
    key: str = ""
    """The inbox key of `start`: `sched:{schedule}:{time}`."""
