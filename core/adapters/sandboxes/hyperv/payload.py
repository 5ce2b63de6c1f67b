"""What goes into the guest: one archive with the program, what it imports, and what runs it."""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import BadRequest, Unavailable
from core.sandbox import MEGABYTE, Limits, Program

MOST = 7 * MEGABYTE
"""Bytes of the archive: Windows takes objects of 10 MB, as Base64, from a remote PowerShell by default."""
_MOST_UNPACKED = 256 * MEGABYTE
_GUEST = Path(__file__).parent / "guest"
_ODD = re.compile(r'[<>:"|?*\x00-\x1f]|[ .](/|$)|(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.|/|$)', re.IGNORECASE)
"""What no file on Windows is called: https://learn.microsoft.com/windows/win32/fileio/naming-a-file"""


def packed(program: Program, limits: Limits) -> bytes:
    """Return the archive. Raises `BadRequest` for names that Windows does not know, and for too much."""
    _check(program.files)
    buffer = io.BytesIO()
    unpacked = 0
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _entries(program, limits):
            unpacked += len(content)
            if unpacked > _MOST_UNPACKED or buffer.tell() > MOST:
                raise _too_much()
            archive.writestr(name, content)
    if buffer.tell() > MOST:
        raise _too_much()
    return buffer.getvalue()


def _entries(program: Program, limits: Limits) -> Iterator[tuple[str, bytes]]:
    yield "order.json", json.dumps(_order(program, limits)).encode()
    yield "arguments.json", json.dumps(program.arguments).encode()
    yield "call.py", (_GUEST / "call.py").read_bytes()
    for source in sorted(_GUEST.glob("*.cs")):
        yield f"cell/{source.name}", source.read_bytes()
    for name, content in program.files.items():
        yield f"files/{name}", content
    for at, library in enumerate(program.libraries):
        yield from _library(library, f"libraries/{at}/")


def _order(program: Program, limits: Limits) -> dict[str, object]:
    return {
        "argv": list(program.argv),
        "entry": program.entry,
        "seconds": limits.seconds,
        "memory": limits.memory,
        "output": limits.output,
        "processes": limits.processes,
    }


def _library(folder: Path, to: str) -> Iterator[tuple[str, bytes]]:
    try:
        root = folder.resolve(strict=True)
        for file in sorted(root.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                yield to + file.relative_to(root).as_posix(), file.read_bytes()
    except OSError as error:
        raise Unavailable(
            "The library {folder} cannot be read: {reason}.", folder=folder, reason=error.strerror or error
        ) from error


def _check(names: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if _ODD.search(name):
            raise BadRequest("{name!r} is no name for a file on Windows.", name=name)
        if (other := seen.setdefault(name.casefold(), name)) != name:
            raise BadRequest("{one!r} and {other!r} are one file on Windows.", one=other, other=name)


def _too_much() -> BadRequest:
    return BadRequest(
        "With its files and libraries the program is over {most} MB packed, which is what goes into this sandbox: "
        "install large packages in the guest.",
        most=MOST // MEGABYTE,
    )
