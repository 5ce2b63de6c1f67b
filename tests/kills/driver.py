"""Starts workers, kills them, starts them again, and waits for the end; what a worker is, the caller says."""

import asyncio
import os
import random
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
READY_SECONDS = 60.0


@dataclass
class Workers:
    """Processes of one command, which says `ready` on its output once it works."""

    command: Sequence[str]
    folder: Path
    ready: str = "READY"
    environment: Mapping[str, str] = field(default_factory=dict)
    alive: list[Process] = field(default_factory=list)
    kills: int = 0
    _started: int = 0

    async def start(self, *, ready: bool = True) -> Process:
        """Start one more; `ready` waits until it works. Raises `TimeoutError` with its log where it never does."""
        self._started += 1
        log = self.folder / f"worker-{self._started}.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *self.command, stdout=output, stderr=output, cwd=ROOT, env={**os.environ, **self.environment}
            )
        self.alive.append(process)
        if ready:
            try:
                await until(lambda: self._says(process, log), READY_SECONDS)
            except TimeoutError:
                raise TimeoutError(f"a worker was not ready after {READY_SECONDS:.0f} s: {_end(log)}") from None
        return process

    async def kill(self, process: Process) -> None:
        """End one as a power cut would."""
        assert process.returncode is None, f"a worker ended by itself: see {self.folder}"
        process.send_signal(signal.SIGKILL)
        await process.wait()
        self.alive.remove(process)
        self.kills += 1

    async def stop(self) -> None:
        """End all; these do not count."""
        for process in self.alive:
            if process.returncode is None:
                process.kill()
            await process.wait()
        self.alive.clear()

    async def _says(self, process: Process, log: Path) -> bool:
        said = log.read_text(errors="replace")
        assert process.returncode is None, f"a worker did not start: {said[-3000:]}"
        return self.ready in said


def _end(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-3000:]


async def torment(
    workers: Workers, kills: int, longest: float, finished: Callable[[], Awaitable[bool]], patience: float = 120.0
) -> None:
    """Kill a worker `kills` times within `longest` seconds of its start or of its readiness, then let one finish.

    One kill in five comes before the worker is ready. Raises `TimeoutError` where the end does not come in
    `patience` seconds.
    """
    while workers.kills < kills:
        early = random.random() < 0.2
        process = await workers.start(ready=not early)
        await asyncio.sleep(random.uniform(0.0, longest))
        await workers.kill(process)
    await workers.start()
    await until(finished, patience)


async def until(true: Callable[[], Awaitable[bool]], seconds: float) -> float:
    """Wait until something is true, and return how long that took."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.1)
    return time.monotonic() - began
