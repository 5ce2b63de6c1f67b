"""What probes share. It goes into the sandbox with them, and so imports nothing of Dexter."""

import contextlib
import ctypes
import os

system = ctypes.CDLL(None, use_errno=True)


def works(call, *given):
    """Tell whether something can be done."""
    with contextlib.suppress(OSError, ValueError, OverflowError):
        call(*given)
        return True
    return False


def reached(attempts):
    """Return the names of those attempts, each a call with its arguments, that work."""
    return [name for name, (call, *given) in attempts.items() if works(call, *given)]


def calls(attempts):
    """Return the names of those calls of the C library that do not fail."""
    return [name for name, (function, *given) in attempts.items() if getattr(system, function)(*given) >= 0]


def numbered(attempts):
    """Return the names of those system calls, by their numbers on x86-64, that are there and may be made."""
    if os.uname().machine != "x86_64":
        return []
    found = []
    for name, (number, *given) in attempts.items():
        ctypes.set_errno(0)
        if system.syscall(number, *given) >= 0 or ctypes.get_errno() not in (1, 13, 38):
            found.append(name)
    return found


def opened(paths, how=os.O_RDONLY):
    """Return those paths that can be opened."""
    return [path for path in paths if works(lambda path=path: os.close(os.open(path, how)))]
