"""One run, in one thread: thaw a guest, hand it the program, watch, kill it, and say what came of it."""

import os
import time
from io import FileIO
from pathlib import Path

from core.adapters.sandboxes.bubblewrap.pump import Pump, Why
from core.adapters.sandboxes.bubblewrap.result import Seen, ran
from core.adapters.sandboxes.microvm import libraries
from core.adapters.sandboxes.microvm.machine import Machine
from core.adapters.sandboxes.microvm.order import order
from core.adapters.sandboxes.microvm.snapshot import Snapshot
from core.adapters.sandboxes.microvm.told import BEGUN, END, seen
from core.adapters.sandboxes.pool import Slot
from core.errors import BadRequest, Unavailable
from core.sandbox import MEGABYTE, Limits, Program, Ran, Tier

_THAW = 30.0
"""Seconds for a guest to go on, on a machine that has much else to do."""
_WORD = 65_536
_SHOWN = 500
_OWN = 160 * MEGABYTE
"""Of the guest's memory, what its kernel, its Python and the moving of a program take."""


class Broken(Unavailable):
    """QEMU gave up on a snapshot, or the guest on itself."""


def work(snapshot: Snapshot, home: Path, slot: Slot, program: Program, limits: Limits) -> Ran:
    """Run a program. Raises `BadRequest` for one that is too large, `Unavailable` where the sandbox failed."""
    begun = time.monotonic()
    _check(program, limits, snapshot.hardware.memory * MEGABYTE)
    words = order(program, limits)
    try:
        machine = snapshot.thawed(slot.number, libraries.disk(program.libraries, home))
    except OSError as error:
        raise Broken("QEMU cannot be started: {reason}.", reason=error) from error
    try:
        all_of_it = _watched(machine, slot, words, limits)
    finally:
        machine.close()
    return ran(all_of_it, Tier.MACHINE, time.monotonic() - begun)


def _check(program: Program, limits: Limits, memory: int) -> None:
    needed = limits.memory + 2 * sum(map(len, program.files.values())) + _OWN
    if needed > memory:
        raise BadRequest(
            "This program needs a machine with {needed} MB, and [sandbox.microvm] memory is {memory}.",
            needed=-(-needed // MEGABYTE),
            memory=memory // MEGABYTE,
        )


def _watched(machine: Machine, slot: Slot, words: bytes, limits: Limits) -> Seen:
    """Hand the program over, wait for its end or bring it about, and return all that was seen."""
    pump = Pump(machine.over, slot.stop)
    channels = machine.channels
    try:
        out = pump.take(channels["out"], limits.output, slot.following.out)
        err = pump.take(channels["err"], limits.output, slot.following.err)
        result, told = pump.take(channels["result"], limits.output), pump.take(channels["told"], _WORD)
        console, errors = pump.take(channels["console"], _WORD), pump.take(machine.errors, _WORD)
        # QEMU drops what it has not read when the last of this end is closed, and the pump closes what it has fed.
        pump.feed(FileIO(os.dup(channels["order"].fileno()), "w"), words)
        why = pump.until(time.monotonic() + _THAW, lambda: told.startswith(BEGUN))
        begun = why is Why.DONE
        if begun:
            why = pump.until(time.monotonic() + limits.seconds, lambda: told.endswith(END))
        code = machine.end()
        flooded = pump.drain()
        if why is Why.OVER and told.endswith(END):  # the guest has said all, and switched itself off
            why = Why.DONE
        if flooded and why in (Why.OVER, Why.DONE):
            why = Why.FLOOD
    finally:
        pump.close()
    if not begun and why is Why.OVER and code >= 0:
        raise Broken("The virtual machine does not go on from its snapshot: {reason}.", reason=_said(errors + console))
    if why is Why.LATE and not begun:
        raise Unavailable("The virtual machine did not go on within {seconds:.0f} s. Try again.", seconds=_THAW)
    return seen(why, bytes(told), bytes(out), bytes(err), bytes(result), code)


def _said(words: bytearray) -> str:
    return " ".join(words.decode(errors="replace").split())[-_SHOWN:] or "?"
