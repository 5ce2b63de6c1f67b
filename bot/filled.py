"""What was filled in, as typed values: of a form, field by field, or of what somebody typed instead."""

import asyncio
import contextlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.forms import REST, Schema, properties, required, resolved, type_of, written
from core.errors import BadRequest
from core.sentences import Sentence, one_of, said
from core.skills.running.fits import misfit

SECONDS = 1.5
"""For checking a form: chats wait three for an answer to one."""
YES, NO = ("true", "yes", "on", "1", "ja"), ("false", "no", "off", "0", "nein")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def value_of(text: str, schema: Schema, root: Schema) -> Any:
    """Return what a person typed as the value that a schema wants. Raises `BadRequest`."""
    schema, text = resolved(schema, root), text.strip() if type_of(schema) != "string" else text
    if isinstance(choices := schema.get("enum"), list):
        return _chosen(text.strip(), choices)
    match type_of(schema):
        case "string":
            return _string(text, schema)
        case "integer" | "number" as kind:
            return _number(text, whole=kind == "integer")
        case "boolean":
            return _yes(text)
        case "array":
            return _list(text, schema, root)
        case "":
            return _anything(text)
        case _:
            return _json(text)


def _chosen(text: str, choices: Sequence[Any]) -> Any:
    for choice in choices:
        if text == written(choice):
            return choice
    raise BadRequest("choose {names}", names=one_of([written(choice)[:40] for choice in choices[:20]]))


def _string(text: str, schema: Schema) -> str:
    if schema.get("format") == "date" and not _DATE.match(text.strip()):
        raise BadRequest("write the date as 2026-03-31")
    return text.strip() if schema.get("format") == "date" else text


def _number(text: str, *, whole: bool) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if whole or not math.isfinite(number):
        raise BadRequest("write a whole number, such as 3") if whole else BadRequest("write a number, such as 3.5")
    return number


def _yes(text: str) -> bool:
    if text.casefold() in YES:
        return True
    if text.casefold() in NO:
        return False
    raise BadRequest("write yes or no")


def _list(text: str, schema: Schema, root: Schema) -> list[Any]:
    if text.startswith("["):
        found = _json(text)
        if isinstance(found, list):
            return found
    items = schema.get("items")
    parts = text.split("\n") if "\n" in text else text.split(",")
    return [
        value_of(part.strip(), items if isinstance(items, dict) else {"type": "string"}, root)
        for part in parts
        if part.strip()
    ]


def _anything(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest("write it as JSON") from None


def read(schema: Schema, given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Sentence]]:
    """Return what a person filled in as values, and by field what is wrong with it; an empty field is not given."""
    named = properties(schema)
    values: dict[str, Any] = {}
    wrong: dict[str, Sentence] = {}
    for name, text in given.items():
        if not text.strip():
            continue
        try:
            if name == REST:
                values |= _object(text)
            else:
                values[name] = value_of(text, named.get(name, {}), schema)
        except BadRequest as error:
            wrong[name] = error.sentence
    rest = {REST} if REST in given else set()
    for name in required(schema):
        if name not in values and name not in wrong and not wrong.keys() & rest:
            wrong[name if name in given or not rest else REST] = said("this is needed")
    return values, wrong


async def checked(schema: Schema, given: Mapping[str, str]) -> dict[str, Sentence]:
    """Return what is wrong with what a person filled in, by field; what takes too long to check is found out later."""
    values, wrong = read(schema, given)
    named = properties(schema)
    shared = {name: schema[name] for name in ("$defs", "definitions") if name in schema}
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SECONDS):
            for name in values.keys() & named.keys():
                if fault := await asyncio.to_thread(misfit, values[name], {**shared, **named[name]}):
                    wrong[name if name in given else REST] = fault
    return wrong


def _object(text: str) -> dict[str, Any]:
    found = _json(text)
    if not isinstance(found, dict):
        raise BadRequest("write it as JSON")
    return found
