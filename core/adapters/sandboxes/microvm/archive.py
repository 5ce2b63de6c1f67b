"""Writes the guest's disks, as squashfs images, and its first files, as a cpio archive that the kernel unpacks."""

import os
import stat
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

Content = Path | bytes | str | None
"""A file of this machine, what is in it, where a link leads to, or `None` for an empty folder."""
Part = tuple[str, Content]
"""A path in the guest, and what is there."""

DISK = 8 << 30
"""Bytes of every disk, most of which take no room: the guest, once frozen, must find them all of one size."""
_BUILD = 300.0
"""Seconds for an image."""
_OPTIONS = ("-no-progress", "-quiet", "-no-xattrs", "-all-root", "-noI", "-noD", "-noF", "-noX", "-force")
"""Nothing is compressed: an emulated machine reads more quickly than it unpacks."""


def image(parts: Iterable[Part], target: Path) -> None:
    """Write a read-only disk with these files. Raises OSError or `subprocess.SubprocessError`."""
    with tempfile.TemporaryFile(dir=target.parent) as rows:
        with tarfile.open(fileobj=rows, mode="w") as tar:
            for name, content in parts:
                _add(tar, name, content)
        rows.seek(0)
        command = ["sqfstar", *_OPTIONS, str(target)]
        subprocess.run(command, stdin=rows, capture_output=True, timeout=_BUILD, check=True)
    os.truncate(target, DISK)


def first_files(parts: Iterable[Part]) -> bytes:
    """Return an archive of what the kernel starts with: https://docs.kernel.org/driver-api/early-userspace/buffer-format.html."""
    return b"".join(_rows([*parts, ("TRAILER!!!", b"")]))


def _add(tar: tarfile.TarFile, name: str, content: Content) -> None:
    entry = tar.gettarinfo(content, name) if isinstance(content, Path) else tarfile.TarInfo(name)
    if content is None:
        entry.type, entry.mode = tarfile.DIRTYPE, 0o755
    elif isinstance(content, str):
        entry.type, entry.linkname = tarfile.SYMTYPE, content
    elif isinstance(content, bytes):
        entry.size, entry.mode = len(content), 0o755
        tar.addfile(entry, BytesIO(content))
        return
    elif entry.isreg():
        entry.mode = 0o755
        with content.open("rb") as file:
            tar.addfile(entry, file)
        return
    tar.addfile(entry)


def _rows(parts: Iterable[Part]) -> Iterator[bytes]:
    for number, (name, content) in enumerate(parts, start=1):
        data = content.read_bytes() if isinstance(content, Path) else content or b""
        data = data.encode() if isinstance(data, str) else data
        kind = {type(None): stat.S_IFDIR, str: stat.S_IFLNK}.get(type(content), stat.S_IFREG)
        word = name.encode() + b"\0"
        numbers = (number, kind | 0o755, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(word), 0)
        head = b"070701" + b"".join(b"%08x" % each for each in numbers) + word
        yield head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)
