"""Skills that a skill uses: each is called in a process of its own, whatever its language."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from .paths import PROGRAM

_PYTHON = "import sys; sys.path.insert(0, sys.argv.pop(1)); from _dexter.start import main; main()"
_SHELL = 'exec sh "$0" 3>"$1"'


class SkillFailed(Exception):
    """A skill that was called gave no result; the text is the end of what it said."""


def caller(name: str, language: str, entry: str) -> Callable[..., Any]:
    """Return a function that calls a skill with its input by name and returns its result."""

    def run(**given: Any) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "result")
            command = _command(os.path.join(PROGRAM, "needed", name), language, entry, file)
            ended = subprocess.run(command, input=json.dumps(given).encode(), stdout=subprocess.PIPE, check=False)
            if ended.returncode:
                raise SkillFailed(f"{name} ended with {ended.returncode}: {ended.stdout.decode(errors='replace')}")
            if os.path.exists(file) and os.path.getsize(file):
                with open(file, encoding="utf-8") as result:
                    return json.load(result)
            return ended.stdout.decode(errors="replace")

    run.__doc__ = f"Call the skill {name}."
    return run


def _command(skill: str, language: str, entry: str, file: str) -> list[str]:
    path = os.path.join(skill, entry)
    if language == "python":
        libraries = os.environ.get("PYTHONPATH", "").split(":")
        own = [sys.executable, "-I", "-S", "-B", "-c", _PYTHON, PROGRAM, skill, entry, file]
        return own + [library for library in libraries if library]
    if language == "powershell":
        return ["pwsh", "-NoProfile", "-NonInteractive", "-File", path]
    return ["sh", "-c", _SHELL, path, file]


def main() -> None:
    """Call a skill for one that is no Python: its JSON from standard input, the result as JSON to standard output."""
    name, language, entry = sys.argv[1:]
    sys.stdout.write(json.dumps(caller(name, language, entry)(**json.load(sys.stdin))) + "\n")
