"""Starts a skill in Python: its entry file defines `run`, which takes the input by name and returns the result."""

import importlib
import json
import os
import sys
from typing import Any

from .paths import SKILL, arrange


def run(entry: str, given: dict[str, Any], libraries: int) -> Any:
    """Call the skill. `libraries`: how many folders of packages `sys.path` has behind its first."""
    packages = sys.path[1 : 1 + libraries]
    sys.argv[:] = [os.path.join(SKILL, entry)]
    return _call(SKILL, entry, given, packages)


def _call(skill: str, entry: str, given: dict[str, Any], libraries: list[str]) -> Any:
    arrange(skill, libraries)
    name = entry.removeprefix("scripts/").removesuffix(".py").replace("/", ".")
    module = importlib.import_module(name)
    if not callable(getattr(module, "run", None)):
        sys.exit(f"{entry} defines no function `run`, which is what is called")
    return module.run(**given)


def main() -> None:
    """Call a skill that another one uses: input from standard input, its result into the file that is named."""
    skill, entry, file, *libraries = sys.argv[1:]
    sys.argv[:] = [os.path.join(skill, entry)]
    value = json.dumps(_call(skill, entry, json.load(sys.stdin), libraries), allow_nan=False)
    with open(file, "w", encoding="utf-8") as result:
        result.write(value)
