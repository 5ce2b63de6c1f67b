"""Reads a structured reply: strict JSON where it is, repaired JSON where it is nearly, checked against its schema."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import json_repair
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError

from core.errors import ModelGarbage, ModelRejected
from core.sentences import said

LONGEST = 100_000
"""Characters of a reply that are worth repairing; what is longer must be JSON as it stands."""
OPENINGS = 500
"""Braces and brackets that are tried as the beginning of JSON inside other text."""


def structured(text: str, schema: Mapping[str, Any]) -> Any:
    """Return the value in `text` that fits `schema`.

    Where a reply holds several, the last that fits is taken: models think first and conclude last, and what
    they quote from others comes before what they say themselves. Raises `ModelGarbage` where nothing fits.
    """
    validator = _validator(json.dumps(schema, sort_keys=True))
    complaint = said("it is not JSON")
    for value in _candidates(text):
        try:
            validator.validate(value)
            json.dumps(value, allow_nan=False)  # a number that JSON cannot carry could not be written down
        except ValidationError as error:
            complaint = said("at {path} it breaks the rule “{rule}”", path=error.json_path, rule=error.validator)
        except (ValueError, RecursionError):
            complaint = said("it holds a number or a depth that JSON cannot carry")
        else:
            return value
    raise ModelGarbage("The reply does not have the shape that was asked for: {complaint}.", complaint=complaint)


def instruction(schema: Mapping[str, Any]) -> str:
    """Return the words that ask for `schema` from a model that cannot be held to it."""
    return f"Reply with one JSON value and nothing else. It must fit this JSON Schema:\n{json.dumps(schema)}"


@lru_cache(maxsize=256)
def _validator(schema: str) -> Draft202012Validator:
    loaded = json.loads(schema)
    try:
        Draft202012Validator.check_schema(loaded)
    except SchemaError as error:
        raise ModelRejected("The shape asked of the model is not a valid JSON Schema.") from error
    return Draft202012Validator(loaded)


def _candidates(text: str) -> Iterator[Any]:
    try:
        yield json.loads(text)
    except (ValueError, RecursionError):
        yield from reversed(list(_embedded(text)))
        yield from _repaired(text)


def _embedded(text: str) -> Iterator[Any]:
    """Yield each JSON object or array that stands in `text`, outermost ones only, in order."""
    decoder = json.JSONDecoder()
    at = 0
    for _ in range(OPENINGS):
        at = min((found for found in (text.find("{", at), text.find("[", at)) if found >= 0), default=-1)
        if at < 0:
            return
        try:
            value, at = decoder.raw_decode(text, at)
            yield value
        except (ValueError, RecursionError):
            at += 1


def _repaired(text: str) -> Iterator[Any]:
    if len(text) > LONGEST:
        return
    try:
        value = json_repair.loads(text)
    except (ValueError, RecursionError):
        return
    if value == "":  # how the library says that it found nothing
        return
    if isinstance(value, list):
        yield from reversed(value)
    yield value
