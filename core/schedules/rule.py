"""When something is to happen: on which days, at which times of the clock on the wall, in which zone."""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Literal

from core.entities import Noun

Holidays = Callable[[str, int], Collection[date]]
"""Return the public holidays of a place (`DE`, `DE-BE`) in a year; none for a place that nobody knows."""
LAST = -1
WORKDAYS = (0, 1, 2, 3, 4)
DAY = timedelta(days=1)


class Rule(Noun):
    """Days and times that come again, or one moment. A day has to fit all that is said of days."""

    zone: str
    """A name of the time zone database, e.g. `Europe/Berlin`."""
    minutes: tuple[int, ...] = (540,)
    """Of the day, on the wall, ascending."""
    steady: bool = False
    """Goes on like a clock: where an hour comes twice it fires in both, where one is missing it leaves it out."""
    weekdays: tuple[int, ...] = ()
    """0 is Monday; empty: all."""
    monthdays: tuple[int, ...] = ()
    """1 to 31, and -1 for the last; empty: all."""
    months: tuple[int, ...] = ()
    """1 to 12; empty: all."""
    nth: tuple[int, ...] = ()
    """Which of the month's days that fit, 1 for the first and -1 for the last; empty: all."""
    business: bool = False
    """Monday to Friday, and no public holiday of `place`."""
    dates: tuple[date, ...] = ()
    every: int = 1
    """Every so many of `unit`, counted from `anchor`."""
    unit: Literal["day", "week", "month"] = "day"
    anchor: date | None = None
    either: bool = False
    """As in cron: a day fits by its weekday or by its number in the month."""
    once: datetime | None = None
    """One moment, and nothing else counts."""
    place: str = ""
    """Whose holidays count, e.g. `DE-BE`."""
    no_holidays: bool = False
    begins: date | None = None
    ends: date | None = None
    """The last day."""
    jitter: int = 0
    """Up to so many minutes late, by chance."""

    @property
    def single(self) -> bool:
        """True where it happens once."""
        return bool(self.once or self.dates)


def fits(rule: Rule, day: date, holidays: Holidays) -> bool:
    """Tell whether a rule happens on a day."""
    if (rule.begins and day < rule.begins) or (rule.ends and day > rule.ends):
        return False
    if rule.dates and day not in rule.dates:
        return False
    if not _base(rule, day, holidays) or not _in_turn(rule, day):
        return False
    if rule.nth and not _nth(rule, day, holidays):
        return False
    return not (rule.no_holidays and _holiday(rule, day, holidays))


def _base(rule: Rule, day: date, holidays: Holidays) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if rule.business and (day.weekday() not in WORKDAYS or _holiday(rule, day, holidays)):
        return False
    on_weekday = not rule.weekdays or day.weekday() in rule.weekdays
    in_month = not rule.monthdays or day.day in rule.monthdays or (LAST in rule.monthdays and (day + DAY).day == 1)
    return on_weekday or in_month if rule.either else on_weekday and in_month


def _in_turn(rule: Rule, day: date) -> bool:
    """Tell whether it is this day's turn, of every so many days, weeks (from Monday) or months."""
    if rule.every == 1 or rule.anchor is None:
        return True
    if rule.unit == "month":
        apart = (day.year - rule.anchor.year) * 12 + day.month - rule.anchor.month
    elif rule.unit == "week":
        apart = (_monday(day) - _monday(rule.anchor)).days // 7
    else:
        apart = (day - rule.anchor).days
    return apart % rule.every == 0


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _nth(rule: Rule, day: date, holidays: Holidays) -> bool:
    first = day.replace(day=1)
    month = (first + timedelta(days=n) for n in range(31))
    there = [each for each in month if each.month == day.month and _base(rule, each, holidays)]
    return any(day in there[n - 1 : n] if n > 0 else day == there[n] for n in rule.nth if abs(n) <= len(there))


def _holiday(rule: Rule, day: date, holidays: Holidays) -> bool:
    return bool(rule.place) and day in holidays(rule.place, day.year)
