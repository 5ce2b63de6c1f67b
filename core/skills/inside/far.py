"""The process that the skill's code runs in while it is tested: does what it is asked, and says what came of it."""

import builtins
import contextlib
import importlib
import io
import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from .errors import described, packed_error
from .measure import Measure
from .paths import arrange
from .values import packed, unpacked
from .wire import Gone, Wire

_DIRECT: Mapping[str, Callable[..., Any]] = {
    f"__{function.__name__}__": function for function in (bool, str, repr, hash, len, iter, next, int, float, format)
}
_MUTABLE = (list, dict, set, bytearray)


class Far:
    """What stays on this side, by number, and what may be done with it."""

    def __init__(self, wire: Wire, measure: Measure) -> None:
        self._wire, self._measure = wire, measure
        self._held: dict[int, Any] = {}
        self._out, self._err = (io.TextIOWrapper(io.BytesIO(), "utf-8", "replace", write_through=True) for _ in "ab")

    def serve(self) -> None:
        """Answer until nobody asks any more."""
        sys.stdout, sys.stderr = self._out, self._err
        with contextlib.suppress(Gone):
            while True:
                self._wire.send(self._answer(self._wire.receive()))

    def _answer(self, request: list[Any]) -> list[Any]:
        operation, around, dropped, arguments, keywords = request
        for number in dropped:
            self._held.pop(number, None)
        try:
            self._surround(around)
            given = [unpacked(each, self._find) for each in arguments]
            named = {name: unpacked(each, self._find) for name, each in keywords.items()}
            value = getattr(self, f"do_{operation}")(*given, **named)
            return ["gave", packed(value, self._refer), self._changes(arguments, given), self._said()]
        except Gone:
            raise
        except BaseException as error:  # noqa: BLE001  whatever it is goes to whoever asked
            return ["raised", packed_error(error, self._refer), [], self._said()]

    def _surround(self, around: dict[str, Any]) -> None:
        """Take on what a test has changed of its surroundings."""
        if "environment" in around:
            os.environ.clear()
            os.environ.update(around["environment"])
        if "folder" in around:
            os.chdir(around["folder"])
        if "argv" in around:
            sys.argv[:] = around["argv"]
        if "stdin" in around:
            sys.stdin = io.StringIO(around["stdin"])

    def _changes(self, before: list[Any], given: list[Any]) -> list[Any]:
        """Return the arguments that are not any more what they were."""
        now = [(at, packed(each, self._refer)) for at, each in enumerate(given) if type(each) in _MUTABLE]
        return [[at, content] for at, content in now if content != before[at]]

    def _said(self) -> list[str]:
        texts = []
        for stream in (self._out, self._err):
            texts.append(stream.buffer.getvalue().decode(errors="replace"))
            stream.seek(0)
            stream.truncate()
        return texts

    def _refer(self, value: Any) -> Any:
        """Keep a value, and return what it is called."""
        self._held[id(value)] = value
        if isinstance(value, type) and issubclass(value, BaseException):
            return {"error": described(value)}
        kind = "async" if _is_async(value) else "awaited" if hasattr(type(value), "__await__") else "thing"
        return {"ref": [id(value), kind, str(getattr(value, "__name__", ""))[:200]]}

    def _find(self, reference: dict[str, Any]) -> Any:
        """Return what something is called that the other side speaks of."""
        ((tag, content),) = reference.items()
        if tag == "back":
            return self._back(content)
        return getattr(builtins, content) if tag == "function" else self._held[content]

    def _back(self, number: int) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            given = [packed(each, self._refer) for each in arguments]
            self._wire.send(["back", number, given, {name: packed(v, self._refer) for name, v in keywords.items()}])
            while (reply := self._wire.receive())[0] not in ("gave", "raised"):
                self._wire.send(self._answer(reply))
            if reply[0] == "gave":
                return unpacked(reply[1], self._find)
            raise _error(*reply[1])

        return call

    # What can be asked

    def do_import(self, name: str) -> Any:
        """Load a module of the skill."""
        return importlib.import_module(name)

    def do_get(self, thing: Any, name: str) -> Any:
        """Return an attribute."""
        return getattr(thing, name)

    def do_set(self, thing: Any, name: str, value: Any) -> None:
        """Change an attribute."""
        setattr(thing, name, value)

    def do_delete(self, thing: Any, name: str) -> None:
        """Remove an attribute."""
        delattr(thing, name)

    def do_names(self, thing: Any, public: bool) -> list[str]:
        """Return the names of its attributes; the `public` ones are what `import *` takes, without other modules."""
        if not public:
            return dir(thing)
        names = [name for name in dir(thing) if name[:1] != "_" and not isinstance(getattr(thing, name), ModuleType)]
        return list(getattr(thing, "__all__", names))

    def do_call(self, function: Any, *arguments: Any, **keywords: Any) -> Any:
        """Call it."""
        return function(*arguments, **keywords)

    def do_wait(self, function: Any, *arguments: Any, **keywords: Any) -> Any:
        """Call it, and wait for what it gives."""
        asyncio = importlib.import_module("asyncio")

        async def waited() -> Any:
            return await (function(*arguments, **keywords) if callable(function) else function)

        return asyncio.run(waited())

    def do_special(self, thing: Any, name: str, *arguments: Any) -> Any:
        """Do what an operator does."""
        if name in _DIRECT:
            return _DIRECT[name](thing, *arguments)
        value = getattr(type(thing), name)(thing, *arguments)
        if value is NotImplemented:
            raise TypeError(f"{type(thing).__name__} has no {name} for {type(arguments[0]).__name__}")
        return value

    def do_leave(self, thing: Any, kind: str, text: str) -> bool:
        """Leave a `with` block, by an exception where one is named."""
        if not kind:
            return bool(thing.__exit__(None, None, None))
        error = _error(kind, text)
        return bool(thing.__exit__(type(error), error, None))

    def do_isinstance(self, value: Any, kind: Any) -> bool:
        """Tell whether it is one."""
        return isinstance(value, kind)

    def do_measured(self) -> list[int] | None:
        """Return how many lines were gone through, and how many there are."""
        return self._measure.lines()


def _is_async(value: Any) -> bool:
    return bool(getattr(getattr(value, "__code__", None), "co_flags", 0) & 0x80)


def _error(name: str, text: str) -> Exception:
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        with contextlib.suppress(TypeError):
            return kind(text)
    return RuntimeError(f"{name}: {text}")


def main() -> None:
    """Serve on the descriptors that the command line names."""
    order = json.loads(sys.argv[1])
    sys.argv[:] = ["skill"]
    if order["memory"]:
        resource.setrlimit(resource.RLIMIT_DATA, (order["memory"], order["memory"]))
    arrange(order["skill"], order["libraries"])
    measure = Measure(os.path.join(order["skill"], "scripts"), order["toolbox"])
    Far(Wire(order["reader"], order["writer"]), measure).serve()
