"""What stands between a program and the guest: namespaces, what it sees of the files, no rights, few system calls."""

import ctypes
import os
import struct

GROUPS = "/dexter/cgroup"
_NOBODY = 65_534
_READ_ONLY, _NO_SUID, _NO_DEV, _NO_EXEC, _REMOUNT = 1, 2, 4, 8, 32
_PRIVATE = 0x44000
"""MS_REC | MS_PRIVATE."""
_DETACH = 2
_PROCESSES = 0x20000000
_OTHERS = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000
"""CLONE_NEWPID; CLONE_NEWNS, NEWCGROUP, NEWUTS and NEWIPC."""
_DROP_BOUND, _NO_NEW_RIGHTS, _SECCOMP, _FILTER = 24, 38, 22, 2
_LAST_RIGHT = 40
_POWER_OFF = 0x4321FEDC
_DEVICES = {"null": 3, "zero": 5, "full": 7, "random": 8, "urandom": 9}
_SHARED_MEMORY = 16 << 20

_system = ctypes.CDLL(None, use_errno=True)


def mount(
    kind: str, where: str, flags: int = _NO_SUID | _NO_DEV | _NO_EXEC, options: str = "", source: str = ""
) -> None:
    """Mount something. Raises OSError."""
    _asked(_system.mount((source or kind).encode(), where.encode(), kind.encode(), flags, options.encode()), where)


def apart_from_processes() -> None:
    """Let the next child be process 1 of a namespace of its own. Raises OSError."""
    _asked(_system.unshare(_PROCESSES), "unshare")


def furnish(files: list[tuple[str, bytes]], disk: int, *, libraries: bool) -> None:
    """Put together what the program sees: its files, its folders, and nothing of the guest. Raises OSError."""
    _asked(_system.unshare(_OTHERS), "unshare")
    mount("none", "/", _PRIVATE)
    if libraries:
        mount("squashfs", "/libraries", _READ_ONLY | _NO_SUID | _NO_DEV, source="/dev/vdb")
    mount("tmpfs", "/program", options="mode=0755", flags=_NO_SUID | _NO_DEV)
    for name, content in files:
        _write(f"/program/{name}", content)
    mount("tmpfs", "/program", _REMOUNT | _READ_ONLY | _NO_SUID | _NO_DEV)
    for folder in ("/work", "/tmp"):  # noqa: S108  the guest's own
        owned = f"uid={_NOBODY},gid={_NOBODY},mode=0755" if folder == "/work" else "mode=1777"
        mount("tmpfs", folder, _NO_SUID | _NO_DEV, f"size={disk},{owned}")
    for folder in (GROUPS, "/dev", "/proc"):
        _asked(_system.umount2(folder.encode(), _DETACH), folder)
    mount("proc", "/proc")
    mount("proc", "/proc", _REMOUNT | _READ_ONLY | _NO_SUID | _NO_DEV | _NO_EXEC)
    _devices()


def drop() -> None:
    """Become nobody, for good, with few system calls. Raises OSError."""
    for right in range(_LAST_RIGHT + 1):
        _asked(_system.prctl(_DROP_BOUND, right, 0, 0, 0), "rights")
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    _asked(_system.prctl(_NO_NEW_RIGHTS, 1, 0, 0, 0), "rights")
    with open("/dexter/filter", "rb") as file:
        rules = file.read()
    kept = ctypes.create_string_buffer(rules, len(rules))
    program = struct.pack("HxxxxxxP", len(rules) // 8, ctypes.addressof(kept))
    _asked(_system.prctl(_SECCOMP, _FILTER, program, 0, 0), "seccomp")


def power_off() -> None:
    """Leave nothing."""
    _system.reboot(_POWER_OFF)


def _devices() -> None:
    mount("tmpfs", "/dev", _NO_SUID | _NO_EXEC, "mode=0755")
    for name, minor in _DEVICES.items():
        os.mknod(f"/dev/{name}", 0o020000, os.makedev(1, minor))
        os.chmod(f"/dev/{name}", 0o666)  # noqa: S103  as everywhere
    for name, target in {"fd": "", "stdin": "/0", "stdout": "/1", "stderr": "/2"}.items():
        os.symlink(f"/proc/self/fd{target}", f"/dev/{name}")
    os.mkdir("/dev/shm")  # noqa: S108
    mount("tmpfs", "/dev/shm", _NO_SUID | _NO_DEV, f"size={_SHARED_MEMORY},mode=1777")  # noqa: S108
    mount("tmpfs", "/dev", _REMOUNT | _READ_ONLY | _NO_SUID | _NO_EXEC)


def _write(path: str, content: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, 0o755)  # noqa: S103  on a file system that is read-only for everybody


def _asked(answer: int, what: str) -> None:
    if answer != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
