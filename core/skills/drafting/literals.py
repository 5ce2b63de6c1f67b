"""Values of Python read out of free text: literals alone, nothing is evaluated. Texts are hostile and may be long."""

import ast
import math
import re

LONGEST = 2_000
"""Characters of one literal."""
_ATOM = re.compile(r"[-+]?(?:\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+)|\b(?:True|False|None|true|false|null|none)\b")
_WORDS = {"true": "True", "false": "False", "null": "None", "none": "None"}
_OPEN, _CLOSE = "([{", ")]}"
_GOES_ON = re.compile(r"\s*[-+*/%<>^&|(\[]|[\w\"']|\.\d")
"""What, behind a literal, makes it part of something longer. A bracket may follow after a full stop only."""


def literal_at(text: str) -> tuple[str, str] | None:
    """Return the literal that a text begins with, as Python writes it, and the rest; `None` where there is none."""
    text = text.lstrip()
    end = _end(text)
    if end is None or end > LONGEST or _GOES_ON.match(text[end:].split("\n", 1)[0]):
        return None
    source = text[:end]
    if (written := plain(_WORDS.get(source, source))) is None:
        return None
    return written, text[end:]


def plain(source: str) -> str | None:
    """Return a literal as Python writes it; `None` where it is no literal."""
    try:
        return written(ast.literal_eval(source.strip()))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def written(value: object) -> str | None:
    """Return what `literal_eval` reads back as this value; `None` where nothing does."""
    text = repr(value)
    if text == "set()" or not isinstance(value, float) or math.isfinite(value):
        return text if len(text) <= LONGEST else None
    return None


def balanced(text: str) -> int | None:
    """Return where the bracket that a text begins with is closed, strings in it skipped; `None` where it is not."""
    waiting: list[str] = []
    at = 0
    text = text[:LONGEST]
    while at < len(text):
        letter = text[at]
        if letter in "\"'":
            end = _string(text[at:])
            if end is None:
                return None
            at += end
            continue
        if letter in _OPEN:
            waiting.append(_CLOSE[_OPEN.index(letter)])
        elif letter in _CLOSE and (not waiting or waiting.pop() != letter):
            return None
        at += 1
        if not waiting:
            return at
    return None


def _end(text: str) -> int | None:
    if text[:1] in _OPEN and text:
        return balanced(text)
    if text[:1] in ("'", '"'):
        return _string(text)
    # A number takes no full stop along that ends a sentence.
    found = _ATOM.match(text)
    if found is None:
        return None
    return found.end() - 1 if found[0].endswith(".") else found.end()


def _string(text: str) -> int | None:
    """Return where the string that a text begins with ends; a line is the longest it may be."""
    quote, at = text[0], 1
    while at < len(text) and text[at] != "\n":
        if text[at] == "\\":
            at += 1
        elif text[at] == quote:
            return at + 1
        at += 1
    return None
