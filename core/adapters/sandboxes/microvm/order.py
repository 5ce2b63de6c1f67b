"""What the guest is told to run, as its agent reads it: the length of a page of JSON, the page, then the contents."""

import json
import math
import os
import time
from dataclasses import asdict
from typing import Any

from core.adapters.sandboxes.bubblewrap import line
from core.sandbox import Limits, Program

_HANDLES = 128
_ENTROPY = 64
"""Bytes of fresh random numbers for each run."""
_SLOWER = 20
"""Times that a second of wall time on this machine may seem to the guest, which may be emulated."""


def order(program: Program, limits: Limits) -> bytes:
    """Return everything that one run needs."""
    page = {**_page(program, limits), "clock": time.time(), "entropy": os.urandom(_ENTROPY).hex()}
    head = json.dumps(page).encode()
    return b"".join([len(head).to_bytes(4, "big"), head, *_contents(program)])


def rehearsal() -> tuple[bytes, bytes]:
    """Return the page and the contents of what a guest runs by itself, so that all that a run needs is in memory."""
    code = b"def run(**given):\n    return given\n"
    program = Program(files={"main.py": code}, entry="main.py:run", arguments={"given": 1})
    return json.dumps(_page(program, Limits())).encode(), b"".join(_contents(program))


def _page(program: Program, limits: Limits) -> dict[str, Any]:
    bounds = line.Order(
        function=bool(program.entry),
        go=-1,  # descriptors are the guest's own
        told=-1,
        result=-1,
        seconds=math.ceil(limits.seconds) * _SLOWER,
        processes=limits.processes,
        handles=_HANDLES,
        disk=limits.disk,
        watch=0,
    )
    return {
        "order": asdict(bounds),
        "command": line.command(program),
        "environment": line.environment(len(program.libraries)),
        "files": [(name, len(content)) for name, content in program.files.items()],
        "given": len(_given(program)),
        "libraries": bool(program.libraries),
        "memory": limits.memory,
        "disk": limits.disk,
    }


def _contents(program: Program) -> list[bytes]:
    return [*program.files.values(), _given(program)]


def _given(program: Program) -> bytes:
    return json.dumps(program.arguments).encode()
