"""Devices: memory, disks, virtual machines, terminals."""

import fcntl
import os

from attempt import opened, works

LOUD = ()
_HARMLESS = {"console", "fd", "full", "net", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty"}
_HARMLESS |= {"urandom", "zero", "mqueue", "core", "fuse"}
_DANGEROUS = ("mem", "kmem", "port", "kmsg", "kvm", "vhost-vsock", "vsock", "fuse", "loop-control", "loop0", "sda")
_DANGEROUS += ("vda", "nvme0n1", "mapper/control", "uinput", "rtc0", "watchdog", "hpet", "cuse", "btrfs-control")


def opens_devices(given):
    """Opens the devices of memory, disks, virtual machines, clocks and watchdogs."""
    return opened([f"/dev/{name}" for name in _DANGEROUS])


def lists_devices(given):
    """Looks for devices beside those that are harmless."""
    return sorted(set(os.listdir("/dev")) - _HARMLESS)


def types_into_a_terminal(given):
    """Types into whatever terminal it was started from (TIOCSTI, TIOCLINUX)."""
    found = []
    for at in (0, 1, 2):
        for name, request in (("TIOCSTI", 0x5412), ("TIOCLINUX", 0x541C)):
            found += [f"{name} on {at}"] if works(fcntl.ioctl, at, request, b"x") else []
    return found


def types_into_a_terminal_of_its_own(given):
    """Makes a terminal, takes hold of it, and types into it as if it were somebody else's."""
    try:
        _, inner = os.openpty()
    except OSError:
        return []
    return ["TIOCSTI"] if works(fcntl.ioctl, inner, 0x5412, b"x") else []
