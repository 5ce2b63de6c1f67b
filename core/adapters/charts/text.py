"""What people and models wrote, made fit to be drawn: one line, of signs that there are, not too long."""

import re
import unicodedata
from functools import lru_cache
from itertools import accumulate

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_MARK = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]"
_STACKED = re.compile(f"({_MARK}{{2}}){_MARK}+")
_MOST = 2_000
"""Signs of a label that are looked at at all."""
_LONGEST = 40_000
"""Signs of a paragraph."""
_ELSE = "□"
_ORDINARY = 0.62
"""Of the size of the font: the width of an ordinary sign."""


def clean(text: str, most: int = _MOST) -> str:
    """Return one line of a text, without what controls, and a box for runs of signs that no font here has."""
    seen = "".join(" " if unicodedata.category(sign) in _INVISIBLE else sign for sign in text[:most])
    seen = _STACKED.sub(r"\1", seen)
    known = _signs()
    boxed = "".join(sign if ord(sign) in known else _ELSE for sign in seen)
    return re.sub(f"{_ELSE}+", _ELSE, " ".join(boxed.split()))


def paragraph(text: str) -> str:
    """Return lines of a text cleaned, with the breaks between them kept."""
    return "\n".join(clean(line, _LONGEST) for line in text[:_LONGEST].splitlines())


def short(text: str, most: float) -> str:
    """Return a text cleaned and cut to the width of so many ordinary signs."""
    line = clean(text)
    return line if width(line) <= most else _begin(line, most - _width("…")).rstrip() + "…"


def wrapped(text: str, most: float, lines: int) -> str:
    """Return a text cleaned and broken into at most so many lines, each as wide as so many ordinary signs."""
    rest, broken = clean(text), list[str]()
    while rest and len(broken) < lines - 1:
        line = _begin(rest, most)
        if len(line) < len(rest) and " " in line and rest[len(line)] != " ":
            line = line.rpartition(" ")[0]
        broken.append(line.strip())
        rest = rest[len(line) :].strip()
    return "\n".join([*broken, short(rest, most)] if rest else broken)


def width(text: str) -> float:
    """Return how wide a text is, in ordinary signs."""
    return sum(map(_width, text))


def _begin(text: str, most: float) -> str:
    """Return as much of the beginning as fits; one sign at least."""
    for at, end in enumerate(accumulate(map(_width, text))):
        if end > most:
            return text[: max(at, 1)]
    return text


@lru_cache(maxsize=4096)
def _width(sign: str) -> float:
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight="bold")))
    font.set_size(100, 72)
    known = ord(sign) if ord(sign) in _signs() else ord(_ELSE)
    return float(font.load_char(known, flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / 100 / _ORDINARY


@lru_cache(maxsize=1)
def _signs() -> frozenset[int]:
    """Return what the font of charts can draw; a blank is among it."""
    return frozenset(get_font(findfont(FontProperties(family="DejaVu Sans"))).get_charmap())
