"""Calls that nobody wrote: made from those that were written, to see where candidates differ."""

import ast
import random
from collections.abc import Mapping, Sequence
from typing import Any

from core.skills.drafting.literals import written
from core.skills.drafting.signature import Schema

MOST = 24
_SEEDS: dict[str, tuple[str, ...]] = {
    "integer": ("3", "0", "-7"),
    "number": ("2.5", "0.0", "-1.0"),
    "string": ("'hello world'", "''", "'Ab1'"),
    "boolean": ("True", "False", "True"),
    "object": ("{'a': 1, 'b': 2}", "{}", "{'c': 0}"),
    "null": ("None",) * 3,
}
_TEXTS = ("", "a", "Zz", "hello world", "aba", "A b  c!", "12 ab")
_NUMBERS = (0, 1, 2, -1, 7, 10, 12, 100, 37)


def seeds(schemas: Mapping[str, Schema]) -> tuple[str, ...]:
    """Return calls of a function that nobody called yet, from the schemas of what it takes; none where one is open."""
    values = [_of_kind(schema) for schema in schemas.values()]
    if not values or not all(values):
        return ()
    return tuple(", ".join(each) for each in zip(*values, strict=True))


def _of_kind(schema: Schema) -> tuple[str, ...]:
    if schema.get("type") == "array":
        inner = _of_kind(schema.get("items", {"type": "integer"}))
        return (f"[{', '.join(inner)}]", "[]", f"[{inner[0]}, {inner[0]}]") if inner else ()
    return _SEEDS.get(str(schema.get("type")), ())


def probes(calls: Sequence[str], seed: str, most: int = MOST) -> tuple[str, ...]:
    """Return calls like `calls`, each changed in one place; the same for the same seed."""
    lot = random.Random(seed)
    found: dict[str, None] = {}
    for _ in range(most * 4):
        if not calls or len(found) >= most:
            break
        call = lot.choice(calls)
        changed = _changed(call, lot)
        if changed and changed not in calls:
            found[changed] = None
    return tuple(found)


def _changed(call: str, lot: random.Random) -> str | None:
    node = ast.parse(f"f({call})", mode="eval").body
    if not isinstance(node, ast.Call) or not (node.args or node.keywords):
        return None
    given = [*node.args, *(each.value for each in node.keywords)]
    at = lot.randrange(len(given))
    texts = [_text_of(each, lot if at == number else None) for number, each in enumerate(given)]
    if None in texts:
        return None
    names = [""] * len(node.args) + [f"{each.arg}=" for each in node.keywords]
    return ", ".join(f"{name}{text}" for name, text in zip(names, texts, strict=True))


def _text_of(node: ast.expr, lot: random.Random | None) -> str | None:
    """Return an argument, changed where there is a lot; of a call in it the first argument is changed."""
    if isinstance(node, ast.Call):
        inner = [_text_of(each, lot if number == 0 else None) for number, each in enumerate(node.args)]
        return None if None in inner else f"{ast.unparse(node.func)}({', '.join(map(str, inner))})"
    value = ast.literal_eval(node)
    return written(_other(value, lot) if lot else value)


def _other(value: Any, lot: random.Random) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return lot.choice([value + 1, value - 1, value * 2, abs(value) % 50, lot.choice(_NUMBERS)])
        case float():
            return round(lot.choice([value + 0.5, -value, value * 2, value / 2]), 6)
        case str():
            return _text(value, lot)
        case list():
            return _list(value, lot)
        case tuple():
            return tuple(_list([*value], lot))
        case dict() if value:
            key = lot.choice([*value])
            return {name: each for name, each in value.items() if name != key} if lot.random() < 0.5 else value
        case _:
            return value


def _text(value: str, lot: random.Random) -> str:
    if not value:
        return lot.choice(_TEXTS)
    at, other = lot.randrange(len(value)), lot.choice(value)
    return lot.choice([
        value[:at] + value[at + 1 :], value[:at] + other + value[at:], value[::-1], value.swapcase(),
        value[:at], value[at:], value + value,
    ])  # fmt: skip


def _list(value: list[Any], lot: random.Random) -> list[Any]:
    if not value:
        return [lot.choice(_NUMBERS)]
    at = lot.randrange(len(value))
    changed = [*value[:at], _other(value[at], lot), *value[at + 1 :]]
    return lot.choice([
        changed, changed, value[::-1], value[:at] + value[at + 1 :], [*value, value[at]],
        lot.sample(value, len(value)),
    ])  # fmt: skip
