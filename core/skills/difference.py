"""What changed from one version of a skill to another: files, and lines of those that are text."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

MOST_LINES = 200
"""Of all files together; a version is approved by reading them."""
LONGEST = 200
"""Characters of one line."""
LARGEST = 200_000
"""Bytes of a file whose lines are compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Paths by name, and the changed lines as a unified diff."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    lines: tuple[str, ...]
    whole: bool
    """False where there are more lines than are given, or files too large to compare."""


def difference(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Difference:
    """Compare two folders. May take a second."""
    added, removed = sorted(after.keys() - before.keys()), sorted(before.keys() - after.keys())
    changed = sorted(path for path in before.keys() & after.keys() if before[path] != after[path])
    touched = sorted([*added, *removed, *changed])
    pairs = {path: (_text(before.get(path, b"")), _text(after.get(path, b""))) for path in touched}
    lines = list(islice(_lines(pairs), MOST_LINES + 1))
    large = any(len(side.get(path, b"")) > LARGEST for path in touched for side in (before, after))
    shown = tuple(line[:LONGEST] for line in lines[:MOST_LINES])
    return Difference(tuple(added), tuple(removed), tuple(changed), shown, len(lines) <= MOST_LINES and not large)


def _lines(pairs: Mapping[str, tuple[list[str] | None, list[str] | None]]) -> Iterator[str]:
    for path, (one, other) in pairs.items():
        if one is not None and other is not None:
            yield from (line.rstrip("\r\n") for line in difflib.unified_diff(one, other, path, path, n=2, lineterm=""))


def _text(content: bytes) -> list[str] | None:
    """Return the lines of a text; nothing for what is none, or too large."""
    if len(content) > LARGEST or b"\0" in content:
        return None
    try:
        return content.decode().splitlines()
    except UnicodeDecodeError:
        return None
