"""Calls of a function in free text and in code: `f([1, 2], k=3)`, taken apart into literals."""

import ast
import re
from collections.abc import Iterator

from core.skills.drafting.literals import balanced, plain

MOST_CALLS = 100
"""That are looked at in one text."""


def calls_in(text: str, names: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the arguments of every call of one of `names` and the text behind it. No names: of any."""
    looked_at = 0
    for start in re.finditer(r"(?<![\w.])([A-Za-z_]\w*)\(", text):
        if names and start[1] not in names:
            continue
        looked_at += 1
        if looked_at > MOST_CALLS:
            return
        end = balanced(text[start.end() - 1 :])
        if end is None or (arguments := arguments_of(text[start.start() : start.end() - 1 + end])) is None:
            continue
        yield arguments, text[start.end() - 1 + end :]


def arguments_of(call: str | ast.expr, helpers: frozenset[str] = frozenset()) -> str | None:
    """Return what stands between the brackets of a call, in literals; `None` where anything else does.

    A bare word stands for a text, as in `is_happy(abcd)`: people write so. Calls of `helpers`, which came with the
    request, may stand there too: `decode(encode('a'))`.
    """
    try:
        node = ast.parse(call, mode="eval").body if isinstance(call, str) else call
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    if not isinstance(node, ast.Call):
        return None
    values = [_value(each, helpers) for each in node.args]
    named = [(each.arg, _value(each.value, helpers)) for each in node.keywords]
    if any(value is None for value in values) or any(not name or value is None for name, value in named):
        return None
    return ", ".join([*(value or "" for value in values), *(f"{name}={value}" for name, value in named)])


def _value(node: ast.expr, helpers: frozenset[str]) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in helpers:
        inner = arguments_of(node, helpers)
        return None if inner is None else f"{node.func.id}({inner})"
    if isinstance(node, ast.Name):
        return repr(node.id)
    try:
        return plain(ast.unparse(node))
    except (RecursionError, ValueError):
        return None
