"""How fast this machine's counter of processor cycles goes, which a guest without a clock of its own must be told."""

import ctypes
import mmap
import time
from collections.abc import Callable

_READ = bytes.fromhex("0f31 48c1e220 4809d0 c3")
"""rdtsc; shl rdx, 32; or rax, rdx; ret"""
_MEASURED = 0.1
"""Seconds, which give five digits."""
_TRIES = 20


def per_millisecond() -> int:
    """Measure it. An emulated guest sees this machine's counter, and has no other clock to measure it by."""
    with mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) as page:
        page.write(_READ)
        start = ctypes.c_char.from_buffer(page)
        counter: Callable[[], int] = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(start))
        first, begun = _both(counter)
        time.sleep(_MEASURED)
        last, ended = _both(counter)
        del start, counter
        return round((last - first) * 1_000_000 / (ended - begun))


def _both(counter: Callable[[], int]) -> tuple[int, int]:
    """Return the counter and the nanoseconds of one moment: the shortest of several tries."""
    tries = [(time.perf_counter_ns(), counter(), time.perf_counter_ns()) for _ in range(_TRIES)]
    before, count, after = min(tries, key=lambda each: each[2] - each[0])
    return count, (before + after) // 2
