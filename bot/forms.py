"""Forms made from a JSON Schema, the same for every chat: what is asked for, and what was filled in as typed values."""

import asyncio
import contextlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.words import key
from core.errors import BadRequest
from core.sentences import Sentence, one_of, said
from core.skills.running.fits import misfit

Schema = Mapping[str, Any]
Kind = Literal["text", "long", "number", "integer", "boolean", "choice", "date", "list", "json"]

RUN, SEND = key("Run"), key("Send")
"""What is on the button that sends a form."""
SECONDS = 1.5
"""For checking a form: chats wait three for an answer to one."""
SHORT = 200
"""Characters of what is asked for on one line."""
YES, NO = ("true", "yes", "on", "1", "ja"), ("false", "no", "off", "0", "nein")
HINTS: Mapping[Kind, str] = {
    "text": "",
    "long": "",
    "number": key("a number, such as 3.5"),
    "integer": key("a whole number"),
    "boolean": "",
    "choice": "",
    "date": key("a date, such as 2026-03-31"),
    "list": key("one on each line, or with commas between"),
    "json": key("as JSON"),
}
"""How each kind is written, where that is not plain."""
KINDS: Mapping[Kind, str] = {
    "text": key("text"),
    "long": key("text"),
    "number": key("number"),
    "integer": key("whole number"),
    "boolean": key("yes or no"),
    "choice": key("choice"),
    "date": key("date"),
    "list": key("list"),
    "json": key("JSON"),
}
"""Each kind by its name for people."""
REST = "*"
"""The name of a field that stands for all others, as JSON."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is asked for; its name, label and hint are hostile."""

    name: str
    kind: Kind
    hint: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    initial: str = ""
    label: str = ""
    """What it is called before people, where that is not its name."""

    @property
    def called(self) -> str:
        """Return what it is called before people."""
        return self.label or self.name


@dataclass(frozen=True, slots=True)
class Form:
    """What is to be filled in before a command can do its work; its title, description and fields are hostile."""

    title: str
    command: str
    """What is typed before the things that are filled in: `skill run double 0.1.0`."""
    description: str
    fields: tuple[Field, ...]
    schema: Schema
    submit: str = RUN
    """What is on the button that sends it."""
    clears: bool = False
    """What a person empties is said to be empty; if not, it is not given."""

    def within(self, most: int) -> "Form":
        """Return the same with so many fields at most, the last of them for all that is left, as JSON."""
        if len(self.fields) <= most:
            return self
        kept, left = self.fields[: most - 1], self.fields[most - 1 :]
        names = ", ".join(field.name for field in left)
        rest = Field(REST, "json", names, any(field.required for field in left), initial=_template(left))
        return replace(self, fields=(*kept, rest))

    def filled(self, given: Mapping[str, str]) -> "Form":
        """Return the same with what a person has filled in before."""
        return replace(self, fields=tuple(replace(f, initial=given.get(f.name, f.initial)) for f in self.fields))

    def about(self, description: str) -> "Form":
        """Return the same under another description."""
        return replace(self, description=description)

    def line(self, given: Mapping[str, str]) -> str:
        """Return the form as a person would type it."""
        emptied = {f.name for f in self.fields if self.clears and f.initial and f.kind in ("text", "long", "list")}
        kept = {name: text for name, text in given.items() if text.strip() or name in emptied}
        return f"{self.command} -- {typed(kept)}".strip()


def form_of(skill: str, version: str, description: str, schema: Schema | None) -> Form:
    """Return the form for running a version of a skill."""
    return form_for(f"skill run {skill} {version}", skill, schema, description)


def form_for(command: str, title: str, schema: Schema | None, description: str = "") -> Form:
    """Return the form of a command for an input schema, what is required first."""
    schema = schema or {}
    named = properties(schema)
    needed = required(schema)
    fields = tuple(_field(name, each, schema, name in needed) for name, each in named.items())
    texts = [field for field in fields if field.kind == "text"]
    if len(texts) == 1 and "maxLength" not in resolved(named[texts[0].name], schema):
        fields = tuple(replace(field, kind="long") if field is texts[0] else field for field in fields)
    return Form(title, command, description, tuple(sorted(fields, key=lambda field: not field.required)), schema)


def properties(schema: Schema) -> Mapping[str, Schema]:
    """Return what a schema names, each with its own schema."""
    named = schema.get("properties")
    if not isinstance(named, dict):
        return {}
    return {name: each if isinstance(each, dict) else {} for name, each in named.items()}


def required(schema: Schema) -> list[str]:
    """Return the names that must be given, in the order of the properties."""
    needed = schema.get("required")
    wanted = {name for name in needed if isinstance(name, str)} if isinstance(needed, list) else set()
    named = [name for name in properties(schema) if name in wanted]
    return [*named, *sorted(wanted - {*named})]


def resolved(schema: Schema, root: Schema) -> Schema:
    """Return a schema, or the one in the same document that it refers to."""
    reference = schema.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return schema
    at: Any = root
    for step in reference[2:].split("/"):
        at = at.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(at, dict) else None
    return {**at, **schema} if isinstance(at, dict) else schema


def _field(name: str, schema: Schema, root: Schema, needed: bool) -> Field:
    schema = resolved(schema, root)
    choices = schema.get("enum")
    options = tuple(map(_written, choices)) if isinstance(choices, list) else ()
    hint = " ".join(str(schema.get("description") or "").split())
    initial = _written(schema["default"]) if "default" in schema else ""
    label = schema.get("title")
    called = " ".join(label.split()) if isinstance(label, str) else ""
    return Field(name, _kind(schema), hint, needed, options, initial, called)


def _kind(schema: Schema) -> Kind:
    if schema.get("enum"):
        return "choice"
    match type_of(schema):
        case "string" if schema.get("format") == "date":
            return "date"
        case "string":
            most = schema.get("maxLength")
            return "long" if isinstance(most, int) and most > SHORT else "text"
        case "integer":
            return "integer"
        case "number":
            return "number"
        case "boolean":
            return "boolean"
        case "array":
            return "list"
        case _:
            return "json"


def type_of(schema: Schema) -> str:
    """Return the type that a schema wants, the first beside `null` where it names several; empty where none."""
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    return next((each for each in kinds if isinstance(each, str) and each != "null"), "")


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _template(fields: Sequence[Field]) -> str:
    """Return JSON to be filled in."""
    return json.dumps({field.name: field.initial for field in fields if field.required}, ensure_ascii=False)


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
        if text == _written(choice):
            return choice
    raise BadRequest("choose {names}", names=one_of([_written(choice)[:40] for choice in choices[:20]]))


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


def _name(name: str) -> str:
    return name if re.fullmatch(r"[^\s=\"']+", name) else json.dumps(name, ensure_ascii=False)


def typed(given: Mapping[str, str]) -> str:
    """Return what was filled in as a person would type it behind a skill's name."""
    pairs = [f"{_name(name)}={json.dumps(text, ensure_ascii=False)}" for name, text in given.items() if name != REST]
    return " ".join([*pairs, *filter(None, [given.get(REST, "").strip()])])
