"""Where a skill's code imports from, in tests as in runs: its scripts, the skills it uses, its packages, Python."""

import os
import sys
from collections.abc import Sequence

PROGRAM = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""Where everything lies that was copied in."""
SKILL = os.path.join(PROGRAM, "skill")


def arrange(skill: str, libraries: Sequence[str]) -> None:
    """Set `sys.path` for the skill in a folder: the packages that this machine happens to have are not there."""
    own = {*libraries, PROGRAM, os.getcwd(), ""}
    python = [path for path in sys.path if path not in own and not path.endswith(("site-packages", "dist-packages"))]
    sys.path[:] = [os.path.join(skill, "scripts"), skill, PROGRAM, *libraries, *python]


def modules(skill: str) -> dict[str, str]:
    """Return the names by which tests import the skill's files, each with the name that it has in a run."""
    scripts = os.path.join(skill, "scripts")
    found = {"scripts": "scripts"}
    for folder, _, files in os.walk(scripts):
        inner = os.path.relpath(folder, scripts).replace(os.sep, ".").strip(".")
        python = [name.removesuffix(".py") for name in files if name.endswith(".py")]
        names = [name for name in python if name != "__init__"] + ([""] if python and inner else [])
        for name in names:
            dotted = ".".join(part for part in (inner, name) if part)
            if dotted.partition(".")[0] not in sys.stdlib_module_names:
                found[dotted] = dotted
            found[f"scripts.{dotted}"] = dotted
    return found
