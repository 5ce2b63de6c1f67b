"""What schedules need of a database."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from core.schedules.schedule import Firing, Occurrence, Schedule


class ScheduleStore(Protocol):
    """How schedules are kept. Every method is one transaction; no query crosses tenants but `due` and `earliest`."""

    async def add(self, schedule: Schedule, wake_at: datetime | None, *, most: int) -> bool:
        """Keep a new schedule; False, changing nothing, where its id is there already.

        Raises `BadRequest` where its owner has `most` schedules that are not over.
        """

    async def schedule(self, tenant: str, id: str, *, reader: str | None = None) -> Schedule:
        """Return it by id or by an unambiguous prefix of at least 4 characters. Raises `NotFound`."""

    async def schedules(
        self, tenant: str, *, owner: str | None = None, reader: str | None = None, limit: int = 50
    ) -> Sequence[Schedule]:
        """Return those that come next first, then those that are paused or over, newest first."""

    async def change(
        self, tenant: str, id: str, work: Callable[[Schedule], tuple[Schedule, datetime | None]]
    ) -> Schedule:
        """Lock a schedule, call `work` (quick, without effects), keep what it returns with the next revision.

        `work` returns the schedule and when to look at it. Raises `NotFound`, and whatever `work` raises.
        """

    async def remove(self, tenant: str, id: str) -> None:
        """Forget a schedule and its history; the runs that it started stay."""

    async def due(self, at: datetime, *, limit: int = 50) -> Sequence[Schedule]:
        """Take what is due in all tenants, longest due first; nobody else is given it for some seconds."""

    async def earliest(self) -> datetime | None:
        """Return when the next schedule of all tenants is due."""

    async def fire(self, before: Schedule, firing: Firing) -> bool:
        """Keep a firing whole: the schedule after it, its occurrence, the run that it starts, accepted as at the door.

        Returns False, changing nothing, where the schedule was changed since `before`. Raises `Unavailable`, changing
        nothing, where the line at the door is full.
        """

    async def later(self, before: Schedule, wake_at: datetime) -> None:
        """Look at a schedule again at another time, if it was not changed since `before`."""

    async def history(self, tenant: str, id: str, *, limit: int = 20) -> Sequence[tuple[Occurrence, str]]:
        """Return the newest occurrences with the status of the runs that they started (empty: none)."""

    async def undelivered(self, tenant: str, run: str) -> str:
        """Return why posts of a run will never arrive, as `core.sentences.kept`; empty where they may."""

    async def zone(self, tenant: str, person: str) -> str:
        """Return the time zone that a person has set for themselves; empty where none."""

    async def keep_zone(self, tenant: str, person: str, zone: str) -> None:
        """Set a person's time zone; empty: what holds where nobody sets any."""

    async def purge(self, before: datetime) -> int:
        """Forget occurrences that fired before a time, and schedules that have been over since; return how many."""
