"""Signals, priorities, limits and timers."""

import os
import resource
import signal

from attempt import reached, system, works

LOUD = ("signals_everybody", "sets_timers")


def signals_everybody(given):
    """Kills everything that it may, process 1 by its number."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL, signal.SIGSTOP):
        works(os.kill, 1, number)
    works(os.kill, -1, signal.SIGTERM)
    return []


def signals_the_host(given):
    """Signals a process that is really there on the host, and thousands of other numbers."""
    own = {int(name) for name in os.listdir("/proc") if name.isdigit()}
    found = []
    for pid in (given["pid"], *range(300, 4000)):
        if pid not in own and works(os.kill, pid, 0):
            found.append(str(pid))
    return found[:5]


def takes_precedence(given):
    """Asks for a better priority, and for one in real time."""
    found = reached({"nice": (os.setpriority, os.PRIO_PROCESS, 0, -10)})
    realtime = os.sched_param(10)
    return found + reached({"real time": (os.sched_setscheduler, 0, os.SCHED_FIFO, realtime)})


def raises_its_limits(given):
    """Raises its own limits, and lowers those of process 1."""
    kinds = ("NPROC", "NOFILE", "FSIZE", "CPU", "CORE", "MEMLOCK")
    found = []
    for name in kinds:
        what = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(what)[1]
        more = resource.RLIM_INFINITY
        if hard != more and works(resource.setrlimit, what, (more, more)):
            found.append(name)
    return found + reached({"those of process 1": (resource.prlimit, 1, resource.RLIMIT_NOFILE, (0, 0))})


def sets_timers(given):
    """Sets more timers than anybody needs, each of which the kernel keeps."""
    import ctypes

    count, held = 0, ctypes.c_void_p()
    while count < 100_000 and system.timer_create(1, None, ctypes.byref(held)) == 0:
        count += 1
    return [f"{count} timers"] if count > 1000 else []


def exhausts_descriptors(given):
    """Opens files until it may not, and counts."""
    held = []
    while len(held) < 5000 and works(lambda: held.append(os.dup(0))):
        continue
    for each in held:
        os.close(each)
    return [f"{len(held)} descriptors"] if len(held) > 1024 else []
