"""Process number one of a trial: starts the tests in another process, once or several times, and gives what they tell.

What it holds, the skill cannot reach: it runs in other processes, this one cannot be looked into (it is not
dumpable), and the channel of the result is open nowhere else.
"""

import contextlib
import ctypes
import importlib
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from typing import Any

from . import shell
from .paths import SKILL
from .wire import Gone, Wire

_DUMPABLE, _SUBREAPER = 4, 36
_RESULT = 3
_KILLS = 200


def run(**plan: Any) -> list[dict[str, Any]]:
    """Run the tests `trials` times, or once on each `broken` text of the file `entry`; return what came of each.

    `seconds` for all of it and for `each` test; `libraries`: how many folders of packages follow the toolbox.
    """
    system = ctypes.CDLL(None)
    system.prctl(_DUMPABLE, 0, 0, 0, 0)
    system.prctl(_SUBREAPER, 1, 0, 0, 0)
    sys.argv[:] = ["tests"]
    deadline = time.monotonic() + plan["seconds"]
    paths = sys.path[1:]
    plan |= {"toolbox": paths[0], "libraries": paths[1 : 1 + plan["libraries"]]}
    if plan["language"] == "python":
        importlib.import_module("_dexter.suite")  # once, for every process that is forked from this one
    if plan["broken"]:
        return [_trial({**plan, "skill": _copy(plan["entry"], text)}, deadline) for text in plan["broken"]]
    return [_trial({**plan, "skill": SKILL, "measure": at == 0}, deadline) for at in range(plan["trials"])]


def _copy(entry: str, text: str) -> str:
    """Return a new folder like the skill's but for one file; nothing of an earlier trial knows where it lies."""
    folder = os.path.join(tempfile.mkdtemp(), "skill")
    shutil.copytree(SKILL, folder, copy_function=os.symlink)
    path = os.path.join(folder, entry)
    os.unlink(path)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)  # noqa: S103  as everything in a skill's folder is here
    return folder


def _trial(order: dict[str, Any], deadline: float) -> dict[str, Any]:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.close(_RESULT)
        _tests(order, Wire(-1, writer))
    os.close(writer)
    try:
        return _heard(reader, deadline)
    finally:
        os.close(reader)
        _end()


def _tests(order: dict[str, Any], tell: Wire) -> None:
    """Run them, in the process that was made for it, and end that."""
    code = 1
    try:
        quiet = os.open(os.devnull, os.O_RDWR)
        for each in (0, 1):
            os.dup2(quiet, each)
        suite = shell if order["language"] == "shell" else importlib.import_module("_dexter.suite")
        suite.run(order, tell)
        code = 0
    except BaseException:  # noqa: BLE001  this must not go on in the place of its parent
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _heard(reader: int, deadline: float) -> dict[str, Any]:
    """Return what the tests tell, until they are through, broke off, or time is over."""
    heard: dict[str, Any] = {"results": [], "found": None, "began": "", "ended": False, "late": False, "lines": None}
    wire = Wire(reader, -1)
    while not heard["ended"]:
        if not select.select([reader], [], [], max(0.0, deadline - time.monotonic()))[0]:
            heard["late"] = True
            break
        try:
            kind, *content = wire.receive()
        except Gone:
            break
        if kind == "result":
            heard["results"].append(content)
            heard["began"] = ""
        elif kind == "end":
            heard["ended"], heard["lines"] = True, content[1]
        else:
            heard["found" if kind == "found" else "began"] = content[0]
    return heard


def _end() -> None:
    """Kill all that is left of a trial: whatever loses its parent becomes a child of this process."""
    for _ in range(_KILLS):
        for pid in _children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _children() -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{int(name)}/stat", "rb") as file:
            if int(file.read().rpartition(b")")[2].split()[1]) == os.getpid():
                found.append(int(name))
    return found
