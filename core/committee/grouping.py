"""Which answers are the same: the comparable answer inside a reply, and the groups that are counted."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from core.committee.normal import as_json, normal, trimmed, unfenced

__all__ = ["Candidate", "comparable", "group", "normal"]

_STATED = re.compile(
    r"^[ \t>#*_-]*(?:(?:my|the)\s+)?(?:final\s+|correct\s+)?(?:answer|vote|choice)[*_]*\s*[:=][*_]*[ \t]*(?P<line>.*)$"
    r"|^####[ \t]*(?P<hash>\S.*)$"
    r"|\\boxed\s*\{(?P<boxed>(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}",
    re.IGNORECASE | re.MULTILINE,
)
_STATES = ("answer", "vote", "choice", "####", "\\boxed")
"""One of these stands in every statement of an answer: replies without them need no regular expression."""
_SAID = re.compile(r"\banswer\s+(?:is|would be|should be)\s*:?\s+(?P<said>\S.*)$", re.IGNORECASE)
_LAST_FENCE = re.compile(r"```json\s*\n((?:(?!```).)*)```\s*$", re.DOTALL | re.IGNORECASE)


class Candidate(NamedTuple):
    """What can be voted for: one answer, or equal answers merged."""

    label: str
    """The first of `labels`."""
    members: tuple[str, ...]
    """Who proposed it."""
    labels: tuple[str, ...]
    """The labels of all the answers merged here."""
    text: str
    """The first one's text."""
    value: str | None
    """The comparable answer in normal form, where there is one."""


Answered = tuple[str, str, str, str | None]
"""Member, label, text, comparable value."""


def comparable(text: str) -> str | None:
    """Return the final answer inside a reply, in normal form, if it is a letter, a number, short or JSON; else None.

    Looked for in this order: the reply is JSON; the last `Answer: …` line, `#### …` or `\\boxed{…}`; a fenced JSON
    block at the end; "the answer is …" in the last line; a reply of one short line. None for an essay, and where the
    stated answer is itself one.
    """
    reply = text.strip()
    if not reply or (whole := as_json(unfenced(reply))) is not None:
        return whole if reply else None
    if stated := _statements(reply):
        return _short(_after(reply, stated[-1]), characters=80, words=12)
    if reply.endswith("```") and (fenced := _LAST_FENCE.search(reply)):
        return as_json(fenced[1].strip())
    last = reply.splitlines()[-1]
    if said := _SAID.search(last):
        return _short(said["said"], characters=40, words=4)
    return _short(reply, characters=60, words=8)


def _statements(reply: str) -> list[re.Match[str]]:
    folded = reply.casefold()
    return list(_STATED.finditer(reply)) if any(word in folded for word in _STATES) else []


def group(answers: Sequence[Answered]) -> tuple[Candidate, ...]:
    """Merge equal answers (member, label, text, value), in the order in which each was first given.

    Two answers are equal if their values are, in normal form; where one has no value, if their texts are but for
    case and white space. A value that is a letter or number with one trimming ("B. Paris", "18 apples") equals the
    bare one, if somebody gave that and all who trimmed it trimmed it alike.
    """
    values = [None if value is None else normal(value) for *_, value in answers]
    bare = _bare({value for value in values if value is not None})
    keys = [
        (value and bare.get(value, value), _squeezed(answer[2])) for value, answer in zip(values, answers, strict=True)
    ]
    groups: list[list[int]] = []
    for index, key in enumerate(keys):
        same = [found for found in groups if any(_equal(key, keys[other]) for other in found)]
        groups = [found for found in groups if found not in same]
        groups.append(sorted([index, *(other for found in same for other in found)]))
    return tuple(_candidate([answers[i] for i in found], [keys[i][0] for i in found]) for found in sorted(groups))


def _after(reply: str, match: re.Match[str]) -> str:
    """Return what a statement of the answer states: the rest of its line, or the line below if that ends the reply."""
    stated = match["line"] or match["hash"] or match["boxed"] or ""
    return stated if stated.strip(" *_") else reply[match.end() :].strip()


def _short(stated: str, *, characters: int, words: int) -> str | None:
    """Return the normal form of what fits on one short line, or of JSON; else None."""
    stated = stated.strip()
    if (found := as_json(unfenced(stated))) is not None:
        return found
    if len(stated) > characters or len(stated.split()) > words or "\n" in stated:
        return None
    return normal(stated) or None


def _bare(values: set[str]) -> dict[str, str]:
    """Return which trimmed values stand for which bare one."""
    split = {value: parts for value in values if (parts := trimmed(value))}
    kinds = {bare: {trimming for other, trimming in split.values() if other == bare} for bare, _ in split.values()}
    return {value: bare for value, (bare, _) in split.items() if bare in values and len(kinds[bare]) == 1}


def _squeezed(text: str) -> str:
    return " ".join(text.casefold().split())


def _equal(one: tuple[str | None, str], other: tuple[str | None, str]) -> bool:
    if one[0] is not None and other[0] is not None:
        return one[0] == other[0]
    return one[1] == other[1]


def _candidate(answers: Sequence[Answered], values: Sequence[str | None]) -> Candidate:
    members = tuple(dict.fromkeys(member for member, *_ in answers))
    labels = tuple(label for _, label, *_ in answers)
    value = next((value for value in values if value is not None), None)
    return Candidate(labels[0], members, labels, answers[0][2], value)
