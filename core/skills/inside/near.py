"""The tests' side: what the skill has, as things that look like it and do all their work in the skill's process.

Nothing of the skill is ever loaded here. What comes back are plain values, exceptions of Python's own or of classes
made here, and references; a test therefore compares what it really got.
"""

import builtins
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any
from weakref import WeakValueDictionary

from .errors import Classes
from .paths import PROGRAM
from .things import Awaited, Origin, Thing, behind, waiting
from .values import changed, packed, unpacked
from .wire import Gone, Wire

_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from _dexter.far import main; main()"
_NONSENSE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)
"""What reading a reply leads to that was never packed as ours are."""


class SkillDied(BaseException):
    """The skill's process ended within a test, which has failed then, whatever it catches."""


class Link:
    """The way to the skill's process, which is started when it is first needed."""

    def __init__(self, skill: str, libraries: Sequence[str], toolbox: str = "", memory: int = 0) -> None:
        """Start nothing yet.

        `toolbox`: where to find what measures coverage; empty: do not. `memory`: bytes that the skill may take, where
        that is less than all that there are. It prints where this process does.
        """
        self.deaths = 0
        """How often the process ended, or was ended, before its time."""
        self.classes = Classes()
        self._order = {"skill": skill, "libraries": list(libraries), "toolbox": toolbox, "memory": memory}
        self._prints = os.dup(2)
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: Wire | None = None
        self._things: WeakValueDictionary[int, Thing] = WeakValueDictionary()
        self._backs: list[Callable[..., Any]] = []
        self._dropped: set[int] = set()
        self._around: dict[str, Any] = {}

    def ask(self, operation: str, *arguments: Any, **keywords: Any) -> Any:
        """Have something done there, and return what came of it, or raise what was raised there."""
        wire = self._started()
        given = [packed(each, self._say) for each in arguments]
        named = {name: packed(each, self._say) for name, each in keywords.items()}
        dropped, self._dropped = [*self._dropped], set()
        try:
            wire.send([operation, self._news(), dropped, given, named])
            while (reply := wire.receive())[0] == "back":
                wire.send(self._called_back(*reply[1:]))
            value, error, changes, said = self._read(*reply)
        except (Gone, *_NONSENSE):
            self._lost()
        except BaseException:  # the test's time is over in the middle of a talk
            self._end()
            raise
        for stream, text in zip((sys.stdout, sys.stderr), said, strict=True):
            stream.write(text)
        for at, content in changes:
            changed(arguments[at], content)
        if error is not None:
            raise error
        return value

    def resolve(self, origin: Origin) -> Any:
        """Return what a module of the skill has under a name, or the module."""
        module = self.ask("import", origin.module)
        return self.ask("get", module, origin.name) if origin.name else module

    def number(self, thing: Thing) -> int:
        """Return what a thing is called there; one that can be had again is, after its process has ended."""
        number, generation, origin = thing._dexter
        if generation == self.deaths:
            return number
        if origin is None:
            raise SkillDied("It was in the skill's process, which has ended.")
        fresh = self.resolve(origin)
        if not isinstance(fresh, Thing):
            raise SkillDied("It is not there any more after the skill's process was started again.")
        thing._dexter, thing._dexter_fresh = (*fresh._dexter[:2], origin), fresh
        return fresh._dexter[0]

    def measured(self) -> list[int] | None:
        """Return how many of the skill's lines were gone through and how many there are, by its own word."""
        found = self.ask("measured") if self._process and not self.deaths else None
        fits = isinstance(found, list) and len(found) == 2 and all(type(each) is int for each in found)
        return found if fits else None

    def forget(self, number: int, generation: int) -> None:
        """Note that nobody here holds a thing any more."""
        if generation == self.deaths and number not in self._things:
            self._dropped.add(number)

    def stop(self) -> None:
        """End the process."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        if self._wire:
            self._wire.close()
            self._wire = None

    def _started(self) -> Wire:
        if self._wire:
            return self._wire
        theirs, ours = os.pipe(), os.pipe()
        order = {**self._order, "reader": theirs[0], "writer": ours[1]}
        command = [sys.executable, "-I", "-S", "-B", "-c", _START, PROGRAM, json.dumps(order)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._prints,
            stderr=self._prints,
            pass_fds=(theirs[0], ours[1]),
            start_new_session=True,
        )
        os.close(theirs[0])
        os.close(ours[1])
        self._around = {}
        self._wire = Wire(ours[0], theirs[1])
        return self._wire

    def _end(self) -> None:
        self.stop()
        self.deaths += 1
        self._things.clear()
        self._dropped.clear()

    def _lost(self) -> None:
        self._end()
        raise SkillDied("The skill's process ended within the call.") from None

    def _news(self) -> dict[str, Any]:
        """Return what has changed of the test's surroundings since the last call."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        now: dict[str, Any] = {"environment": variables, "folder": os.getcwd(), "argv": list(map(str, sys.argv))}
        news = {name: value for name, value in now.items() if self._around.get(name) != value}
        self._around = now
        if isinstance(sys.stdin, StringIO) and (text := sys.stdin.read()):
            news["stdin"] = text
        return news

    def _say(self, value: Any) -> Any:
        """Return what is said of a value that is not plain."""
        value = behind(value)
        if isinstance(value, Thing):
            return {"ref": self.number(value)}
        if callable(value):
            name = getattr(value, "__name__", "")
            if isinstance(name, str) and getattr(builtins, name, None) is value:
                return {"function": name}
            self._backs.append(value)
            return {"back": len(self._backs) - 1}
        raise TypeError(f"a {type(value).__name__} cannot be handed to the skill: it takes plain values and functions")

    def _called_back(self, number: int, arguments: list[Any], keywords: dict[str, Any]) -> list[Any]:
        """Call a function that a test gave to the skill."""
        given = [unpacked(each, self._meet) for each in arguments]
        named = {name: unpacked(each, self._meet) for name, each in keywords.items()}
        function = self._backs[number]
        try:
            return ["gave", packed(function(*given, **named), self._say)]
        except Exception as error:  # noqa: BLE001  the skill, which called, has to see it
            return ["raised", [type(error).__name__, str(error)]]

    def _read(self, kind: str, content: Any, changes: Any, said: Any) -> tuple[Any, BaseException | None, Any, Any]:
        news = [(int(at), unpacked(each, self._meet)) for at, each in changes]
        texts = [str(said[0]), str(said[1])]
        if kind == "gave":
            return unpacked(content, self._meet), None, news, texts
        return None, self.classes.unpacked(content, self._meet), news, texts

    def _meet(self, reference: dict[str, Any]) -> Any:
        """Return what stands here for something there."""
        ((tag, content),) = reference.items()
        if tag == "error":
            return self.classes.named(content)
        number, kind, name = content
        if tag != "ref" or type(number) is not int:
            raise ValueError(tag)
        self._dropped.discard(number)
        if (thing := self._things.get(number)) is None:
            made = Awaited if kind == "awaited" else Thing
            thing = self._things[number] = made(self, (number, self.deaths, None))
        return waiting(thing, str(name)) if kind == "async" else thing
