"""From nouns to rows and back. Text loses what no database can hold: NUL, and halves of surrogate pairs."""

import json
from datetime import UTC
from math import isfinite
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError, from_json
from sqlalchemy import Row

from core.entities import Aim, Channel, Collaboration, Document, Noun, Task
from core.events import Call, Event, Happening

HAPPENING: TypeAdapter[Happening] = TypeAdapter(Happening)
DOCUMENTS = TypeAdapter(tuple[Document, ...])
MOST = 2**31 - 1


def clean(text: str) -> str:
    """Return `text` without NUL, and with U+FFFD for each lone surrogate: PostgreSQL refuses both."""
    if not _dirty(text):
        return text
    # By way of UTF-16, which makes one letter of the two halves of a pair.
    return text.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _dirty(text: str) -> bool:
    return "\0" in text or (not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text))


def cleaned(value: Any) -> Any:
    """Return JSON-like data with every text in it `clean`."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean(key): cleaned(item) for key, item in value.items()}
        case list() | tuple():
            return [cleaned(item) for item in value]
        case _:
            return value


def dumped(noun: Noun) -> str:
    """Return a noun as JSON that any database holds."""
    try:
        body = noun.model_dump_json()
    except PydanticSerializationError:
        return json.dumps(cleaned(noun.model_dump()), ensure_ascii=False, separators=(",", ":"))
    # The escape may also be two backslashes and a word, so it is looked for cheaply and removed for certain.
    return body if "\\u0000" not in body else noun.model_validate(cleaned(from_json(body))).model_dump_json()


def collaboration_row(collaboration: Collaboration) -> dict[str, Any]:
    """Return the values of a collaboration's row."""
    values = {name: getattr(collaboration, name) for name in Collaboration.model_fields}
    documents = [cleaned(document.model_dump()) for document in collaboration.context]
    values["context"] = DOCUMENTS.dump_json(DOCUMENTS.validate_python(documents)).decode()
    values["status"] = collaboration.status.value
    values["task"] = dumped(collaboration.task) if collaboration.task else ""
    values["aim"] = dumped(collaboration.aim) if collaboration.aim else ""
    return {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}


def collaboration_noun(row: Row[Any]) -> Collaboration:
    """Return the collaboration of a row."""
    values = {name: getattr(row, name) for name in Collaboration.model_fields}
    task = Task.model_validate_json(row.task) if row.task else None
    aim = Aim.model_validate_json(row.aim) if row.aim else None
    return Collaboration(**{**values, "context": DOCUMENTS.validate_json(row.context), "task": task, "aim": aim})


def channel_row(channel: Channel) -> dict[str, Any]:
    """Return the values of a channel's row."""
    return {name: clean(value) if isinstance(value, str) else value for name, value in channel.model_dump().items()}


def channel_noun(row: Row[Any]) -> Channel:
    """Return the channel of a row."""
    return Channel(**row._mapping)


def event_row(event: Event) -> dict[str, Any]:
    """Return the values of an event's row; its number comes from the database."""
    key, run = clean(event.key), clean(event.run)
    return {
        "id": f"{run}:{key}",
        "run": run,
        "key": key,
        "tenant": clean(event.tenant),
        "address": clean(event.address),
        "kind": event.body.kind,
        "at": event.at,
        "body": dumped(event.body),
    }


def event_noun(row: Row[Any]) -> Event:
    """Return the event of a row."""
    body = HAPPENING.validate_json(row.body)
    return Event.model_construct(key=row.key, run=row.run, tenant=row.tenant, address=row.address, at=row.at, body=body)


def calls_in(body: Happening) -> tuple[Call, ...]:
    """Return the model calls that a happening tells of for the first time: its own `call` or `calls`."""
    one: Call | None = getattr(body, "call", None)
    several: tuple[Call, ...] = getattr(body, "calls", ())
    return (one, *several) if one is not None else several


def call_rows(event: Event) -> list[dict[str, Any]]:
    """Return the values of the rows of an event's calls; whose they are the database knows."""
    shared = {"run": clean(event.run), "tenant": clean(event.tenant), "day": event.at.astimezone(UTC).date()}
    return [
        {"id": clean(f"{event.id}#{index}"), **shared, **_figures(call)}
        for index, call in enumerate(calls_in(event.body))
    ]


def _figures(call: Call) -> dict[str, Any]:
    values = {name: fitting(value) for name, value in call}
    return {**values, "seconds": values["seconds"] or 0.0}


def fitting(value: Any) -> Any:
    """Return a figure as a column holds it: what a provider reports may be any number, and must not stop a run."""
    match value:
        case str():
            return clean(value)
        case int():
            return max(-MOST, min(value, MOST))
        case float() if not isfinite(value):
            return None
        case _:
            return value


def call_noun(row: Row[Any]) -> Call:
    """Return the call of a row, as far as the table keeps it; the journal has all."""
    return Call(**{name: value for name, value in row._mapping.items() if name in Call.model_fields})
