"""Tries to get out of the sandbox, and returns what it reached: nothing, where isolation holds."""

import contextlib
import ctypes
import os
import resource
import socket
from collections.abc import Callable, Iterator, Sequence

_ENVIRONMENT = {"HOME", "LANG", "LC_CTYPE", "PATH", "PWD", "PYTHONDONTWRITEBYTECODE"}
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_ATTACH, _SEIZE = 16, 0x4206
_NO_NEW_PRIVILEGES = 39
"""PR_GET_NO_NEW_PRIVS."""
_WRITTEN = ("/", "/usr", "/program", "/dexter", "/dev", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger")
_READ = ("/etc/shadow", "/etc/passwd", "/etc/machine-id", "/root", "/home", "/var", "/sys", "/run", "/proc/1/environ")


def reached(file: str, port: int, socket: str, pid: int, own: Sequence[str] = ()) -> list[str]:
    """Return in words what could be reached; what is `own` is no secret of the host's."""
    return [*_network(port, socket), *_files(file, own), *_processes(pid), *_walls()]


def _network(port: int, name: str) -> Iterator[str]:
    if _works(socket.create_connection, ("127.0.0.1", port), 1):
        yield "a port of the host"
    if _works(socket.socket(socket.AF_UNIX).connect, f"\0{name}"):
        yield "a socket of the host"
    if _works(socket.socket, socket.AF_VSOCK) or _works(socket.socket, socket.AF_NETLINK, socket.SOCK_DGRAM):
        yield "other kinds of sockets"
    with open("/proc/net/dev") as file:
        interfaces = {line.partition(":")[0].strip() for line in file if ":" in line}
    if interfaces - {"lo"}:
        yield "a network interface"


def _files(canary: str, own: Sequence[str]) -> Iterator[str]:
    for path in (canary, *_READ):
        if path not in own and _works(os.listdir if os.path.isdir(path) else _read, path):
            yield path
    for path in _WRITTEN:
        target = os.path.join(path, "written") if os.path.isdir(path) else path
        if _works(os.open, target, os.O_WRONLY | os.O_CREAT):
            yield f"writing to {path}"
    if set(os.environ) - _ENVIRONMENT:
        yield "the host's environment"


def _processes(pid: int) -> Iterator[str]:
    seen = {int(name) for name in os.listdir("/proc") if name.isdigit()}
    if seen - {1, os.getpid()}:
        yield "processes of the host"
    if pid not in (1, os.getpid()) and _works(os.kill, pid, 0):
        yield "signals to the host"
    channels = [(f"/proc/1/fd/{at}", how) for at in range(32) for how in (os.O_RDONLY, os.O_WRONLY)]
    if any(_taken(*channel) for channel in channels) or _works(_read, "/proc/1/mem"):
        yield "what watches over it"
    system = ctypes.CDLL(None)
    if system.ptrace(_SEIZE, 1, 0, 0) == 0 or system.ptrace(_ATTACH, 1, 0, 0) == 0:
        yield "ptrace"


def _walls() -> Iterator[str]:
    system = ctypes.CDLL(None)
    if system.unshare(_NEW_USER) == 0 or system.unshare(_NEW_NET) == 0:
        yield "namespaces of its own"
    if system.mount(b"none", b"/work", b"tmpfs", 0, None) == 0:
        yield "mounts"
    with open("/proc/self/status") as file:
        status = dict(line.split(":", 1) for line in file if ":" in line)
    ambient = status.get("CapAmb", "0")  # which gVisor has none of
    if any(int(each, 16) for each in (status["CapEff"], status["CapPrm"], status["CapBnd"], ambient)):
        yield "capabilities"
    if status["Seccomp"].strip() != "2" or system.prctl(_NO_NEW_PRIVILEGES, 0, 0, 0, 0) != 1 or os.getuid() == 0:
        yield "system calls without a filter"
    if resource.getrlimit(resource.RLIMIT_NPROC)[1] == resource.RLIM_INFINITY:
        yield "any number of processes"


def _taken(channel: str, how: int) -> bool:
    """Tell whether what another process has open can be opened, and not by a name of its own just as well.

    gVisor lets everybody through such a link to a file that everybody may open: the watcher reads /proc/meminfo.
    """
    try:
        got = os.open(channel, how)
    except OSError:
        return False
    try:
        return not _works(os.open, os.readlink(f"/proc/self/fd/{got}"), how)
    finally:
        os.close(got)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(1)


def _works(attempt: Callable[..., object], *given: object) -> bool:
    with contextlib.suppress(OSError):
        attempt(*given)
        return True
    return False
