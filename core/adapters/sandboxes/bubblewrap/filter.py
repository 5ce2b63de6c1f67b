"""The filter of system calls, as a BPF program for `bwrap --seccomp`.

Everything passes but what is named in `calls`: a program may be in any language, so that a list of what it may do
would be long and would break with each new library. https://docs.kernel.org/userspace-api/seccomp_filter.html
"""

import platform
import struct
from collections.abc import Sequence

from core.adapters.sandboxes.bubblewrap.calls import CLONE3, DENIED, LAST, LOOKED_AT, MEMFD

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""By name: the column in `calls`, and the kernel's audit number."""
_LOAD, _AND, _EQUAL, _ABOVE, _ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x25, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = _ERRNO | 1, _ERRNO | 38, _ERRNO | 97
_NUMBER, _MACHINE, _FIRST, _SECOND = 0, 4, 16, 24
"""Where in `struct seccomp_data` they are; of arguments the low half, which is all that these calls look at."""
NAMESPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET."""
UNRANDOMISED = 0x0040000 | 0x0400000
"""ADDR_NO_RANDOMIZE and READ_IMPLIES_EXEC."""
FAMILIES = (1, 2, 10)
"""UNIX and both internet families, which end at the namespace; AF_VSOCK, for one, does not."""
KINDS = (1, 2, 5)
"""Streams, datagrams and sequenced packets; no raw ones."""
TO_TERMINAL = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX type into the terminal that they are called on."""

_Line = tuple[int, int, int, int]


def known() -> bool:
    """Tell whether there is a filter for this machine."""
    return platform.machine() in _MACHINES


def compiled(*, memfd: bool, machine: str = "") -> bytes:
    """Return the program. `memfd` leaves files in memory, which only a cgroup bounds."""
    column, audit = _MACHINES[machine or platform.machine()]
    denied = sorted(number for row in DENIED.values() if (number := row[column]) is not None)
    lines: list[_Line] = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        *_refused(_ABOVE, (LAST,), _ENOSYS),
        *_refused(_EQUAL, (CLONE3[column], *([] if memfd else [MEMFD[column]])), _ENOSYS),
        *_refused(_EQUAL, denied, _EPERM),
        *_by_argument(column),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _by_argument(column: int) -> list[_Line]:
    family = _only(_FIRST, FAMILIES, _EAFNOSUPPORT)
    kind = [(_LOAD, 0, 0, _SECOND), (_AND, 0, 0, 0xF), *_only(None, KINDS, _EPERM)]
    looks: dict[str, Sequence[_Line]] = {
        "clone": [(_LOAD, 0, 0, _FIRST), *_refused(_ANY_BIT, (NAMESPACES,), _EPERM)],
        "ioctl": [(_LOAD, 0, 0, _SECOND), *_refused(_EQUAL, TO_TERMINAL, _EPERM)],
        "personality": [
            (_LOAD, 0, 0, _FIRST),
            (_EQUAL, 2, 0, 0xFFFFFFFF),  # only asks
            *_refused(_ANY_BIT, (UNRANDOMISED,), _EPERM),
        ],
        "prlimit64": _only(_FIRST, (0,), _EPERM),  # its own limits, nobody else's
        "socket": [*family, *kind],
        "socketpair": [*family, *kind],
    }
    lines: list[_Line] = []
    for name, look in looks.items():
        lines += [(_EQUAL, 0, len(look) + 1, LOOKED_AT[name][column]), *look, (_RETURN, 0, 0, _ALLOW)]
    return lines


def _refused(test: int, values: Sequence[int], answer: int) -> list[_Line]:
    """Return lines that answer where the test holds for one of the values, and go on where it does for none."""
    return [line for value in values for line in ((test, 0, 1, value), (_RETURN, 0, 0, answer))]


def _only(where: int | None, values: Sequence[int], answer: int) -> list[_Line]:
    """Return lines that go on where an argument is one of the values, and answer where it is none."""
    load: list[_Line] = [] if where is None else [(_LOAD, 0, 0, where)]
    tests = [(_EQUAL, len(values) - at, 0, value) for at, value in enumerate(values)]
    return [*load, *tests, (_RETURN, 0, 0, answer)]
