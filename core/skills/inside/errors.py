"""Exceptions on their way over: their names, what they say, and a class of the same name and kin on this side."""

import builtins
import sys
import traceback
from types import TracebackType
from typing import Any

from .values import Refer, packed, unpacked

_LONGEST = 1_500
_NEVER = ("unittest", "_pytest", "bdb")
"""Modules whose exceptions mean something to a test runner."""
_OWN = ("/_dexter/",)
_CORE = {
    each.__init__ for each in vars(builtins).values() if isinstance(each, type) and issubclass(each, BaseException)
}


def described(kind: type[BaseException]) -> list[list[str]]:
    """Return the names of a class and of all that it is derived from."""
    return [[each.__module__, each.__qualname__] for each in kind.__mro__ if each not in (object, BaseException)]


def packed_error(error: BaseException, refer: Refer) -> dict[str, Any]:
    """Return an exception as JSON."""
    attributes = {name: value for name, value in vars(error).items() if isinstance(name, str) and name[:2] != "__"}
    arguments = error.args if isinstance(error.args, tuple) else ()
    return {
        "class": described(type(error)),
        "args": [_held(value, refer) for value in arguments],
        "attributes": {name: _held(value, refer) for name, value in attributes.items()},
        "trace": _trace(error),
    }


def _held(value: Any, refer: Refer) -> Any:
    try:
        return packed(value, refer)
    except (RecursionError, ValueError):
        return repr(value)[:_LONGEST]


def _trace(error: BaseException) -> str:
    """Return where it came from in the skill, without what brought it there."""
    at: TracebackType | None = error.__traceback__
    while at and any(own in at.tb_frame.f_code.co_filename for own in _OWN):
        at = at.tb_next
    try:
        return "".join(traceback.format_exception(type(error), error, at))[-_LONGEST:]
    except Exception:  # noqa: BLE001  its own text cannot be had, which is the skill's doing
        return type(error).__name__


class Classes:
    """Exception classes of this side, the same for the same names."""

    def __init__(self) -> None:
        self._made: dict[tuple[tuple[str, str], ...], type[BaseException]] = {}

    def named(self, names: list[list[str]]) -> type[BaseException]:
        """Return the class: one that is everybody's where it is, else one made here. Raises ValueError, TypeError."""
        key = tuple((str(module), str(name)) for module, name in names)
        if not key:
            return Exception
        if found := _everybodys(*key[0]):
            return found
        if key not in self._made:
            base = self.named(names[1:])
            self._made[key] = type(key[0][1].rpartition(".")[2], (base,), {"__module__": key[0][0]})
        return self._made[key]

    def unpacked(self, content: dict[str, Any], refer: Refer) -> BaseException:
        """Return the exception. Raises what `values.unpacked` does."""
        kind = self.named(content["class"])
        arguments = [unpacked(value, refer) for value in content["args"]]
        error = _made(kind, arguments)
        error.args = tuple(arguments)
        for name, value in content["attributes"].items():
            if name[:2] != "__":
                setattr(error, name, unpacked(value, refer))
        error.add_note(f"In the skill:\n{content['trace']}")
        return error


def _made(kind: type[BaseException], arguments: list[Any]) -> BaseException:
    """Return an exception; its own `__init__` is called only where that is one of Python's core."""
    if kind.__init__ in _CORE:
        try:
            return kind(*arguments)
        except TypeError:
            return kind.__new__(kind)
    return kind.__new__(kind, *arguments)


def _everybodys(module: str, name: str) -> type[BaseException] | None:
    """Return a class of Python's own, unless it would end more than a test, or mean that nothing is wrong."""
    if module.partition(".")[0] not in sys.stdlib_module_names or module.startswith(_NEVER):
        return None
    found = getattr(sys.modules.get(module, builtins), name, None)
    if not isinstance(found, type) or issubclass(found, BaseExceptionGroup):
        return None
    return found if issubclass(found, Exception | SystemExit) and found.__module__ == module else None
