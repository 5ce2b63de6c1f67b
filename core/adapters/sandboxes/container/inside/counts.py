"""What the kernel in a container says of itself, and what it counts."""

import ctypes
import os

_COUNTED = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
_PEAKS = ("/sys/fs/cgroup/memory.peak", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes")
_READ_ALL, _LOG = 3, 100_000

system = ctypes.CDLL(None)


def is_gvisor() -> bool:
    """Tell whether the kernel says of itself, in its log, that it is gVisor's."""
    log = ctypes.create_string_buffer(_LOG)
    return bool(system.klogctl(_READ_ALL, log, _LOG) > 0 and b"Starting gVisor" in log.raw)


def anonymous() -> int:
    """Return the bytes of memory that hold no file of the host's: gVisor counts all that it hands out."""
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("AnonPages:")) * 1024


def tasks() -> int:
    """Return how many processes and threads there are, but for this one."""
    count = 0
    for name in os.listdir("/proc"):
        if name.isdigit() and name != "1":
            try:
                count += len(os.listdir(f"/proc/{name}/task"))
            except OSError:
                continue
    return count


def killed_for_memory() -> bool:
    """Tell whether the kernel killed something here for its memory, where a cgroup says so."""
    for name in _COUNTED:
        try:
            with open(name) as file:
                return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in file)
        except OSError:
            continue
    return False


def peak() -> int:
    """Return the most bytes that were in use at one time, where a cgroup says so; else 0."""
    for name in _PEAKS:
        try:
            with open(name) as file:
                return int(file.read())
        except (OSError, ValueError):
            continue
    return 0
