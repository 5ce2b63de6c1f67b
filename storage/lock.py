"""A lock between processes on a file, given back by the operating system when its holder dies."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

POLL_SECONDS = 0.05


class Held(Exception):
    """Another process has the lock; `pid` is its number as it wrote it down, 0 where it did not."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"held by process {pid}")
        self.pid = pid


class Lock:
    """Holds a file locked from its making until `release` or the end of the process.

    Waits up to `patience` seconds, then raises `Held`. Raises `OSError` where the file cannot be made.
    """

    def __init__(self, path: Path, patience: float = 0.0) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + patience
        while not self._taken():
            if time.monotonic() >= deadline:
                pid = os.pread(self._file, 20, 0).strip()
                os.close(self._file)
                raise Held(int(pid) if pid.isdigit() else 0)
            time.sleep(POLL_SECONDS)
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Give the lock back; harmless the second time."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()
