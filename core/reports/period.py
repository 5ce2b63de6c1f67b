"""Periods as people say them, English and German: `last week`, `October`, `2026-11-01..2026-11-15`. Days are UTC."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from core.entities import Noun
from core.errors import BadRequest

LONGEST = 5 * 366
"""Days."""
DAY = timedelta(days=1)
EXAMPLES = "last week, this month, October, last 30 days, 2026-11-01..2026-11-15"


class Period(Noun):
    """Whole days, in UTC."""

    first: date
    last: date
    """Its last day, which belongs to it."""

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.last - self.first).days + 1

    @property
    def end(self) -> date:
        """Return the day after its last."""
        return self.last + DAY

    @property
    def before(self) -> "Period":
        """Return the period of equal length before it."""
        return Period(first=self.first - timedelta(days=self.days), last=self.first - DAY)

    @property
    def name(self) -> str:
        """Return it in figures: `2026-11-01..2026-11-15`, or its day."""
        return f"{self.first}" if self.first == self.last else f"{self.first}..{self.last}"


_NAMES = """
january february march april may june july august september october november december
januar februar märz april mai juni juli august september oktober november dezember
jan feb mar apr may jun jul aug sep oct nov dec
jan feb mrz apr mai jun jul aug sep okt nov dez
"""
MONTHS: Mapping[str, int] = {name: at % 12 + 1 for at, name in enumerate(_NAMES.split())} | {"maerz": 3, "sept": 9}
UNITS: Mapping[str, str] = {
    "day": "day", "days": "day", "tag": "day", "tage": "day", "tagen": "day",
    "week": "week", "weeks": "week", "woche": "week", "wochen": "week",
    "month": "month", "months": "month", "monat": "month", "monate": "month", "monaten": "month",
    "quarter": "quarter", "quartal": "quarter", "year": "year", "jahr": "year",
}  # fmt: skip
_THIS = re.compile(r"(?:this|dies(?:e|en|es|er))\s+(\w+)")
_LAST = re.compile(
    r"(?:the )?(?:last|previous|letzt(?:e|en|es|er)|vorig(?:e|en|es|er)|vergangen(?:e|en|es|er))\s+(\w+)"
)
_PAST = re.compile(r"(?:the |die )?(?:last|past|letzten|vergangenen)\s+(\d{1,4})\s+(\w+)")
_SINCE = re.compile(r"(?:since|from|seit|ab)\s+(\S+)")
_MONTH = re.compile(r"(?:im )?([a-zä]+)\.?(?:\s+(\d{4}))?")
_QUARTER = re.compile(r"(?:q([1-4])|([1-4])\.\s*quartal)(?:\s+(\d{4}))?|(\d{4})-q([1-4])")
_WEEK = re.compile(r"(\d{4})-w(\d{1,2})|(?:week|kw|woche)\s+(\d{1,2})(?:\s+(\d{4}))?")
_YEAR_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"\d{4}")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


def read_period(typed: str, today: date) -> Period:
    """Return the period that is meant; one that is not over yet goes up to today. Nothing typed: the last week.

    Raises `BadRequest` for what cannot be read, is no date, lies in the future, runs backwards or is too long.
    """
    text = " ".join(typed.casefold().split()).strip(" .,") or "last week"
    try:
        found = next((found for read in READERS if (found := read(text, today))), None)
    except (ValueError, OverflowError):
        raise BadRequest("“{typed}” has a date that there is not.", typed=typed[:60]) from None
    if found is None:
        text = "I cannot read “{typed}” as a period. Type one of these: {examples}."
        raise BadRequest(text, typed=typed[:60], examples=EXAMPLES)
    first, last = found
    if last < first:
        raise BadRequest("The period {name} ends before it begins.", name=f"{first}..{last}")
    if first > today:
        raise BadRequest("The period {name} has not begun yet.", name=f"{first}..{last}")
    period = Period(first=first, last=min(last, today))
    if period.days > LONGEST:
        raise BadRequest("The period {name} is longer than five years.", name=period.name)
    return period


Span = tuple[date, date] | None


def _whole(unit: str, at: date) -> tuple[date, date]:
    """Return the first and the last day of the unit that a day is in."""
    match unit:
        case "week":
            first = at - timedelta(days=at.weekday())
            return first, first + timedelta(days=6)
        case "month":
            return _months(at.year, at.month, 1)
        case "quarter":
            return _months(at.year, (at.month - 1) // 3 * 3 + 1, 3)
        case "year":
            return date(at.year, 1, 1), date(at.year, 12, 31)
        case _:
            return at, at


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    after = year * 12 + month - 1 + count
    return date(year, month, 1), date(after // 12, after % 12 + 1, 1) - DAY


def _plain(text: str, today: date) -> Span:
    days = {"today": 0, "heute": 0, "yesterday": 1, "gestern": 1}
    return _whole("day", today - days[text] * DAY) if text in days else None


def _this(text: str, today: date) -> Span:
    found = _THIS.fullmatch(text)
    return _whole(UNITS[found[1]], today) if found and found[1] in UNITS else None


def _last(text: str, today: date) -> Span:
    found = _LAST.fullmatch(text)
    if not found or found[1] not in UNITS:
        return None
    first, _ = _whole(UNITS[found[1]], today)
    return _whole(UNITS[found[1]], first - DAY)


def _past(text: str, today: date) -> Span:
    """Read `last 30 days`: today is the last of them. A month has 30 days here, and a week 7."""
    found = _PAST.fullmatch(text)
    lengths = {"day": 1, "week": 7, "month": 30}
    if not found or UNITS.get(found[2]) not in lengths or int(found[1]) == 0:
        return None
    return today - (int(found[1]) * lengths[UNITS[found[2]]] - 1) * DAY, today


def _since(text: str, today: date) -> Span:
    found = _SINCE.fullmatch(text)
    first = _date(found[1]) if found else None
    return (first, max(first, today)) if first else None


def _month(text: str, today: date) -> Span:
    """Read a month's name; without a year the newest one that has begun."""
    found = _MONTH.fullmatch(text)
    if not found or found[1] not in MONTHS:
        return None
    month = MONTHS[found[1]]
    year = int(found[2]) if found[2] else today.year - (month > today.month)
    return _months(year, month, 1)


def _quarter(text: str, today: date) -> Span:
    found = _QUARTER.fullmatch(text)
    if not found:
        return None
    month = (int(found[1] or found[2] or found[5]) - 1) * 3 + 1
    named = found[3] or found[4]
    return _months(int(named) if named else today.year - (month > today.month), month, 3)


def _week(text: str, today: date) -> Span:
    found = _WEEK.fullmatch(text)
    if not found:
        return None
    number = int(found[2] or found[3])
    year = int(found[1] or found[4] or today.isocalendar().year)
    first = date.fromisocalendar(year, number, 1)
    if not (found[1] or found[4]) and first > today:
        first = date.fromisocalendar(year - 1, number, 1)
    return first, first + timedelta(days=6)


def _figures(text: str, today: date) -> Span:
    """Read `2026`, `2026-10`, `2026-10-05`, `5.10.2026`."""
    if found := _YEAR_MONTH.fullmatch(text):
        return _months(int(found[1]), int(found[2]), 1)
    if _YEAR.fullmatch(text):
        return _whole("year", date(int(text), 1, 1))
    day = _date(text)
    return (day, day) if day else None


def _range(text: str, today: date) -> Span:
    """Read `a..b`, `a to b`, `a bis b`; both days belong to it."""
    parts = re.split(r"\s*\.\.+\s*|\s+(?:to|until|bis|–|-)\s+", re.sub(r"\A(?:from|von|vom)\s+", "", text))
    if len(parts) != 2:
        return None
    first, last = _figures(parts[0], today), _figures(re.sub(r"\A(?:zum)\s+", "", parts[1]), today)
    return (first[0], last[1]) if first and last else None


def _date(text: str) -> date | None:
    if found := _ISO.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _GERMAN.fullmatch(text):
        return date(int(found[3]), int(found[2]), int(found[1]))
    return None


READERS: tuple[Callable[[str, date], Span], ...] = (
    _plain, _this, _past, _last, _since, _quarter, _week, _figures, _range, _month,
)  # fmt: skip
