"""Normal forms: numbers by value, JSON by meaning, letters alone, other strings but for case, quotes and the like."""

import json
import re
import unicodedata
from fractions import Fraction

LONGEST_NUMBER = 60
"""Characters; more is text, so that no reply can make us compute with a million digits."""
LONGEST_JSON = 20_000

_WHOLE = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)"
NUMBER = rf"[+-]?(?:{_WHOLE}(?:\.\d*)?|\.\d+)(?:e[+-]?\d{{1,2}})?"
_MAGNITUDES = "hundred|thousand|million|billion|trillion|dozen|percent|[kmb]|bn"
_TIMES_TEN = re.compile(r"\s?(?:x|×|\*|\\times)\s?10\s?\^\s?\{?([+-]?\d{1,2})\}?")
_FRACTION = re.compile(r"([+-]?)(?:(\d{1,20})\s)?(\d{1,20})\s?/\s?(\d{1,20})")
_LETTER = re.compile(r"(?:(?:option|choice|answer)\s+)?\(?([a-z])\)?[.:)]?")
_OPTION = re.compile(r"\(?([a-z])\)\s*[^\s)][^)]*")
_MARKS = ("**", "__", "~~", "$$", "*", "_", "`", "$", '"', "'")
_WRAPS = (*zip(_MARKS, _MARKS, strict=True), (r"\(", r"\)"), (r"\[", r"\]"))
_REWRITES = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r"\\(?:left|right|displaystyle|[,;!: ])", ""),
        (r"\\(?:text|mathrm|mathbf|textbf|boxed)\s?\{([^{}]*)\}", r"\1"),
        (r"\\[dt]?frac\s?\{(\w+)\}\s?\{(\w+)\}", r"\1/\2"),
        (r"\\[dt]?frac\s?(\d)\s?(\d)", r"\1/\2"),
        (r"\\([%$&#_])", r"\1"),
        (r"\s+", " "),
        (r"\s?([,;])\s?(?=\S)", r"\1 "),
        (r"(?<=\d), (?=\d{3}(?!\d))", ","),
        (r"(?<=[^\W\d_])[,;] (?=[^\W\d_])", " "),
        (r"(?<=[^\W\d_]{2})\.(?=\s)", ""),
        (r"\b([a-z])\.(?=[a-z]\b)", r"\1"),
        (r"(?<=[^\W\d_])'(?=[^\W\d_])", ""),
        (r"(?<=[^\W\d_]{2})-(?=[^\W\d_]{2})", " "),
        (r"[\s.,;:?]+$|(?<!\d)!+$", ""),
        (r"^(?:(?:the|an|a)\s+)+(?=\w{2})", ""),
    )
)


def normal(value: str) -> str:
    """Return the form in which equal answers are the same string; doing it twice changes nothing more."""
    for _ in range(len(value) + 2):
        before, value = value, _once(value)
        if before == value:
            break
    return value


def number(text: str) -> Fraction | None:
    """Return the exact value of a number as people write it (1,000; 1e3; 50 %; 1 1/2; 2 x 10^3), or None."""
    text = text.strip().replace("−", "-").casefold()
    if len(text) > LONGEST_NUMBER:
        return None
    percent = text.endswith("%")
    text = text.removesuffix("%").rstrip()
    text = _TIMES_TEN.sub(r"e\1", re.sub(r"^10(?=\s?\^)", "1x10", text))
    if match := _FRACTION.fullmatch(text):
        sign, whole, over, under = match.groups()
        value = int(whole or 0) + Fraction(int(over), int(under)) if int(under) else None
        value = -value if value and sign == "-" else value
    else:
        value = Fraction(re.sub("[, ]", "", text)) if re.fullmatch(NUMBER, text) else None
    return value / 100 if value is not None and percent else value


def as_json(text: str) -> str | None:
    """Return a JSON object or array by its meaning (keys sorted, 1.0 as 1, no spaces), or None if it is not one."""
    if not text.startswith(("{", "[")) or len(text) > LONGEST_JSON:
        return None
    try:
        found = json.loads(text, parse_float=_plain, parse_int=_plain, parse_constant=_plain)
        return json.dumps(found, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError, OverflowError):
        return None


def trimmed(value: str) -> tuple[str, str] | None:
    """Split a normal form into a bare letter or number and its trimming: "b. paris", "18 apples", "it is paris"."""
    patterns = (
        r"(?P<bare>[a-z])[.:] (?P<with>.+)",
        rf"(?P<with>[$€£¥]) ?(?P<bare>{NUMBER})",
        rf"(?P<bare>{NUMBER}) ?(?P<with>(?!(?:{_MAGNITUDES})\b)[^\W\d]+|[$€£¥°])",
        rf"[^=]{{1,40}}? ?= ?(?P<bare>{NUMBER})",
        r"(?!.*\b(?:no|not|never|nothing|none)\b)(?:[\w'+-]+ ){1,10}?(?:is|are|was|were|equals) (?P<bare>\S.*)",
    )
    for pattern in patterns:
        if match := re.fullmatch(pattern, value):
            return normal(match["bare"]), match.groupdict().get("with", "stated")
    return None


def unfenced(text: str) -> str:
    """Return what is inside a code fence that is all of the text, or the text."""
    text = text.strip()
    first, line, rest = text.partition("\n")
    inner = rest.removesuffix("```")
    fenced = first.startswith("```") and line and inner != rest and "```" not in first[3:] + inner
    return inner.strip() if fenced else text


def _once(value: str) -> str:
    """Return one step towards the normal form; a fixed point is one."""
    value = _unwrapped(unfenced(value))
    found = as_json(value)
    if found is not None:
        return found
    text = _folded(value)
    amount = number(text.rstrip(". "))
    if amount is not None:
        return _shown(amount)
    letter = _LETTER.fullmatch(text) or _OPTION.fullmatch(text)
    return letter[1].upper() if letter else _plainer(text)


def _unwrapped(text: str) -> str:
    """Return the text without the quotes, emphasis or mathematics signs that are around all of it."""
    for start, end in _WRAPS:
        inner = text.removeprefix(start).removesuffix(end)
        if len(inner) == len(text) - len(start + end) and inner.strip() and start not in inner and end not in inner:
            return _unwrapped(inner.strip())
    return text


def _folded(text: str) -> str:
    """Return the text in one width and case, powers as ^, quotes and dashes plain (NFKC would read 10³ as 103)."""
    text = re.sub("[⁻⁺⁰¹²³⁴-⁹]+", lambda power: f"^{power[0]}", text)
    text = re.sub(r"(?<=\d)(?=[¼-¾⅐-⅞])", " ", text)
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return text.translate(str.maketrans("“”„‘’´–—−⁄\xad", "\"\"\"'''---/ ")).strip()


def _plainer(text: str) -> str:
    """Return a string without articles, trailing marks, acronym dots and LaTeX dress; unless nothing is left."""
    plain = text
    for pattern, new in _REWRITES:
        plain = pattern.sub(new, plain).strip()
    return plain or text


def _plain(token: str) -> int | float:
    """Return a JSON number so that equal ones are alike; raises `ValueError` where it is none or far too big."""
    value = number(token)
    if value is None:
        raise ValueError(token)
    return value.numerator if value.denominator == 1 else float(value)


def _shown(value: Fraction) -> str:
    """Return a number as a decimal where it ends, else as a fraction in lowest terms."""
    places, under = 0, value.denominator
    while 10**places % under and places < 2 * LONGEST_NUMBER:
        places += 1
    if 10**places % under:
        return f"{value.numerator}/{under}"
    digits = str(abs(value.numerator) * 10**places // under).zfill(places + 1)
    whole, part = digits[: len(digits) - places], digits[len(digits) - places :]
    return ("-" if value < 0 else "") + whole + (f".{part}" if part else "")
