"""The words of English and German that times are made of, and what each means to the grammar in `language`.

`d0` is Monday, `m1` January, `n15` a number, `o2` the second and `o-1` the last, `t0930` a time of day, `x2026-12-24` a
date, `z…` a zone, `p…` a place with holidays of its own; `?word` is a word that is not here.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

_WORDS = """
every: every each alle jeden jede jedes jeder jedem
every day: daily taeglich
every hour: hourly stuendlich
every week: weekly woechentlich
every month: monthly monatlich
every year: yearly annually jaehrlich
every n2 week: biweekly fortnightly zweiwoechentlich
every n3 month: quarterly vierteljaehrlich
every business: werktags arbeitstags
every weekday: weekdays
every weekend: weekends
other: other
half: half halbe halben
at: at um gegen
in: in
and: and und sowie
to: to
until: until till through bis
between: between zwischen
from: from von vom ab starting beginning
except: except excluding without but not ausser ohne nicht
holiday: holiday holidays feiertag feiertage feiertagen feiertags
business: workday workdays werktag werktage werktagen arbeitstag arbeitstage arbeitstagen
weekday: weekday
weekend: weekend wochenende wochenenden
second: seconds sec secs sekunde sekunden
minute: minute minutes min mins minuten
hour: hour hours hr hrs stunde stunden std
day: day days tag tage tagen
week: week weeks woche wochen
month: month months monat monats monate monaten
year: year years jahr jahre jahren jahres
next: next naechsten naechster naechste kommenden
tomorrow: tomorrow morgen
overmorrow: overmorrow uebermorgen
today: today heute
t1200: noon midday mittag mittags
t0000: midnight mitternacht
time: time zeit
jitter: jitter streuung
d0: monday mon montag mo
d1: tuesday tue tues dienstag di
d2: wednesday wed mittwoch mi
d3: thursday thu thur thurs donnerstag do
d4: friday fri freitag fr
d5: saturday sat samstag sonnabend sa
d6: sunday sun sonntag so
every d0: mondays montags
every d1: tuesdays dienstags
every d2: wednesdays mittwochs
every d3: thursdays donnerstags
every d4: fridays freitags
every d5: saturdays samstags sonnabends
every d6: sundays sonntags
m1: january jan januar jaenner
m2: february feb februar
m3: march mar maerz mrz
m4: april apr
m5: may mai
m6: june jun juni
m7: july jul juli
m8: august aug
m9: september sep sept
m10: october oct oktober okt
m11: november nov
m12: december dec dezember dez
o1: first ersten erste erster erstem
o2: second zweiten zweite zweiter zweitem
o3: third dritten dritte dritter drittem
o4: fourth vierten vierte vierter viertem
o5: fifth fuenften fuenfte fuenfter
o-1: last letzten letzte letzter letztem
n1: one eins
n2: two zwei
n3: three drei
n4: four vier
n5: five fuenf
n6: six sechs
n7: seven sieben
n8: eight acht
n9: nine neun
n10: ten zehn
n11: eleven elf
n12: twelve zwoelf
n15: fifteen fuenfzehn
n20: twenty zwanzig
n30: thirty dreissig
: the a an of on am des der dem den das die ein eine einer einem einen im uhr with mit
"""
LEXICON: Mapping[str, str] = {
    word: meaning for line in _WORDS.strip().splitlines() for meaning, _, words in [line.partition(":")]
    for word in words.split()
}  # fmt: skip
"""Word, its umlauts written out, to what it means; nothing where it only joins others."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_PARTS = re.compile(
    r"""
    (?P<date>\d{4}-\d{1,2}-\d{1,2}(?!\d))
    | (?P<german>\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{4}(?!\d))?)(?!\d)
    | (?P<slashes>\d{1,4}/\d{1,4}(?:/\d{1,4})?)
    | halb\s+(?P<half>\w+)
    | (?P<twelve>\d{1,2}(?:[:.]\d{2})?\s*(?:am|pm|a\.m\.|p\.m\.))(?!\w)(?!\s+(?:\d+\.|\w+(?:ten|tag|woch|ende)\b))
    | (?P<oclock>\d{1,2}(?:[:.]\d{2})?\s*(?:uhr|o['’]clock)(?!\w)(?:\s*\d{2}(?![\d.:]))?)
    | (?P<clock>\d{1,2}[:.]\d{2})(?!\d)
    | (?P<ordinal>\d{1,2})(?:st\b|nd\b|rd\b|th\b|\.(?!\d))
    | (?P<number>\d{1,4})(?!\d)
    | (?P<zone>[a-z]+(?:/[a-z0-9_+-]+)+|utc\b|gmt\b)
    | (?P<place>[a-z]{2}-[a-z0-9]{1,3})\b
    | (?P<business>(?:business|working)\ days?)\b
    | (?P<overmorrow>day\ after\ tomorrow)\b
    | (?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)\.?
    | (?P<and>[,;&+]) | (?P<to>[-–—]) | (?P<at>@)
    | (?P<space>\s+)
    | (?P<odd>\S)
    """,
    re.VERBOSE,
)


class Lexeme(NamedTuple):
    """A piece of what was typed, and what it means."""

    meaning: str
    typed: str


def lexemes(text: str) -> Iterator[Lexeme]:
    """Yield the pieces of a text; those that mean nothing by themselves are left out."""
    small = text.lower()
    source = text if len(text) == len(small) else small  # a few letters are longer when they are small
    for found in _PARTS.finditer(small):
        kind = found.lastgroup or "odd"
        meaning, typed = _meaning(kind, found[kind]), source[found.start() : found.end()].strip()
        if kind == "word" and meaning.startswith("?"):
            meaning = f"?{typed.rstrip('.')}"  # a name is said back as it was typed
        if meaning:
            yield Lexeme(meaning, typed)


def _meaning(kind: str, typed: str) -> str:
    """Return what a piece means to the grammar."""
    return MEANINGS[kind](typed) if kind in MEANINGS else kind


def _iso(typed: str) -> str:
    year, month, day = map(int, typed.split("-"))
    return f"x{year:04}-{month:02}-{day:02}"


def _german(typed: str) -> str:
    day, month, year = (int(part or 0) for part in typed.split("."))
    return f"x{year:04}-{month:02}-{day:02}"


def _half(typed: str) -> str:
    """`halb neun` is half past eight."""
    found = re.fullmatch(r"n(\d+)", f"n{typed}" if typed.isdecimal() else _word(typed))
    return f"t{(int(found[1]) - 1) % 24:02}30" if found else f"?halb ?{typed}"


def _word(typed: str) -> str:
    return LEXICON.get(typed.translate(_UMLAUTS), f"?{typed}")


def _place(typed: str) -> str:
    """`de-be` is a place with holidays, `mo-fr` are days."""
    halves = [LEXICON.get(half, "") for half in typed.split("-")]
    return " to ".join(halves) if all(halves) else f"p{typed}"


def _time(typed: str) -> str:
    """Return a time of day; one that no clock shows is a word that nobody knows."""
    hour, minute = (int(part) for part in (*re.findall(r"\d+", typed), 0)[:2])
    if re.search("[ap]m|[ap][.]m", typed):
        if not 1 <= hour <= 12:
            return f"?{typed.replace(' ', '')}"
        hour = hour % 12 + (12 if "p" in typed else 0)
    return f"t{hour % 24:02}{minute:02}" if hour * 60 + minute <= 1440 and minute < 60 else f"?{typed.replace(' ', '')}"


MEANINGS: Mapping[str, Callable[[str], str]] = {
    "date": _iso,
    "german": _german,
    "twelve": _time,
    "oclock": _time,
    "clock": _time,
    "half": _half,
    "ordinal": lambda typed: f"o{int(typed)}",
    "number": lambda typed: f"n{int(typed)}",
    "zone": lambda typed: f"z{typed}",
    "place": _place,
    "word": _word,
    "space": lambda typed: "",
    "slashes": lambda typed: f"?{typed}",
    "odd": lambda typed: f"?{typed}",
}
"""For each kind of piece, what it means; those that are not here mean what they are called."""
