"""What can happen to a campaign, and what comes of it: the two ends of `core.campaigns.course.after`."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from core.campaigns.campaign import Campaign, Objective, Purpose
from core.campaigns.moment import Moment
from core.campaigns.sums import Allowance, Sums
from core.entities import Collaboration, Noun, Status
from core.sentences import Sentence


class Ended(Noun):
    """A run of the campaign is over."""

    kind: Literal["ended"] = "ended"
    run: str
    status: Status
    text: str = ""
    """The answer, or what a skill gave, or the sentence that says why there is none."""
    told: Sentence | None = None
    """`text`, where it is Dexter's own and can be said in other languages."""
    members: tuple[str, ...] = ()
    """Whose answer it is."""
    agreement: float | None = None
    tie: bool = False
    """Whether as many were for another answer, so that something else than the count decided."""
    skill: str = ""
    version: str = ""
    """Of a draft: the version of the skill that came of it."""
    passed: bool | None = None
    """Of tests and of a skill's run: whether all of it held."""
    spent: Sums = Sums()


class Ticked(Noun):
    """Time has passed."""

    kind: Literal["ticked"] = "ticked"
    gone: tuple[str, ...] = ()
    """Runs of the campaign that the database does not know as going on, nor as ended."""
    month: Sums = Sums()
    """What all campaigns of the tenant took in this calendar month (UTC)."""


class Done(Noun):
    """A person does something; who may is for the command to check, what makes sense is checked here."""

    kind: Literal["done"] = "done"
    act: Literal["approve", "reject", "pause", "resume", "stop", "note", "replan", "skip", "answer", "retry"]
    person: str
    name: str
    objective: str = ""
    request: int = 0
    """The number of the request that it answers, where a button or a reply says which: what was answered is refused."""
    text: str = ""
    """The note, the reason, or the answer to what was asked."""
    yes: bool = True
    """Of `answer`."""
    at_once: bool = False
    """Of `pause` and `stop`: runs under way are stopped too."""


class Changed(Noun):
    """A person changes the plan or its limits."""

    kind: Literal["changed"] = "changed"
    person: str
    name: str
    objectives: tuple[Objective, ...] | None = None
    """All of them, as they are to be; those begun keep their stage and results."""
    seen: tuple[Objective, ...] | None = None
    """The objectives that the person had before them; `None`: those of now."""
    allowance: Allowance | None = None
    deadline: datetime | None = None
    title: str | None = None


Incident = Annotated[Ended | Ticked | Done | Changed, Field(discriminator="kind")]


class Start(Noun):
    """A run to be started with the change."""

    key: str
    """The inbox key: `{campaign}:{number}`."""
    purpose: Purpose
    collaboration: Collaboration


class Turn(Noun):
    """What comes of an incident: all of it is kept in one transaction, or nothing is."""

    campaign: Campaign
    moments: tuple[Moment, ...] = ()
    starts: tuple[Start, ...] = ()
    stops: tuple[str, ...] = ()
    """Runs that are to be stopped."""
    due: datetime | None = None
    """When to look at it again, if nothing happens before; `None`: never."""
