"""Takes more processes and more memory than it may; where both are bounded, it does not live to return."""

import contextlib
import os
import signal
import time

_PIECE = 4 << 20


def take(processes: int, memory: int) -> str:
    """Return what was not bounded."""
    started: list[int] = []
    with contextlib.suppress(OSError):
        while len(started) <= processes:
            started.append(_sleeper())
    for pid in started:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    if len(started) > processes:
        return "processes"
    held: list[bytes] = []
    while len(held) * _PIECE < 4 * memory:
        held.append(b"x" * _PIECE)
        time.sleep(0.005)  # memory is looked at every 20 ms where the kernel does not bound it
    return "memory"


def _sleeper() -> int:
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    return pid
