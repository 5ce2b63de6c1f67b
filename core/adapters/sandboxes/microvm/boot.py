"""Boots a guest once, with the first accelerator that it comes up with, and freezes it while it waits for a program."""

import time
from dataclasses import dataclass
from pathlib import Path

from core.adapters.sandboxes.bubblewrap.pump import Pump, Why
from core.adapters.sandboxes.microvm import ticks
from core.adapters.sandboxes.microvm.host import Host
from core.adapters.sandboxes.microvm.machine import Hardware, Machine
from core.adapters.sandboxes.microvm.monitor import Monitor
from core.adapters.sandboxes.pool import Slot
from core.errors import Unavailable

_BOOT = {"kvm": 10.0, "tcg": 90.0}
"""Seconds for a guest to come up on a machine that has much else to do; with KVM it takes one or two."""
_FREEZE = 30.0
_WORD = 65_536
_SHOWN = 500
_KERNEL = "console=ttyS0 quiet loglevel=1 reboot=t panic=-1 random.trust_cpu=on LANG=C.UTF-8"
_EMULATED = "no_timer_check tsc=reliable mitigations=off tsc_early_khz={ticks}"
"""There is no other program beside it whose secrets it could guess."""


@dataclass(frozen=True, slots=True)
class Files:
    """What a guest boots from, and where its state goes."""

    root: Path
    nothing: Path
    """A disk without anything on it, where a run has no libraries."""
    kernel: Path
    start: Path
    state: Path


def frozen(host: Host, files: Files, slot: Slot) -> Hardware:
    """Write a guest's state down, and return the hardware that it needs. Raises `Unavailable`."""
    reason: Unavailable | None = None
    for accelerator in host.accelerators:
        try:
            return _frozen(host, hardware(host, accelerator), files, slot)
        except Unavailable as error:
            reason = error
    assert reason  # noqa: S101  there is an accelerator
    raise reason


def hardware(host: Host, accelerator: str) -> Hardware:
    """Return what a guest finds with an accelerator."""
    return Hardware(host.qemu, accelerator, host.memory, host.groups)


def _frozen(host: Host, hardware: Hardware, files: Files, slot: Slot) -> Hardware:
    emulated = hardware.accelerator == "tcg"
    options = _EMULATED.format(ticks=ticks.per_millisecond()) if emulated else ""
    words = f"{_KERNEL} {options} PYTHON={host.python.inside}"
    with files.kernel.open("rb") as kernel, files.start.open("rb") as start, files.state.open("wb") as state:
        given = kernel.fileno(), start.fileno()
        extra = [word for each in zip(("-kernel", "-initrd"), map(_handed, given), strict=True) for word in each]
        extra += ["-append", words, "-mon", "chardev=monitor,mode=control"]
        machine = Machine(hardware, slot.number, [files.root, files.nothing], extra, given)
        try:
            _await(machine, slot.stop, _BOOT[hardware.accelerator])
            Monitor(machine.monitor).freeze(state.fileno(), time.monotonic() + _FREEZE)
        finally:
            machine.close()
    return hardware


def _handed(file: int) -> str:
    """Return where QEMU, which may not look into Dexter's folders, opens a file that it was handed."""
    return f"/proc/self/fd/{file}"


def _await(machine: Machine, stop: int, seconds: float) -> None:
    """Wait until the guest waits for a program."""
    pump = Pump(machine.over, stop)
    try:
        told, console = pump.take(machine.channels["told"], _WORD), pump.take(machine.channels["console"], _WORD)
        errors = pump.take(machine.errors, _WORD)
        why = pump.until(time.monotonic() + seconds, lambda: told == b"ready\n")
        if why is not Why.DONE:
            machine.end()
            pump.drain()
            reason = " ".join((errors + console).decode(errors="replace").split())[-_SHOWN:] or why.value
            raise Unavailable("The virtual machine does not boot: {reason}.", reason=reason)
    finally:
        pump.close()
