"""Whether isolation holds in a guest, proved from inside, and whether it is a guest at all."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from core.adapters.sandboxes.bubblewrap import selfcheck
from core.adapters.sandboxes.microvm.host import NAME, NO_KVM, lacking
from core.adapters.sandboxes.microvm.snapshot import Snapshot
from core.sandbox import Isolation, Limits, Program, Ran, Tier
from core.sentences import Sentence, all_of, said

Run = Callable[[Program, Limits], Awaitable[Ran]]

REMEDY = said("See that there are 300 MB of room in Dexter's home and as much memory; `dexter doctor` tries again.")
_LIMITS = Limits(seconds=60)
_BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Another one in every kernel that runs."""
_KERNEL = f"""
import probe
def met(**targets):
    with open({str(_BOOT)!r}) as file:
        return [file.read(), *probe.reached(**targets)]
""".encode()


async def check(frozen: Snapshot, run: Run) -> Isolation:
    """Return the tier that holds. Raises `Unavailable`."""
    with selfcheck.targets() as targets:
        probe = selfcheck.probe(targets)
        ran = await run(probe.but(files={**probe.files, "kernel.py": _KERNEL}, entry="kernel.py:met"), _LIMITS)
    if not ran.returned or not isinstance(ran.value, list):
        reason = " ".join(ran.stderr.split())[-300:] or ran.outcome.value
        return lacking(said("the self check failed: {reason}", reason=reason), REMEDY)
    boot, *reached = ran.value
    if reached:
        holes = all_of([str(hole) for hole in reached])
        return lacking(said("isolation has holes: {holes}", holes=holes), REMEDY)
    if boot == await asyncio.to_thread(_BOOT.read_text):
        return lacking(said("it has no kernel of its own"), REMEDY)
    emulated = frozen.hardware.accelerator == "tcg"
    return Isolation(NAME, Tier.MACHINE, _found(emulated=emulated), NO_KVM if emulated else None)


def _found(*, emulated: bool) -> Sentence:
    if emulated:
        return said("QEMU without KVM, emulated; nothing got out")
    return said("QEMU with KVM; nothing got out")
