"""What comes of work on skills, said once: tests that ran, what a skill gave, what was drafted, what is to be approved.

What tests and skills print is hostile text.
"""

from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le
from pydantic import Field, JsonValue

from core.entities import Noun, Status
from core.reports.report import Report
from core.sandbox import Outcome, Tier
from core.sentences import Sentence
from core.skills.skill import Stage

LONGEST_OUTPUT = 2_000
"""Characters of output that are kept of one test."""


class TestResult(Noun):
    """One test of a skill."""

    __test__: ClassVar[bool] = False  # for pytest, which would take it for a test

    name: str
    outcome: Literal["passed", "failed", "error", "skipped"]
    seconds: float = 0.0
    output: str = ""
    """The end of what it printed and of how it failed."""


class TestRun(Noun):
    """One trial of a version, or of a candidate for one, in a sandbox."""

    __test__: ClassVar[bool] = False

    kind: Literal["tests"] = "tests"
    subject: str
    """`name 1.4.0`, or the label of a candidate in a draft."""
    round: int = 1
    results: tuple[TestResult, ...] = ()
    tier: Tier | None = None
    """How far apart it was kept; `None` where it never started."""
    seconds: float = 0.0
    coverage: Annotated[float, Ge(0), Le(1)] | None = None
    """The share of the lines in `scripts/` that the tests went through, where known."""
    problem: Sentence | None = None
    """Why there are no results, or not all."""

    @property
    def passed(self) -> bool:
        """True where it came to its end, something passed, and nothing failed."""
        outcomes = {result.outcome for result in self.results}
        return self.problem is None and "passed" in outcomes and outcomes <= {"passed", "skipped"}


class Yield(Noun):
    """A file that a skill gave."""

    name: str
    media: str
    """`image/png`, `text/csv`, …"""
    data: str = Field(repr=False)
    """Base64."""


class Produced(Noun):
    """What came of running a skill."""

    outcome: Outcome | None = None
    """How the program ended; `None` where it never started."""
    value: JsonValue = None
    """What it gave, as its output schema says."""
    files: tuple[Yield, ...] = ()
    output: str = ""
    """The end of what it printed."""
    seconds: float = 0.0
    memory: int | None = None
    """Bytes."""
    tier: Tier | None = None
    problem: Sentence | None = None
    """Why there is no value, or none that fits."""


class Drafted(Noun):
    """A version that a committee made."""

    kind: Literal["drafted"] = "drafted"
    skill: str
    version: str
    stage: Stage
    content: str
    """`SkillVersion.content`."""
    label: str
    """Of the candidate that it was."""
    members: tuple[str, ...]
    """Who wrote it."""


class Review(Noun):
    """What a person approves with a promotion."""

    before: str = ""
    """The version in force so far; empty where there is none."""
    content: str
    """`SkillVersion.content` of what was tested: this and nothing else is promoted."""
    permissions: tuple[str, ...] = ()
    """All that it asks for."""
    added: tuple[str, ...] = ()
    """Those of them that the version before did not have."""
    lines: tuple[str, ...] = ()
    """The difference from the version before, as a unified diff."""
    whole: bool = True
    """False where there is more difference than `lines` show."""


class Started(Noun):
    """A task has begun."""

    kind: Literal["started"] = "started"
    task: str
    """`Task.kind`."""
    skill: str = ""
    version: str = ""
    asker: str = ""
    asker_name: str
    language: str = "en"
    note: Sentence | None = None
    """How it came about, where a schedule started it."""


class Done(Noun):
    """The end of a task, complete in itself."""

    kind: Literal["done"] = "done"
    task: str
    skill: str = ""
    version: str = ""
    status: Status
    text: str = ""
    """What there is to say in one or two sentences."""
    sentence: Sentence | None = None
    """What `text` begins with of Dexter's own, where that can be said in other languages."""
    passed: bool | None = None
    """Of tests: whether all of it held."""
    tests: tuple[TestRun, ...] = ()
    produced: Produced | None = None
    review: Review | None = None
    """There where a person is asked to approve."""
    report: Report | None = None
    """What a report is, where one was made."""


class Approval(Noun):
    """A person's yes or no."""

    kind: Literal["approval"] = "approval"
    person: str
    person_name: str
    yes: bool
    what: str
    """What was approved: `promote name 1.4.0`, `install name 1.4.0`."""
    permissions: tuple[str, ...] = ()
    why: str = ""
