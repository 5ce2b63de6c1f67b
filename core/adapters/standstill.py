"""Notice a process that stands still: it does not die, so nobody starts it again, and every call to it is in vain."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import perf_counter

import psutil
import structlog

from core.errors import ModelTimeout

_LONG = 20.0
"""Seconds that a call must have lasted to tell anything."""
_NOTHING = 0.1
"""Seconds of processor time below which a process has not worked on a call, however busy the machine is."""


@contextmanager
def ended_where_it_stands_still(model: str, pid: int | None) -> Iterator[None]:
    """Kill the process, and its group, where the call inside is given up and it has not worked at all through it."""
    began, before = perf_counter(), _worked(pid)
    try:
        yield
    except (ModelTimeout, asyncio.CancelledError):
        seconds, after = perf_counter() - began, _worked(pid)
        if pid and before is not None and after is not None and seconds > _LONG and after - before < _NOTHING:
            structlog.get_logger(__name__).warning("local_model_stands_still", model=model, seconds=round(seconds))
            with suppress(ProcessLookupError):  # several calls may see it at once
                os.killpg(pid, signal.SIGKILL)
        raise


def _worked(pid: int | None) -> float | None:
    """Return the seconds of processor time that a process has taken; nothing where it is gone."""
    try:
        times = psutil.Process(pid).cpu_times() if pid else None
    except psutil.Error:
        return None
    return None if times is None else times.user + times.system
