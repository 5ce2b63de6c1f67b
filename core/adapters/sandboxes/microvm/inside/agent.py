"""Process 1 of the guest, as root: waits for one program, runs it once behind walls, says how it ended.

The machine is frozen while this waits, and every run goes on from there: what makes one run differ from another (the
clock, the kernel's random numbers) therefore comes with the program.
"""

import fcntl
import gc
import json
import os
import socket
import struct
import sys
import time

sys.path.insert(0, "/dexter")

import call  # type: ignore[import-not-found]  # it lies beside this file, in the guest
import errand  # type: ignore[import-not-found]
import walls  # type: ignore[import-not-found]

_PORTS = {"order": 1, "told": 2, "out": 3, "err": 4, "result": 5}
_ADD_ENTROPY, _RESEED = 0x40085203, 0x5207
"""RNDADDENTROPY and RNDRESEEDCRNG of linux/random.h."""
_SET_FLAGS, _UP = 0x8914, 1
"""SIOCSIFFLAGS and IFF_UP."""
_KERNEL = {"kernel/kptr_restrict": "2", "kernel/dmesg_restrict": "1", "vm/overcommit_memory": "1"}


def main() -> list[str]:
    """Serve one program. Returns what is to be called only in the program's own process."""
    _boot()
    words = _rehearsed()
    if words:
        return words
    gc.freeze()  # what is here already is not looked through, and copied by that, when a program ends
    ports = {name: _port(number) for name, number in _PORTS.items()}
    os.write(ports["told"], b"ready\n")
    if head := os.read(ports["order"], 4):  # nothing: Dexter has died
        order = json.loads(errand.exactly(ports["order"], int.from_bytes(head, "big")))
        _differ(order)
        words = errand.run(order, ports)
    if not words:
        walls.power_off()
    return words


def _port(number: int) -> int:
    """Open a channel to the host, which is named by the number of its device, whatever that is, and its own."""
    name = next(name for name in os.listdir("/dev") if name.startswith("vport") and name.endswith(f"p{number}"))
    return os.open(f"/dev/{name}", os.O_RDWR)


def _boot() -> None:
    walls.mount("proc", "/proc")
    walls.mount("cgroup2", walls.GROUPS)
    with open(f"{walls.GROUPS}/cgroup.subtree_control", "w") as file:
        file.write("+memory +pids")
    for name, value in _KERNEL.items():
        with open(f"/proc/sys/{name}", "w") as file:
            file.write(value)
    socket.sethostname("sandbox")
    with socket.socket() as any_one:
        fcntl.ioctl(any_one, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))


def _rehearsed() -> list[str]:
    """Run a program that does nothing, so that all that a run needs is in memory. Returns as `main` does."""
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return []
    with open("/dexter/rehearsal.json", "rb") as file:
        order = json.load(file)
    nowhere = os.open("/dev/null", os.O_WRONLY)
    contents = os.open("/dexter/rehearsal", os.O_RDONLY)
    words: list[str] = errand.run(order, {**dict.fromkeys(_PORTS, nowhere), "order": contents})
    if not words:
        os._exit(0)
    return words


def _differ(order: dict[str, str]) -> None:
    """Set the clock, and give the kernel random numbers that no other run has."""
    time.clock_settime(time.CLOCK_REALTIME, float(order["clock"]))
    fresh = bytes.fromhex(order["entropy"])
    with open("/dev/urandom", "wb") as kernel:
        fcntl.ioctl(kernel, _ADD_ENTROPY, struct.pack("ii", 8 * len(fresh), len(fresh)) + fresh)
        fcntl.ioctl(kernel, _RESEED)


if __name__ == "__main__":
    call.main(*main())
