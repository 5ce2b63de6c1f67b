"""Disk: bytes, names, and what files can be."""

import os
import signal

LOUD = ("fills_folders", "takes_every_inode", "nests_folders")
_MOST = 80


def fills_folders(given):
    """Writes all that it can to every folder that takes anything."""
    written = 0
    for top, folders, _ in os.walk("/"):
        folders[:] = [each for each in folders if each not in ("proc", "sys", "usr")] if top == "/" else folders[:20]
        try:
            with open(f"{top}/held", "wb", buffering=0) as file:
                for _ in range(_MOST):
                    written += file.write(b"x" * (1 << 20))
        except OSError:
            continue
    return [f"{written} bytes"] if written > 2 * given["disk"] + (17 << 20) else []


def takes_every_inode(given):
    """Makes empty files until it may not."""
    count = 0
    try:
        while True:
            open(f"/work/{count}", "w").close()
            count += 1
    except OSError:
        return []


def nests_folders(given):
    """Makes folders within folders, as deep as they go."""
    os.chdir("/work")
    for _ in range(20_000):
        try:
            os.mkdir("d")
            os.chdir("d")
        except OSError:
            break
    return []


def makes_a_huge_file(given):
    """Asks for a terabyte in one file: sparse, and for real."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    held = os.open("/work/huge", os.O_RDWR | os.O_CREAT)
    found = []
    for name, call in (("posix_fallocate", os.posix_fallocate), ("pwrite", None)):
        try:
            call(held, 0, 1 << 40) if call else os.pwrite(held, b"x" * (64 << 20), 0)
            if os.fstat(held).st_blocks * 512 > given["disk"]:
                found.append(name)
        except OSError:
            continue
    os.unlink("/work/huge")
    return found


def makes_special_files(given):
    """Makes devices and opens them, and gives files to root."""
    from attempt import opened, reached

    open("/work/own", "w").close()
    devices = {"/work/mem": (0o020666, (1, 1)), "/work/disk": (0o060666, (254, 0))}
    made = reached({path: (os.mknod, path, mode, os.makedev(*which)) for path, (mode, which) in devices.items()})
    owners = {"root's file": (os.chown, "/work/own", 0, 0), "a file of root's": (os.chown, "/work/own", 0, -1)}
    return [*opened(made), *reached(owners)]
