"""Tests that members write: each `assert` that can be read is a test of its own, whatever stands around it."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from core.skills.drafting.blocks import blocks
from core.skills.drafting.calls import arguments_of
from core.skills.drafting.cases import Case
from core.skills.drafting.literals import plain

LONGEST = 20_000
"""Characters of a reply that are read."""


class Wanted(NamedTuple):
    """Which calls are tests, and whose."""

    name: str
    helpers: frozenset[str]
    by: str


def asserts_in(reply: str, name: str, by: str, most: int, helpers: frozenset[str] = frozenset()) -> tuple[Case, ...]:
    """Return the tests of the function `name` in a reply, equal ones once; what is none is passed over.

    `helpers` are functions that came with the request, which may stand in the arguments.
    """
    wanted = Wanted(name, helpers, by)
    found: dict[Case, None] = {}
    for text in (*blocks(reply[:LONGEST]), reply[:LONGEST]):
        for node in _asserts(text):
            case = _case(node.test, wanted)
            if case is not None:
                found[case] = None
            if len(found) == most:
                return tuple(found)
    return tuple(found)


def _asserts(text: str) -> Iterator[ast.Assert]:
    """Yield the asserts of a program; where it is none, of each line by itself."""
    tree = _tree(text)
    if tree is not None:
        yield from (node for node in ast.walk(tree) if isinstance(node, ast.Assert))
        return
    for line in text.splitlines():
        start = line.find("assert ")
        if start >= 0 and (tree := _tree(re.sub(r"[`.;\s]+$", "", line[start:]))) is not None:
            yield from (node for node in tree.body if isinstance(node, ast.Assert))


def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _case(test: ast.expr, wanted: Wanted) -> Case | None:
    match test:
        case ast.Call(func=ast.Name(id=name)) if name == wanted.name:
            return _made(test, "True", "true", wanted)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Call(func=ast.Name(id=name)) as call) if name == wanted.name:
            return _made(call, "False", "false", wanted)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
            return _compared(left, right, wanted) or _compared(right, left, wanted)
        case (
            ast.Compare(
                left=ast.Call(args=[ast.BinOp(left=call, op=ast.Sub(), right=result)]), ops=[ast.Lt() | ast.LtE()]
            )
            | ast.Call(func=ast.Attribute(attr="isclose"), args=[call, result, *_])
        ):
            return _compared(call, result, wanted, "close")
        case _:
            return None


def _compared(call: ast.expr, result: ast.expr, wanted: Wanted, check: str = "equal") -> Case | None:
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != wanted.name:
        return None
    expected = plain(ast.unparse(result))
    return None if expected is None else _made(call, expected, check, wanted)


def _made(call: ast.Call, expected: str, check: str, wanted: Wanted) -> Case | None:
    arguments = arguments_of(call, wanted.helpers)
    if arguments is None:
        return None
    return Case.model_validate({"arguments": arguments, "expected": expected, "check": check, "by": wanted.by})
