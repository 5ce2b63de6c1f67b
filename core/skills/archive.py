"""Skills as zip archives: looked through before anything is unpacked, and unpacked into memory alone."""

import io
import stat
import struct
import zipfile
import zlib
from collections import Counter
from pathlib import PurePosixPath

from core.errors import BadRequest
from core.sentences import Sentence, said
from core.skills.folder import MOST_BYTES, MOST_FILES, Folder, check_count, check_sizes
from core.skills.manifest import FILE
from core.skills.names import LONGEST_PATH

BEGINNING = b"PK\x03\x04"
RATIO = 200
"""How many times larger than packed a file may be; text and tables stay under 50."""
SMALL = 1_000_000
"""Bytes up to which the ratio is of no interest."""
_END = b"PK\x05\x06"
_END_SIZE = 22
_DIRECTORY_ENTRY = 46 + LONGEST_PATH + 100
"""Bytes in the list of contents for one file, with the usual extras."""


def read_zip(content: bytes) -> Folder:
    """Return what is in an archive, with or without one folder around it. Blocks. Raises `BadRequest`."""
    if len(content) > MOST_BYTES:
        raise BadRequest("The archive has {size:,} MB: {most} MB is the most.", size=len(content) // 1_000_000,
                         most=MOST_BYTES // 1_000_000)  # fmt: skip
    _check_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not _is_folder(entry)]
            _look_through(entries)
            files = {entry.filename: _unpacked(archive, entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, ValueError, OSError):
        raise BadRequest("The archive is damaged, or no zip that everyone can read: pack it again.") from None
    runs = frozenset(entry.filename for entry in entries if (entry.external_attr >> 16) & stat.S_IXUSR)
    return _without_wrapper(Folder(files, runs))


def _check_directory(content: bytes) -> None:
    """Refuse a list of contents that is too long before it is read; found as `zipfile` finds it."""
    at = len(content) - _END_SIZE
    if not (content[at : at + 4] == _END and content.endswith(b"\0\0")):
        at = content.rfind(_END, max(0, len(content) - _END_SIZE - 0xFFFF))
    if at < 0 or at + _END_SIZE > len(content):
        raise BadRequest("The archive is damaged, or no zip that everyone can read: pack it again.")
    count, size = struct.unpack_from("<HL", content, at + 10)
    check_count(count)
    if size > MOST_FILES * _DIRECTORY_ENTRY:
        check_count(MOST_FILES + 1)


def _look_through(entries: list[zipfile.ZipInfo]) -> None:
    for name, times in Counter(entry.filename for entry in entries).items():
        if times > 1:
            raise BadRequest("{path}: the archive holds it twice: keep one.", path=name[:200])
    for entry in entries:
        if fault := _fault(entry, stat.S_IFMT(entry.external_attr >> 16)):
            raise BadRequest(fault)
    check_sizes({entry.filename: entry.file_size for entry in entries})


def _fault(entry: zipfile.ZipInfo, kind: int) -> Sentence | None:
    name, times = entry.filename[:200], entry.file_size // max(entry.compress_size, 1)
    if entry.flag_bits & 0x1:
        return said("{path}: it is protected by a password: pack the archive without one.", path=name)
    if kind == stat.S_IFLNK:
        return said("{path}: that is a symlink: put the file itself there.", path=name)
    if kind not in (0, stat.S_IFREG):
        return said("{path}: that is no file but a device, a pipe or a socket: remove it.", path=name)
    if not (name.isascii() or entry.flag_bits & 0x800):
        return said("{path}: the name is not marked as UTF-8: pack it with another program.", path=name)
    if entry.file_size > SMALL and times > RATIO:
        text = "{path}: it unpacks to {times:,} times its size, as nothing real does: leave it out."
        return said(text, path=name, times=times)
    return None


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return a file, of which no more is unpacked than the archive says there is."""
    with archive.open(entry) as file:
        content = file.read(entry.file_size + 1)
    if len(content) != entry.file_size:
        raise zipfile.BadZipFile
    return content


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    return entry.is_dir() and not entry.file_size


def _without_wrapper(folder: Folder) -> Folder:
    """Return the folder without the one that most programs pack around it."""
    tops = {name.partition("/")[0] for name in folder.files}
    if FILE in folder.files or len(tops) != 1 or f"{(top := tops.pop())}/{FILE}" not in folder.files:
        return folder
    return Folder(
        {name.removeprefix(f"{top}/"): content for name, content in folder.files.items()},
        frozenset(name.removeprefix(f"{top}/") for name in folder.executable),
    )


def write_zip(folder: Folder, name: str) -> bytes:
    """Return an archive of a folder called `name`, the same for the same content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(folder.files.items()):
            entry = zipfile.ZipInfo(str(PurePosixPath(name) / path))
            mode = 0o755 if path in folder.executable else 0o644
            entry.external_attr, entry.create_system = (stat.S_IFREG | mode) << 16, 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()
