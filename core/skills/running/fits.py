"""Whether a value is what a JSON Schema says, where both may be hostile: bounded in time, and a sentence for an answer.

Patterns run under `regex` with a time limit, because Python's own would hold everything up; every other step counts.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import regex
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.validators import extend
from referencing.exceptions import Unresolvable

from core.sentences import Sentence, said

_SECONDS = 2.0
_PATTERN = 0.5
"""Seconds for one pattern on one text."""
_LONGEST = 200
"""Characters that are shown of what does not fit."""
_UNCOUNTED = ("unevaluatedProperties", "unevaluatedItems")
"""Look through all of a schema by themselves, which takes for ever where it refers to itself cunningly."""

_Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]


class _TooLong(Exception):
    """Checking takes longer than it may."""


def misfit(value: Any, schema: Mapping[str, Any]) -> Sentence | None:
    """Return where a value is not what the schema says, and how; nothing where it fits. Blocks, for seconds at most."""
    if "$ref" in (text := json.dumps(schema)) and any(name in text for name in _UNCOUNTED):
        return said("the schema has `$ref` beside `unevaluated…`, which cannot be checked")
    deadline = time.monotonic() + _SECONDS
    keywords = {**Draft202012Validator.VALIDATORS, **_OWN}
    counted = {name: _counted(check, deadline) for name, check in keywords.items()}
    try:
        validator: Any = extend(Draft202012Validator, counted)  # type: ignore[no-untyped-call]
        error = best_match(validator(schema).iter_errors(value))
    except (_TooLong, TimeoutError):
        return said("checking it takes too long")
    except (Unresolvable, RecursionError, ArithmeticError, LookupError, TypeError, ValueError, regex.error) as problem:
        return said("it cannot be checked: {reason}", reason=type(problem).__name__)
    return _told(error) if error else None


def _told(error: ValidationError) -> Sentence:
    message = error.message if len(error.message) <= _LONGEST else f"{error.message[:_LONGEST]}…"
    if error.validator == "required":
        wanted: Any = error.validator_value
        missing = [name for name in wanted if isinstance(error.instance, dict) and name not in error.instance]
        return said("`{name}` is missing", name=".".join([*map(str, error.absolute_path), *missing[:1]]))
    if not error.absolute_path:
        return said("{what}", what=message)
    return said("`{at}`: {what}", at=".".join(map(str, error.absolute_path))[:_LONGEST], what=message)


def _counted(check: Any, deadline: float) -> _Keyword:
    def bounded(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if time.monotonic() > deadline:
            raise _TooLong
        yield from check(validator, value, instance, schema) or ()

    return bounded


def _matches(pattern: str, text: str) -> bool:
    return regex.search(pattern, text, timeout=_PATTERN, concurrent=True) is not None


def _pattern(validator: Any, pattern: str, instance: Any, _: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "string") and not _matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], instance: Any, _: Any
) -> Iterator[ValidationError]:
    if validator.is_type(instance, "object"):
        for pattern, inner in patterns.items():
            for name, item in instance.items():
                if _matches(pattern, name):
                    yield from validator.descend(item, inner, path=name, schema_path=pattern)


def _additional(validator: Any, inner: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    patterns = list(schema.get("patternProperties", ()))
    for name, item in instance.items():
        if name not in schema.get("properties", ()) and not any(_matches(pattern, name) for pattern in patterns):
            if inner is False:
                yield ValidationError(f"{name!r} is not expected")
            else:
                yield from validator.descend(item, inner, path=name)


def _unique(validator: Any, wanted: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    if wanted is not True or not validator.is_type(instance, "array"):
        return
    if len({json.dumps(_same(item), sort_keys=True) for item in instance}) < len(instance):
        yield ValidationError("it has the same item twice")


def _same(value: Any) -> Any:
    """Return a value with whole numbers written in one way."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_same(item) for item in value]
    return {key: _same(item) for key, item in value.items()} if isinstance(value, dict) else value


_OWN: Mapping[str, _Keyword] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "uniqueItems": _unique,
}
