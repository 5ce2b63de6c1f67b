"""What probes are known to reach, in which sandboxes, and why that is left as it is."""

from collections.abc import Mapping

_EVERY = ("bubblewrap", "bubblewrap-cgroup", "container-limited", "container-runc", "container-gvisor", "microvm")
_LINUX = ("bubblewrap", "bubblewrap-cgroup", "container-limited", "container-runc")
_GVISOR = ("container-gvisor",)
_UNBOUNDED = ("bubblewrap", "container-limited")
"""Where no cgroup bounds the memory of a run."""
WATCHED = (*_UNBOUNDED, *_GVISOR)
"""Where a watchdog looks at it every 20 ms; around gVisor a cgroup lets its kernel have more than the program may."""
_GUEST = ("microvm",)
_OWN = "gVisor's own, which only the run itself can reach: nothing of the host's"

SURFACES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "kernel_files.learns_about_the_machine": (
        _EVERY,
        "processor, memory, load and kernel version can be read, which programs need; they are no secret",
    ),
    "kernel_files.learns_where_its_mounts_come_from": (
        _LINUX,
        "the table of mounts names the folder that was made for the run, and Podman's; neither can be reached",
    ),
    "kernel_files.reads_the_kernel": (_GUEST, "the guest's own kernel, the same in each guest"),
    "memory.hides_it_in_sockets": (
        _UNBOUNDED,
        "without a cgroup nothing counts what waits in sockets; the number of descriptors bounds it",
    ),
    "devices.opens_devices": (_GVISOR, _OWN),
    "network.makes_interfaces": (_GVISOR, _OWN),
    "kernel_files.escapes_the_killer": (_GVISOR, _OWN),
    "signals.takes_precedence": (_GVISOR, _OWN),
}
"""By probe: the sandboxes, and the reason. What is not here has to be contained."""


def surface(sandbox: str, probe: str) -> str:
    """Return why a probe may reach something in a sandbox; nothing where it may not."""
    sandboxes, reason = SURFACES.get(probe, ((), ""))
    return reason if sandbox in sandboxes else ""
