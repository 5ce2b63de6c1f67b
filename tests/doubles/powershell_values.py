"""Values of the PowerShell that tests run: variables, errors, what they compare as, and what they look like."""

import datetime
import fnmatch
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tree_sitter import Node


class Raised(Exception):
    """An error record that ends something."""

    def __init__(self, message: str, kind: str = "RuntimeException", category: str = "NotSpecified") -> None:
        super().__init__(message)
        self.kind = kind
        self.record = {
            "exception": {"message": message, "kind": kind},
            "categoryinfo": {"category": category},
            "fullyqualifiederrorid": kind,
        }


@dataclass
class Scope:
    """Variables by lower-case name; what is not here is looked up at the caller's."""

    above: "Scope | None" = None
    here: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        if name in self.here:
            return self.here[name]
        if self.above is None:
            raise Raised(
                f"The variable '${name}' cannot be retrieved because it has not been set.", "VariableIsUndefined"
            )
        return self.above.get(name)


@dataclass(frozen=True)
class Block:
    """A script block, with where it was written."""

    node: Node
    scope: Scope


METHODS: dict[str, Callable[..., Any]] = {
    "count": len,
    "length": len,
    "addseconds": lambda moment, seconds: moment + datetime.timedelta(seconds=seconds),
    "totalseconds": lambda span: span.total_seconds(),
    "tostring": lambda thing, form="": thing.hex if form == "N" else shown(thing),
    "substring": lambda word, start, size=None: word[start : None if size is None else start + size],
    "startswith": lambda word, start: word.startswith(start),
    "dispose": lambda thing: thing.dispose(),
    "readall": lambda thing: thing.read_all(),
}


def formatted(form: str, value: Any) -> str:
    return form.replace("{0:N}", value.hex)


def listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def unrolled(values: list[Any]) -> Any:
    return None if not values else values[0] if len(values) == 1 else values


def truth(value: Any) -> bool:
    return truth(value[0]) if isinstance(value, list) and len(value) == 1 else bool(value)


def shown(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(shown, value))
    return "" if value is None else str(value)


def compared(operator: str, left: Any, right: Any) -> bool:
    def same(one: Any, other: Any) -> bool:
        return shown(one).lower() == shown(other).lower() if isinstance(one, str) else bool(one == other)

    match operator.lower():
        case "-eq":
            return same(left, right)
        case "-ne":
            return not same(left, right)
        case "-gt":
            return bool(left > right)
        case "-notin":
            return not any(same(left, each) for each in right)
        case "-notlike":
            return not fnmatch.fnmatchcase(shown(left).lower(), right.lower())
    raise NotImplementedError(operator)


def to_json(positional: list[Any], named: dict[str, Any]) -> str:
    """Be ConvertTo-Json."""
    assert set(named) == {"inputobject", "compress"}
    return json.dumps(named["inputobject"])
