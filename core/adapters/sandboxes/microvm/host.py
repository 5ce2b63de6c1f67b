"""What this machine has for virtual machines, or what it lacks."""

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from core.adapters.sandboxes.bubblewrap import filter, python
from core.adapters.sandboxes.microvm import kernel
from core.sandbox import Isolation
from core.sentences import Sentence, said

NAME = "microvm"
_KVM = Path("/dev/kvm")
_INSTALL = said(
    "Install it: apt-get install qemu-system-x86 busybox-static squashfs-tools, and linux-image-cloud-amd64 where "
    "there is no kernel in /boot, as in a container."
)
_OLDEST = (7, 0)
_INTERPRETED = b"/ld-linux"
"""At the beginning of a program that needs libraries, which is not what a guest can start with."""
_TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings say."""

    memory: int = 1024
    """Megabytes of a guest, of which its own kernel and Python take about 100."""
    accelerator: str = "auto"
    """`kvm`, `tcg` (emulation), or `auto`: KVM where a guest boots with it."""
    kernel: str = ""
    """One that is not the newest in /boot."""


@dataclass(frozen=True, slots=True)
class Host:
    """What there is."""

    qemu: str
    version: str
    busybox: Path
    kernel: kernel.Kernel
    python: python.Python
    accelerators: tuple[str, ...]
    """To be tried in this order."""
    memory: int

    @property
    def groups(self) -> tuple[int, ...]:
        """Those who may use KVM."""
        return (_KVM.stat().st_gid,) if "kvm" in self.accelerators else ()


def look(wanted: Wanted) -> Host | Isolation:
    """Return what there is, or what has to be installed."""
    if platform.system() != "Linux" or platform.machine() != "x86_64" or not filter.known():
        return lacking(said("microVMs need Linux on x86-64"), said("Run Dexter there."), installed=False)
    found = {name: shutil.which(name) or "" for name in ("qemu-system-x86_64", "busybox", "sqfstar", "setpriv")}
    missing = [name for name, path in found.items() if not path]
    qemu, busybox = found["qemu-system-x86_64"], found["busybox"]
    if busybox and _INTERPRETED in Path(busybox).read_bytes()[:1024]:
        missing.append("busybox-static")
    if missing:
        return lacking(said("{programs} is not installed", programs=", ".join(missing)), _INSTALL, installed=False)
    if tuple(map(int, re.findall(r"\d+", version := _version(qemu))[:2])) < _OLDEST:
        return lacking(said("QEMU {version} is too old", version=version or "?"), said("Install 7.0 or newer."))
    if (booted := kernel.find(Path(wanted.kernel) if wanted.kernel else None)) is None:
        return lacking(said("there is no kernel that a guest can start with"), _INSTALL)
    if (interpreter := python.find(None)) is None:
        return lacking(said("there is no Python to take along"), said("Install one: apt-get install python3."))
    accelerators = _accelerators(wanted.accelerator)
    if not accelerators:
        return lacking(said("KVM cannot be used: {kvm} cannot be opened", kvm=_KVM), NO_KVM)
    return Host(qemu, version, Path(busybox).resolve(), booted, interpreter, accelerators, wanted.memory)


NO_KVM = said(
    "For speed, let Dexter use KVM: a machine with virtualisation, and its user in the group kvm (usermod -aG kvm)."
)


def lacking(found: Sentence, remedy: Sentence, *, installed: bool = True) -> Isolation:
    """Return that nothing may run here, and why."""
    return Isolation(NAME, None, found, remedy, installed)


def _accelerators(wanted: str) -> tuple[str, ...]:
    if wanted == "tcg":
        return ("tcg",)
    usable = os.access(_KVM, os.R_OK | os.W_OK)
    return (*(["kvm"] if usable else []), *(["tcg"] if wanted == "auto" else []))


def _version(qemu: str) -> str:
    """Return what QEMU calls itself, with the number of Debian's package; nothing where it does not start."""
    try:
        told = subprocess.run([qemu, "--version"], capture_output=True, timeout=_TIMEOUT, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.decode(errors="replace").partition("\n")[0].removeprefix("QEMU emulator version ")
