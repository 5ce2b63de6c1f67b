"""Every sandbox that can be had on this machine, by name, and why the others cannot."""

import shutil
from collections.abc import Callable, Mapping

from core.adapters.sandboxes.bubblewrap import Bubblewrap
from core.adapters.sandboxes.bubblewrap.cgroup import find
from core.ports import Sandbox
from core.sandbox import Tier

MAKE: Mapping[str, Callable[[], Sandbox]] = {
    "bubblewrap": lambda: Bubblewrap(parallel=2, cgroups=False),
    "bubblewrap-cgroup": lambda: Bubblewrap(parallel=2),
}
REACHES = {"bubblewrap": Tier.LIMITED, "bubblewrap-cgroup": Tier.GROUPED}


def lacking(name: str) -> str:
    """Return what this machine lacks for a sandbox; nothing where it can be had."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed: run deploy/tests_need.sh, or apt-get install bubblewrap"
    if name == "bubblewrap-cgroup" and find() is None:
        return "no cgroup can be made here: run the tests as root, or in a delegated systemd scope"
    return ""
