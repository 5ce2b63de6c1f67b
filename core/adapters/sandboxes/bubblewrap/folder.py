"""A folder for one run: the program's files and what starts them, which the sandbox sees read-only."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from core.adapters.sandboxes.bubblewrap import owner
from core.adapters.sandboxes.bubblewrap.python import open_to_all
from core.errors import Unavailable

_INSIDE = Path(__file__).parent / "inside"
_COPIED = ("first.py", "call.py", "door.py")


@contextlib.contextmanager
def staged(files: Mapping[str, bytes], uid: int | None) -> Iterator[Path]:
    """Write the files down for the time of the body, for nobody's eyes but those of `uid` (else Dexter's own).

    Raises `Unavailable`.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder = Path(tempfile.mkdtemp(prefix=owner.mine()))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            _fill(folder, files, uid)
        except OSError as error:
            raise Unavailable(
                "The program's files cannot be written to {folder}: {reason}. Make room there.",
                folder=tempfile.gettempdir(),
                reason=error.strerror or error,
            ) from error
        yield folder


def _fill(folder: Path, files: Mapping[str, bytes], uid: int | None) -> None:
    for name in _COPIED:
        _write(folder / "inside" / name, (_INSIDE / name).read_bytes())
    (folder / "files").mkdir()
    for name, content in files.items():
        _write(folder / "files" / name, content)
    if uid is not None:
        os.chown(folder, uid, uid)


def readable(libraries: Sequence[Path], uid: int | None) -> list[Path]:
    """Return the folders as they really lie on this machine. Raises `Unavailable` for one that `uid` cannot read."""
    found = []
    for library in libraries:
        folder = library.resolve()
        if not folder.is_dir() or not (open_to_all(folder) if uid else os.access(folder, os.R_OK | os.X_OK)):
            text = "The sandbox cannot read the library {folder}: keep it in a folder that every user may read."
            raise Unavailable(text, folder=library)
        found.append(folder)
    return found


def sweep() -> None:
    """Remove what a Dexter that died left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{owner.PREFIX}*"):
        if owner.abandoned(folder.name) and not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays: nobody may remove it


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    file.chmod(0o755)
