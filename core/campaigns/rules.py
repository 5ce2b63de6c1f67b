"""What the administrator allows campaigns, and how patient they are; the settings fill it in."""

from pydantic import Field

from core.campaigns.sums import Allowance
from core.entities import Noun

HOUR = 3600.0


class Rules(Noun):
    """The limits within which campaigns run. Times are seconds."""

    allowance: Allowance = Allowance()
    """The most that one campaign may take; what a campaign does not limit itself is limited by it."""
    month: Allowance = Allowance()
    """What all campaigns of a tenant may take in a calendar month (UTC)."""
    objectives: int = Field(default=40, ge=1, le=500)
    """The most that a campaign may have, parts included."""
    depth: int = Field(default=2, ge=1, le=3)
    """Levels: 1 is no parts at all, 2 parts of objectives, 3 parts of parts."""
    parts: int = Field(default=5, ge=1, le=20)
    """The most that one objective is split into."""
    side_by_side: int = Field(default=2, ge=1, le=50)
    """Runs of one campaign under way at one time."""
    attempts: int = Field(default=3, ge=1, le=10)
    """Times that an objective is worked on before it has failed; also broken runs in a row before a person is asked."""
    idle: int = Field(default=6, ge=1)
    """Attempts in a row, of all objectives together, that met nothing: then the campaign is stuck."""
    replans: int = Field(default=2, ge=0)
    """Plans made anew, with nothing met in between, before a person is asked."""
    pauses: tuple[float, ...] = (60.0, 600.0, HOUR)
    """How long it waits after the first, second, … broken run in a row; the last one holds for all later ones."""
    reminders: tuple[float, ...] = (4 * HOUR, 24 * HOUR, 48 * HOUR, 72 * HOUR, 96 * HOUR)
    """When a person is reminded, counted from when they were asked."""
    watch: float = Field(default=600.0, gt=0)
    """How often runs under way are looked at, in case their end was missed."""
    look: float = Field(default=24 * HOUR, gt=0)
    """How often a campaign is looked at in any case: no clock that jumps leaves it alone for longer."""
    posts: int = Field(default=6, ge=0)
    """Single posts an hour; what happens beyond that goes into one digest."""
