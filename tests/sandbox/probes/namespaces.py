"""Namespaces and mounts: a world of its own, in which more is allowed."""

import ctypes
import os

from attempt import calls, numbered, system

LOUD = ()
_FLAGS = {"user": 0x10000000, "net": 0x40000000, "mount": 0x20000, "pid": 0x20000000, "uts": 0x4000000}
_FLAGS |= {"ipc": 0x8000000, "cgroup": 0x2000000, "time": 0x80}


def unshares(given):
    """Leaves each of its namespaces."""
    return calls({name: ("unshare", flag) for name, flag in _FLAGS.items()})


def clones_into_new_ones(given):
    """Starts a process in a new namespace of users, and one by the newer call."""
    child = system.syscall(56, 0x10000000 | 17, 0, 0, 0, 0) if os.uname().machine == "x86_64" else -1
    if child == 0:
        os._exit(0)
    return [*(["clone"] if child > 0 else []), *numbered({"clone3": (435, 0, 0)})]


def enters_others(given):
    """Enters the namespaces of process 1."""
    found = []
    for name in ("mnt", "net", "pid", "user", "cgroup", "ipc", "uts"):
        try:
            handle = os.open(f"/proc/1/ns/{name}", os.O_RDONLY)
        except OSError:
            continue
        found += [name] if system.setns(handle, 0) == 0 else []
    return found


def mounts(given):
    """Mounts by the old call: memory, the host's processes, a disk, a folder over another; and unmounts."""
    os.makedirs("/work/at", exist_ok=True)
    kinds = ("tmpfs", "proc", "sysfs", "overlay", "cgroup2", "debugfs", "fuse", "devtmpfs")
    attempts = {kind: ("mount", b"none", b"/work/at", kind.encode(), 0, None) for kind in kinds}
    attempts |= {"bind": ("mount", b"/usr", b"/work/at", None, 4096, None)}
    attempts |= {"writable": ("mount", None, b"/usr", None, 32, None), "unmount": ("umount2", b"/usr", 2)}
    return calls(attempts)


def mounts_by_the_new_calls(given):
    """Mounts by fsopen, open_tree and move_mount."""
    path = ctypes.c_char_p(b"/usr")
    return numbered(
        {"fsopen": (430, ctypes.c_char_p(b"tmpfs"), 0), "open_tree": (428, -100, path, 1), "move_mount": (429, 0, 0)}
    )


def changes_its_root(given):
    """Changes its root, by both calls."""
    return calls({"chroot": ("chroot", b"/work"), "pivot_root": ("syscall", 155, b"/work", b"/work")})
