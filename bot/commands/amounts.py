"""Amounts and dates as people type them in two languages: `$5, 200k tokens`, `24.12.2026 17:00`, `in 3 days`."""

import re
from datetime import UTC, datetime, timedelta
from math import isfinite

from core.campaigns.sums import Allowance
from core.errors import BadRequest

BUDGET = "$5, 200k tokens"
"""An example."""
MOST = 10**12
"""Of anything; more is a slip of the finger."""
_APART = re.compile(r"[;\n]|,(?!\d)|\s(?:and|und)\s", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(?P<plus>\+)?\s*(?P<sign>[$€])?\s*(?P<minus>[-−])?\s*(?P<sign2>[$€])?\s*(?P<number>\d[\d.,_]*)\s*"
    r"(?P<times>k|m|tsd\.?|mio\.?)?(?![a-z])\s*(?P<unit>\D*)",
    re.IGNORECASE,
)
_TIMES = {"": 1, "k": 1000, "tsd": 1000, "m": 1_000_000, "mio": 1_000_000}
_MONEY = {"$", "usd", "dollar", "dollars", "us-dollar"}
_TOKENS = {"token", "tokens", "tok"}
_SECONDS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1, "sekunde": 1, "sekunden": 1, "min": 60, "mins": 60, "minute": 60,
    "minutes": 60, "minuten": 60, "h": 3600, "hour": 3600, "hours": 3600, "stunde": 3600, "stunden": 3600, "std": 3600,
}  # fmt: skip
_SANDBOX, _MODELS = ("sandbox", "sandboxes"), ("model", "models", "modell", "modelle", "modellen")
_FILLERS = {"of", "the", "for", "von", "für", "time", "zeit"}
_EUROPEAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s+(?:um\s+)?(\d{1,2})[:.](\d{2}))?(?:\s*Uhr)?", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T\s]+(\d{1,2}):(\d{2}))?(?:\s*(?:Z|UTC))?", re.IGNORECASE)
_IN = re.compile(r"(?:in\s+)?(\d{1,4})\s*([a-zäöü]+)", re.IGNORECASE)
_DAYS = {"today": 0, "heute": 0, "tomorrow": 1, "morgen": 1, "übermorgen": 2}
_SPANS = {
    "h": 1 / 24, "hour": 1 / 24, "hours": 1 / 24, "stunde": 1 / 24, "stunden": 1 / 24, "d": 1, "day": 1, "days": 1,
    "tag": 1, "tage": 1, "tagen": 1, "w": 7, "week": 7, "weeks": 7, "woche": 7, "wochen": 7, "month": 30,
    "months": 30, "monat": 30, "monate": 30, "monaten": 30,
}  # fmt: skip


def budget(text: str, before: Allowance | None = None) -> Allowance:
    """Return the limits that a person typed, in place of those `before` that are named; `+` adds to them.

    Raises `BadRequest` for what is no amount, is none or less, has no unit or one that is not known.
    """
    if text.strip().casefold() in ("none", "unlimited", "keines", "keins", "unbegrenzt"):
        return Allowance()
    found = before or Allowance()
    pieces = [piece for piece in map(str.strip, _APART.split(text)) if piece]
    for piece in pieces:
        match = _AMOUNT.fullmatch(piece)
        if match is None:
            raise _odd(piece)
        name, amount = _read(match)
        if match["plus"]:
            amount += getattr(found, name) or 0
        found = found.but(**{name: int(amount) if name == "tokens" else amount})
    if not pieces:
        raise _odd(text)
    return found


def _odd(text: str) -> BadRequest:
    template = "“{text}” is no budget that I can read. Write it like this: `{example}`."
    return BadRequest(template, text=text[:40], example=BUDGET)


def _read(match: re.Match[str]) -> tuple[str, float]:
    """Return the field of an allowance, and the amount in its own unit. Raises `BadRequest`."""
    words = [word for word in (each.strip(".") for each in match["unit"].casefold().split()) if word not in _FILLERS]
    unit, *of = words or [""]
    sign = match["sign"] or match["sign2"]
    if sign == "€" or unit in ("€", "eur", "euro", "euros"):
        raise BadRequest("Budgets are in US dollars: write `$5`.")
    money = (bool(sign) and not words) or unit in _MONEY
    amount = _number(match["number"], whole=unit in _TOKENS) * _TIMES[(match["times"] or "").casefold().strip(".")]
    if match["minus"] or amount <= 0:
        raise BadRequest("A budget of zero or less lets nothing happen: give more, or leave it out.")
    if not isfinite(amount) or amount > MOST:
        raise BadRequest("“{text}” is more than anybody can mean.", text=match[0][:40])
    if money and not of:
        return "dollars", amount
    if unit in _TOKENS and not of and not sign:
        return "tokens", max(1, round(amount))
    if unit in _SECONDS and not sign:
        return _whose(match[0], of), amount * _SECONDS[unit]
    template = "I do not know the unit of “{text}”. There are `$5`, `200k tokens`, `2 h of models`, `1 h of sandboxes`."
    raise BadRequest(template, text=match[0][:40])


def _whose(text: str, of: list[str]) -> str:
    """Return the field that a time belongs to. Raises `BadRequest` where nobody says whose time it is."""
    if of and all(word in _SANDBOX for word in of):
        return "sandbox_seconds"
    if of and all(word in _MODELS for word in of):
        return "model_seconds"
    raise BadRequest("Say whose time that is: `{text} of models` or `{text} of sandboxes`.", text=text[:40])


def _number(text: str, *, whole: bool) -> float:
    """Return a number as people of both languages write it. Raises `BadRequest` where that is not clear."""
    text = text.strip(".,").replace("_", "")
    marks = [c for c in text if c in ".,"]
    last = text.rpartition(marks[-1])[2] if marks else ""
    if len(set(marks)) == 2:  # the last one parts off the fraction
        text = text.replace(marks[0], "").replace(marks[-1], ".")
    elif len(marks) > 1 or (marks and whole and len(last) == 3):
        text = text.replace(marks[0], "")
    elif marks and len(last) == 3 and not text.startswith("0"):
        template = "“{text}” can be read in two ways: write {thousand} or {one}."
        raise BadRequest(template, text=text, thousand=text.replace(marks[0], ""), one=text.replace(marks[0], ".")[:-1])
    else:
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        raise BadRequest("“{text}” is no number.", text=text[:40]) from None


def deadline(text: str, at: datetime) -> datetime:
    """Return the time (UTC) that a person typed: a date, with its end meant where no time is given; or `in 3 days`.

    Raises `BadRequest` for what cannot be read, never comes, or has passed `at` that time.
    """
    found = _moment(" ".join(text.split()), at)
    if found <= at:
        template = "{when} UTC has passed already: a deadline lies in the future."
        raise BadRequest(template, when=f"{found:%Y-%m-%d %H:%M}")
    if found > at + timedelta(days=3660):
        raise BadRequest("A deadline in more than ten years is none.")
    return found


def _moment(text: str, at: datetime) -> datetime:
    if (days := _DAYS.get(text.casefold())) is not None:
        return (at + timedelta(days=days)).replace(hour=23, minute=59, second=59, microsecond=0)
    if found := _EUROPEAN.fullmatch(text):
        return _date(text, (found[3], found[2], found[1]), found[4], found[5])
    if found := _ISO.fullmatch(text):
        return _date(text, (found[1], found[2], found[3]), found[4], found[5])
    if (found := _IN.fullmatch(text)) and (span := _SPANS.get(found[2].casefold())):
        return (at + timedelta(days=int(found[1]) * span)).replace(microsecond=0)
    template = "“{text}” is no date that I can read. Write it like `2026-12-24`, `2026-12-24 17:00` or `in 3 days`."
    raise BadRequest(template, text=text[:40])


def _date(text: str, day: tuple[str, str, str], hour: str | None, minute: str | None) -> datetime:
    year, month, date = map(int, day)
    try:
        if hour is None:
            return datetime(year, month, date, 23, 59, 59, tzinfo=UTC)
        return datetime(year, month, date, int(hour), int(minute or 0), tzinfo=UTC)
    except ValueError:
        raise BadRequest("“{text}” never comes: there is no such day or time.", text=text[:40]) from None
