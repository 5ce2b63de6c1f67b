"""One run from beginning to end, in one thread: make a container, start it, listen, remove it, say what came of it."""

import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.adapters.sandboxes.bubblewrap import filter
from core.adapters.sandboxes.bubblewrap.folder import readable, staged
from core.adapters.sandboxes.bubblewrap.pump import Why
from core.adapters.sandboxes.bubblewrap.result import Seen, ran
from core.adapters.sandboxes.container import engine, line
from core.adapters.sandboxes.container.host import Host
from core.adapters.sandboxes.container.seccomp import profile
from core.adapters.sandboxes.container.stream import Heard, Stream
from core.adapters.sandboxes.pool import Slot
from core.errors import Unavailable
from core.sandbox import Limits, Program, Ran

_SETUP = 60.0
"""Seconds that an engine may take to start a container, on a machine that has much else to do."""
_KILLED = 137
"""As a shell has it: what brings process 1 down, or gVisor with it, is the program, or whoever manages the engine."""
_INSIDE = Path(__file__).parent / "inside"
_COPIED = ("relay.py", "counts.py")


def work(host: Host, slot: Slot, program: Program, limits: Limits) -> Ran:
    """Run a program. Raises `Unavailable` where not the program but the sandbox failed."""
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        libraries = readable(program.libraries, None)
        folder = stack.enter_context(staged(program.files, None))
        _fill(folder / "inside", program, host)
        client = stack.enter_context(contextlib.closing(host.engine.client()))
        command = line.first(host, program, limits)
        container = host.engine.create(client, command, line.spec(host, slot.number, folder, libraries, limits))
        stack.callback(engine.remove, client, container)
        stream = Stream(stack.enter_context(engine.attached(client, container)), slot)
        stack.callback(stream.close)
        engine.start(client, container)
        why = stream.until("h", time.monotonic() + _SETUP)
        if started := why is Why.DONE:
            host = _recognised(host, bytes(stream.heard.said["h"]))
            stream.go()
            why = stream.until("t", time.monotonic() + limits.seconds)
        died = engine.last_state(client, container) if why is Why.OVER else {}
    return ran(_seen(why, started, stream.heard, died), host.tier, time.monotonic() - begun)


def _recognised(host: Host, hello: bytes) -> Host:
    """Return the host with the kernel that is met inside. Raises `Unavailable` where it is not gVisor's any more."""
    gvisor = bool(json.loads(hello)["gvisor"])
    if host.gvisor and not gvisor:
        raise Unavailable("The container does not run on gVisor's kernel any more. `dexter doctor` says more.")
    return replace(host, gvisor=gvisor)


def _seen(why: Why, started: bool, heard: Heard, died: Mapping[str, Any]) -> Seen:
    """Return all that was seen; `died`: what the engine says of a container that ended without a word."""
    said = heard.said
    told = json.loads(said["t"]) if said["t"] else {}
    return Seen(
        why=Why.FLOOD if told.get("flood") else Why.OVER if why is Why.DONE else why,
        started=started,
        told=bytes(said["t"]),
        out=bytes(said["o"]),
        err=bytes(said["e"] if started else heard.noise),
        result=bytes(said["r"]),
        code=_KILLED if died else 0,
        overran=bool(told.get("oom") or died.get("OOMKilled")),
    )


def _fill(inside: Path, program: Program, host: Host) -> None:
    """Put process 1 and what it reads beside bubblewrap's, which it goes on with."""
    content = {
        **{name: (_INSIDE / name).read_bytes() for name in _COPIED},
        "given": json.dumps(program.arguments).encode(),
        "filter": filter.compiled(memfd=host.bounded),
        "seccomp.json": profile(),
    }
    for name, text in content.items():
        (inside / name).write_bytes(text)
        (inside / name).chmod(0o644)
