"""What a person gives a skill: `key=value …`, JSON, an attached file, or plain text where it takes just one."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bot.commands.names import nearest
from bot.commands.parse import unquoted
from bot.filled import value_of
from bot.forms import Schema, properties, required, resolved, type_of
from bot.shapes import Attachment
from core.errors import BadRequest
from core.sentences import said

_PAIR = re.compile(
    r"""(?<!\S)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<name>[^\s="']+))="""
    r"""(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<bare>\S*))""",
    re.DOTALL,
)
"""`name=value`, either of them in quotes where it has spaces."""


def given(rest: str, files: Sequence[Attachment], schema: Schema | None) -> dict[str, Any]:
    """Return the input of a skill by name. Raises `BadRequest` with what is not understood."""
    schema = schema or {}
    values = _from_files(files, schema)
    text = rest.strip()
    if text.startswith("{"):
        return values | _object(text)
    named, left = _pairs(text, schema)
    values |= named
    if left.startswith("{"):
        return values | _object(left)
    if left:
        values[_taker(left, schema, values)] = unquoted(left)
    return values


def pairs(text: str, known: Collection[str] | None = None) -> tuple[dict[str, str], str]:
    """Return what is given as `name=value`, of the `known` names or of any, and the text that is left."""
    values: dict[str, str] = {}
    left, at = [], 0
    for found in _PAIR.finditer(text):
        name = found["name"] or _unescaped(found["quoted"])
        if known is not None and name not in known:
            continue
        left.append(text[at : found.start()])
        at = found.end()
        values[name] = _value(found)
    return values, "".join([*left, text[at:]]).strip()


def _pairs(text: str, schema: Schema) -> tuple[dict[str, Any], str]:
    """Return the values that are given by name, and the text that is left."""
    known = properties(schema)
    written, left = pairs(text, known)
    values: dict[str, Any] = {}
    for name, value in written.items():
        try:
            values[name] = value_of(value, known[name], schema)
        except BadRequest as error:
            raise BadRequest("`{name}`: {fault}.", name=name[:60], fault=error.sentence) from None
    return values, left


def _value(found: re.Match[str]) -> str:
    if found["double"] is None:
        return str(found["single"] if found["single"] is not None else found["bare"])
    return _unescaped(found["double"])


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


def _taker(left: str, schema: Schema, values: Mapping[str, Any]) -> str:
    """Return the one thing that takes plain text. Raises `BadRequest` where there is none, or more than one."""
    named = properties(schema)
    open_to = [name for name in required(schema) or named if name not in values]
    texts = [name for name in open_to if name in named and type_of(resolved(named[name], schema)) == "string"]
    if len(texts) == 1:
        return texts[0]
    odd = _PAIR.match(left)
    if odd and odd["name"] and named:
        text = "It takes no “{name}”. {hint}"
        raise BadRequest(text, name=odd["name"][:40], hint=nearest(odd["name"], list(named)))
    if not named:
        raise BadRequest("It takes nothing by name: write its input as JSON, or leave it out.")
    text = (
        "What “{text}” is for is not clear: name it, as in `{name}=…`; a value of several words needs quotes. It takes "
        "{names}."
    )
    raise BadRequest(text, text=left[:40], name=next(iter(named)), names=", ".join(named))


def _from_files(files: Sequence[Attachment], schema: Schema) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for file in files:
        if file.name.casefold().endswith(".json") or _is_input(file.text, schema):
            values |= _object(file.text, file.name)
        elif file.text:
            values[_taker(file.name, schema, values)] = file.text
    return values


def _is_input(text: str, schema: Schema) -> bool:
    """Tell whether a text is the whole input as JSON, such as comes through a pipe."""
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.keys() <= properties(schema).keys()


def _object(text: str, name: str = "") -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    what = said("{name} is no JSON object", name=name) if name else said("That is no JSON object")
    raise BadRequest('{what}: write it as `{{"name": "value"}}`.', what=what)


def missing(values: Mapping[str, Any], schema: Schema | None) -> list[str]:
    """Return what a skill needs and was not given."""
    return [name for name in required(schema or {}) if name not in values]
