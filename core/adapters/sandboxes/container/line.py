"""What a container is made with: what a program sees of this machine, and what it may take."""

import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.adapters.sandboxes.bubblewrap import line
from core.adapters.sandboxes.container.host import Host
from core.adapters.sandboxes.container.seccomp import profile
from core.sandbox import MEGABYTE, Limits, Program

_USER = 65534
_RIGHTS_GVISOR = ["KILL", "SETGID", "SETPCAP", "SETUID"]
"""Of process 1 under gVisor, where it is root within gVisor's own kernel, so as to be another than the program."""
_SHARED_MEMORY = 16 * MEGABYTE
_OVERHEAD = 24 * MEGABYTE
"""Of process 1 and of the runtime that starts it, beside the program's memory."""
_OVERHEAD_GVISOR = 160 * MEGABYTE
"""Of gVisor's kernel and of the one that opens files for it."""
_THREADS_GVISOR = 512
"""Of the host, on which gVisor runs a program's; the program's own number is bounded inside."""
_HANDLES = 128
_ULIMITS = {"core": 0, "memlock": 65_536, "msgqueue": 0, "nofile": 1024, "nproc": 4096, "sigpending": 128}
"""Of process 1, which sets lower ones for the program."""
_SYSTEM = ("/etc/alternatives", "/etc/ld.so.cache")
_PREFERRED = 900
"""Added to how likely the kernel takes a program, and not Dexter, when this machine runs out of memory."""
_ANY_NUMBER = 1 << 20
"""Of a user's processes, where the cgroup counts those of the container."""
_MASKED = (
    *("/dev/mqueue", "/proc/acpi", "/proc/asound", "/proc/cmdline", "/proc/config.gz", "/proc/interrupts"),
    *("/proc/kallsyms", "/proc/kcore", "/proc/keys", "/proc/kmsg", "/proc/latency_stats", "/proc/modules"),
    *("/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/proc/vmallocinfo"),
    *("/sys/block", "/sys/bus", "/sys/class", "/sys/dev", "/sys/devices", "/sys/firmware", "/sys/hypervisor"),
    *("/sys/kernel", "/sys/module", "/sys/power"),
)
"""What tells about the machine and is no business of a program. What counts its own memory stays, for process 1."""


def first(host: Host, program: Program, limits: Limits) -> list[str]:
    """Return the command of process 1."""
    order = {
        "user": _USER if host.gvisor else 0,
        "function": bool(program.entry),
        "environment": line.environment(len(program.libraries)),
        "output": limits.output,
        "seconds": math.ceil(limits.seconds) * (os.cpu_count() or 1) + 1,
        "processes": limits.processes if host.gvisor is not False or not host.bounded else _ANY_NUMBER,
        "handles": _HANDLES,
        "disk": limits.disk,
        "watch": limits.memory if host.gvisor is not False or not host.bounded else 0,
    }
    start = [host.python.inside, "-I", "-S", "-B", f"{line.INSIDE}/relay.py"]
    return [*start, json.dumps(order), *line.command(program)]


def spec(host: Host, number: int, folder: Path, libraries: Sequence[Path], limits: Limits) -> dict[str, Any]:
    """Return what `APIClient.create_container` takes beside image, command and labels.

    Where no cgroup counts the processes of a run, its user's are counted: each `number` is another user.
    `host_config` has the names of https://docs.docker.com/reference/api/engine/ (ContainerCreate).
    """
    given = {
        "NetworkMode": "none",
        "IpcMode": "private",
        "ReadonlyRootfs": True,
        "CapDrop": ["ALL"],
        "CapAdd": _RIGHTS_GVISOR if host.gvisor else [],
        "Mounts": [_mount(source, at) for source, at in _seen(host, folder, libraries)],
        "Tmpfs": _written(limits.disk, "notmpcopyup" if host.engine.is_podman else "nodev"),
        "ShmSize": _SHARED_MEMORY,
        "Ulimits": [{"Name": name, "Soft": most, "Hard": most} for name, most in _ULIMITS.items()],
        "LogConfig": {"Type": "none"},
        "OomScoreAdj": _PREFERRED,
        "SecurityOpt": _security(host, folder),
        "MaskedPaths": _MASKED,
        **({"Runtime": host.runtime} if host.runtime else {}),
        **(_bounds(host, limits) if host.bounded else {}),
    }
    user = 0 if host.gvisor else _USER if host.bounded else _USER - number
    end = {"stop_signal": "SIGKILL", "stop_timeout": 0}  # else Podman asks politely, and waits ten seconds
    return {"host_config": given, "user": f"{user}:{user}", "hostname": "sandbox", "working_dir": "/work", **end}


def _seen(host: Host, folder: Path, libraries: Sequence[Path]) -> list[tuple[Path, str]]:
    """Return what of this machine is seen, and where."""
    seen = [(folder / "files", line.FILES), (folder / "inside", line.INSIDE)]
    seen += [(library, f"{line.LIBRARIES}/{at}") for at, library in enumerate(libraries)]
    if host.engine.own_image:
        seen += [(Path("/usr"), "/usr"), *((path, str(path)) for path in map(Path, _SYSTEM) if path.exists())]
        seen += [(host.python.home, host.python.seen)] if host.python.home else []
    return seen


def _mount(source: Path, at: str) -> dict[str, Any]:
    return {"Type": "bind", "Source": str(source), "Target": at, "ReadOnly": True}


def _written(disk: int, more: str) -> dict[str, str]:
    """Return the folders in memory; Podman would make the last two by itself, writable and without a bound."""
    own = f"rw,size={disk},mode=1777,nosuid,nodev,{more}"
    none = f"ro,size=4096,mode=0555,nosuid,nodev,noexec,{more}"
    return {"/work": own, "/tmp": own, "/run": none, "/var/tmp": none}  # noqa: S108


def _security(host: Host, folder: Path) -> list[str]:
    """Return the options that the two engines spell differently: Podman reads a file, Docker is given its text."""
    if host.engine.is_podman:
        masked = ":".join(_MASKED)
        return ["no-new-privileges", f"seccomp={folder / 'inside' / 'seccomp.json'}", f"mask={masked}"]
    return ["no-new-privileges", f"seccomp={profile().decode()}"]


def _bounds(host: Host, limits: Limits) -> dict[str, Any]:
    memory = limits.memory + (_OVERHEAD if host.gvisor is False else _OVERHEAD_GVISOR)
    processes = limits.processes + 1 if host.gvisor is False else _THREADS_GVISOR
    return {"Memory": memory, "MemorySwap": memory, "PidsLimit": processes, "NanoCpus": 1_000_000_000}
