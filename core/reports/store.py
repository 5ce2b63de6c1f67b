"""What reports need of a database: sums over a period, never rows by the thousand."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, Protocol

from core.entities import Noun, Status
from core.reports.period import Period


class Ended(Noun):
    """Runs that ended on one day, of one sort and in one way. Steps of campaigns are apart."""

    day: date
    task: str
    """`Task.kind`; empty: a question."""
    step: bool
    """Of a campaign, and so asked by nobody."""
    status: Status
    runs: int
    passed: int
    """Runs of a skill, or of its tests, that gave what they should."""
    voted: int
    """Those with a measured agreement, and its sum."""
    agreement: float
    dissents: int
    drafted: int
    """Those that a version of a skill came of."""
    calls: int
    tokens: int
    cost: float
    """US dollars, of the calls whose price is known."""
    unpriced: int
    """Calls whose price is not known."""


class Delays(Noun):
    """How long questions took: tenths of a second to how many."""

    waited: dict[int, int] = {}
    """From being accepted to the beginning."""
    overhead: dict[int, int] = {}
    """From being accepted to the end, less what members took."""
    took: dict[int, int] = {}
    """From being accepted to the end."""
    unbegun: int = 0
    """Runs that ended without having begun."""
    unfinished: int = 0
    """Runs accepted in the period that have not come to an end within the hour, or not yet."""


class Way(Noun):
    """Questions put to one committee, deliberated in one way."""

    committee: str
    pattern: str
    runs: int
    answered: int
    voted: int
    agreement: float
    """The sum over those voted."""
    dissents: int


class Argued(Noun):
    """A question worth reading."""

    run: str
    day: date
    question: str
    answer: str
    dissent: str
    """What the strongest losing side held; empty where there was none."""
    members: tuple[str, ...] = ()
    """Who held it."""
    agreement: float | None
    margin: float | None
    calls: int


class ModelDay(Noun):
    """What one model was asked on a day, and how it fared."""

    day: date
    model: str
    calls: int
    good: int
    """Calls that gave something."""
    seconds: float
    """Of these."""
    prompt_tokens: int
    completion_tokens: int
    cost: float
    """US dollars, of the calls whose price is known."""
    unpriced: int
    retries: int


class Parts(Noun):
    """How the seats of one model fared."""

    model: str
    runs: int
    won: int
    dissented: int
    absent: int
    spared: int


class Spent(Noun):
    """What one person, or one channel, used."""

    key: str
    """`Principal.id`, or an address without a thread; empty for all that was asked between Dexter and one person."""
    name: str
    """A person's, as a chat showed it; of a channel, empty."""
    runs: int
    calls: int
    tokens: int
    cost: float
    unpriced: int


class Tried(Noun):
    """Trials of one skill."""

    skill: str
    kind: Literal["tests", "use"]
    trials: int
    held: int


class Moves(Noun):
    """What happened to the versions of a skill."""

    skill: str
    drafted: int
    promoted: int
    retired: int
    in_force: str
    failing_since: date | None
    """Of the version in force: since when its tests fail."""


class Courses(Noun):
    """Campaigns that began or ended in the period."""

    begun: int = 0
    ended: dict[str, int] = {}
    """`Course` to how many."""
    objectives: int = 0
    """Of those that ended, and those of them that were met."""
    met: int = 0


class ReportStore(Protocol):
    """Every method reads one tenant's history of a period, and answers within a second for a year of it."""

    async def ended(self, tenant: str, period: Period) -> Sequence[Ended]:
        """Return the runs that ended, by day, sort and status."""

    async def delays(self, tenant: str, period: Period) -> Delays:
        """Return how long questions waited and took."""

    async def ways(self, tenant: str, period: Period) -> Sequence[Way]:
        """Return how questions were deliberated, the commonest first."""

    async def argued(self, tenant: str, period: Period, *, reader: str, limit: int = 10) -> Sequence[Argued]:
        """Return questions with a dissent, the closest votes first; of others nothing that they asked in private."""

    async def asked(self, tenant: str, period: Period, *, reader: str, limit: int = 10) -> Sequence[Argued]:
        """Return the questions that took the most work; of others nothing that they asked in private."""

    async def model_days(self, tenant: str, period: Period) -> Sequence[ModelDay]:
        """Return what each model did by day."""

    async def tenths(self, tenant: str, period: Period) -> Mapping[str, Mapping[int, int]]:
        """Return how long the calls of each model took that gave something: tenths of a second to how many."""

    async def parts(self, tenant: str, period: Period) -> Sequence[Parts]:
        """Return how the seats of each model fared."""

    async def spending(
        self, tenant: str, period: Period, by: Literal["asker", "channel"], *, asker: str | None = None
    ) -> Sequence[Spent]:
        """Return what each person, or each channel, used, the most first; of one `asker` alone where one is given."""

    async def active(self, tenant: str, period: Period) -> Mapping[date, frozenset[str]]:
        """Return who asked or ran something on each day."""

    async def tried(self, tenant: str, period: Period) -> Sequence[Tried]:
        """Return how trials of skills went."""

    async def moves(self, tenant: str, period: Period) -> Sequence[Moves]:
        """Return what happened to each skill; those to which nothing did only where their tests fail."""

    async def courses(self, tenant: str, period: Period) -> Courses:
        """Return how campaigns went."""
