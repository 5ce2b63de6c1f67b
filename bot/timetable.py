"""What commands need to know of schedules: where they are kept, whose clock and whose holidays count."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

import tzlocal
from pydantic import AfterValidator, Field

from bot.section import Section
from core.entities import now
from core.errors import BadRequest
from core.schedules.rule import Holidays
from core.schedules.store import ScheduleStore
from core.schedules.zones import zone_called


def _zone(name: str) -> str:
    """Refuse a time zone that is not there."""
    try:
        return zone_called(name) if name else ""
    except BadRequest as error:
        raise ValueError(str(error)) from None


class Times(Section):
    """Schedules: whose clock and whose holidays count where nobody says, and how many there may be."""

    zone: Annotated[str, AfterValidator(_zone)] = ""
    """A name of the time zone database; empty: the zone of this machine."""
    country: str = ""
    """Whose public holidays count: `DE`, or with its part `DE-BE`; empty: none."""
    person: int = Field(default=100, ge=1, le=10_000)
    """Schedules that one person may have."""


def zone_here() -> str:
    """Return the time zone of this machine, as far as it can be told."""
    return tzlocal.get_localzone_name() or "UTC"


class Clock(Protocol):
    """The time, and waking up at one."""

    def now(self) -> datetime:
        """Return the time in UTC."""

    def ring(self) -> None:
        """Wake who waits."""

    async def wait(self, at: datetime | None, most: float) -> None:
        """Return at a time, when somebody rings, or after `most` seconds."""

    def close(self) -> None:
        """Ring no more."""


class Still:
    """The clock of a process that fires nothing."""

    def now(self) -> datetime:
        """Return the time in UTC."""
        return now()

    def ring(self) -> None:
        """Nobody waits."""

    async def wait(self, at: datetime | None, most: float) -> None:
        """Nobody waits."""

    def close(self) -> None:
        """Nothing to close."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """Joined in `bot.app`."""

    store: ScheduleStore
    clock: Clock
    holidays: Holidays
    place_named: Callable[[str], str]
    """Return the code of a place with holidays by what people call it; empty for none."""
    zone: str
    """Whose clock counts where neither a person nor a platform says."""
    place: str = ""
    """Whose holidays count where nobody says."""
    most: int = 100
    """Schedules of one person."""
    entered: Callable[[str], None] = lambda run: None
    """Told of each run that was put in the line."""
