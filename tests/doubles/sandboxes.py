"""Every sandbox that can be had on this machine, by name, and why the others cannot."""

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import platformdirs

from core.adapters.sandboxes.bubblewrap import Bubblewrap
from core.adapters.sandboxes.bubblewrap.cgroup import find
from core.adapters.sandboxes.container import Container
from core.adapters.sandboxes.container.host import Choice
from core.adapters.sandboxes.microvm import MicroVM
from core.adapters.sandboxes.microvm import host as machines
from core.ports import Sandbox
from core.sandbox import Tier
from tests.doubles import hyperv, podman

ENGINES = {"container-limited": "runc", "container-runc": "runc", "container-gvisor": "runsc"}
"""By sandbox: the service of Podman's that it runs on."""

MACHINES = Path(platformdirs.user_cache_dir("dexter"), "machines-of-tests")
"""Where virtual machines are kept from one run of the tests to the next: booting one takes a while."""


def container(name: str) -> Container:
    """Return a sandbox on the engine of this name."""
    return Container(Choice(podman.service(ENGINES[name]).address), parallel=2, cgroups="limited" not in name)


MAKE: Mapping[str, Callable[[], Sandbox]] = {
    "bubblewrap": lambda: Bubblewrap(parallel=2, cgroups=False),
    "bubblewrap-cgroup": lambda: Bubblewrap(parallel=2),
    "container-limited": lambda: container("container-limited"),
    "container-runc": lambda: container("container-runc"),
    "container-gvisor": lambda: container("container-gvisor"),
    "microvm": lambda: MicroVM(MACHINES, parallel=2),
    "hyperv": hyperv.OnWindows,
}
REACHES = {
    "bubblewrap": Tier.LIMITED,
    "bubblewrap-cgroup": Tier.GROUPED,
    "container-limited": Tier.LIMITED,
    "container-runc": Tier.GROUPED,
    "container-gvisor": Tier.KERNEL,
    "microvm": Tier.MACHINE,
    "hyperv": Tier.MACHINE,
}


UNSHOWN: Mapping[str, Mapping[str, str]] = {"hyperv": hyperv.NOT_HERE}
"""By sandbox: tests of the contract that show nothing here, and why."""

ENDS_A_CROWD = {"container-gvisor"}
"""They end a program that starts too many processes, where the others let none more start."""


def lacking(name: str) -> str:
    """Return what this machine lacks for a sandbox; nothing where it can be had."""
    if name == "container-runc" and find() is None:
        return "no cgroup can be made here: run the tests as root, or in a delegated systemd scope"
    if name == "microvm":
        found = machines.look(machines.Wanted())
        return "" if isinstance(found, machines.Host) else f"{found.found}: run deploy/tests_need.sh"
    if name in ENGINES:
        return podman.lacking(ENGINES[name])
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed: run deploy/tests_need.sh, or apt-get install bubblewrap"
    if name == "bubblewrap-cgroup" and find() is None:
        return "no cgroup can be made here: run the tests as root, or in a delegated systemd scope"
    return ""


def going(name: str, mark: str, pid: int) -> int:
    """Return how many runs of a process that sleep for `mark` seconds are going on, as this machine sees them."""
    if name == "container-gvisor":  # whose processes are no processes of this machine
        running = podman.service(ENGINES[name]).containers(pid, running=True)
        return sum(mark in str(each["Command"]) for each in running)
    if name == "microvm":  # whose processes nobody sees but its own kernel
        return len(processes_with(f"dexter-sandbox-{pid}-"))
    namespaces = set()
    for sleeper in processes_with(f"sleep\0{mark}"):
        with contextlib.suppress(OSError):
            namespaces.add(Path(f"/proc/{sleeper}/ns/pid").stat().st_ino)
    return len(namespaces)


def left_behind(pid: int) -> list[str]:
    """Return what runs of a process have left on this machine: folders, cgroups and containers."""
    places = [Path("/tmp"), MACHINES, *Path("/sys/fs/cgroup").glob("*"), Path("/sys/fs/cgroup")]
    mine = f"dexter-sandbox-{pid}-"
    found = [str(path) for place in places if place.is_dir() for path in place.glob(f"{mine}*")]
    found += [f"QEMU {each}" for each in processes_with(mine)]
    engines = [kind for kind in set(ENGINES.values()) if f"DEXTER_TEST_PODMAN_{kind}" in os.environ]
    return found + [str(each["Id"]) for kind in engines for each in podman.service(kind).containers(pid)]


def processes_with(mark: str) -> list[int]:
    """Return the processes of this machine whose command line has `mark` in it, but this one."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                words = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            found += [int(folder.name)] if mark.encode() in words else []
    return found
