"""Canonical JSON: one way to write a value, so that a signature over it means that value and no other.

A subset of RFC 8785: keys in the order of their UTF-16 units, no space, no escapes but the needed ones, and of numbers
whole ones alone, because fractions are written differently by different programs.
"""

import json
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from core.errors import BadRequest

LARGEST_NUMBER = 2**53 - 1
"""What every program that reads JSON keeps exactly."""
DEEPEST = 16
"""Values within values."""


def canonical(value: JsonValue) -> bytes:
    """Return the one way to write a value. Raises `BadRequest` for what there is none for."""
    try:
        return _written(value, DEEPEST).encode()
    except UnicodeEncodeError:
        raise damaged() from None


def read_json(content: bytes, most: int) -> dict[str, JsonValue]:
    """Return an object of at most `most` bytes, read strictly: no name twice, no fraction. Raises `BadRequest`."""
    try:
        if len(content) > most:
            raise damaged()
        value = json.loads(content.decode(), object_pairs_hook=_once, parse_float=_never, parse_constant=_never)
        canonical(value)
    except (ValueError, RecursionError):
        raise damaged() from None
    if not isinstance(value, dict):
        raise damaged()
    return value


def _written(value: JsonValue, deep: int) -> str:
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and abs(value) <= LARGEST_NUMBER:
        return str(value)
    if isinstance(value, Mapping) and deep:
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_written(name, 1)}:{_written(value[name], deep - 1)}" for name in names) + "}"
    if isinstance(value, Sequence) and deep:
        return "[" + ",".join(_written(each, deep - 1) for each in value) + "]"
    raise damaged()


def _once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _never(_text: str) -> JsonValue:
    raise ValueError


def damaged() -> BadRequest:
    """Return what is said of content that no Dexter has written."""
    return BadRequest("What the registry holds is damaged, or was made by something else than Dexter.")
