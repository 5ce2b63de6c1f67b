"""A wheel, unpacked as the zip archive that it is; every byte of it is hostile.

https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

import hashlib
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from core.errors import BadRequest
from core.sentences import Sentence, said

MOST_FILES = 30_000
MOST_BYTES = 800_000_000
RATIO = 200
"""How many times its size a wheel may unpack to."""
_CHUNK = 1 << 20
_ROOTS = ("purelib", "platlib")
"""Of a wheel's `.data`: what belongs with the rest. Scripts and headers are for an installation."""


def digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def unpack(wheel: Path, folder: Path) -> None:
    """Write the files of a wheel into a new folder that everyone may read. Raises `BadRequest` and OSError."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _look_through(wheel, entries)
            folder.mkdir(mode=0o755)
            for entry in entries:
                if inside := _place(wheel, entry):
                    _write(archive, entry, folder / inside)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise _refused(wheel, said("it is damaged")) from error
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _look_through(wheel: Path, entries: list[zipfile.ZipInfo]) -> None:
    size = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_FILES or size > MOST_BYTES or size > RATIO * max(wheel.stat().st_size, 50_000):
        raise _refused(wheel, said("it unpacks to more than any package has"))
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise _refused(wheel, said("it holds a link, a device or a pipe"))
        _place(wheel, entry)


def _place(wheel: Path, entry: zipfile.ZipInfo) -> PurePosixPath | None:
    """Return where a file belongs; nothing for what only an installation would need."""
    path = PurePosixPath(entry.filename)
    odd = "\\" in entry.filename or "\0" in entry.filename or not entry.filename.isprintable()
    if odd or path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0]:
        raise _refused(wheel, said("it holds a file with a path outside"))
    if not path.parts[0].endswith(".data"):
        return path
    return PurePosixPath(*path.parts[2:]) if len(path.parts) > 2 and path.parts[1] in _ROOTS else None


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Write a file, of which no more is unpacked than the archive says there is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    with archive.open(entry) as content, target.open("xb") as file:
        while chunk := content.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise zipfile.BadZipFile
            file.write(chunk)


def _refused(wheel: Path, why: Sentence) -> BadRequest:
    return BadRequest("The package {file} is refused: {why}.", file=wheel.name[:120], why=why)
