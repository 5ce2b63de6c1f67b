"""A test of a function as it is passed on: arguments and what is expected, each as Python writes it."""

import ast
import math
import re
from typing import Any, Literal

from core.entities import Noun

SHOWN = 300
"""Characters of a value that people and members are shown."""


class Case(Noun):
    """One call, and what it is expected to give."""

    arguments: str
    """What stands between the brackets: literals, `[1, 2], k=3`, and calls of what came with the request."""
    expected: str
    """A literal."""
    check: Literal["equal", "close", "true", "false"] = "equal"
    """How the value is compared: as it is, within a millionth, or by its truth alone."""
    by: str = ""
    """The member that wrote it; empty: the person, in the request."""


class Output(Noun):
    """What a call gave: a value as Python writes it, or an error."""

    value: str = ""
    error: str = ""
    """Kind, message and line; hostile text."""

    @property
    def key(self) -> str:
        """Return what outputs that are the same have in common; empty where it is an error."""
        return "" if self.error else normal(self.value)


def passes(case: Case, output: Output) -> bool:
    """Tell whether an output is what a case expects. Judged here, from values: no candidate has a say in it."""
    if output.error:
        return False
    value, found = read(output.value)
    if not found:
        return case.check == "true"
    if case.check in ("true", "false"):
        return bool(value) is (case.check == "true")
    return same(ast.literal_eval(case.expected), value, 1e-4 if case.check == "close" else 1e-9)


def same(one: Any, other: Any, near: float = 1e-9) -> bool:
    """Tell whether two values are equal as Python compares them, floating point numbers nearly so."""
    if isinstance(one, float) or isinstance(other, float):
        numbers = isinstance(one, int | float) and isinstance(other, int | float)
        return numbers and math.isclose(one, other, rel_tol=near, abs_tol=near)
    if isinstance(one, list | tuple) and type(one) is type(other) and len(one) == len(other):
        return all(same(a, b, near) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return all(same(value, other[key], near) for key, value in one.items())
    return bool(one == other)


def read(value: str) -> tuple[Any, bool]:
    """Return a value, and whether it could be read; what only Python's memory holds cannot."""
    try:
        return ast.literal_eval(value), True
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None, False


def normal(value: str) -> str:
    """Return a value so that equal ones are written alike: numbers shortened, sets in order, no addresses."""
    found, readable = read(value)
    return f"={_normal(found)}" if readable else re.sub(r" at 0x[0-9a-f]+", "", value)


def _normal(value: Any) -> str:
    match value:
        case bool() | int():
            return repr(int(value))
        case float():
            return repr(int(value)) if value.is_integer() else f"{value:.9g}"
        case list():
            return f"[{','.join(map(_normal, value))}]"
        case tuple():
            return f"({','.join(map(_normal, value))})"
        case set():
            return f"{{{','.join(sorted(map(_normal, value)))}}}"
        case dict():
            return f"{{{','.join(sorted(f'{_normal(k)}:{_normal(v)}' for k, v in value.items()))}}}"
        case _:
            return repr(value)


def shown(case: Case, name: str = "") -> str:
    """Return a case as one line that a person can read."""
    call = f"{name}({_short(case.arguments)})"
    match case.check:
        case "true":
            return call
        case "false":
            return f"not {call}"
        case "close":
            return f"{call} ≈ {_short(case.expected)}"
        case _:
            return f"{call} == {_short(case.expected)}"


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
