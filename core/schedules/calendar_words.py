"""Days, months, dates and times as they are said."""

from collections.abc import Sequence
from datetime import date, datetime

from core.sentences import Sentence, said

DAYS = (
    said("Monday"), said("Tuesday"), said("Wednesday"), said("Thursday"), said("Friday"), said("Saturday"),
    said("Sunday"),
)  # fmt: skip
MONTHS = (
    said("January"), said("February"), said("March"), said("April"), said("May"), said("June"), said("July"),
    said("August"), said("September"), said("October"), said("November"), said("December"),
)  # fmt: skip
SHORT = (said("Mon"), said("Tue"), said("Wed"), said("Thu"), said("Fri"), said("Sat"), said("Sun"))


def listed(names: Sequence[Sentence]) -> Sentence:
    """Return names in a row: `a, b and c`."""
    row = names[0]
    for name in names[1:-1]:
        row = said("{names}, {name}", names=row, name=name)
    return said("{names} and {last}", names=row, last=names[-1]) if len(names) > 1 else row


def day_said(day: date) -> Sentence:
    """Return a date with its year."""
    return said("{day} {month} {year}", day=day.day, month=MONTHS[day.month - 1], year=str(day.year))


def moment_said(moment: datetime) -> Sentence:
    """Return a moment by the clock of its own zone: `Mon 23 November 2026 09:00`."""
    weekday, day = SHORT[moment.weekday()], day_said(moment.date())
    return said("{weekday} {day} {time}", weekday=weekday, day=day, time=f"{moment:%H:%M}")


def minute_said(minute: int) -> str:
    """Return a minute of the day as a clock shows it."""
    return f"{minute // 60:02}:{minute % 60:02}"


def lasting(seconds: float) -> Sentence:
    """Return how long something is, in its largest unit: `3 h`, `12 min`, `2 d`."""
    if seconds >= 2 * 86400:
        return said("{n} d", n=round(seconds / 86400))
    if seconds >= 2 * 3600:
        return said("{n} h", n=round(seconds / 3600))
    return said("{n} min", n=max(1, round(seconds / 60)))
