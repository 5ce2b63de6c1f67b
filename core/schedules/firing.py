"""What is to be done about a schedule whose time has come: a pure function of the schedule and the clock."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple

from core.quiet import Quiet
from core.schedules.occurrences import first, occurrences
from core.schedules.rule import Holidays, Rule
from core.schedules.schedule import Schedule, State

LATE = timedelta(minutes=2)
"""What comes later than this was missed."""
MOST = 100
"""Times that are made up for, where all of them are; the ones before are passed over."""
COUNTED = 1000
"""Times that are counted one by one; of more it is said that there were at least so many."""


class Due(NamedTuple):
    """What to do now."""

    schedule: Schedule
    """As it is afterwards, if it is run or skipped."""
    at: datetime
    """The time that is run, or the last one that is skipped."""
    late: timedelta
    run: bool
    """False where the times are passed over."""
    missed: int
    """Times that are passed over before `at`."""


def decide(schedule: Schedule, now: datetime, holidays: Holidays) -> Due | None:
    """Return what to do about the times up to `now`; nothing while none has come, also after a clock jumped back."""
    begin, wake = schedule.next_at, wake_at(schedule)
    if begin is None or wake is None or wake > now:
        return None
    count, last, recent = _passed(schedule.rule, begin, now, holidays)
    late = now - last > LATE + timedelta(minutes=schedule.rule.jitter)
    if schedule.missed == "all" and len(recent) > 0:
        at = recent[0]
        after = _moved(schedule, at, holidays)
        return Due(after, at, now - at, True, count - len(recent))
    after = _moved(schedule, last, holidays)
    return Due(after, last, now - last, schedule.missed != "skip" or not late, count - 1)


def wake_at(schedule: Schedule) -> datetime | None:
    """Return when a schedule is to be looked at: its next time, and by chance up to `jitter` minutes more.

    The chance is drawn from the schedule and the time, so that every worker draws the same.
    """
    if schedule.state is not State.ACTIVE or schedule.next_at is None:
        return None
    if not schedule.rule.jitter:
        return schedule.next_at
    drawn = hashlib.sha256(f"{schedule.id}\0{schedule.next_at.isoformat()}".encode()).digest()
    share = int.from_bytes(drawn[:4], "big") / 2**32
    return schedule.next_at + timedelta(seconds=int(share * schedule.rule.jitter * 60))


def key_of(schedule: Schedule, at: datetime) -> str:
    """Return the key under which one time of a schedule is done, once."""
    return f"sched:{schedule.id}:{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def quiet_until(quiet: Quiet, now: datetime) -> datetime | None:
    """Return when quiet hours end that it is in now; nothing where it is in none."""
    if not quiet.at(now):
        return None
    ends = Rule(zone=quiet.zone, minutes=(quiet.end.hour * 60 + quiet.end.minute,))
    return first(ends, now, lambda place, year: ())


def _passed(
    rule: Rule, begin: datetime, now: datetime, holidays: Holidays
) -> tuple[int, datetime, tuple[datetime, ...]]:
    """Return how many times have come since `begin`, the last of them, and the newest that are made up for."""
    passed = [begin, *islice(_until(rule, begin, now, holidays), COUNTED)]
    count = len(passed)
    if count > COUNTED:  # so many are an interval of minutes or hours: of these the newest are near
        near = max(passed[-1], now - timedelta(minutes=1) * 60 * 24 * 7)
        passed = [*passed, *_until(rule, near, now, holidays)]
    return count, passed[-1], tuple(passed[-MOST:])


def _until(rule: Rule, after: datetime, now: datetime, holidays: Holidays) -> Iterator[datetime]:
    for moment in occurrences(rule, after, holidays):
        if moment > now:
            return
        yield moment


def _moved(schedule: Schedule, at: datetime, holidays: Holidays) -> Schedule:
    """Return the schedule after a time."""
    following = first(schedule.rule, at, holidays)
    return schedule.but(next_at=following, state=State.ACTIVE if following else State.OVER)
