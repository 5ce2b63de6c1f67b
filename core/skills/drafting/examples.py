"""The examples in a request: its author's own tests, in whatever way people write them."""

import re
from collections.abc import Iterable, Iterator

from core.skills.drafting.calls import calls_in
from core.skills.drafting.cases import Case
from core.skills.drafting.literals import literal_at, plain

MOST = 40
"""Examples that are taken from one request."""
MOST_NAMES = 5
LONGEST = 30_000
_GIVES = re.compile(
    r"\s*`?\s*(?:#\s*)?(?:,?\s*(?:it |which )?(?:should |must |will |shall )?"
    r"(?:return|give|be|equal|yield|output|print|evaluate|become|result)s?(?: to| in)?\b"
    r"|is\b|===?>?|[=-]+>|➞|→|⇒|↦|⟶|:|=)\s*:?\s*`?"
)
"""What stands between a call and what it gives."""
_GIVEN = re.compile(r"\b(?:for|if|when|given|with|input)\b\s*:?\s*(?:example,?\s*)?(?=[\w\[({'\"`-])", re.IGNORECASE)
_RESULT = re.compile(
    r"[\s,;.)`]*(?:[^.\n]{0,60}?(?=\bthe (?:output|result|answer)\b))?(?:then\s+)?(?:the\s+)?"
    r"(?:(?:output|result|answer|value|function|it|return value)\s*)?"
    r"(?:(?:should|must) (?:be|return|give)|will (?:be|return)|is|returns?|gives?|:|=+>|-+>|➞|→)\s*:?\s*`?",
    re.IGNORECASE,
)
_ON_ONE_LINE = re.compile(r"(?<=\S)[ \t]+(?=>>> )")
_SESSION = re.compile(r"^[ \t]*>>> ?(.*)\n((?:[ \t]*\.\.\. ?.*\n)*)", re.MULTILINE)
_RETURNS_FOR = re.compile(r"\b(?:returns?|gives?)\s+`?(?=[\w\[({'\"-])", re.IGNORECASE)


def examples_in(text: str, name: str, parameters: tuple[str, ...]) -> tuple[Case, ...]:
    """Return the examples of a function in a request, in their order, equal ones once.

    `name` and `parameters` are the function's; empty where the request names none.
    """
    text = text[:LONGEST]
    found: dict[tuple[str, str], None] = {}
    for arguments, expected in (
        *_sessions(text, name),
        *_calls(text, name),
        *_tables(text, parameters),
        *_in_words(text, parameters),
        *_turned_round(text, parameters),
    ):
        found[(arguments, expected)] = None
    pairs = _alike([*found])[:MOST]
    return tuple(Case(arguments=arguments, expected=expected) for arguments, expected in pairs)


def _sessions(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield examples written as in an interactive session: `>>> f(1)` and the value on the line below, or behind it.

    A call with nothing below it gives `None`, as in the session itself.
    """
    text = _ON_ONE_LINE.sub("\n", text) + "\n"
    for start in _SESSION.finditer(text):
        call = start[1] + re.sub(r"^[ \t]*\.\.\. ?", " ", start[2], flags=re.MULTILINE)
        for arguments, rest in calls_in(call, _names(name)):
            below = text[start.end() :]
            value = literal_at(below)
            if beside := literal_at(rest):  # in a chat, people write it behind the call
                yield arguments, beside[0]
            elif not rest.strip() and (value or not below.partition("\n")[0].strip(" \t\"'")):
                yield arguments, value[0] if value else "None"
            elif not rest.strip() and below.lstrip().startswith(">>>"):
                yield arguments, "None"
            break


def _calls(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield examples such as `f(1) == 2`, `f(1) returns 2`, `f(1) ➞ 2`."""
    for arguments, rest in calls_in(text, _names(name)):
        gives = _GIVES.match(rest)
        if gives and "\n" not in gives[0].strip(" \t") and (value := literal_at(rest[gives.end() :])):
            yield arguments, value[0]


def _in_words(text: str, parameters: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield examples such as `For n = 3 the output should be 6` and `Input: [1, 2]`, `Output: 3`."""
    for start in _GIVEN.finditer(text):
        given = _arguments(text[start.end() :], parameters)
        if given is None:
            continue
        gives = _RESULT.match(given[1])
        if gives and gives[0].strip() and (value := literal_at(given[1][gives.end() :])):
            yield given[0], value[0]


def _turned_round(text: str, parameters: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield examples such as `returns 3 for [1, 2]`."""
    for start in _RETURNS_FOR.finditer(text):
        value = literal_at(text[start.end() :])
        behind = value and re.match(r"`?\s+(?:for|given|on|with)\s+`?", value[1])
        if value and behind and (given := _arguments(value[1][behind.end() :], parameters)):
            yield given[0], value[0]


def _tables(text: str, parameters: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the rows of a table whose last column is what comes out."""
    inside = False
    for line in text.splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")] if "|" in line else []
        if len(cells) < 2:
            inside = False
        elif re.fullmatch(r"(?i)outputs?|results?|expected.*|returns?|gives?|value", cells[-1]):
            inside = not parameters or len(cells) - 1 == len(parameters)
        elif inside and None not in (values := [plain(cell) for cell in cells]):
            *given, expected = (value or "" for value in values)
            yield ", ".join(given), expected


def _arguments(text: str, parameters: tuple[str, ...]) -> tuple[str, str] | None:
    """Return arguments given as `a = 1, b = 2` or as bare literals, and the rest of the text."""
    given: dict[str, str] = {}
    bare: list[str] = []
    while True:
        named = re.match(r"\s*`?([A-Za-z_]\w*)\s*=\s*", text)
        if named and parameters and named[1] not in parameters:
            return None
        value = literal_at(text[named.end() :] if named else text.lstrip(" \t`"))
        if value is None:
            return None
        if named:
            given[named[1]] = value[0]
        else:
            bare.append(value[0])
        text = value[1].lstrip("`")
        more = re.match(r"\s*(?:,\s*(?:and\s+)?|and\s+|;\s*)(?=`?[A-Za-z_]\w*\s*=[^=]|[\[({'\"\d-])", text)
        if more is None:
            return _call(given, bare, parameters, text)
        text = text[more.end() :]


def _call(given: dict[str, str], bare: list[str], parameters: tuple[str, ...], rest: str) -> tuple[str, str] | None:
    if parameters and len(given) + len(bare) != len(parameters):
        return None
    named = [given[name] for name in parameters if name in given] or list(given.values())
    return ", ".join([*bare, *named]), rest


def _alike(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Keep examples that give the same kind of value as the last one does.

    A formula in the text, `t(1) = 3`, is no example of a function that gives a list.
    """
    last = next((kind for _, expected in reversed(pairs) if (kind := _kind(expected))), "")
    return [pair for pair in pairs if _kind(pair[1]) in ("", last)]


def _kind(expected: str) -> str:
    """Return what a value is, roughly; empty for `None`, which may stand for any."""
    first = expected[:1]
    if expected == "None":
        return ""
    if first in "[({" or first in "\"'":
        return {"'": "text", '"': "text", "[": "list", "(": "tuple"}.get(first, "other")
    return "number"


def _names(name: str) -> frozenset[str]:
    return frozenset([name]) if name else frozenset()


def names_called(text: str) -> Iterable[str]:
    """Return the names of functions that a text shows with what they give, in their order."""
    text = text[:LONGEST]
    names = [*dict.fromkeys(re.findall(r"(?<![\w.])([A-Za-z_]\w*)\(", text))][:MOST_NAMES]
    return [name for name in names if next(_calls(text, name), None) or next(_sessions(text, name), None)]
