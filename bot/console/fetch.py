"""Progress bars for what is fetched on the first start."""

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)


class Fetching:
    """A bar for each thing that is fetched; none while nothing is."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, name: str, done: int, total: int) -> None:
        """Note that `done` of `total` bytes of `name` are here."""
        if not self._tasks:
            self._progress.start()
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._tasks[name], completed=done, total=total)

    def done(self) -> None:
        """Leave the terminal to others."""
        if self._tasks:
            self._progress.stop()


@contextlib.contextmanager
def fetching(console: Console) -> Iterator[Fetching]:
    """Show bars while something is fetched, and leave the terminal sane however it ends."""
    bars = Fetching(console)
    try:
        yield bars
    finally:
        bars.done()
