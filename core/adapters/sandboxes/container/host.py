"""What this machine has for running programs in containers, or what it lacks."""

import importlib.util
import sys
from dataclasses import dataclass

from core.adapters.sandboxes.bubblewrap import filter, python
from core.adapters.sandboxes.container import engine
from core.adapters.sandboxes.container.engine import Engine
from core.errors import Unavailable
from core.sandbox import Isolation, Tier
from core.sentences import Sentence, said

NAME = "container"
_START = said(
    "Install Podman with gVisor (apt-get install podman runsc) and start its service: docs/security.md has the line."
)


@dataclass(frozen=True, slots=True)
class Host:
    """What there is, and what of it is believed."""

    engine: Engine
    python: python.Python
    runtime: str
    """Named in each request; only Docker heeds it."""
    bounded: bool = True
    """The engine bounds a run as a whole by a cgroup."""
    gvisor: bool | None = None
    """The kernel inside is gVisor's, to which every run is held; `None`: not known yet."""

    @property
    def tier(self) -> Tier:
        """Return what is reached."""
        return Tier.KERNEL if self.gvisor else Tier.GROUPED if self.bounded else Tier.LIMITED


@dataclass(frozen=True, slots=True)
class Choice:
    """What the settings say; nothing: what is usual."""

    socket: str = ""
    image: str = ""
    runtime: str = ""


def look(wanted: Choice) -> Host | Isolation:
    """Return what there is, or what has to be installed."""
    if sys.platform != "linux" or not filter.known():
        found = said("containers need Linux on x86-64 or 64-bit ARM")
        return lacking(found, said("Run Dexter there."), installed=False)
    if importlib.util.find_spec("docker") is None:
        return lacking(said("docker-py is not installed"), said("Run `make setup`."), installed=False)
    if wanted.image and "@sha256:" not in wanted.image:
        found = said("the image {image} can change behind its name", image=wanted.image)
        return lacking(found, said("Name it with its digest, as name@sha256:…, in [sandbox.container]."))
    try:
        there = engine.find(wanted.socket, wanted.image)
    except Unavailable as error:
        return lacking(error.sentence, _START)
    if there is None:
        return lacking(said("neither Docker nor Podman listens here"), _START, installed=bool(wanted.socket))
    interpreter = python.Python("/usr/bin/python3") if wanted.image else python.find(0)
    if interpreter is None:
        found = said("there is no Python that every user may read")
        return lacking(found, said("Install one: apt-get install python3."))
    return Host(there, interpreter, wanted.runtime)


def lacking(found: Sentence, remedy: Sentence, *, installed: bool = True) -> Isolation:
    """Return that nothing may run here, and why."""
    return Isolation(NAME, None, found, remedy, installed)
