"""The reader's process: started for one file, fed, bounded in everything, and killed with all that is its own."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from typing import Literal

from pydantic import ValidationError

from core.entities import Noun

MEMORY = 1 << 30
"""Bytes of address space that a reader may take."""
_PICTURE = 1_500_000
"""Characters of base64, and room for what is said beside text and picture."""
_LETTER = 12
"""Bytes that one character may take in JSON."""


class Order(Noun):
    """What a reader is told of a file."""

    suffix: str
    media: str
    characters: int
    seconds: int
    memory: int = MEMORY


class Outcome(Noun):
    """What a reader says. It may have been taken over by the file, so everything is checked and nothing believed."""

    kind: Literal["", "text", "csv", "html", "mail", "rtf", "pdf", "docx", "pptx", "sheets", "image"] = ""
    walls: tuple[str, ...] = ()
    """Which walls stood around it: see `bot.reader.confine`."""
    text: str = ""
    whole: int = 0
    parts: int = 0
    read: int = 0
    image: str = ""
    media: Literal["", "image/png", "image/jpeg"] = ""
    width: int = 0
    height: int = 0
    refused: str = ""
    """The code of a reason."""
    figures: dict[str, int] = {}
    fault: str = ""


async def read_apart(content: bytes, order: Order, python: str = sys.executable) -> Outcome:
    """Return what a process of its own makes of a file; it is killed where the caller stops waiting.

    `python` is the interpreter that has what reads files.
    """
    with tempfile.TemporaryDirectory(prefix="dexter-", ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            *(python, "-I", "-m", "bot.reader"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,  # it may quote the file, and nobody is to read that raw
            cwd=folder,
            env={},  # no key or token of Dexter's goes along
            start_new_session=True,
        )
        try:
            return _understood(await _talk(process, content, order), order, await process.wait())
        finally:
            await asyncio.shield(_ended(process))


async def _talk(process: Process, content: bytes, order: Order) -> bytes:
    """Feed the process and return its answer, cut off where it is longer than any honest one."""
    assert process.stdin is not None  # noqa: S101 - for the type checker
    assert process.stdout is not None  # noqa: S101 - for the type checker
    with contextlib.suppress(ConnectionError):  # one that dies early tells by its exit code
        process.stdin.writelines((order.model_dump_json().encode(), b"\n", content))
        await process.stdin.drain()
    process.stdin.close()
    answer = bytearray()
    while len(answer) <= _longest(order) and (piece := await process.stdout.read(1 << 16)):
        answer += piece
    if len(answer) > _longest(order):
        _kill(process)
    return bytes(answer)


def _longest(order: Order) -> int:
    return 2 * _PICTURE + _LETTER * order.characters


def _understood(answer: bytes, order: Order, code: int) -> Outcome:
    if code == -signal.SIGXCPU:
        return Outcome(refused="time")
    if code:
        return Outcome(refused="crash")
    try:
        said = Outcome.model_validate(json.loads(answer))
    except (ValueError, ValidationError, RecursionError):
        return Outcome(refused="crash")
    honest = len(said.text) <= order.characters and _is_picture(said)
    return said if honest else Outcome(refused="crash")


def _is_picture(said: Outcome) -> bool:
    """Tell whether the picture is one of the two kinds that readers write, and small; none is fine too."""
    begins = {"": "", "image/png": "iVBORw0KGgo", "image/jpeg": "/9j/"}[said.media]
    return len(said.image) <= _PICTURE and said.image.startswith(begins) and bool(said.image) == bool(said.media)


def _kill(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


async def _ended(process: Process) -> None:
    if process.returncode is None:
        _kill(process)
        await process.wait()
