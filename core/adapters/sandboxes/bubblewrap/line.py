"""The command line of bubblewrap: what a program sees of this machine, which is little."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from core.adapters.sandboxes.bubblewrap.python import Python
from core.sandbox import Program

INSIDE = "/dexter"
FILES = "/program"
LIBRARIES = "/libraries"
DOOR = "/door"
PORT = 8080
_SHARED_MEMORY = 16 << 20
_HIDDEN = (
    *("cmdline", "config.gz", "interrupts", "kallsyms", "kcore", "keys", "kmsg", "modules", "sched_debug"),
    *("timer_list", "version_signature", "vmallocinfo"),
)
"""In /proc: what tells about the machine and is no business of a program."""
_APART = (
    *("--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup"),
    *("--disable-userns", "--uid", "65534", "--gid", "65534", "--hostname", "sandbox", "--cap-drop", "ALL"),
    *("--new-session", "--die-with-parent", "--as-pid-1"),
)
_SYSTEM = (
    *("--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/sbin", "/sbin"),
    *("--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"),
    *("--ro-bind-try", "/etc/alternatives", "/etc/alternatives"),
    *("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--proc", "/proc"),
)
_ENVIRONMENT = {"HOME": "/work", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True, slots=True)
class Order:
    """What process 1 is told, in its first argument; descriptors by their number."""

    function: bool
    """It runs a function in a Python file, rather than a command."""
    go: int
    told: int
    result: int
    seconds: int
    """Of CPU time, for each process."""
    processes: int
    handles: int
    disk: int
    watch: int
    """Bytes of memory that process 1 watches over; 0 where a cgroup does."""
    door: int = 0
    """The port inside that leads to Dexter's proxy; 0 where the program may reach nobody."""


def options(folder: Path, python: Python, disk: int, program: Program, door: Path | None = None) -> bytes:
    """Return bubblewrap's options as `--args` reads them: on a command line, the program could read host paths.

    `program` has its libraries where they really lie; `door` is the folder with the socket of Dexter's proxy.
    """
    words = [*_APART, *_SYSTEM]
    for name in _HIDDEN:
        if (there := Path("/proc", name)).exists():
            words += ["--ro-bind-try", "/dev/null", str(there)]
    words += ["--dev", "/dev", "--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm"]  # noqa: S108
    words += ["--size", str(disk), "--tmpfs", "/tmp", "--size", str(disk), "--tmpfs", "/work"]  # noqa: S108
    words += ["--ro-bind", str(folder / "files"), FILES, "--ro-bind", str(folder / "inside"), INSIDE]
    words += ["--ro-bind", str(python.home), python.seen] if python.home else []
    for at, library in enumerate(program.libraries):
        words += ["--ro-bind", str(library), f"{LIBRARIES}/{at}"]
    words += ["--ro-bind", str(door), DOOR, "--ro-bind-try", "/etc/ssl/certs", "/etc/ssl/certs"] if door else []
    words += ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/work", "--clearenv"]
    for name, value in {**environment(len(program.libraries)), **_own(program)}.items():
        words += ["--setenv", name, value]
    return b"".join(word.encode() + b"\0" for word in words)


def environment(libraries: int) -> dict[str, str]:
    """Return all of a program's environment, with so many libraries."""
    seen = ":".join(f"{LIBRARIES}/{at}" for at in range(libraries))
    return {**_ENVIRONMENT, "PYTHONPATH": seen} if seen else _ENVIRONMENT


def _own(program: Program) -> dict[str, str]:
    """Return the variables that a program was given."""
    proxy = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), f"http://127.0.0.1:{PORT}") if program.network else {}
    return {**proxy, **{name: secret.get_secret_value() for name, secret in program.secrets.items()}}


def first(python: Python, order: Order, command: Sequence[str]) -> list[str]:
    """Return the command of process 1, which runs `command`: words, or a Python file and a function in it."""
    return [python.inside, "-I", "-S", "-B", f"{INSIDE}/first.py", json.dumps(asdict(order)), *command]


def command(program: Program) -> list[str]:
    """Return what is to be run, as it is found inside."""
    file, _, function = program.entry.rpartition(":")
    return [f"{FILES}/{file}", function] if function else [word.replace("{files}", FILES) for word in program.argv]
