"""Tries probes in a sandbox, and says of each whether it was contained. Used by the tests and by the benchmark."""

import ast
import os
import platform
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.adapters.sandboxes.bubblewrap import selfcheck
from core.ports import Sandbox
from core.sandbox import MEGABYTE, Limits, Outcome, Program, Ran
from tests.doubles.sandboxes import left_behind, processes_with

FOLDER = Path(__file__).parent / "probes"
SHARED = ("attempt", "together")
SUBJECTS = sorted(file.stem for file in FOLDER.glob("[a-z]*.py") if file.stem not in SHARED)
LIMITS = Limits(seconds=2.5, memory=96 * MEGABYTE, output=200_000, processes=32, disk=16 * MEGABYTE)
QUIET = LIMITS.but(seconds=30, memory=192 * MEGABYTE)
"""For those that do not try to break a bound, one after the other in one program."""
_SLACK = 20.0
"""Seconds that a run may take beside the program's, on a machine that has much else to do."""


@dataclass(frozen=True)
class Tried:
    """What came of one probe."""

    subject: str
    name: str
    says: str
    """What it tries."""
    reached: tuple[str, ...]
    """What it should not have reached."""
    times: float
    """The most memory that was in use, in times of what it may have; 0 where nobody counted it."""

    @property
    def id(self) -> str:
        return f"{self.subject}.{self.name}"


@dataclass(frozen=True)
class Subject:
    """The probes of one file."""

    name: str
    says: Mapping[str, str]
    """By probe: what it tries."""
    loud: tuple[str, ...]
    """Those that try to break a bound: each runs alone."""
    exits: Mapping[str, int]
    """By probe: the code that it really exits with."""

    @property
    def quiet(self) -> list[str]:
        return [name for name in self.says if name not in self.loud]


def subject(name: str) -> Subject:
    """Read a file of probes, without running any of it here."""
    module = ast.parse((FOLDER / f"{name}.py").read_text("utf-8"))
    says = {
        node.name: ast.get_docstring(node) or ""
        for node in module.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    loud: tuple[str, ...] = ()
    exits: Mapping[str, int] = {}
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="LOUD")]) | ast.AugAssign(target=ast.Name(id="LOUD")):
                loud += ast.literal_eval(node.value)
            case ast.Assign(targets=[ast.Name(id="EXITS")]):
                exits = ast.literal_eval(node.value)
    return Subject(name, says, loud, exits)


async def tried(sandbox: Sandbox, of: Subject) -> list[Tried]:
    """Try every probe of a subject."""
    with targets() as given:
        found, times = await _together(sandbox, of, given)
        peaks = dict.fromkeys(found, times)
        for name in of.loud:
            found[name], peaks[name] = await _alone(sandbox, of, name, given)
        canary = Path(given["file"])
        changed = [] if canary.read_bytes() == b"canary" else ["the host's file has changed"]
    return [Tried(of.name, name, of.says[name], (*reached, *changed), peaks[name]) for name, reached in found.items()]


@contextmanager
def targets() -> Iterator[dict[str, Any]]:
    """Put things on this machine that a program must not reach, and tell where they are."""
    with selfcheck.targets() as there:
        Path(there["file"]).write_bytes(b"canary")
        names = {"host": platform.node(), "folder": str(Path.cwd()), "PATH": os.environ["PATH"]}
        mark = f"86400.{secrets.randbelow(10**9)}"
        yield {**there, "names": names, "mark": mark, "processes": LIMITS.processes, "disk": LIMITS.disk}


async def _together(sandbox: Sandbox, of: Subject, given: Mapping[str, Any]) -> tuple[dict[str, list[str]], float]:
    if not of.quiet:
        return {}, 0
    arguments = {"subject": of.name, "names": of.quiet, "given": {**given, "disk": QUIET.disk}}
    ran, found = await _ran(sandbox, of, "together.py:run", arguments, QUIET)
    if not ran.returned:
        found.append(f"{ran.outcome}: {' '.join(ran.stderr.split())[-300:]}")
        return dict.fromkeys(of.quiet, found), _times(ran, QUIET)
    return {name: [*ran.value[name], *found] for name in of.quiet}, _times(ran, QUIET)


async def _alone(sandbox: Sandbox, of: Subject, name: str, given: Mapping[str, Any]) -> tuple[list[str], float]:
    ran, found = await _ran(sandbox, of, f"{of.name}.py:{name}", {"given": dict(given)}, LIMITS)
    if name in of.exits and (ran.outcome, ran.code, ran.returned) != (Outcome.EXITED, of.exits[name], False):
        found.append(f"it ended as {ran.outcome} {ran.code}")
    if ran.returned:
        found += ran.value if isinstance(ran.value, list) else [str(ran.value)]
    return found, _times(ran, LIMITS)


def _times(ran: Ran, limits: Limits) -> float:
    return (ran.memory or 0) / limits.memory


async def _ran(
    sandbox: Sandbox, of: Subject, entry: str, arguments: dict[str, Any], limits: Limits
) -> tuple[Ran, list[str]]:
    """Run one program, and return what of it was not held to its bounds as seen from outside."""
    files = {f"{name}.py": (FOLDER / f"{name}.py").read_bytes() for name in (*SHARED, of.name)}
    begun = time.monotonic()
    ran = await sandbox.run(Program(files=files, entry=entry, arguments=arguments), limits)
    found = []
    if time.monotonic() - begun > limits.seconds + _SLACK:
        found.append(f"{ran.seconds:.0f} seconds")
    if len(ran.stdout) + len(ran.stderr) > 2 * limits.output:
        found.append("more output than it may")
    left = [*left_behind(os.getpid()), *map(str, processes_with(arguments["given"]["mark"]))]
    return ran, [*found, *(f"{each} is left" for each in left)]
