"""What a campaign is: a goal, its objectives and how far they are, what it may cost and who has to say what."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from core.campaigns.objective import About, Estimate, Means, Objective, Stage, Wait
from core.campaigns.sums import Allowance, Sums
from core.entities import Noun
from core.sentences import Sentence

__all__ = [
    "About", "Campaign", "Course", "Decision", "Estimate", "Means", "Mode", "Objective", "Posting", "Purpose", "Remark",
    "Stage", "Step", "Wait",
]  # fmt: skip

Mode = Literal["guided", "autonomous"]
"""Guided: a person approves the plan. Autonomous: it runs by itself within the limits that the administrator set."""
Purpose = Literal["plan", "work", "judge", "report"]
"""What a run of a campaign is for. A `plan` with an objective splits that into parts."""


class Course(StrEnum):
    """Where a campaign is in its life."""

    PLANNING = "planning"
    PROPOSED = "proposed"
    """The plan waits for a person."""
    RUNNING = "running"
    PAUSED = "paused"
    HELD = "held"
    """It asks a person before it goes on: the budget, the deadline, or it is stuck."""
    MET = "met"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def over(self) -> bool:
        """True once nothing more will happen by itself."""
        return self in (Course.MET, Course.FAILED, Course.STOPPED)


class Step(Noun):
    """One run of a campaign that is under way."""

    run: str
    purpose: Purpose
    objective: str = ""
    """Its id; empty where the run is for the whole campaign."""
    started_at: datetime
    reserved: Sums = Sums()
    """Set aside for it until it ends."""
    stopped: bool = False
    """Whether the campaign itself had it stopped."""


class Decision(Noun):
    """What a person answered to a request."""

    number: int
    """The request's."""
    person: str
    name: str
    yes: bool
    at: datetime


class Posting(Noun):
    """How much was posted lately, so that what happens fast goes into digests."""

    since: datetime
    """When the hour began that is counted."""
    posts: int = 0
    """Single posts in it."""
    digest: int = 0
    """The number of this hour's digest, once there is one."""


class Remark(Noun):
    """What a person said to a campaign, read at the next step."""

    person: str
    name: str
    text: str = Field(max_length=4000)
    at: datetime
    read: bool = False


class Campaign(Noun):
    """A goal that is worked towards. All of its state; a change is a new copy with the next `revision`."""

    id: str
    """Also of its `Collaboration`, which says where, for whom and in which language."""
    tenant: str
    owner: str
    """`Principal.id` of the person who started it."""
    owner_name: str
    address: str
    language: str = "en"
    private: bool = False
    title: str = Field(max_length=200)
    goal: str = Field(max_length=8000)
    template: str = ""
    """The name of the template that it was made from, if any."""
    note: Sentence | None = None
    """How it came to be started, where no person did it just then: by a schedule."""
    committee: str = "default"
    mode: Mode = "guided"
    course: Course = Course.PLANNING
    allowance: Allowance = Allowance()
    deadline: datetime | None = None
    objectives: tuple[Objective, ...] = ()
    """In the order in which they are shown, and begun where nothing else decides."""
    steps: tuple[Step, ...] = ()
    """Runs under way."""
    remarks: tuple[Remark, ...] = ()
    """The newest twenty."""
    spent: Sums = Sums()
    """By all runs that have ended."""
    warned: bool = False
    """Whether the 80 % warning was given."""
    wait: Wait | None = None
    """Of a campaign that is proposed or held: who is asked what."""
    decisions: tuple[Decision, ...] = ()
    """The newest twenty answers of people to requests."""
    paused_from: Course | None = None
    held_from: Course | None = None
    """What it goes on with once the person has answered."""
    plans: int = 0
    """Plans made so far."""
    broken: int = 0
    """Runs in a row, for the whole campaign, that ended in nothing that could be used."""
    unusable: int = 0
    """Answers in a row in which there was no plan that could be used."""
    replans: int = 0
    """Plans made anew since something was met, or a person had a say."""
    reason: str = Field(default="", max_length=2000)
    """Why a plan is made anew, or the last one could not be used: for the committee to read."""
    report: str = Field(default="", max_length=8000)
    """What the committee wrote in the end."""
    month: Sums = Sums()
    """What all campaigns of the tenant took in the month of `month_of`, as far as this one knows."""
    month_of: str = ""
    """`2026-11` (UTC)."""
    posting: Posting | None = None
    idle: int = 0
    """Attempts in a row that met nothing."""
    number: int = 0
    """Steps started so far; the next run's key is `{id}:{number}`."""
    told: int = 0
    """Moments told so far."""
    requests: int = 0
    """Requests to people so far."""
    revision: int = 0
    created_at: datetime
    started_at: datetime | None = None
    """When the first objective began."""
    ended_at: datetime | None = None

    def objective(self, id: str) -> Objective | None:
        """Return an objective by its id, if it is there."""
        return next((each for each in self.objectives if each.id == id), None)

    def step(self, run: str) -> Step | None:
        """Return the step that a run is, while it is under way."""
        return next((each for each in self.steps if each.run == run), None)

    def parts(self, id: str) -> tuple[Objective, ...]:
        """Return the parts of an objective."""
        return tuple(each for each in self.objectives if each.parent == id)

    @property
    def stands(self) -> Course:
        """Return where it is in its life, but for a pause."""
        return self.paused_from or Course.RUNNING if self.course is Course.PAUSED else self.course

    @property
    def reserved(self) -> Sums:
        """What is set aside for the runs under way."""
        return sum((step.reserved for step in self.steps), Sums())
