"""Plain values as JSON: what is plain goes over as a copy, and everything else as a reference to where it stays."""

import base64
import builtins
import importlib
import math
from collections import namedtuple
from collections.abc import Callable
from typing import Any

Refer = Callable[[Any], Any]
"""Returns what is said of a value that is not plain, or takes what was said of one."""

_AS_TEXT: dict[str, Callable[[Any], str]] = {
    "decimal.Decimal": str,
    "fractions.Fraction": str,
    "uuid.UUID": str,
    "pathlib.PosixPath": str,
    "pathlib.PurePosixPath": str,
    "datetime.date": lambda value: str(value.isoformat()),
    "datetime.datetime": lambda value: str(value.isoformat()),
    "datetime.time": lambda value: str(value.isoformat()),
}
_ITEMS: dict[type, str] = {tuple: "tuple", set: "set", frozenset: "frozenset"}
_BARE: dict[type, Callable[[Any], Any]] = {str: str.__str__, int: int.__int__, float: float.__float__}
_PLAIN = (tuple, list, set, frozenset, dict)


def packed(value: Any, refer: Refer) -> Any:
    """Return a value as JSON. Raises RecursionError for one that holds itself."""
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is list:
        return [packed(item, refer) for item in value]
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if kind is dict:
        return {"dict": [[packed(key, refer), packed(item, refer)] for key, item in value.items()]}
    if kind in _ITEMS:
        return {_ITEMS[kind]: [packed(item, refer) for item in value]}
    if kind in (bytes, bytearray):
        return {kind.__name__: base64.b64encode(value).decode()}
    return _rarer(value, kind, refer)


def _rarer(value: Any, kind: type, refer: Refer) -> Any:
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name in _AS_TEXT:
        return {name: _AS_TEXT[name](value)}
    if kind is complex:
        return {"complex": [packed(value.real, refer), packed(value.imag, refer)]}
    if kind in (range, slice):
        return {kind.__name__: [packed(part, refer) for part in (value.start, value.stop, value.step)]}
    if name == "datetime.timedelta":
        return {name: [value.days, value.seconds, value.microseconds]}
    if isinstance(value, type) and value in vars(builtins).values():
        return {"builtin": value.__name__}
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return {"named": [kind.__name__, list(kind._fields), [packed(item, refer) for item in value]]}
    if kind.__module__ == "numpy" and getattr(value, "shape", None) == () and hasattr(value, "item"):
        return packed(value.item(), refer)
    return _kindred(value, kind, refer)


def _kindred(value: Any, kind: type, refer: Refer) -> Any:
    """Return a value of a kind derived from a plain one, such as a Counter or an enumeration of texts, as that one."""
    for base in kind.__mro__:
        if base in _BARE:
            return packed(_BARE[base](value), refer)
        if base in _PLAIN and kind.__module__ == "collections":
            return packed(base(value), refer)
    return refer(value)


def unpacked(value: Any, refer: Refer) -> Any:
    """Return what was packed. Raises whatever nonsense leads to: LookupError, TypeError, ValueError, RecursionError."""
    if isinstance(value, list):
        return [unpacked(item, refer) for item in value]
    if not isinstance(value, dict):
        return value
    ((tag, content),) = value.items()
    if tag == "dict":
        return {unpacked(key, refer): unpacked(item, refer) for key, item in content}
    if tag in ("tuple", "set", "frozenset", "range", "slice", "complex"):
        items = [unpacked(item, refer) for item in content]
        made = {"range": range, "slice": slice, "complex": complex}.get(tag)
        return made(*items) if made else {"tuple": tuple, "set": set, "frozenset": frozenset}[tag](items)
    if tag in ("bytes", "bytearray"):
        return {"bytes": bytes, "bytearray": bytearray}[tag](base64.b64decode(content))
    if tag == "float":
        return float(content)
    return _rarely(tag, content, refer)


def _rarely(tag: str, content: Any, refer: Refer) -> Any:
    if tag == "named":
        name, fields, items = content
        return namedtuple(name, fields)(*(unpacked(item, refer) for item in items))
    if tag == "builtin":
        kind = getattr(builtins, content)
        if not isinstance(kind, type):
            raise TypeError(content)
        return kind
    if tag in _AS_TEXT or tag == "datetime.timedelta":
        module, _, name = tag.partition(".")
        kind = getattr(importlib.import_module(module), name)
        if tag == "datetime.timedelta":
            return kind(*content)
        return kind.fromisoformat(content) if module == "datetime" else kind(content)
    return refer({tag: content})


def changed(old: Any, new: Any) -> None:
    """Make a list, dict, set or bytearray hold what another does, as deep as both have the same shape."""
    if isinstance(old, list) and len(old) == len(new):
        for at, (was, now) in enumerate(zip(old, new, strict=True)):
            old[at] = _renewed(was, now)
    elif isinstance(old, dict):
        kept = {key: _renewed(old[key], item) if key in old else item for key, item in new.items()}
        old.clear()
        old.update(kept)
    elif isinstance(old, set):
        old.clear()
        old.update(new)
    else:
        old[:] = new


def _renewed(was: Any, now: Any) -> Any:
    if type(was) is not type(now) or type(was) not in (list, dict, set, bytearray):
        return now
    changed(was, now)
    return was
