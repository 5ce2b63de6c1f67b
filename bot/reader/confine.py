"""Walls around this process: limits of the system, and a filter that leaves no system call but for computing.

What is in force once a hostile file is parsed: no new file, socket, process or signal to others; memory and CPU time
are bounded. The filter is seccomp-bpf (Linux 3.17 or newer, no root): https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import codecs
import ctypes
import importlib
import platform
import resource
import struct
import sys

from bot.reader.found import Order

_CALLS = {  # read, write, close, fstat, lseek, mmap, mprotect, munmap, brk, rt_sigaction, rt_sigprocmask, rt_sigreturn,
    # mremap, madvise, getpid, exit, exit_group, futex, clock_gettime, gettimeofday, getrandom, sched_yield, sigaltstack
    "x86_64": (0xC000003E, (0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 25, 28, 39, 60, 231, 202, 228, 96, 318, 24, 131)),
    "aarch64": (
        0xC00000B7,
        (63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 216, 233, 172, 93, 94, 98, 113, 169, 278, 124, 132),
    ),
}
"""By machine: its number for the kernel's audit, and the calls that stay."""
_CODECS = (
    *(
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "ascii",
        "latin-1",
        "cp437",
        "cp1250",
        "cp1251",
        "cp1252",
    ),
    *("iso8859-2", "iso8859-15", "koi8-r", "gb18030", "big5", "shift_jis", "euc_kr", "raw_unicode_escape", "idna"),
)
_MODULES = ("heapq", "_strptime", "xml.dom.expatbuilder", "email.quoprimime", "email.base64mime")
"""What parsers would import on the way, when no file can be opened any more; codecs are modules too."""
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _KILL, _NOT_PERMITTED = 0x7FFF0000, 0x80000000, 0x00050001
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2


def limit(order: Order) -> None:
    """Bound memory and time, and let nothing be written or left behind. Before the first hostile byte is looked at."""
    _bound(resource.RLIMIT_CORE, 0)
    _bound(resource.RLIMIT_FSIZE, 0)
    _bound(resource.RLIMIT_CPU, order.seconds, order.seconds + 1)  # the first ends it with a signal of its own
    _bound(resource.RLIMIT_AS, order.memory)


def lock() -> tuple[str, ...]:
    """Shut everything that parsing does not need, and return which walls stand. What reads the file is imported."""
    for name in _CODECS:
        codecs.lookup(name)
    for name in _MODULES:
        importlib.import_module(name)
    _bound(resource.RLIMIT_NOFILE, 0)
    _bound(resource.RLIMIT_NPROC, 0)
    return ("limits", "seccomp") if _filtered() else ("limits",)


def _bound(what: int, most: int, hardest: int | None = None) -> None:
    there = resource.getrlimit(what)[1]
    hard = most if hardest is None else hardest
    hard = hard if there == resource.RLIM_INFINITY else min(hard, there)
    try:
        resource.setrlimit(what, (min(most, hard), hard))
    except (OSError, ValueError):  # macOS knows some of these limits and refuses to set them
        return


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _filtered() -> bool:
    """Put the filter up, and tell whether it stands."""
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        return False
    lines = _lines(*_CALLS[platform.machine()])
    program = _Program(len(lines), b"".join(lines))
    system = ctypes.CDLL(None)
    if system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(system.prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0)


def _lines(machine: int, calls: tuple[int, ...]) -> list[bytes]:
    """Return the filter: another machine's calls kill, the calls named pass, and every other is not permitted."""
    tests = [_line(_EQUAL, len(calls) - at, 0, call) for at, call in enumerate(calls)]
    return [
        _line(_LOAD, 0, 0, 4),
        _line(_EQUAL, 1, 0, machine),
        _line(_RETURN, 0, 0, _KILL),
        _line(_LOAD, 0, 0, 0),
        *tests,
        _line(_RETURN, 0, 0, _NOT_PERMITTED),
        _line(_RETURN, 0, 0, _ALLOW),
    ]


def _line(code: int, yes: int, no: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
