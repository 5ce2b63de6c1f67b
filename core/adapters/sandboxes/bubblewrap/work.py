"""One run from beginning to end, in one thread: set up, start, watch, kill, clean up, and say what came of it."""

import contextlib
import json
import math
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

from core.adapters.sandboxes.bubblewrap import filter, line, owner
from core.adapters.sandboxes.bubblewrap.cgroup import Group
from core.adapters.sandboxes.bubblewrap.folder import readable, staged
from core.adapters.sandboxes.bubblewrap.host import Host, user
from core.adapters.sandboxes.bubblewrap.launch import Channels, Launched, channels
from core.adapters.sandboxes.bubblewrap.pump import Pump, Why
from core.adapters.sandboxes.bubblewrap.result import Seen, ran
from core.adapters.sandboxes.pool import Slot
from core.errors import Unavailable
from core.sandbox import Limits, Program, Ran

_SETUP = 20.0
"""Seconds that bubblewrap may take to set up, on a machine that has much else to do."""
_WORD = 65_536
"""Bytes that bubblewrap and process 1 may say of a run."""
_HANDLES = 128


def work(host: Host, slot: Slot, program: Program, limits: Limits, door: Path | None = None) -> Ran:
    """Run a program; `door` is the folder with the socket that leads out of it.

    Raises `Unavailable` where not the program but the sandbox failed.
    """
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(staged(program.files, user(slot.number)))
        if group := _group(host, slot, limits):
            stack.callback(group.remove)
        pipes = stack.enter_context(channels())
        program = program.but(libraries=readable(program.libraries, user(slot.number)))
        options = line.options(folder, host.python, limits.disk, program, door)
        given = options, filter.compiled(memfd=group is not None)
        command = line.first(host.python, _order(host, program, limits, pipes), line.command(program))
        launched = _launched(host, slot, given, command, pipes)
        stack.callback(launched.close)
        seen = _watched(launched, pipes, slot, program, limits, group)
        seen = replace(seen, overran=group.overran(), peak=group.peak()) if group else seen
    return ran(seen, host.tier, time.monotonic() - begun)


def _launched(host: Host, slot: Slot, given: tuple[bytes, bytes], command: list[str], pipes: Channels) -> Launched:
    def argv(options: int, rules: int) -> list[str]:
        extra = ["--info-fd", str(pipes.info.writer.fileno()), "--seccomp", str(rules)]
        return [host.bwrap, "--args", str(options), *extra, "--", *command]

    try:
        return Launched(argv, given, pipes, user(slot.number))
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable("bubblewrap cannot be started: {reason}.", reason=error) from error


def _watched(
    launched: Launched, pipes: Channels, slot: Slot, program: Program, limits: Limits, group: Group | None
) -> Seen:
    """Start the program once it is bounded, wait for its end or bring it about, and return all that was seen."""
    pump = Pump(launched.over, slot.stop)
    try:
        out = pump.take(launched.stdout, limits.output, slot.following.out)
        err = pump.take(launched.stderr, limits.output, slot.following.err)
        told, info = pump.take(pipes.told.reader, _WORD), pump.take(pipes.info.reader, _WORD)
        result = pump.take(pipes.result.reader, limits.output)
        why = pump.until(time.monotonic() + _SETUP, lambda: b"}" in info)
        if started := why is Why.DONE:
            _bound(launched, int(json.loads(info)["child-pid"]), group)
            pump.feed(launched.stdin, json.dumps(program.arguments).encode())
            pipes.go.writer.write(b"1")
            why = pump.until(time.monotonic() + limits.seconds, group.overran if group else None)
        code = launched.end()
        if pump.drain() and why is Why.OVER:
            why = Why.FLOOD
        return Seen(why, started, bytes(told), bytes(out), bytes(err), bytes(result), code)
    finally:
        pump.close()


def _bound(launched: Launched, pid: int, group: Group | None) -> None:
    """Put process 1 where the kernel bounds it. The program is its child, and not there yet."""
    try:
        launched.hold(pid)
        if group is not None:
            group.add(pid)
    except ProcessLookupError:
        return  # it has died, which what it left on standard error explains
    except OSError as error:
        raise Unavailable("The sandbox cannot be bounded by its cgroup: {reason}.", reason=error) from error


def _group(host: Host, slot: Slot, limits: Limits) -> Group | None:
    try:
        return host.cgroups.make(f"{owner.mine()}{slot.number}", limits) if host.cgroups else None
    except OSError as error:
        raise Unavailable("The sandbox cannot be bounded by its cgroup: {reason}.", reason=error) from error


def _order(host: Host, program: Program, limits: Limits, pipes: Channels) -> line.Order:
    return line.Order(
        function=bool(program.entry),
        go=pipes.go.reader.fileno(),
        told=pipes.told.writer.fileno(),
        result=pipes.result.writer.fileno(),
        seconds=math.ceil(limits.seconds) * (os.cpu_count() or 1) + 1,
        processes=limits.processes,
        handles=_HANDLES,
        disk=limits.disk,
        watch=0 if host.cgroups else limits.memory,
        door=line.PORT if program.network else 0,
    )
