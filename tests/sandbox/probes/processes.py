"""Processes: many, and such as do not end."""

import os
import signal
import subprocess
import threading
import time

LOUD = ("forks", "threads", "bombs", "outlives", "ignores_every_signal", "computes_for_ever")


def forks(given):
    """Forks until it may not, and counts."""
    count = 0
    try:
        while count < 300:
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
            count += 1
    except OSError:
        pass
    return [f"{count} processes"] if count > given["processes"] else []


def threads(given):
    """Starts threads until it may not, and counts."""
    threading.stack_size(65_536)
    count = 0
    try:
        while count < 300:
            threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
            count += 1
    except RuntimeError:
        pass
    return [f"{count} threads"] if count > given["processes"] else []


def bombs(given):
    """Lets a shell start itself twice, and each of those itself twice."""
    subprocess.run(["sh", "-c", "b() { b | b & }; b; sleep 30"], check=False)
    return []


def outlives(given):
    """Leaves a process of its own session behind, twice removed, that nobody waits for."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for each in range(256):
                try:
                    os.close(each)
                except OSError:
                    continue
            os.execvp("sleep", ["sleep", given["mark"]])
        os._exit(0)
    time.sleep(0.2)
    return []


def ignores_every_signal(given):
    """Ignores what can be ignored, in itself and in children of other sessions, and stays."""
    for each in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(each, signal.SIG_IGN)
    for _ in range(3):
        subprocess.Popen(["setsid", "sleep", given["mark"]])
    while True:
        time.sleep(1)


def computes_for_ever(given):
    """Computes in four processes, and never asks for anything."""
    for _ in range(3):
        if os.fork() == 0:
            break
    while True:
        pass
