"""The settings of campaigns: what they may take, how patient they are, and whether they may run by themselves."""

from pathlib import Path

from pydantic import Field

from bot.section import Section
from core.campaigns.limits import Limits
from core.campaigns.rules import HOUR, Rules
from core.campaigns.sums import Allowance

DEFAULT = Rules()


class Takes(Section):
    """What may be taken; none is no limit."""

    tokens: int | None = Field(default=None, gt=0)
    dollars: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    model_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    sandbox_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)

    @property
    def allowance(self) -> Allowance:
        """Return the same as a noun."""
        return Allowance(**self.model_dump())


class TakesAlone(Takes):
    """What is taken while nobody watches."""

    tokens: int | None = Field(default=500_000, gt=0)


class Campaigns(Section):
    """Goals that Dexter pursues by itself."""

    templates: Path | None = None
    """A folder of templates (`*.toml`) beside those that come with Dexter."""
    each: Takes = Takes()
    """The most that one campaign may take."""
    month: Takes = Takes()
    """What all campaigns of a tenant may take in a calendar month (UTC)."""
    autonomous: bool = True
    """Whether campaigns may go on without a person's approval of the plan."""
    alone: TakesAlone = TakesAlone()
    """The most that such a one may take."""
    side_by_side: int = Field(default=DEFAULT.side_by_side, ge=1, le=50)
    """Runs of one campaign under way at one time."""
    objectives: int = Field(default=DEFAULT.objectives, ge=1, le=500)
    depth: int = Field(default=DEFAULT.depth, ge=1, le=3)
    """Levels of objectives: 1 is no parts at all, 2 parts of objectives, 3 parts of parts."""
    parts: int = Field(default=DEFAULT.parts, ge=1, le=20)
    attempts: int = Field(default=DEFAULT.attempts, ge=1, le=10)
    """Times that an objective is worked on before it has failed."""
    idle: int = Field(default=DEFAULT.idle, ge=1)
    """Attempts in a row that met nothing, before another plan is made."""
    replans: int = Field(default=DEFAULT.replans, ge=0)
    """Plans made anew with nothing met in between, before a person is asked."""
    reminders: list[float] = [seconds / HOUR for seconds in DEFAULT.reminders]
    """Hours after which a person who was asked is reminded."""
    posts: int = Field(default=DEFAULT.posts, ge=0)
    """Single posts of a campaign an hour; what happens beyond that goes into one digest."""

    @property
    def limits(self) -> Limits:
        """Return what campaigns are held to."""
        same = ("side_by_side", "objectives", "depth", "parts", "attempts", "idle", "replans", "posts")
        rules = Rules(
            allowance=self.each.allowance,
            month=self.month.allowance,
            reminders=tuple(hours * HOUR for hours in self.reminders),
            **{name: getattr(self, name) for name in same},
        )
        return Limits(rules=rules, autonomous=self.autonomous, alone=self.alone.allowance)
