"""Guests that were frozen while they wait for a program, kept for as long as what they are made of is the same."""

import contextlib
import fcntl
import hashlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

from core.adapters.sandboxes.bubblewrap import owner
from core.adapters.sandboxes.microvm import archive, boot, parts
from core.adapters.sandboxes.microvm.boot import Files
from core.adapters.sandboxes.microvm.host import Host
from core.adapters.sandboxes.microvm.machine import Hardware, Machine
from core.adapters.sandboxes.pool import Slot
from core.errors import Unavailable

_SHAPE = 1
"""Counts up with every change of what is written here."""
_OLD = 7 * 86_400
"""Seconds after which a guest that nobody has used is removed."""
_LOOK = 0.2
_LONGEST = 240.0
"""Seconds to wait for another Dexter that makes the same."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One guest, frozen."""

    folder: Path
    hardware: Hardware

    def thawed(self, number: int, libraries: Path | None = None) -> Machine:
        """Return it running, with a disk of libraries; `number` is that of its slot. Raises OSError."""
        disks = [self.folder / "root", libraries or self.folder / "nothing"]
        with (self.folder / "state").open("rb") as state:
            return Machine(self.hardware, number, disks, ["-incoming", f"fd:{state.fileno()}"], [state.fileno()])


def ready(host: Host, home: Path, slot: Slot) -> Snapshot:
    """Return the guest that was frozen here, or boot one and freeze it. Raises `Unavailable`."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(home, slot.stop):
            _sweep(home)
            return _kept(host, home) or _taken(host, home, slot)
    except OSError as error:
        text = "The virtual machine cannot be kept in {folder}: {reason}. Make room there."
        raise Unavailable(text, folder=home, reason=error.strerror or error) from error
    except subprocess.SubprocessError as error:
        raise Unavailable("The virtual machine's disk cannot be made: {reason}.", reason=error) from error


def discard(snapshot: Snapshot) -> None:
    """Remove one that does not go on."""
    shutil.rmtree(snapshot.folder, ignore_errors=True)


def _kept(host: Host, home: Path) -> Snapshot | None:
    folder = home / _name(host)
    try:
        page = json.loads((folder / "page.json").read_text())
        same = all(_identity(path) == known for path, known in page["made of"].items())
        if not same or _digest(folder / "state") != page["state"]:
            return None
        os.utime(folder)
        return Snapshot(folder, boot.hardware(host, page["accelerator"]))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None  # what is not whole is made anew


def _taken(host: Host, home: Path, slot: Slot) -> Snapshot:
    folder = Path(tempfile.mkdtemp(prefix=owner.mine(), dir=home))
    try:
        files = Files(*(folder / name for name in ("root", "nothing", "kernel", "start", "state")))
        sources = _written(host, files)
        hardware = boot.frozen(host, files, slot)
        page = {"accelerator": hardware.accelerator, "state": _digest(files.state), "made of": sources}
        (folder / "page.json").write_text(json.dumps(page))
        target = home / _name(host)
        shutil.rmtree(target, ignore_errors=True)
        return Snapshot(folder.rename(target), hardware)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _written(host: Host, files: Files) -> dict[str, list[int]]:
    """Write the disks and what the kernel starts with, and return what of this machine is in them."""
    root = list(parts.of_guest(host.python, host.busybox))
    start = list(parts.of_start(host.kernel, host.busybox))
    archive.image(root, files.root)
    files.start.write_bytes(archive.first_files(start))
    shutil.copyfile(host.kernel.image, files.kernel)
    files.nothing.touch()
    os.truncate(files.nothing, archive.DISK)
    paths = [str(content) for _, content in (*root, *start, ("", host.kernel.image)) if isinstance(content, Path)]
    return {path: _identity(path) for path in paths}


def _name(host: Host) -> str:
    """Return the name of a guest's folder: another one for everything that is not a file of this machine."""
    return hashlib.sha256(repr((_SHAPE, astuple(host), os.uname().release, _processor())).encode()).hexdigest()[:16]


def _processor() -> str:
    rows = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    return "".join(row for row in rows if row.startswith(("model name", "flags", "microcode")))


def _identity(path: str) -> list[int]:
    there = Path(path).stat()
    return [there.st_size, there.st_mtime_ns]


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "blake2b").hexdigest()


@contextlib.contextmanager
def _alone(home: Path, stop: int) -> Iterator[None]:
    """Keep every other Dexter out for the time of the body. Raises OSError where another one stays too long."""
    deadline = time.monotonic() + _LONGEST
    with (home / "lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline or select.select([stop], [], [], _LOOK)[0]:
                    raise
        yield


def _sweep(home: Path) -> None:
    """Remove what a Dexter that died left half made, and guests that have long not been used."""
    for each in home.iterdir():
        if each.is_dir() and (owner.abandoned(each.name) or time.time() - each.stat().st_mtime > _OLD):
            shutil.rmtree(each, ignore_errors=True)
        elif owner.abandoned(each.name):
            each.unlink(missing_ok=True)
