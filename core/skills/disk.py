"""Skills as folders on a disk: read without following anything out of the folder, written whole or not at all."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from core.errors import BadRequest
from core.skills.archive import read_zip
from core.skills.folder import MOST_BYTES, MOST_OF_ONE, Folder, check_count, check_sizes, too_large

GIT = ".git"
"""What git keeps at the top of a folder is no part of the skill."""


def read_folder(path: Path) -> Folder:
    """Return what is in a folder, byte for byte. Blocks. Raises `BadRequest`.

    Nothing is followed: a symlink, a device or a pipe is refused, and so is more than a skill may hold, before
    any of it is read. Folders with nothing in them are not kept.
    """
    try:
        found = {each.relative_to(path).as_posix(): (each, size) for each, size in _found(path)}
        check_sizes({name: size for name, (_, size) in found.items()})
        files = {name: _content(each, name) for name, (each, _) in found.items()}
    except OSError as error:
        raise BadRequest("{path} cannot be read: {why}.", path=path, why=error.strerror) from None
    runs = frozenset(name for name, (each, _) in found.items() if each.stat().st_mode & stat.S_IXUSR)
    return Folder(files, runs)


def read_path(path: Path) -> Folder:
    """Return the skill in a folder or in a zip archive on this disk. Blocks. Raises `BadRequest`."""
    if path.is_dir():
        return read_folder(path)
    try:
        if not path.is_file():
            raise BadRequest("{path} is no folder and no zip archive: check the path.", path=path)
        with path.open("rb") as file:
            return read_zip(file.read(MOST_BYTES + 1))
    except OSError as error:
        raise BadRequest("{path} cannot be read: {why}.", path=path, why=error.strerror) from None


def _found(root: Path) -> Iterator[tuple[Path, int]]:
    """Yield each file with its size. Raises `BadRequest` for what is no file, and for too many."""
    waiting, count = [root], 0
    while waiting:
        folder = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                count += 1
                check_count(count)
                name = Path(entry.path).relative_to(root).as_posix()
                if name == GIT:
                    continue
                mode = entry.stat(follow_symlinks=False)
                if stat.S_ISLNK(mode.st_mode):
                    raise BadRequest("{path}: that is a symlink: put the file itself there.", path=name)
                if stat.S_ISDIR(mode.st_mode):
                    waiting.append(Path(entry.path))
                elif stat.S_ISREG(mode.st_mode):
                    yield Path(entry.path), mode.st_size
                else:
                    raise BadRequest("{path}: that is no file but a device, a pipe or a socket: remove it.", path=name)


def _content(path: Path, name: str) -> bytes:
    """Return a file that may have been exchanged for something else since it was looked at."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123  without links
        content = file.read(MOST_OF_ONE + 1)
    if len(content) > MOST_OF_ONE:
        raise too_large(name, len(content))
    return content


def write_folder(folder: Folder, path: Path) -> None:
    """Write a folder that is not there yet. Blocks. Raises `BadRequest`."""
    if path.exists() or path.is_symlink():
        raise BadRequest("{path} is there already: name a place that is free, or remove it.", path=path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        try:
            _fill(draft, folder)
            draft.chmod(0o755)
            draft.rename(path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise BadRequest("{path} cannot be written: {why}.", path=path, why=error.strerror) from None


def _fill(draft: Path, folder: Folder) -> None:
    for name, content in folder.files.items():
        file = draft / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o755 if name in folder.executable else 0o644)


def write_file(content: bytes, path: Path) -> None:
    """Write a file that is not there yet. Blocks. Raises `BadRequest`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise BadRequest("{path} is there already: name a place that is free, or remove it.", path=path) from None
    except OSError as error:
        raise BadRequest("{path} cannot be written: {why}.", path=path, why=error.strerror) from None
