"""Proof that a file is what its hash says, kept beside it, so that a gigabyte is not hashed at every start."""

import contextlib
import hashlib
import json
from pathlib import Path


def sha256(path: Path) -> str:
    """Return the hash of a file, read a piece at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_noted(note: Path, path: Path, expected: str) -> bool:
    """Tell whether `note` says that `path`, unchanged since (size and time), had the hash `expected`."""
    try:
        return bool(json.loads(note.read_text(encoding="utf-8")) == _said(path, expected))
    except (OSError, ValueError):
        return False


def take_note(note: Path, path: Path, found: str) -> None:
    """Write down what `path` was found to be; where that cannot be written it is hashed again next time."""
    with contextlib.suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps(_said(path, found)), encoding="utf-8")


def _said(path: Path, digest: str) -> dict[str, object]:
    state = path.stat()
    return {"path": str(path.resolve()), "size": state.st_size, "mtime": state.st_mtime_ns, "sha256": digest}
