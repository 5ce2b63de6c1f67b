"""Numbers of versions, and ranges of them.

A version is three numbers, as in semantic versioning; being a draft is a stage and not part of the number. Ranges are
written as for Python packages, so that a skill's needs of both kinds are written alike.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from core.errors import BadRequest

FIRST = "0.1.0"
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,5})(?:\.(0|[1-9][0-9]{0,5}))?(?:\.(0|[1-9][0-9]{0,5}))?", re.ASCII)
LONGEST_RANGE = 200
"""Characters."""


def number(text: str) -> str:
    """Return a version's number as `1.4.0`; what is left out at its end is 0. Raises `BadRequest`."""
    found = _NUMBER.fullmatch(text)
    if not found:
        raise BadRequest("“{text}” is no version: write three numbers, like 1.4.0.", text=text[:40])
    return ".".join(part or "0" for part in found.groups())


def order(version: str) -> tuple[int, ...]:
    """Return what versions are sorted by."""
    return tuple(int(part) for part in version.split("."))


def following(versions: Iterable[str]) -> str:
    """Return the number for a version that does not name one: the newest with its last number raised."""
    newest = max(versions, key=order, default=None)
    if newest is None:
        return FIRST
    major, minor, patch = order(newest)
    return f"{major}.{minor}.{patch + 1}"


@lru_cache(maxsize=4096)
def allowed(range: str) -> SpecifierSet:
    """Return a range of versions. Raises `BadRequest`."""
    try:
        if len(range) > LONGEST_RANGE or "===" in range:
            raise InvalidSpecifier
        return SpecifierSet(range)
    except InvalidSpecifier:
        raise BadRequest(
            "“{range}” is no range of versions: write it like `>=1.2,<2`, `~=1.4` or `==1.4.0`.", range=range[:40]
        ) from None


@lru_cache(maxsize=65_536)
def within(version: str, range: str) -> bool:
    """Tell whether a version is in a range."""
    return allowed(range).contains(Version(version), prereleases=True)
