"""Whose something is: the name of a process that no later one can have, though it may get the same number."""

import os
from pathlib import Path

PREFIX = "dexter-sandbox-"


def mine() -> str:
    """Return this process's name, which what it makes on this machine begins with."""
    return f"{PREFIX}{os.getpid()}-{_begun(os.getpid())}-"


def abandoned(name: str) -> bool:
    """Tell whether something with this name was made by a process that is gone."""
    pid, _, rest = name.removeprefix(PREFIX).partition("-")
    begun = rest.partition("-")[0]
    return name.startswith(PREFIX) and pid.isdigit() and begun.isdigit() and _begun(int(pid)) != begun


def _begun(pid: int) -> str:
    """Return when a process began, in ticks since this machine started; nothing where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
