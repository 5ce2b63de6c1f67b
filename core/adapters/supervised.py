"""One subprocess that serves a local model: started, watched, started again when it dies, stopped with Dexter."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import IO

import structlog
from pydantic import Field

from core.entities import Noun
from core.errors import ModelUnreachable

_LOADING = 180.0
"""Seconds that a model may take to load (a cold disk and a busy machine included)."""
_LIVES = 5
_FIRST_LIVES = 2
"""A model that has never come up is likely never to."""
_STEADY = 60.0
"""A model that lived for so many seconds was well: its deaths before that are forgotten."""
_STOPPING = 5.0
_PROGRAM = Path(__file__).with_name("llama_server.py")
_NATIVE = Path(sys.prefix) / "lib" / "native"
"""Where `make setup` puts libraries that the machine lacks and that only root could install."""
_INHERITED = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")


class Order(Noun):
    """What a subprocess is told to serve."""

    name: str
    path: str
    prefix: str = Field(repr=False)
    """Path that every request must begin with; a secret."""
    threads: int
    context: int
    parallel: int
    memory: int
    """Bytes of its own that it may take; the weights, mapped from the file, come on top."""
    nice: int = 0
    """How far it stands back for other processes, 0 to 19."""


class Supervised:
    """A model's process and the task that watches it."""

    def __init__(self, order: Order, log: Path, python: str | None = None) -> None:
        self._order = order
        self._log = log
        self._python = python or sys.executable
        self._say = structlog.get_logger(__name__).bind(model=order.name)
        self._process: Process | None = None
        self._ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._ended = 0.0
        self._watch = asyncio.create_task(self._supervise(), name=f"local model {order.name}")

    @property
    def pid(self) -> int | None:
        """The process that serves now."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def given_up(self) -> bool:
        """Whether it died too often, and long enough ago that a new start is worth a try."""
        return self._watch.done() and asyncio.get_running_loop().time() - self._ended > _STEADY

    async def base(self) -> str:
        """Return the base URL once the model is ready. Raises `ModelUnreachable`."""
        try:
            async with asyncio.timeout(_LOADING):
                return await asyncio.shield(self._ready)
        except TimeoutError as error:
            raise ModelUnreachable("The local model {name} has not started in time.", name=self._order.name) from error

    async def aclose(self) -> None:
        """Stop the process and the watching."""
        self._watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watch
        if not self._ready.done():
            self._ready.set_exception(
                ModelUnreachable("The local model {name} has been stopped.", name=self._order.name)
            )
            self._ready.exception()

    async def _supervise(self) -> None:
        """Keep the model alive, until it has died too often in a row without having been well in between."""
        loop = asyncio.get_running_loop()
        deaths, lives = 0, _FIRST_LIVES
        while True:
            began = loop.time()
            reason = await self._live()
            deaths = 1 if loop.time() - began > _STEADY else deaths + 1
            self._say.warning("local_model_died", reason=reason, deaths=deaths)
            if self._ready.done():
                lives = _LIVES
                self._ready = loop.create_future()
            if deaths >= lives:
                self._ended = loop.time()
                text = "The local model {name} keeps dying ({reason}); what it said is in {log}."
                self._ready.set_exception(ModelUnreachable(text, name=self._order.name, reason=reason, log=self._log))
                self._ready.exception()  # nobody may be waiting, and that is no bug
                return
            await asyncio.sleep(min(8.0, 0.1 * 4**deaths))

    async def _live(self) -> str:
        """Start the process, announce it, and return why it ended."""
        try:
            self._process = await self._start()
        except OSError as error:
            return f"it cannot be started: {error.strerror}"
        try:
            base = await self._announced(self._process)
            if base.startswith("http"):
                self._ready.set_result(f"{base}/v1")
                self._say.info("local_model_ready", pid=self._process.pid)
                code = await self._process.wait()
                return f"signal {-code}" if code < 0 else f"exit code {code}"
            return base
        finally:
            await asyncio.shield(_stop(self._process))

    async def _start(self) -> Process:
        with await asyncio.to_thread(_fresh, self._log) as log:
            # No key or token of Dexter's own environment goes along.
            kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
            kept["LD_LIBRARY_PATH"] = ":".join(filter(None, [kept.get("LD_LIBRARY_PATH"), str(_NATIVE)]))
            return await asyncio.create_subprocess_exec(
                *(self._python, "-P", str(_PROGRAM)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                start_new_session=True,
                # Threads that spin while they wait halve the speed on a busy machine.
                env={**kept, "OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": str(self._order.threads)},
            )

    async def _announced(self, process: Process) -> str:
        """Return the server's URL, or what went wrong."""
        assert process.stdin is not None  # noqa: S101 - for the type checker
        assert process.stdout is not None  # noqa: S101 - for the type checker
        process.stdin.write(self._order.model_dump_json().encode() + b"\n")
        try:
            async with asyncio.timeout(_LOADING):
                line = await process.stdout.readline()
        except TimeoutError:
            return f"it did not load within {_LOADING:.0f} s"
        if not line:
            code = await process.wait()
            return f"signal {-code} while loading" if code < 0 else f"exit code {code} while loading"
        said = json.loads(line)
        return str(said.get("base") or said["error"])


def _fresh(log: Path) -> IO[bytes]:
    """Open a new log; the one before is kept beside it, so that a death can be looked into."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        log.replace(log.with_suffix(".before.log"))
    return log.open("wb")


async def _stop(process: Process) -> None:
    """End the process: its standard input closes, which it watches; after a while it is killed."""
    if process.returncode is not None:
        return
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_STOPPING):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
