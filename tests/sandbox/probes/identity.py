"""Who it is: users, capabilities, names, clocks."""

import os
import time

from attempt import calls, reached, system

LOUD = ()


def becomes_root(given):
    """Becomes another user, and a member of other groups."""
    attempts = {"uid": (os.setuid, 0), "gid": (os.setgid, 0), "euid": (os.seteuid, 0), "groups": (os.setgroups, [0])}
    attempts |= {"all three": (os.setresuid, 0, 0, 0), "nobody else": (os.setuid, 1000)}
    return reached(attempts)


def takes_capabilities(given):
    """Looks for capabilities, and asks for them."""
    with open("/proc/self/status") as file:
        status = dict(line.split(":", 1) for line in file if ":" in line)
    found = [name for name in ("CapEff", "CapPrm", "CapBnd") if int(status[name], 16)]
    return found + calls({"ambient": ("prctl", 47, 2, 21, 0, 0), "securebits": ("prctl", 28, 1, 0, 0, 0)})


def allows_itself_new_privileges(given):
    """Takes back that a program which it starts can have no more rights than it has."""
    works = system.prctl(38, 0, 0, 0, 0) == 0
    return ["no_new_privs is off"] if works or system.prctl(39, 0, 0, 0, 0) != 1 else []


def takes_off_its_filter(given):
    """Takes the filter of system calls off, or puts one over it that allows everything."""
    import ctypes

    system.prctl(22, 0, 0, 0, 0)
    allow = (ctypes.c_uint64 * 1)(0x7FFF0000_00000006)
    program = (ctypes.c_uint64 * 2)(1, ctypes.addressof(allow))
    system.prctl(22, 2, ctypes.byref(program), 0, 0)
    return ["ptrace"] if system.ptrace(0x4206, 1, 0, 0) == 0 else []


def renames_the_machine(given):
    """Changes the names of the machine and of its domain."""
    return calls({"name": ("sethostname", b"owned", 5), "domain": ("setdomainname", b"owned", 5)})


def knows_the_machine(given):
    """Reads the name of the host."""
    return [os.uname().nodename] if os.uname().nodename == given["names"]["host"] else []


def sets_the_clock(given):
    """Sets the clock, by three calls."""
    before = time.time()
    found = reached({"clock_settime": (time.clock_settime, time.CLOCK_REALTIME, before + 86_400)})
    return found + calls(
        {"settimeofday": ("settimeofday", b"\0" * 16, None), "stime": ("adjtimex", b"\x01" + b"\0" * 300)}
    )


def reads_the_environment(given):
    """Looks for anything in its environment that it was not given."""
    kept = {"HOME", "LANG", "LC_CTYPE", "PATH", "PWD", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}
    return sorted(set(os.environ) - kept)


def dumps_core(given):
    """Dies of a fault in a child, so that the host might write its memory to a disk or hand it to a program."""
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), 11)
        os._exit(0)
    dumped = os.WCOREDUMP(os.waitpid(child, 0)[1])
    return ["a core"] if dumped or any("core" in name for name in os.listdir("/work")) else []
