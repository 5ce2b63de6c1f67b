"""Every request is checked against Discord's own description of its REST API (`tests/data/discord`).

Two differences from the letter: ids may be numbers (discord.py sends them so, and Discord takes both), and a field that
the description does not know is refused, because a misspelt one would pass silently; but for `tts` and `flags`,
which discord.py adds to messages with files and to embeds.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

FILE = Path(__file__).parents[1] / "data" / "discord" / "openapi.json"
Json = dict[str, Any]


class Description:
    """The calls that there are, and what they take."""

    def __init__(self, file: Path = FILE) -> None:
        said: Json = json.loads(file.read_text("utf-8"))
        said["components"]["schemas"]["SnowflakeType"] = {"type": ["string", "integer"], "pattern": "^(0|[1-9][0-9]*)$"}
        _close(said["components"]["schemas"])
        self._rows = [
            (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + r"\Z"), calls, path)
            for path, calls in said["paths"].items()
        ]
        self._schemas = said["components"]
        self._validators: dict[str, Validator] = {}

    def faults(self, method: str, path: str, query: dict[str, str], body: Any, parts: list[str]) -> list[str]:
        """Return what is wrong with a request; `parts` are the names of the files in a multipart body."""
        path = unquote(path)
        found = [row for row in self._rows if row[0].match(path) and method.lower() in row[1]]
        if not found:
            return [f"{method} {path}: Discord has no such call"]
        _, calls, template = min(found, key=lambda row: row[2].count("{"))
        call = calls[method.lower()]
        known = {
            each["name"]
            for each in (*call.get("parameters", ()), *calls.get("parameters", ()))
            if each["in"] == "query"
        }
        wrong = [f"{method} {template}: no parameter {name}" for name in query if name not in known]
        wrong += [f"{method} {template}: file named {part}" for part in parts if not re.fullmatch(r"files\[\d\]", part)]
        return wrong + [f"{method} {template}: {said}" for said in self._body(f"{method} {template}", call, body)]

    def _body(self, name: str, call: Json, body: Any) -> list[str]:
        described = call.get("requestBody")
        if described is None or (body is None and not described.get("required")):
            return ["no body is taken"] if body else []
        if name not in self._validators:
            schema = {**described["content"]["application/json"]["schema"], "components": self._schemas}
            self._validators[name] = Draft202012Validator(schema)
        return [f"{error.json_path}: {error.message[:300]}" for error in self._validators[name].iter_errors(body)]


def _close(schemas: Any) -> None:
    """Refuse fields that are not described."""
    for schema in schemas.values():
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
            for added in ("tts", "flags"):
                schema["properties"].setdefault(added, {})


@cache
def description() -> Description:
    """Return Discord's description, read once."""
    return Description()
