"""The moments at which a rule happens, right across every change of the clocks.

The clock on the wall decides. A time that comes twice in a night fires once, the first time; a time that a night
leaves out moves to the first moment after the gap. What goes on like a clock (`every 15 minutes`) fires in both passes
of an hour that comes twice, and not at all in one that is missing.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from core.schedules.rule import DAY, Holidays, Rule, fits

HORIZON = timedelta(days=366 * 41)
"""How far ahead a day is looked for: a Monday that is 29 February may be 40 years away."""
MIDNIGHT = time()


def occurrences(rule: Rule, after: datetime, holidays: Holidays) -> Iterator[datetime]:
    """Yield the moments of a rule that are later than `after`, in UTC, ascending; it may never end."""
    if rule.once:
        yield from [rule.once] if rule.once > after else []
        return
    zone = ZoneInfo(rule.zone)
    last = after
    for day in _days(rule, after.astimezone(zone).date() - DAY, holidays):
        for moment in _moments(rule, day, zone, after):
            if moment > last:
                yield moment
                last = moment


def first(rule: Rule, after: datetime, holidays: Holidays) -> datetime | None:
    """Return the first moment later than `after`, or nothing where the rule is over or never comes."""
    return next(occurrences(rule, after, holidays), None)


def next_few(rule: Rule, after: datetime, holidays: Holidays, few: int = 3) -> tuple[datetime, ...]:
    """Return the next moments, in the rule's own zone."""
    zone = ZoneInfo(rule.zone)
    return tuple(each.astimezone(zone) for each in islice(occurrences(rule, after, holidays), few))


def _days(rule: Rule, begin: date, holidays: Holidays) -> Iterator[date]:
    """Yield the days that fit, for as long as they are not too far from each other."""
    day = max(begin, rule.begins) if rule.begins else begin
    seen = day
    end = max(rule.dates) if rule.dates else rule.ends or date.max - DAY
    while day <= end and day - seen <= HORIZON:
        if fits(rule, day, holidays):
            seen = day
            yield day
        day += DAY


def _moments(rule: Rule, day: date, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    midnight = datetime.combine(day, MIDNIGHT, zone)
    offset = midnight.utcoffset()
    if offset != datetime.combine(day + DAY, MIDNIGHT, zone).utcoffset():
        yield from sorted({each for minute in rule.minutes for each in _on_the_wall(midnight, minute, rule.steady)})
        return
    begin = midnight.astimezone(UTC)
    passed = (after - begin) // timedelta(minutes=1)
    for minute in rule.minutes[bisect_left(rule.minutes, passed) :]:
        yield begin + timedelta(minutes=minute)


def _on_the_wall(midnight: datetime, minute: int, steady: bool) -> Iterator[datetime]:
    """Yield the moments at which a clock shows a time, on a day on which it is changed."""
    wall = datetime.combine(midnight.date(), time(minute // 60, minute % 60), midnight.tzinfo)
    early, late = wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
    if early.astimezone(wall.tzinfo).replace(tzinfo=None) != wall.replace(tzinfo=None):
        if not steady:
            yield _end_of_gap(late, early, wall.tzinfo)
        return
    yield early
    if steady and late != early:
        yield late


def _end_of_gap(before: datetime, behind: datetime, zone: object) -> datetime:
    """Return the moment at which the clock was put forward, between two moments on its two sides."""
    assert isinstance(zone, ZoneInfo)  # noqa: S101 - whoever asks has made it
    old = before.astimezone(zone).utcoffset()
    while behind - before > timedelta(seconds=1):
        middle = before + (behind - before) // 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            behind = middle
    return behind.replace(microsecond=0)
