"""The drawing process as the rest of Dexter sees it: begun when needed, bounded in everything, ended when idle."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

import structlog

from core.adapters.charts.wire import Answer, Order
from core.errors import Misconfigured, Unavailable
from core.reports.chart import Chart
from core.reports.page import Paper

_LARGEST = 64_000_000
"""Bytes of an order or of what is drawn."""
_LIFE = 200
"""Drawings after which a process makes way for a fresh one: what libraries leak ends with it."""
_STOPPING = 2.0


class Charts:
    """Draws one thing at a time. See `core.reports.press.Press`."""

    def __init__(
        self, cache: Path, *, seconds: float = 60.0, idle: float = 60.0, memory: int = 1 << 30, waiting: int = 50,
        python: str = sys.executable,
    ) -> None:  # fmt: skip
        """`cache` is where matplotlib keeps its list of fonts; `memory` is bytes of address space.

        A drawing may take `seconds`; after `idle` seconds without one the process ends. At most `waiting` wait.
        """
        self._cache, self._python = cache, python
        self._seconds, self._idle, self._memory, self._most = seconds, idle, memory, waiting
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._process: Process | None = None
        self._drawn = 0
        self._end: asyncio.TimerHandle | None = None
        self._log = structlog.get_logger(__name__)

    @property
    def pid(self) -> int | None:
        """The process that draws now, if there is one."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def waiting(self) -> int:
        """How many are drawn or wait to be."""
        return self._waiting

    @property
    def drawing(self) -> bool:
        """Whether something is drawn now."""
        return self._turn.locked()

    async def png(self, chart: Chart, *, dark: bool = False) -> bytes:
        """Return a chart as a PNG, 1080 pixels across. See `Press`."""
        return await self._draw(Order(chart=chart, dark=dark))

    async def pdf(self, paper: Paper) -> bytes:
        """Return a document as a PDF. See `Press`."""
        return await self._draw(Order(paper=paper))

    async def aclose(self) -> None:
        """End the process; what it draws is lost."""
        self._keep()
        await self._kill()

    async def _draw(self, order: Order) -> bytes:
        content = await asyncio.to_thread(lambda: order.model_dump_json().encode())
        if len(content) > _LARGEST:
            raise Unavailable("This is too much to be drawn.")
        if self._waiting >= self._most:
            raise Unavailable("{count} pictures wait to be drawn. Try again in a minute.", count=self._waiting)
        self._waiting += 1
        try:
            async with self._turn:
                self._keep()
                return await self._drawn_by(content)
        finally:
            self._waiting -= 1

    async def _drawn_by(self, content: bytes) -> bytes:
        """Have it drawn; whatever goes wrong, a process that may be in the middle of something is not used again."""
        done = False
        try:
            async with asyncio.timeout(self._seconds):
                answer, drawn = await self._asked(await self._ready(), content)
            done = True
        except TimeoutError:
            raise Unavailable("Drawing took longer than {seconds:.0f} s.", seconds=self._seconds) from None
        except (ConnectionError, asyncio.IncompleteReadError, ValueError) as error:
            self._log.warning("drawing process died", error=type(error).__name__)
            raise Unavailable("What draws pictures broke down over this one.") from error
        finally:
            if not done:
                await asyncio.shield(self._kill())
        self._rest()
        return _given(answer, drawn)

    async def _asked(self, process: Process, content: bytes) -> tuple[Answer, bytes]:
        assert process.stdin is not None  # noqa: S101 - for the type checker
        assert process.stdout is not None  # noqa: S101 - for the type checker
        process.stdin.writelines((len(content).to_bytes(8), content))
        await process.stdin.drain()
        answer = Answer.model_validate_json(await process.stdout.readline())
        if answer.size > _LARGEST:
            raise ValueError("too much was drawn")
        return answer, await process.stdout.readexactly(answer.size)

    async def _ready(self) -> Process:
        if self._process is None or self._process.returncode is not None or self._drawn >= _LIFE:
            await self._kill()
            self._process, self._drawn = await self._begun(), 0
        self._drawn += 1
        return self._process

    async def _begun(self) -> Process:
        with contextlib.suppress(OSError):  # matplotlib finds another place then
            self._cache.mkdir(parents=True, exist_ok=True)
        return await asyncio.create_subprocess_exec(
            *(self._python, "-I", "-m", "core.adapters.charts", str(self._memory)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # it may quote what people wrote
            env={"MPLCONFIGDIR": str(self._cache)},  # no key or token of Dexter's goes along
            start_new_session=True,
        )

    def _keep(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None

    def _rest(self) -> None:
        """Let the process end itself after a while: it does once nothing can come any more."""
        if self._process is not None and self._process.stdin is not None:
            self._end = asyncio.get_running_loop().call_later(self._idle, self._process.stdin.close)

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        async with asyncio.timeout(_STOPPING):
            await process.wait()


def _given(answer: Answer, drawn: bytes) -> bytes:
    """Return what was drawn. Raises what the process says went wrong."""
    match answer.fault:
        case "":
            return drawn
        case "extra":
            raise Misconfigured("Charts need what the extra `reports` installs. Run `make setup`.")
        case "memory":
            raise Unavailable("This is too much to be drawn.")
        case _:
            raise Unavailable("What draws pictures broke down over this one.")
