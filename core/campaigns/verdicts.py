"""What an answer says, as far as a machine needs to know: a judges' yes or no, and whether it was given before."""

import hashlib
import re

from core.committee.grouping import normal
from core.committee.judgement import READ, grounds, judged
from core.excerpts import excerpt

REASON = 500
"""Characters of why something was not enough."""
_SIDE = re.compile(r"^\*\*(?P<names>[^\n*]+):\*\*[ \t]*$", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def verdict(text: str) -> tuple[bool | None, str]:
    """Return what judges say, and why: `None` where there is neither a yes nor a no in it."""
    text = text[:READ].strip()
    return judged(text), clean(grounds(text) or text, REASON)


def sides(text: str) -> list[tuple[tuple[str, ...], str]]:
    """Return who holds what in the answer of a divided committee, the leading side first."""
    found = list(_SIDE.finditer(text))
    ends = [*(side.start() for side in found[1:]), len(text)]
    return [
        (tuple(name.strip() for name in side["names"].split(",")), text[side.end() : end].strip())
        for side, end in zip(found, ends, strict=False)
    ]


def doubts(text: str) -> str:
    """Return why those judges of a divided committee who say no do so."""
    said = (verdict(held) for _, held in sides(text))
    return clean("\n".join(why for yes, why in said if yes is False), REASON)


def trace(text: str) -> str:
    """Return the mark by which an answer is known again: of its normal form, so that case and spaces do not matter."""
    short = text if len(text) > READ else normal(text)
    return hashlib.sha256(" ".join(short.casefold().split()).encode(errors="replace")).hexdigest()[:16]


def same(one: str, other: str) -> bool:
    """Tell whether two reasons are the same, but for case, numbers and marks."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return " ".join(re.sub(r"[\W\d_]+", " ", text.casefold()).split())


def clean(text: str, most: int) -> str:
    """Return at most `most` characters of what somebody wrote, without characters that control something."""
    return excerpt(_CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip(), most)
