"""Starts bubblewrap and holds every channel to what runs in it."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

_GRACE = 5.0
"""Seconds for everything to be gone after it was killed."""
_PREFERRED = 900
"""Added to how likely the kernel takes a program, and not Dexter, when this machine runs out of memory."""


@dataclass(frozen=True, slots=True)
class Pipe:
    """Two ends; closing one twice does no harm."""

    reader: FileIO
    writer: FileIO


@dataclass(frozen=True, slots=True)
class Channels:
    """Beside the standard streams."""

    info: Pipe
    """Bubblewrap tells the number of process 1."""
    go: Pipe
    """A byte of ours starts the program; the end of the pipe, because we died, starts nothing."""
    told: Pipe
    """Process 1 tells how the program ended."""
    result: Pipe
    """The program tells its result."""

    def theirs(self) -> tuple[FileIO, ...]:
        """Return the ends that only they hold once they run."""
        return self.info.writer, self.go.reader, self.told.writer, self.result.writer


@contextlib.contextmanager
def channels() -> Iterator[Channels]:
    """Make them for the time of the body."""
    with contextlib.ExitStack() as stack:
        yield Channels(*(_pipe(stack) for _ in range(4)))


class Launched:
    """A bubblewrap. Start it from the thread that waits for it: it dies with that thread."""

    def __init__(
        self, argv: Callable[[int, int], Sequence[str]], given: Sequence[bytes], channels: Channels, uid: int | None
    ) -> None:
        """Start `argv`, a function of the descriptors from which the two files `given` are read. Raises OSError."""
        theirs = channels.theirs()
        with contextlib.ExitStack() as stack:
            files = [stack.enter_context(_file(content)) for content in given]
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                argv(files[0].fileno(), files[1].fileno()),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=[file.fileno() for file in (*files, *theirs)],
                env={},  # what is not there cannot be read in /proc/1/environ
                cwd="/",
                start_new_session=True,
                user=uid,
                group=uid,
                extra_groups=None if uid is None else [],
            )
        for file in theirs:
            file.close()
        assert self.process.stdin  # noqa: S101  all three were asked for
        assert self.process.stdout  # noqa: S101
        assert self.process.stderr  # noqa: S101
        self.stdin, self.stdout, self.stderr = self.process.stdin, self.process.stdout, self.process.stderr
        self.over = os.pidfd_open(self.process.pid)
        """Readable once bubblewrap has ended, which it does when nothing of its namespace is left."""
        self._first: int | None = None
        self._go = channels.go.writer

    def hold(self, pid: int) -> None:
        """Hold on to process 1, so that it, and nothing else by mistake, can be killed."""
        self._first = os.pidfd_open(pid)
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/oom_score_adj").write_text(str(_PREFERRED))

    def kill(self) -> None:
        """End process 1, and with it everything in its namespace; bubblewrap ends when all of that is gone."""
        if self._first is None:
            self._go.close()  # it ends by itself, where nobody is left who could start it
        elif self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._first, signal.SIGKILL)

    def end(self) -> int:
        """Make sure that nothing is left, and return bubblewrap's own exit code."""
        self.kill()
        try:
            return self.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(_GRACE)

    def close(self) -> None:
        """End it, and give the channels back."""
        self.end()
        for stream in (self.stdin, self.stdout, self.stderr):
            stream.close()
        for each in (self.over, self._first):
            if each is not None:
                os.close(each)


def _pipe(stack: contextlib.ExitStack) -> Pipe:
    read, write = os.pipe()
    return Pipe(stack.enter_context(FileIO(read, "r")), stack.enter_context(FileIO(write, "w")))


def _file(content: bytes) -> FileIO:
    """Return an unnamed file in memory, to be read from its beginning."""
    file = FileIO(os.memfd_create("given"), "r+")
    file.write(content)
    file.seek(0)
    return file
