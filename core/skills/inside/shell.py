"""Tests of a skill in shell: each `.sh` or executable file in `tests/` is one, and its exit code says how it went."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from typing import Any

from .wire import Wire

_LONGEST = 2_000
_READ = 1 << 20


def run(order: dict[str, Any], tell: Wire) -> None:
    """Run them in the order of their names. Code 0 is a pass, 77 a skip, as Automake has it."""
    tell.send(["found", len(order["tests"])])
    for name in order["tests"]:
        tell.send(["begin", name])
        begun = time.monotonic()
        outcome, output = _tried(os.path.join(order["skill"], name), order["skill"], order["each"])
        tell.send(["result", name, outcome, time.monotonic() - begun, output])
        if outcome == "failed" and order["broken"]:
            break
    tell.send(["end", 0, None])


def _tried(path: str, skill: str, seconds: float) -> tuple[str, str]:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        environment = {**os.environ, "SKILL": skill}
        process = subprocess.Popen(
            [*_closed(path, folder), path],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=environment,
            start_new_session=True,
        )
        try:
            code: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        said.seek(max(0, said.tell() - _READ))
        output = said.read().decode(errors="replace").strip()[-_LONGEST:]
    if code is None:
        return "failed", f"It took too long.\n{output}"
    return {0: "passed", 77: "skipped"}.get(code, "failed"), output or ("" if not code else f"It ended with {code}.")


def _closed(path: str, folder: str) -> list[str]:
    """Return a shell of which nobody may read the file: its memory, too, is closed to the skill that it starts."""
    with open(path, "rb") as file:
        first = file.readline(200)
    script = first.startswith(b"#!") and b"sh" in first
    if not script and not path.endswith(".sh"):
        return []
    name = "bash" if script and b"bash" in first else "sh"
    shell = shutil.copy(os.path.realpath(shutil.which(name) or f"/bin/{name}"), os.path.join(folder, name))
    os.chmod(shell, 0o111)  # noqa: S103  nobody may read it, which is the point
    return [shell]
