"""Starts workers, kills them, starts them again, and waits for the end; what a worker is, the caller says."""

import asyncio
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
    """Processes of one command, which prints READY once it works."""

    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    alive: list[Process] = field(default_factory=list)
    kills: int = 0

    async def start(self, *, ready: bool = True) -> Process:
        """Start one more; `ready` waits until it works."""
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *self.command, stdout=asyncio.subprocess.PIPE, stderr=log, cwd=ROOT, env=self.environment
            )
        self.alive.append(process)
        if ready:
            await self._ready(process)
        return process

    async def kill(self, process: Process) -> None:
        """End one as a power cut would."""
        assert process.returncode is None, f"the worker ended by itself: {self.log.read_text()[-3000:]}"
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

    async def _ready(self, process: Process) -> None:
        assert process.stdout
        async with asyncio.timeout(READY_SECONDS):
            while b"READY" not in (line := await process.stdout.readline()):
                assert line, f"the worker did not start: {self.log.read_text()[-3000:]}"


async def torment(workers: Workers, kills: int, longest: float, finished: Callable[[], Awaitable[bool]]) -> None:
    """Kill a worker `kills` times within `longest` seconds of its start or of its readiness, then let one finish.

    One kill in five comes before the worker is ready. Raises `TimeoutError` where the end does not come.
    """
    while workers.kills < kills:
        early = random.random() < 0.2
        process = await workers.start(ready=not early)
        await asyncio.sleep(random.uniform(0.0, 2.0 if early else longest))
        await workers.kill(process)
    await workers.start()
    await until(finished, 120.0)


async def until(true: Callable[[], Awaitable[bool]], seconds: float) -> float:
    """Wait until something is true, and return how long that took."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.1)
    return time.monotonic() - began
