"""What is run apart from this machine, within which bounds, and what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any, Self

from pydantic import Field, JsonValue, SecretStr, model_validator

from core.entities import Noun
from core.errors import BadRequest
from core.sentences import Sentence
from core.wishes import check_secrets, target

MEGABYTE = 1 << 20
_LONGEST_NAME = 200
_MOST_FILES = 5_000

Follow = Callable[[str, str], None]
"""Takes `stdout` or `stderr`, and what a program says there next. It is called while the program runs, on the event
loop of whoever runs it, so it has to be quick; secrets are struck out of what it gets, and the rest is hostile text."""


class Tier(StrEnum):
    """How far apart a program is kept, from the weakest to the strongest."""

    LIMITED = "limited"
    """Namespaces and a filter of system calls; memory is bounded by limits per process and a watchdog."""
    GROUPED = "grouped"
    """The same, and the kernel bounds the memory and the processes of a run as a whole (cgroup)."""
    KERNEL = "kernel"
    """A kernel of its own in user space (gVisor)."""
    MACHINE = "machine"
    """A virtual machine."""

    def reaches(self, least: "Tier") -> bool:
        """Tell whether this is `least` or stronger."""
        order = list(Tier)
        return order.index(self) >= order.index(least)


class Outcome(StrEnum):
    """How a run ended; only `EXITED` has a result."""

    EXITED = "exited"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    TOO_MUCH_OUTPUT = "too much output"
    KILLED = "killed"
    """By a signal that nobody here sent, or that the program sent to itself."""


class Limits(Noun):
    """What a run may take."""

    seconds: float = Field(default=10.0, gt=0, le=3600)
    """Wall time; when it is over, everything that the program started is killed."""
    memory: int = Field(default=256 * MEGABYTE, ge=32 * MEGABYTE)
    """Bytes, of all its processes and of what it writes to its folders together."""
    output: int = Field(default=MEGABYTE, ge=1, le=64 * MEGABYTE)
    """Bytes of standard output, of standard error and of the result, each."""
    processes: int = Field(default=64, ge=1, le=1024)
    """At one time, threads included."""
    disk: int = Field(default=64 * MEGABYTE, ge=MEGABYTE)
    """Bytes in its working folder, and as many in /tmp; gone when it ends."""


class Program(Noun):
    """Files and how to start them: either `argv`, or `entry` for a Python function. Raises `BadRequest`."""

    files: Mapping[str, bytes]
    """By path relative to the program's folder; read-only for the program."""
    argv: tuple[str, ...] = ()
    """A command, started in an empty folder; `{files}` in it stands for where the files are. It finds `arguments` as
    JSON on standard input and may write its result as JSON to file descriptor 3; on Windows, which has none, to the
    file that `DEXTER_RESULT` names."""
    entry: str = ""
    """`scripts/main.py:run`: called with `arguments` by name; what it returns is the result."""
    arguments: JsonValue = None
    libraries: tuple[Path, ...] = ()
    """Folders of this machine that it finds read-only and Python imports from, in this order; `PYTHONPATH` names them
    for a command. Whoever makes the program answers for what is in them."""
    secrets: Mapping[str, SecretStr] = {}
    """Variables of its environment; struck out of all that it says."""
    network: tuple[str, ...] = ()
    """Each `host` or `host:port` (else 443) that it may reach, by the proxy that `HTTPS_PROXY` names; there is no other
    network. A sandbox that does not fulfil this, or secrets, refuses the program (`core.wishes`)."""

    @model_validator(mode="after")
    def _startable(self) -> Self:
        if bool(self.argv) == bool(self.entry):
            raise BadRequest("A program has either a command or an entry point.")
        if any("\0" in word or not _writable(word) for word in self.argv):
            raise BadRequest("The command of a program has characters in it that no command line takes.")
        if self.entry:
            self._check_entry()
        if len(self.files) > _MOST_FILES:
            raise BadRequest("A program has {most} files at most.", most=_MOST_FILES)
        for name in self.files:
            self._check(name)
        check_secrets(self.secrets)
        for host in self.network:
            target(host)
        return self

    def _check_entry(self) -> None:
        file, _, function = self.entry.rpartition(":")
        if file not in self.files or not function.isidentifier():
            raise BadRequest("The entry point {entry!r} names no function in a file of the program.", entry=self.entry)
        if not isinstance(self.arguments, dict | None):
            raise BadRequest("The arguments of a function have names.")

    def _check(self, name: str) -> None:
        path = PurePosixPath(name)
        odd = len(name) > _LONGEST_NAME or not name.isprintable() or "\\" in name or str(path) != name
        if odd or path.is_absolute() or ".." in path.parts or name == ".":
            raise BadRequest("{name!r} is no name for a file of a program.", name=name[:_LONGEST_NAME])
        if any(str(parent) in self.files for parent in path.parents):
            raise BadRequest("{name!r} lies in a folder that is a file.", name=name)


def _writable(word: str) -> bool:
    try:
        return bool(word.encode()) or not word
    except UnicodeEncodeError:
        return False


class Ran(Noun):
    """What came of a run. What the program wrote is hostile text; the rest was seen from outside."""

    outcome: Outcome
    code: int | None = None
    """The exit code, where it exited."""
    signal: int | None = None
    """What killed it, where known."""
    returned: bool = False
    """It exited with 0 and gave one JSON value as its result."""
    value: Any = None
    stdout: str = ""
    stderr: str = ""
    seconds: float
    """Wall time from the request to start it until nothing of it was left."""
    cpu: float | None = None
    """Seconds of CPU time, where the run ended by itself."""
    memory: int | None = None
    """The most bytes in use at one time, where known."""
    tier: Tier


@dataclass(frozen=True, slots=True)
class Isolation:
    """What a self check found."""

    name: str
    """Of the sandbox."""
    tier: Tier | None
    """What was reached; `None`: nothing may run here."""
    found: Sentence
    remedy: Sentence | None = None
    """What to install or to set, for a tier at all or for a stronger one."""
    installed: bool = True
    """False where it is simply not there, or not made for this machine."""
