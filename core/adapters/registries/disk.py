"""The files of a registry: read within bounds, written whole or not at all, by one process at a time."""

import contextlib
import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.errors import NotFound, Unavailable

PATIENCE = 30.0
"""Seconds that one writer waits for another."""
LONGEST_LIST = 100_000
"""Files of one folder that are looked at."""


class Disk:
    """One folder. All methods block, and raise `Unavailable` where the disk does not do what it should."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str, most: int) -> bytes:
        """Return a file of at most `most` bytes. Raises `NotFound`, and `Unavailable` for one that is larger."""
        try:
            with open(os.open(self.root / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123  without links
                content = file.read(most + 1) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound("The registry has no {path}.", path=path) from None
        except OSError as error:
            raise self._broken(error) from None
        if content is None:
            raise Unavailable("{path} in the registry is no file.", path=path)
        if len(content) > most:
            raise Unavailable("{path} in the registry is larger than any real one: it was not read.", path=path)
        return content

    def write(self, path: str, content: bytes) -> None:
        """Put a file there, in place of what was there."""
        file = self.root / path
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(prefix=".writing-", dir=file.parent)
            draft = Path(name)
            try:
                with open(number, "wb") as opened:  # noqa: PTH123  a descriptor
                    opened.write(content)
                    opened.flush()
                    os.fsync(opened.fileno())
                draft.chmod(0o644)
                draft.replace(file)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._broken(error) from None

    def names(self, path: str, ending: str) -> Sequence[str]:
        """Return the names of the files in a folder that end so, without the ending, in their order."""
        try:
            with os.scandir(self.root / path) as entries:
                found = [e.name for _, e in zip(range(LONGEST_LIST), entries, strict=False) if e.name.endswith(ending)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise self._broken(error) from None
        return sorted(name.removesuffix(ending) for name in found if not name.startswith("."))

    def age(self, path: str) -> float:
        """Return how many seconds ago a file was written; 0 where it is not there."""
        try:
            return time.time() - (self.root / path).stat().st_mtime
        except OSError:
            return 0.0

    def drop(self, path: str) -> None:
        """Remove a file, if it is there."""
        with contextlib.suppress(OSError):
            (self.root / path).unlink()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other writer out, of this process or another."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = (self.root / ".lock").open("a")
        except OSError as error:
            raise self._broken(error) from None
        with lock:
            end = time.monotonic() + PATIENCE
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() > end:
                        text = "Somebody else has been writing to the registry {root} for {seconds:g} s: try later."
                        raise Unavailable(text, root=self.root, seconds=PATIENCE) from None
                    time.sleep(0.02)
            yield

    def _broken(self, error: OSError) -> Unavailable:
        text = "The registry {root} cannot be used: {why}. Check the folder and its rights."
        return Unavailable(text, root=self.root, why=error.strerror or type(error).__name__)
