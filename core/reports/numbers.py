"""Whether every number in a text is one of those that its writer was given.

A number may be rounded to what is shown of it, as long as it stays within a twentieth of what it is; a share may be
written in per cent; of a change its size is compared, as words say whether it rose or fell. Numbers have to be written
as the reader's language writes them, or the reader would read another one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from core.reports.period import MONTHS

NEAR = 0.05
"""How far a rounded number may be from what it is, as a share of it."""
_LETTER = r"[^\W\d_]"
_LIST = re.compile(r"^\s*(?:[-*•]\s*)?\d{1,2}[.)]\s+", re.MULTILINE)
_MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")(?!\w)\.?"
_DATES = (
    re.compile(r"(?<![\w.])(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\w)"),
    re.compile(r"(?<![\w.])(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})?(?!\w)"),
    re.compile(
        rf"(?<!\w)(?P<d>\d{{1,2}})(?:\.|st|nd|rd|th)?\s+(?:of\s+)?(?P<n>{_MONTH})(?:,?\s+(?P<y>\d{{4}})(?!\w))?", re.I
    ),
    re.compile(
        rf"(?<!\w)(?P<n>{_MONTH})\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\w.,]*\d)(?:,?\s+(?P<y>\d{{4}})(?!\w))?", re.I
    ),
)
_NUMBER = re.compile(
    r"(?P<whole>\d{1,3}(?:(?P<apart>[.,'’\u00a0\u202f ])\d{3})(?:(?P=apart)\d{3})*(?!\d)|\d+)"
    r"(?:(?P<point>[.,])(?P<part>\d+))?"
)
_BEHIND = re.compile(
    rf"[ \u00a0\u202f-]?(?:(?P<percent>%|percent(?:age)?|per\s+cent|prozent)|(?P<scale>{_LETTER}+))", re.I
)
_NAMED = re.compile(rf"(?:{_LETTER}|_|{_LETTER}-)\Z")
"""In front of a number that is part of a name: `gpt-5`."""
_SCALES = {
    "k": 1e3, "thousand": 1e3, "tausend": 1e3, "tsd": 1e3, "million": 1e6, "millions": 1e6, "mio": 1e6,
    "millionen": 1e6, "billion": 1e9, "billions": 1e9, "mrd": 1e9, "milliarde": 1e9, "milliarden": 1e9,
}  # fmt: skip
_SUFFIXES = frozenset(("s", "h", "x", "st", "nd", "rd", "th", "te", "ten", "ter", "fold", "fach", *_SCALES))
"""Letters that may stand right behind a number and leave it one."""
_ENGLISH = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
)
_GERMAN = (
    "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn "
    "neunzehn zwanzig"
)
_WORDS: Mapping[str, Mapping[str, int]] = {
    language: {word: at for at, word in enumerate(words.split(), 2)}
    for language, words in (("en", _ENGLISH), ("de", _GERMAN))
}
"""`one` and `ein` are mostly no numbers."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a writer was given."""

    values: frozenset[float]
    shares: frozenset[float]
    """Of these 1 is all, so that they may be written in per cent."""
    days: frozenset[date]
    names: frozenset[str]
    """Texts with digits in them, to the letter: `gpt-4o`, `p95`."""
    places: int
    """How far one may count: the rows of the longest table."""


def foreign(text: str, given: Known, language: str = "en") -> tuple[str, ...]:
    """Return the numbers in a text that its writer was not given, as they are written there, each once."""
    found: list[str] = []
    text = _LIST.sub(" ", text)
    for name in sorted(given.names, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
    for pattern in _DATES:
        text = pattern.sub(lambda match: _date(match, given, found), text)
    found += _figures(text, given, language)
    words = _WORDS.get(language, {})
    for match in re.finditer(rf"(?<!\w){_LETTER}+(?!\w)", text):
        count = words.get(match[0].casefold())
        if count is not None and count > given.places and float(count) not in given.values:
            found.append(match[0])
    return tuple(dict.fromkeys(found))


def told(text: str, language: str = "en") -> Iterator[tuple[float, bool]]:
    """Yield the numbers that a text tells of, and whether each is a share; dates and parts of names are none."""
    for pattern in _DATES:
        text = pattern.sub(" ", text)
    for match in _NUMBER.finditer(text):
        glued = re.match(rf"{_LETTER}+", text[match.end() :])
        named = _NAMED.search(text[: match.start()][-2:]) or (glued and glued[0].casefold() not in _SUFFIXES)
        if not named and (read := _value(match, language)):
            behind = _BEHIND.match(text, match.end())
            share = bool(behind and behind["percent"])
            yield (read[0] / 100 if share else read[0]), share


def _date(match: "re.Match[str]", given: Known, found: list[str]) -> str:
    """Take a date out of the text; note it where it is none of those given. What is no date stays."""
    parts = match.groupdict()
    month = MONTHS.get(parts["n"].casefold().strip(".")) if parts.get("n") else int(parts.get("m") or 0)
    day, year = int(parts["d"]), parts.get("y")
    if not month or not 1 <= month <= 12 or not 1 <= day <= 31:
        return match[0]
    same = [each for each in given.days if (each.day, each.month) == (day, month)]
    if not any(year is None or each.year == int(year) for each in same):
        found.append(match[0].strip())
    return " "


def _figures(text: str, given: Known, language: str) -> Iterator[str]:
    at = 0
    while match := _NUMBER.search(text, at):
        at = match.end()
        behind = _BEHIND.match(text, at)
        glued = re.match(rf"{_LETTER}+", text[at:])
        before = text[: match.start()][-2:]
        written = match[0] + (behind[0] if behind and behind["percent"] else "")
        if _NAMED.search(before) or (glued and glued[0].casefold() not in _SUFFIXES):
            yield _whole_word(text, match)
        elif not _meant(match, behind, given, language, ranked=_ranks(text, match, glued)):
            yield written.strip()
    yield from (letter for letter in text if letter.isnumeric() and not letter.isdecimal())


def _ranks(text: str, match: "re.Match[str]", glued: "re.Match[str] | None") -> bool:
    """Tell whether a number says which in a row: `3rd`, and in German `3. `."""
    if glued and glued[0].casefold() in ("st", "nd", "rd", "th", "te", "ten", "ter"):
        return True
    return bool(re.match(rf"\.\s+{_LETTER}", text[match.end() :])) and match["point"] is None


def _meant(
    match: "re.Match[str]", behind: "re.Match[str] | None", given: Known, language: str, *, ranked: bool
) -> bool:
    """Tell whether a number is one that was given, as it is written."""
    read = _value(match, language)
    if read is None:
        return False
    value, digits = read
    if behind and behind["percent"]:
        return any(_same(value, digits, share * 100) for share in given.shares)
    if ranked and digits == 0 and value <= given.places:
        return True
    if digits == 0 and match["apart"] is None and value in {float(day.year) for day in given.days}:
        return True
    scale = _SCALES.get(behind["scale"].casefold(), 1.0) if behind and behind["scale"] else 1.0
    return any(_same(value, digits, each / scale) for each in given.values | given.shares)


def _value(match: "re.Match[str]", language: str) -> tuple[float, int] | None:
    """Return a number with its digits behind the point; nothing where the language does not write it so."""
    point = "." if language == "en" else ","
    apart, part = match["apart"], match["part"] or ""
    whole = match["whole"]
    if apart == point and not part:  # 1.234 in English: behind the point are three digits
        whole, _, part = whole.partition(point)
        return (float(f"{whole}.{part}"), len(part)) if part.isdecimal() else None
    if apart == point or (part and match["point"] != point):
        return None
    return float(f"{re.sub(r'[^0-9]', '', _plain(whole))}.{_plain(part) or '0'}"), len(part)


def _plain(digits: str) -> str:
    """Return digits of any script in ASCII."""
    return "".join(str(int(letter)) if letter.isdecimal() else letter for letter in digits)


def _same(written: float, digits: int, meant: float) -> bool:
    """Tell whether a number is another one, rounded to so many digits behind the point."""
    away = abs(written - abs(meant))
    return away <= 1e-9 + 1e-12 * abs(meant) or (away <= 0.5 * 10.0**-digits + 1e-9 and away <= NEAR * abs(meant))


def _whole_word(text: str, match: "re.Match[str]") -> str:
    """Return the word that a number is part of."""
    begin, end = match.span()
    while begin and (text[begin - 1].isalnum() or text[begin - 1] in "-_/"):
        begin -= 1
    while end < len(text) and (text[end].isalnum() or text[end] in "-_/"):
        end += 1
    return text[begin:end]
