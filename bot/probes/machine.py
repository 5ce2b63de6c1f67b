"""The machine itself: sandbox, memory, disk, and the weights of local models."""

import ctypes
import importlib.util
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol

import psutil

from bot.probes.finding import NOTHING, Finding
from core.sandbox import Isolation, Tier
from core.sentences import all_of, said

GIGABYTE = 1e9
_LEAST_DISK = 5 * GIGABYTE
_LEAST_MEMORY = 1.5 * GIGABYTE
_TIERS = {
    Tier.LIMITED: said("limited"),
    Tier.GROUPED: said("grouped"),
    Tier.KERNEL: said("kernel"),
    Tier.MACHINE: said("machine"),
}


class Shelf(Protocol):
    """Knows the weights of local models."""

    def size(self, name: str) -> int:
        """Return the bytes of the file."""

    def present(self, name: str) -> Path | None:
        """Return the file, if it is there."""


def local_models(weights: Shelf, seats: Sequence[str]) -> list[Finding]:
    """Return whether the models that the shipped committee seats here can be served."""
    if importlib.util.find_spec("xllamacpp") is None:
        remedy = said("Run `make setup`, or seat models of a provider.")
        return [Finding("Local models", "missing", said("xllamacpp is not installed"), remedy)]
    if not _has_openmp():
        remedy = said("Run `make setup`, or install it: apt-get install libgomp1.")
        return [Finding("Local models", "broken", said("llama.cpp cannot be loaded without libgomp.so.1"), remedy)]
    return [_weights(weights, name) for name in seats]


def _has_openmp() -> bool:
    if sys.platform != "linux" or any((Path(sys.prefix) / "lib" / "native").glob("libgomp.so.1*")):
        return True
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        return False
    return True


def _weights(weights: Shelf, name: str) -> Finding:
    if path := weights.present(name):
        return Finding(
            f"Weights {name}", "ok", said("{size:.1f} GB in {path}", size=weights.size(name) / GIGABYTE, path=path)
        )
    if not weights.size(name):
        remedy = said('Correct the path of "{name}" under [models.weights].', name=name)
        return Finding(f"Weights {name}", "broken", said("the file named in the settings is not there"), remedy)
    remedy = said("`make weights` fetches them now; the first `dexter chat` does it anyway.")
    return Finding(
        f"Weights {name}", "missing", said("{size:.1f} GB to fetch", size=weights.size(name) / GIGABYTE), remedy
    )


async def sandboxes(survey: Callable[[], Awaitable[Sequence[Isolation]]]) -> list[Finding]:
    """Return where skills can run apart from this machine, which each sandbox proves by trying to get out.

    One that holds is enough: then what is wrong with the others is no failure.
    """
    found = await survey()
    enough = any(isolation.tier for isolation in found)
    return [_sandbox(isolation, needed=not enough) for isolation in found]


def _sandbox(isolation: Isolation, *, needed: bool) -> Finding:
    name, remedy = f"Sandbox {isolation.name}", isolation.remedy or NOTHING
    if isolation.tier is None:
        return Finding(name, "broken" if isolation.installed and needed else "missing", isolation.found, remedy)
    what = said("{tier}: {found}", tier=_TIERS[isolation.tier], found=isolation.found)
    return Finding(name, "ok", what, remedy)


def memory(seats: Sequence[str]) -> Finding:
    """Return what memory there is, and what the shipped committee makes of it."""
    there = psutil.virtual_memory()
    what = said(
        "{available:.1f} of {total:.1f} GB available",
        available=there.available / GIGABYTE,
        total=there.total / GIGABYTE,
    )
    if not seats:
        return Finding("Memory", "ok", what)
    seated = said("the committee seats {names}", names=all_of(seats))
    what = said("{memory}; {seated}", memory=what, seated=seated)
    if there.available < _LEAST_MEMORY:
        remedy = said("Close something, or seat models of a provider: the smallest local one takes 1 GB.")
        return Finding("Memory", "broken", what, remedy)
    return Finding("Memory", "ok", what)


def disk(folder: Path) -> Finding:
    """Return what room there is where `folder` is, or will be."""
    there = next(parent for parent in [folder.absolute(), *folder.absolute().parents] if parent.exists())
    free = shutil.disk_usage(there).free
    what = said("{free:.1f} GB free at {folder}", free=free / GIGABYTE, folder=there)
    if not os.access(there, os.W_OK):
        return Finding(
            "Disk",
            "broken",
            said("{folder} cannot be written", folder=there),
            said("Set DEXTER_MODELS__CACHE to a folder that can."),
        )
    if free < _LEAST_DISK:
        return Finding("Disk", "broken", what, said("Make room: fetching both models takes up to 4 GB for a while."))
    return Finding("Disk", "ok", what)
