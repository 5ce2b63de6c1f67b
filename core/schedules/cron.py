"""Cron lines: minute, hour, day of the month, month, day of the week, as in crontab(5)."""

import re

from core.errors import BadRequest
from core.schedules.rule import Rule

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 7, _DAYS),
)
_PART = re.compile(r"(?:(?P<all>\*)|(?P<low>\w+)(?:-(?P<high>\w+))?)(?:/(?P<step>\d{1,2}))?")


def cron(line: str) -> Rule:
    """Return the rule of five fields, its zone left open. Raises `BadRequest` with the field that is wrong."""
    typed = line.split()
    minutes, hours, monthdays, months, weekdays = (_field(*each) for each in zip(typed, _FIELDS, strict=True))
    days = tuple(sorted({(day - 1) % 7 for day in weekdays}))
    open_days, open_weekdays = typed[2].startswith("*"), typed[4].startswith("*")
    return Rule(
        zone="UTC",
        minutes=tuple(hour * 60 + minute for hour in hours for minute in minutes),
        steady=typed[0].startswith("*") or typed[1].startswith("*"),
        weekdays=() if len(days) == 7 else days,
        monthdays=() if len(monthdays) == 31 else monthdays,
        months=() if len(months) == 12 else months,
        either=not open_days and not open_weekdays,
    )


def _field(typed: str, field: tuple[str, int, int, tuple[str, ...]]) -> tuple[int, ...]:
    name, low, high, names = field
    found: set[int] = set()
    for part in typed.lower().split(","):
        match = _PART.fullmatch(part)
        begin, end, step = _bounds(match, low, high, names) if match else (1, 0, 1)
        if not low <= begin <= end <= high or step < 1:
            raise BadRequest(
                "“{part}” cannot be the {field} of a cron line: it goes from {low} to {high}.",
                part=part[:20], field=name, low=low, high=high,
            )  # fmt: skip
        found |= set(range(begin, end + 1, step))
    return tuple(sorted(found))


def _bounds(match: re.Match[str], low: int, high: int, names: tuple[str, ...]) -> tuple[int, int, int]:
    step = int(match["step"] or 1)
    if match["all"]:
        return low, high if high != 7 else 6, step
    begin = _number(match["low"], names, low)
    end = _number(match["high"], names, low) if match["high"] else high if match["step"] else begin
    return begin, end, step


def _number(typed: str, names: tuple[str, ...], low: int) -> int:
    if typed in names:
        return names.index(typed) + low
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else -1
