"""What is known of a version from its trials and from being used."""

from datetime import datetime
from typing import Literal

from core.entities import Noun
from core.sandbox import Tier


class Trial(Noun):
    """One run that had to do with a version, counted once however often it is told of."""

    tenant: str
    run: str
    skill: str
    version: str
    kind: Literal["tests", "use"]
    held: bool
    """All tests passed, or it gave what it promises."""
    at: datetime
    tests: int = 0
    passed: int = 0
    """Of the last round of tests."""
    tier: Tier | None = None


class Record(Noun):
    """The badge of a version: how its last tests went, and how it fares in use."""

    tests: int = 0
    passed: int = 0
    tier: Tier | None = None
    """How far apart it was kept when it was last tested."""
    tested_at: datetime | None = None
    """`None`: never."""
    failing_since: datetime | None = None
    """When the first of its tests failed of those that failed in a row; `None` where the last ones held."""
    runs: int = 0
    succeeded: int = 0
    last_run_at: datetime | None = None

    @property
    def success(self) -> float | None:
        """Return the share of runs that succeeded, where there were any."""
        return self.succeeded / self.runs if self.runs else None
