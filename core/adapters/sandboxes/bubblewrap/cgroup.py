"""One cgroup for each run, where Dexter may make one: then the kernel bounds memory and processes of the whole run.

Version 2: below Dexter's own cgroup or beside it, so that a systemd unit with `Delegate=yes` and
`DelegateSubgroup=dexter` is enough. Version 1: as root. https://docs.kernel.org/admin-guide/cgroup-v2.html
"""

import contextlib
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.adapters.sandboxes.bubblewrap import owner
from core.sandbox import Limits

ROOT = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
_PERIOD = 100_000
"""Microseconds, of which a run may compute as many: one core."""
_OVERHEAD = 16 << 20
"""Bytes of process 1, the interpreter that starts the program."""
_TRIES = 50


@dataclass(frozen=True, slots=True)
class Group:
    """The cgroup of one run: one folder in version 2, one for each controller in version 1."""

    folders: Mapping[str, Path]
    """By controller."""

    def add(self, pid: int) -> None:
        """Take a process in, with all that it will start."""
        for folder in set(self.folders.values()):
            (folder / "cgroup.procs").write_text(str(pid))

    def peak(self) -> int | None:
        """Return the most bytes in use at one time, where the kernel says so."""
        for name in ("memory.peak", "memory.max_usage_in_bytes"):
            with contextlib.suppress(OSError, ValueError):
                return int((self.folders["memory"] / name).read_text())
        return None

    def overran(self) -> bool:
        """Tell whether the kernel killed something here for its memory."""
        for name in ("memory.events", "memory.oom_control"):
            with contextlib.suppress(OSError):
                lines = (self.folders["memory"] / name).read_text().splitlines()
                return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)
        return False

    def remove(self) -> None:
        """Kill what is in it, and take it away."""
        for folder in set(self.folders.values()):
            for _ in range(_TRIES):
                _kill(folder)
                with contextlib.suppress(FileNotFoundError):
                    try:
                        folder.rmdir()
                    except OSError:  # busy, until the last of it is gone
                        time.sleep(0.01)
                        continue
                break


class Cgroups:
    """Where cgroups can be made."""

    def __init__(self, parents: Mapping[str, Path]) -> None:
        self._parents = parents

    def make(self, name: str, limits: Limits) -> Group:
        """Return a new cgroup with its bounds in force. Raises OSError, leaving nothing."""
        group = Group({controller: parent / name for controller, parent in self._parents.items()})
        try:
            for folder in set(group.folders.values()):
                folder.mkdir()
            for controller, rows in _bounds(limits).items():
                for file, value in rows:
                    if controller in group.folders and (there := group.folders[controller] / file).exists():
                        there.write_text(str(value))
        except OSError:
            group.remove()
            raise
        return group

    def sweep(self) -> None:
        """Remove what a Dexter that died left behind, and kill what is still in it."""
        for parent in set(self._parents.values()):
            for folder in parent.glob(f"{owner.PREFIX}*"):
                if owner.abandoned(folder.name):
                    Group({"memory": folder}).remove()


def find(root: Path = ROOT, own: Path = _OWN) -> Cgroups | None:
    """Return where cgroups with memory and processes can be made; `None` where they cannot."""
    if (root / "cgroup.controllers").exists():
        return next((Cgroups({"memory": at, "pids": at, "cpu": at}) for at in _places(root, own) if _works(at)), None)
    parents = {name: root / name for name in ("memory", "pids", "cpu") if (root / name / "cgroup.procs").exists()}
    if {"memory", "pids"} <= set(parents) and all(os.access(parent, os.W_OK) for parent in parents.values()):
        return Cgroups(parents) if all(_works(parent) for parent in parents.values()) else None
    return None


def _places(root: Path, own: Path) -> list[Path]:
    """Return Dexter's own cgroup and the one above it, by version 2."""
    try:
        line = next(line for line in own.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return []
    here = root / line.removeprefix("0::").strip("/")
    return [here] if here == root else [here, here.parent]


def _works(parent: Path) -> bool:
    """Try it: with the controllers handed down, a cgroup below has the files that bound it."""
    probe = parent / f"{owner.mine()}probe"
    with contextlib.suppress(OSError):
        (parent / "cgroup.subtree_control").write_text("+memory +pids")
    try:
        probe.mkdir()
    except OSError:
        return False
    has = {file.name for file in probe.iterdir()}
    probe.rmdir()
    return {"memory.max", "pids.max"} <= has or "cgroup.clone_children" in has


def _bounds(limits: Limits) -> dict[str, tuple[tuple[str, object], ...]]:
    """Return what is written where, in this order; names of both versions, of which one is there."""
    memory = limits.memory + _OVERHEAD
    return {
        "memory": (
            ("memory.max", memory),
            ("memory.swap.max", 0),
            ("memory.oom.group", 1),
            ("memory.limit_in_bytes", memory),
            ("memory.memsw.limit_in_bytes", memory),
        ),
        "pids": (("pids.max", limits.processes + 2),),  # bubblewrap's first process and ours
        "cpu": (("cpu.max", f"{_PERIOD} {_PERIOD}"), ("cpu.cfs_quota_us", _PERIOD)),
    }


def _kill(folder: Path) -> None:
    with contextlib.suppress(OSError):
        (folder / "cgroup.kill").write_text("1")
        return
    with contextlib.suppress(OSError, ValueError):
        for pid in (folder / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
