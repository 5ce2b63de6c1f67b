"""Office files are zip archives of XML: whether one is honest is looked at before anything of it is unpacked."""

import re
import zipfile
from io import BytesIO

from bot.reader.found import Refused

MOST_ENTRIES = 10_000
MOST_BYTES = 300_000_000
"""Unpacked, all entries together."""
RATIO = 200
"""Times the packed size; real documents stay under 50."""
SMALL = 10_000_000
"""Bytes unpacked that may have any ratio."""
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_HEAD = 4096


def check(content: bytes) -> None:
    """Raise `Refused` for a zip bomb, for what has a password, and for XML with entities, which Office never writes."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_ENTRIES or unpacked > MOST_BYTES or unpacked > max(SMALL, RATIO * len(content)):
                raise Refused("bomb", megabytes=unpacked // 1_000_000)
            if any(entry.flag_bits & 1 for entry in entries):
                raise Refused("locked")
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")) and _ENTITIES.search(_head(archive, entry)):
                    raise Refused("entities")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
        raise Refused("broken") from error


def _head(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as part:
        return part.read(_HEAD).replace(b"\0", b"")  # UTF-16 has the same letters with zeros between them
