"""Folders of libraries as a disk that a guest reads, kept by what is in them."""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.adapters.sandboxes.bubblewrap import owner
from core.adapters.sandboxes.microvm import archive
from core.adapters.sandboxes.microvm.archive import Part
from core.errors import Unavailable

_PREFIX = "libraries-"
_MOST = 20
"""Disks that are kept, those last used."""


def disk(folders: Sequence[Path], home: Path) -> Path | None:
    """Return a disk with these folders, named by their number; none where there are none. Raises `Unavailable`."""
    if not folders:
        return None
    try:
        parts = [part for at, folder in enumerate(folders) for part in _parts(folder.resolve(strict=True), str(at))]
        target = home / f"{_PREFIX}{_name(parts)}"
        if not target.exists():
            _make(parts, target)
        os.utime(target)
        return target
    except OSError as error:
        raise Unavailable("The libraries cannot be taken along: {reason}.", reason=error) from error
    except subprocess.SubprocessError as error:
        raise Unavailable("The virtual machine's disk cannot be made: {reason}.", reason=error) from error


def _make(parts: Sequence[Part], target: Path) -> None:
    file, made = tempfile.mkstemp(prefix=owner.mine(), dir=target.parent)
    os.close(file)
    try:
        archive.image(parts, Path(made))
        Path(made).rename(target)
    finally:
        Path(made).unlink(missing_ok=True)
    kept = sorted(target.parent.glob(f"{_PREFIX}*"), key=lambda each: each.stat().st_mtime)
    for old in kept[:-_MOST]:
        old.unlink(missing_ok=True)


def _name(parts: Sequence[Part]) -> str:
    """Return a name that changes with anything in the folders."""
    found = hashlib.sha256()
    for name, content in parts:
        there = content.stat() if isinstance(content, Path) else None
        found.update(repr((name, content, there and (there.st_size, there.st_mtime_ns))).encode())
    return found.hexdigest()[:32]


def _parts(folder: Path, inside: str) -> Iterator[Part]:
    """Yield what lies in a folder; a link stays a link, and leads nowhere where it leaves the folder."""
    yield inside, None
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            name, path = f"{inside}/{entry.name}", Path(entry.path)
            if entry.is_symlink():
                yield name, str(path.readlink())
            elif entry.is_dir():
                yield from _parts(path, name)
            elif entry.is_file():
                yield name, path
