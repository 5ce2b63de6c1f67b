"""Files: what is the host's, what is the sandbox's own, and what lies behind links."""

import os

from attempt import opened, reached, works

LOUD = ()
_SECRETS = ("/etc/shadow", "/etc/ssh", "/root/.ssh", "/root", "/home", "/var/lib", "/var/log", "/run/secrets", "/boot")
_SECRETS += ("/etc/machine-id", "/etc/sudoers", "/opt", "/srv", "/mnt", "/media", "/lost+found", "/run/systemd")
_OWN = (
    "/",
    "/usr",
    "/usr/bin",
    "/etc",
    "/program",
    "/dexter",
    "/dev",
    "/libraries",
    "/lib",
    "/run",
    "/var",
    "/var/tmp",
)


def reads_secrets(given):
    """Opens a file that is really there on the host, and where secrets usually lie."""
    return opened([given["file"], *_SECRETS])


def climbs_out(given):
    """Goes up more often than it is deep, and through the roots of other processes."""
    ways = ("../" * 40, "/proc/1/root", "/proc/1/cwd/../../..", "/proc/self/root/proc/1/root", "/dev/../..")
    return opened([way + given["file"] for way in ways])


def follows_links(given):
    """Makes links to the host's files where its own are looked for, and opens them."""
    found = []
    for target in (given["file"], "/proc/1/environ", "/proc/1/exe", "/proc/1/fd/1", "/proc/1/root/etc/shadow"):
        os.symlink(target, "/work/link")
        found += [target] if works(lambda: os.write(os.open("/work/link", os.O_WRONLY), b"x")) else []
        os.unlink("/work/link")
    return found


def opens_by_handle(given):
    """Opens the host's root by its number, past every name: how containers were once escaped."""
    import ctypes

    from attempt import system

    handle = (ctypes.c_uint * 4)(8, 1, 2, 0)
    return ["the host's root"] if system.open_by_handle_at(0, ctypes.byref(handle), 0) >= 0 else []


def writes_outside(given):
    """Writes to every folder that is none of its own."""
    return [folder for folder in _OWN if works(lambda folder=folder: open(f"{folder}/written", "w").close())]


def changes_what_it_runs(given):
    """Changes the program, what starts it, and the interpreter, or their rights."""
    files = (__file__, "/usr/bin/env", "/dexter/first.py", "/dexter/relay.py", "/bin/sh")
    found = opened(files, os.O_WRONLY)
    changes = {f"rights of {path}": (os.chmod, path, 0o777) for path in files}
    return found + reached({**changes, "a name": (os.rename, __file__, f"{__file__}.old")})


def changes_memory_that_is_read_only(given):
    """Writes to files that it may only read through its own memory (Dirty COW, Dirty Pipe)."""
    import mmap

    with open(__file__, "rb") as file:
        before = file.read(16)
        if works(mmap.mmap, file.fileno(), 4096, mmap.MAP_SHARED, mmap.PROT_WRITE):
            return ["a shared writable mapping"]
        reader, writer = os.pipe()
        for _ in range(16):
            os.write(writer, b"x" * 4096)
        os.read(reader, 65_536)
        if works(lambda: os.splice(file.fileno(), writer, 1, offset_src=0)):
            os.write(writer, b"#dirty#")
    with open(__file__, "rb") as file:
        return [] if file.read(16) == before else ["a page of a read-only file"]


def becomes_root_by_a_program(given):
    """Runs every program that makes its user root elsewhere."""
    import subprocess

    found = []
    for program in ("su", "sudo", "mount", "passwd", "newgrp", "chsh", "pkexec", "fusermount3"):
        for folder in ("/bin", "/usr/bin", "/usr/sbin"):
            path = f"{folder}/{program}"
            if os.path.exists(path) and os.stat(path).st_mode & 0o4000:
                command = "import os, sys; os.execv(sys.argv[1], [sys.argv[1], '-c', 'id -u'])"
                words = ["/usr/bin/env", "python3", "-c", command, path]
                told = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=5, check=False)
                found += [path] if told.stdout.strip() == b"0" else []
    return found
