"""What an objective is: a part of a campaign, what it waits for, and how far it is."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field, JsonValue

from core.campaigns.sums import Allowance, Sums
from core.entities import Noun
from core.sentences import Sentence

Means = Literal["answer", "skill", "use", "person"]
"""How an objective is worked on: a committee answers, a skill is drafted, a skill is run, a person is asked."""
About = Literal["work", "plan", "unplanned", "budget", "price", "month", "deadline", "stuck", "broken"]
"""What a person is asked about: an objective that is theirs; the plan; that no plan could be made; that the budget, the
tenant's month or the deadline is used up, or cannot be kept as a price is not known; that no way on is found; that runs
break. A yes goes on, with more of what was used up, or tries again."""


class Stage(StrEnum):
    """Where an objective is in its life."""

    PENDING = "pending"
    """Something that it needs is not met yet."""
    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    """For a person, a time, or its own parts."""
    MET = "met"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def over(self) -> bool:
        """True once nothing more is done for it."""
        return self in (Stage.MET, Stage.FAILED, Stage.SKIPPED)


class Estimate(Noun):
    """What an objective may take."""

    seconds: float = Field(default=600.0, gt=0, allow_inf_nan=False)
    """From its start to its end, waits for people included."""
    tokens: int = Field(default=4000, ge=0)


class Wait(Noun):
    """What an objective, or the whole campaign, waits for."""

    person: str = ""
    """`Principal.id` of the one who is asked; empty: whoever may answer here."""
    question: Sentence | None = None
    """What they are asked."""
    until: datetime | None = None
    """A time to wait for, or until which a person is given."""
    asked_at: datetime
    reminded: int = 0
    number: int = 0
    """Of the request, counted through the campaign; its post's slot is `request:{number}`. 0: nobody is asked."""
    about: About = "work"


class Objective(Noun):
    """A part of a campaign, with a checkable end."""

    id: str
    """`1`, `2`, …; the parts of `2` are `2.1`, `2.2`, …"""
    title: str = Field(max_length=200)
    done_when: str = Field(max_length=1000)
    """How somebody who did not do the work can tell that it is done."""
    means: Means = "answer"
    brief: str = Field(default="", max_length=4000)
    """What to do, beyond the title."""
    skill: str = ""
    """Of `use`: what is run; empty: what an objective that it needs has drafted. Of `skill`: what was drafted."""
    version: str = ""
    """The version of `skill`; empty: the one in force."""
    input: dict[str, JsonValue] = {}
    """Of `use`: what it is given. A text `{{id}}` stands for the result of an objective that this one needs."""
    person: str = ""
    """Of `person`: whom to ask; empty: the owner."""
    needs: tuple[str, ...] = ()
    """Ids of objectives that must be over, and not failed, before."""
    estimate: Estimate = Estimate()
    allowance: Allowance = Allowance()
    stage: Stage = Stage.PENDING
    parent: str = ""
    """The objective that it is a part of."""
    attempts: int = 0
    """Times that it was worked on."""
    failures: tuple[str, ...] = ()
    """Why its attempts were not enough, newest last, five at most."""
    result: str = Field(default="", max_length=8000)
    """What came of it, cut to this length; the run has the whole."""
    run: str = ""
    """The run that gave `result`."""
    workers: tuple[str, ...] = ()
    """Members whose work `result` is; they do not judge it."""
    splits: bool = False
    """Whether it is to be split next."""
    whole: bool = False
    """It is not split, as it was before, or could not be."""
    claims: bool = False
    """Whether `result` waits to be judged."""
    broken: int = 0
    """Its runs in a row that ended in nothing that could be judged."""
    traces: tuple[str, ...] = ()
    """Of answers that were not enough: their normal forms, hashed, so that a loop is seen; ten at most."""
    evidence: str = Field(default="", max_length=2000)
    """Why it is held to be met, or was given up."""
    why: Sentence | None = None
    """`evidence` as it can be said in other languages."""
    wait: Wait | None = None
    spent: Sums = Sums()
    started_at: datetime | None = None
    ended_at: datetime | None = None
