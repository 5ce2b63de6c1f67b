"""Process 1 of a sandbox: starts the program, watches its memory where no cgroup does, and says how it ended.

It speaks through a channel that the program never holds. The program cannot kill it (process 1 takes no signal from
its own), look into it (it is not dumpable), or take its channel (that needs ptrace, which the filter denies).
"""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable

_DUMPABLE = 4
_RESULT = 3
"""Where the program writes its result; what it is told in Dexter's documentation."""
_ASIDE = 1000
"""A descriptor above all that may be open here."""
_LOOK = 0.02
"""Seconds between two looks at the memory."""
_SPACE = (4, 1 << 30)
"""Times the memory, and bytes more: address space of one process, where only the watchdog bounds them together."""
_FOLDERS = ("/work", "/tmp", "/dev/shm")  # noqa: S108  the sandbox's own


def main() -> None:
    """Take the order, run the program, tell how it ended, and take everything down with this process.

    In the child that this forks it returns, too, where that is to call a Python function: no second interpreter starts.
    """
    if os.getpid() != 1:
        sys.exit("there is no namespace of processes")  # and killing all of them would kill the user's own
    order: dict[str, int] = json.loads(sys.argv[1])
    command = sys.argv[2:]
    system = ctypes.CDLL(None)
    system.prctl(_DUMPABLE, 0, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    if not os.read(order["go"], 1):  # Dexter died while this was being set up
        return
    os.close(order["go"])
    if order.get("door"):
        _open_door(order)
    program = os.fork()
    if program == 0:
        system.prctl(_DUMPABLE, 1, 0, 0, 0)
        become(order)
        if not order["function"]:
            execute(command)
        return
    for each in (0, 1, 2, order["result"]):
        os.close(each)
    told = _wait(program, order["watch"])
    kill_all()
    os.write(order["told"], json.dumps(told).encode())


def _open_door(order: dict[str, int]) -> None:
    """Listen for the program before it starts, and leave the rest to a process that takes it to Dexter's proxy."""
    import socket  # few programs may reach anybody

    server = socket.create_server(("127.0.0.1", order["door"]))
    if os.fork():
        server.close()
        return
    for name in ("told", "result"):
        os.close(order[name])
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    _bound(order)
    sys.path.insert(0, os.path.dirname(__file__))
    import door  # type: ignore[import-not-found]  # it lies beside this file, in the sandbox

    door.keep(server)
    os._exit(0)


def become(order: dict[str, int]) -> None:
    """Keep nothing of this process but its standard streams and the result's channel, and take on the bounds."""
    os.close(order["told"])
    result = os.dup2(order["result"], _ASIDE)
    os.closerange(_RESULT, result)
    os.dup2(result, _RESULT)
    os.close(result)
    for name in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(name, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    _bound(order)


def execute(command: list[str]) -> None:
    """Become a command, or say why that cannot be."""
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.exit(127)


def _bound(order: dict[str, int]) -> None:
    """Bound every process that comes from here; none of these can be raised again."""
    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: order["handles"],
        resource.RLIMIT_NPROC: order["processes"] + 1 + bool(order.get("door")),  # this process, and the way out
        resource.RLIMIT_FSIZE: order["disk"],
        resource.RLIMIT_CPU: order["seconds"],
        resource.RLIMIT_MEMLOCK: 65_536,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 128,
    }
    if order["watch"]:
        bounds[resource.RLIMIT_AS] = _SPACE[0] * order["watch"] + _SPACE[1]
    for what, most in bounds.items():
        soft, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        if soft != most:  # gVisor refuses to set some, which it then has from its start
            resource.setrlimit(what, (most, most))


def _wait(program: int, most: int) -> dict[str, float]:
    """Wait for the program, and bury what it left alone; kill all where memory is over `most` (0: do not look)."""
    peak, full = 0, False
    while True:
        ended, status, _ = os.wait4(-1, os.WNOHANG)
        if ended == program:
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            peak = max(peak, used.ru_maxrss * 1024) if most else 0
            return {"status": status, "cpu": used.ru_utime + used.ru_stime, "peak": peak, "full": full}
        if ended:
            continue
        if not most:
            signal.sigwaitinfo({signal.SIGCHLD})
        elif signal.sigtimedwait({signal.SIGCHLD}, _LOOK) is None:
            now = held(most)
            peak = max(peak, now)
            if now > most:
                full = True
                kill_all()


def held(most: int) -> int:
    """Return the bytes that are held by everything here; exactly, where that seems to be more than `most`."""
    now = _memory(_resident)
    return now if now <= most else _memory(_proportional)  # costs more, and counts shared pages once


def _memory(of: Callable[[str], int]) -> int:
    """Return the bytes that all processes hold and that lie in the folders."""
    total = 0
    for name in os.listdir("/proc"):
        if name.isdigit() and name != "1":
            try:
                total += of(name)
            except (OSError, IndexError):
                continue
    for folder in _FOLDERS:
        there = os.statvfs(folder)
        total += (there.f_blocks - there.f_bfree) * there.f_frsize
    return total


def _resident(pid: str) -> int:
    """Return what a process holds, all that it shares with others included."""
    with open(f"/proc/{pid}/statm", "rb") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def _proportional(pid: str) -> int:
    """Return the same with its part of what it shares; one that cannot be looked into shares none."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(b"Pss:")) * 1024
    except (OSError, StopIteration):
        return _resident(pid)


def kill_all() -> None:
    """Kill everything in this namespace but process 1."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    main()
    if os.getpid() != 1:
        sys.path.insert(0, os.path.dirname(__file__))
        import call  # type: ignore[import-not-found]  # it lies beside this file, in the sandbox

        call.main(*sys.argv[2:])
