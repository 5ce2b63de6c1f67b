"""A judge's yes or no, however it is put."""

import re

from core.committee.grouping import comparable
from core.errors import ModelGarbage
from core.ports import Completion

READ = 20_000
"""Characters of a reply in which it is looked for."""
_YES = frozenset({"yes", "true", "done", "met", "ja", "y", "passed", "correct"})
_NO = frozenset({"no", "false", "not done", "not met", "nein", "n", "failed", "incorrect", "not yet"})
_STATED = re.compile(r"^[ \t>#*_-]*(?:answer|verdict|vote|antwort|urteil)[*_]*[ \t]*[:=].*$", re.IGNORECASE)
_WORD = re.compile(r"\b(yes|no|ja|nein)\b", re.IGNORECASE)
_LACKS = re.compile(r"\b(?:not|nicht|missing|lacks?|fehlt|fehlen|kein\w*|without|ohne)\b|n't\b", re.IGNORECASE)


def judged(text: str) -> bool | None:
    """Return what a judge says; `None` where there is neither a yes nor a no in it.

    Looked for in this order: a final answer that is one of the words; the first word of a final answer, or of the
    text; a yes or no in its last line. Where none of these is there, what says that something is missing is a no.
    """
    lines = _lines(text)
    stated = [line.partition(":")[2] or line.partition("=")[2] for line in lines if _STATED.match(line)]
    candidates = (comparable(text[:READ]) or "", *stated[-1:], *lines[:1], *lines[-1:])
    found = next((yes for each in candidates if (yes := _says(each)) is not None), None)
    return False if found is None and _LACKS.search(text[:READ]) else found


def grounds(text: str) -> str:
    """Return the lines of a judgement that are more than its yes or no."""
    return "\n".join(line for line in _lines(text) if not _STATED.match(line) and _plain(line) not in _YES | _NO)


def require_judgement(completion: Completion) -> None:
    """Raise `ModelGarbage` where a reply says neither yes nor no."""
    if judged(completion.text) is None:
        raise ModelGarbage("The reply has no line `Answer:` with yes or no.")


def _lines(text: str) -> list[str]:
    return [line for line in text[:READ].strip().splitlines() if line.strip()]


def _says(text: str) -> bool | None:
    """Return whether a text is, begins with, or alone contains, a yes or a no."""
    plain = _plain(text)
    if plain in _YES | _NO:
        return plain in _YES
    first = re.match(r"\W*(yes|no|ja|nein)\b", text, re.IGNORECASE)
    words = {word.casefold() in _YES for word in _WORD.findall(text)}
    if first:
        return first[1].casefold() in _YES
    return words.pop() if len(words) == 1 else None


def _plain(text: str) -> str:
    return re.sub(r"[\s*_.!`'\"]+", " ", text).strip().casefold()
