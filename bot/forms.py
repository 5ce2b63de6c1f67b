"""Forms made from a JSON Schema, the same for every chat: what is asked for, and the line that it stands for."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.words import key

Schema = Mapping[str, Any]
Kind = Literal["text", "long", "number", "integer", "boolean", "choice", "date", "list", "json"]

RUN, SEND = key("Run"), key("Send")
"""What is on the button that sends a form."""
SHORT = 200
"""Characters of what is asked for on one line."""
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
    options = tuple(map(written, choices)) if isinstance(choices, list) else ()
    hint = " ".join(str(schema.get("description") or "").split())
    initial = written(schema["default"]) if "default" in schema else ""
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


def written(value: Any) -> str:
    """Return a value as a person would write it: a text as it is, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _template(fields: Sequence[Field]) -> str:
    """Return JSON to be filled in."""
    return json.dumps({field.name: field.initial for field in fields if field.required}, ensure_ascii=False)


def _name(name: str) -> str:
    return name if re.fullmatch(r"[^\s=\"']+", name) else json.dumps(name, ensure_ascii=False)


def typed(given: Mapping[str, str]) -> str:
    """Return what was filled in as a person would type it behind a skill's name."""
    pairs = [f"{_name(name)}={json.dumps(text, ensure_ascii=False)}" for name, text in given.items() if name != REST]
    return " ".join([*pairs, *filter(None, [given.get(REST, "").strip()])])
