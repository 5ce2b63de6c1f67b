"""A folder for one run: the program's files and what starts them, which the sandbox sees read-only."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.adapters.sandboxes.bubblewrap import owner
from core.errors import Unavailable

_INSIDE = Path(__file__).parent / "inside"
_COPIED = ("first.py", "call.py")


@contextlib.contextmanager
def staged(files: Mapping[str, bytes], uid: int | None) -> Iterator[Path]:
    """Write the files down for the time of the body, for nobody's eyes but those of `uid` (else Dexter's own)."""
    folder = None
    try:
        folder = Path(tempfile.mkdtemp(prefix=owner.mine()))
        for name in _COPIED:
            _write(folder / "inside" / name, (_INSIDE / name).read_bytes())
        (folder / "files").mkdir()
        for name, content in files.items():
            _write(folder / "files" / name, content)
        if uid is not None:
            os.chown(folder, uid, uid)
        yield folder
    except OSError as error:
        reason = error.strerror or error
        raise Unavailable(
            "The program's files cannot be written to {folder}: {reason}. Make room there.",
            folder=tempfile.gettempdir(),
            reason=reason,
        ) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Remove what a Dexter that died left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{owner.PREFIX}*"):
        if owner.abandoned(folder.name) and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays: nobody may remove it


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    for each in (file, file.parent):
        each.chmod(0o755 if each.is_dir() else 0o644)
