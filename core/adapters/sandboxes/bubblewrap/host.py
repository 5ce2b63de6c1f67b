"""What this machine has for running programs apart, or what it lacks."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

from core.adapters.sandboxes.bubblewrap import filter, python
from core.adapters.sandboxes.bubblewrap.cgroup import Cgroups, find
from core.sandbox import Isolation, Tier
from core.sentences import Sentence, said

NAME = "bubblewrap"
FIRST_UID = 2_000_100_000
"""Where Dexter is root, each run is another user, and one that this machine does not have."""
_OLDEST = (0, 8)
"""Has --size and --disable-userns."""
_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Host:
    """What there is."""

    bwrap: str
    python: python.Python
    cgroups: Cgroups | None

    @property
    def tier(self) -> Tier:
        """Return what can be reached."""
        return Tier.GROUPED if self.cgroups else Tier.LIMITED


def look(*, cgroups: bool) -> Host | Isolation:
    """Return what there is, or what has to be installed."""
    if sys.platform != "linux" or not filter.known():
        found = said("bubblewrap needs Linux on x86-64 or 64-bit ARM")
        return lacking(found, said("Run Dexter there, or in a container."), installed=False)
    if (bwrap := shutil.which("bwrap")) is None:
        found = said("bubblewrap is not installed")
        return lacking(found, said("Install it: apt-get install bubblewrap."), installed=False)
    if (version := _version(bwrap)) < _OLDEST:
        shown = ".".join(map(str, version)) or "?"
        return lacking(said("bubblewrap {version} is too old", version=shown), said("Install 0.8 or newer."))
    if (interpreter := python.find(user(0))) is None:
        found = said("there is no Python that every user may read")
        return lacking(found, said("Install one: apt-get install python3."))
    return Host(bwrap, interpreter, find() if cgroups else None)


def user(number: int) -> int | None:
    """Return who the run with this number is, where that is not who runs Dexter: never root."""
    return FIRST_UID + number if os.geteuid() == 0 else None


def lacking(found: Sentence, remedy: Sentence, *, installed: bool = True) -> Isolation:
    """Return that nothing may run here, and why."""
    return Isolation(NAME, None, found, remedy, installed)


def _version(bwrap: str) -> tuple[int, ...]:
    try:
        told = subprocess.run([bwrap, "--version"], capture_output=True, timeout=_TIMEOUT, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", told.decode(errors="replace"))[:3])
