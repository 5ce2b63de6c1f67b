"""The door of a phase: it closes at quorum plus a grace, or when a person stops the run; who is late is let go."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Literal, Self

LOOK = 0.2
"""Seconds between two looks at whether a person has stopped the run."""
Why = Literal["", "late", "stopped"]


class Gate:
    """Bounds every call of a phase, by its own deadline and by the phase's closing."""

    def __init__(self, need: int, grace: float, stopping: Callable[[], bool]) -> None:
        """Close `grace` seconds after `need` replies were good."""
        self._need = need
        self._grace = grace
        self._stopping = stopping
        self._good = 0
        self._open: set[asyncio.Timeout] = set()
        self._timers: list[asyncio.TimerHandle] = []
        self.why: Why = ""
        """Why it closed; empty while it is open."""

    def __enter__(self) -> Self:
        self._look()
        return self

    def __exit__(self, *_: object) -> None:
        for timer in self._timers:
            timer.cancel()

    def heard(self) -> None:
        """Count a good reply, new or recorded."""
        self._good += 1
        if self._good == self._need:
            self._timers.append(asyncio.get_running_loop().call_later(self._grace, self._close, "late"))

    def hold(self, seconds: float) -> "Hold":
        """Let a body run for `seconds` at most, and no longer than the gate is open; it raises `TimeoutError` then."""
        return Hold(self._open, 0.0 if self.why else seconds)

    def _look(self) -> None:
        if self._stopping():
            self._close("stopped")
        else:
            self._timers[:1] = [asyncio.get_running_loop().call_later(LOOK, self._look)]

    def _close(self, why: Why) -> None:
        self.why = self.why or why
        for door in self._open:
            if not door.expired():
                door.reschedule(asyncio.get_running_loop().time())


class Hold:
    """A call's deadline, which the gate can bring forward."""

    def __init__(self, open_: set[asyncio.Timeout], seconds: float) -> None:
        self._open = open_
        self._closed = seconds <= 0
        self._door = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        if self._closed:
            raise TimeoutError
        await self._door.__aenter__()
        self._open.add(self._door)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.discard(self._door)
        await self._door.__aexit__(kind, error, trace)
