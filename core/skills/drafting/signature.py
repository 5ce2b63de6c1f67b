"""The contract of a function, from its signature: JSON Schema of what it takes and gives."""

import ast
from typing import Any

Schema = dict[str, Any]
_SIMPLE = {"int": "integer", "float": "number", "str": "string", "bool": "boolean", "None": "null", "dict": "object"}
_LISTS = ("list", "tuple", "set", "frozenset", "sequence", "iterable", "collection")


def contract(code: str, name: str) -> tuple[Schema, Schema]:
    """Return the schemas of what a function takes, by name, and of what it gives; what has no type may be anything."""
    function = next(node for node in ast.parse(code).body if isinstance(node, ast.FunctionDef) and node.name == name)
    given = function.args
    names = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(names) - len(given.defaults)) + list(given.defaults)
    pairs = [*zip(names, defaults, strict=True), *zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    takes: Schema = {
        "type": "object",
        "properties": {each.arg: of_type(each.annotation) for each, _ in pairs},
        "required": [each.arg for each, default in pairs if default is None],
        "additionalProperties": False,
    }
    return takes, of_type(function.returns)


def of_type(node: ast.expr | None) -> Schema:
    """Return the schema of an annotation; empty, so anything goes, where it says nothing that JSON knows."""
    match node:
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.Constant(value=str(text)):
            return _of_text(text)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _of_name(name)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _any_of([of_type(left), of_type(right)])
        case ast.Subscript(value=value, slice=inner):
            return _of_kind(value, [*inner.elts] if isinstance(inner, ast.Tuple) else [inner])
        case _:
            return {}


def _of_text(text: str) -> Schema:
    try:
        return of_type(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return {}


def _of_name(name: str) -> Schema:
    low = name.lower()
    if low in _LISTS:
        return {"type": "array"}
    kind = _SIMPLE.get(name) or _SIMPLE.get(low)
    return {"type": kind} if kind else {}


def _of_kind(kind: ast.expr, inner: list[ast.expr]) -> Schema:
    name = (kind.id if isinstance(kind, ast.Name) else kind.attr if isinstance(kind, ast.Attribute) else "").lower()
    if name == "optional":
        return _any_of([of_type(inner[0]), {"type": "null"}])
    if name == "union":
        return _any_of([of_type(each) for each in inner])
    if name == "dict" or name == "mapping":
        values = of_type(inner[1]) if len(inner) == 2 else {}
        return {"type": "object", "additionalProperties": values} if values else {"type": "object"}
    if name in _LISTS:
        kinds = [of_type(each) for each in inner if not (isinstance(each, ast.Constant) and each.value is ...)]
        one = kinds[0] if kinds and all(each == kinds[0] for each in kinds) else {}
        return {"type": "array", "items": one} if one else {"type": "array"}
    return {}


def _any_of(kinds: list[Schema]) -> Schema:
    return {"anyOf": kinds} if all(kinds) else {}
