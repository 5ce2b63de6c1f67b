"""Files given in the terminal: named with `--file`, or sent through a pipe."""

import asyncio
import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.attachments import Attachments, Offer
from bot.attachments.words import why
from bot.settings import Documents
from bot.shapes import Attachment
from bot.words import Words
from core.errors import BadRequest
from core.sentences import joined

PIPE = Path("-")
"""Stands for standard input."""
NAME = "standard input"
SILENT = 300.0
"""Seconds that a pipe may be silent."""
SOON = 3.0
"""Seconds after which a person is told what Dexter waits for."""


async def given(
    paths: Sequence[Path], limits: Documents, words: Words, *, piped: bool, archives: bool = False
) -> tuple[Attachment, ...]:
    """Return the files, and with `piped` what comes through a pipe. Raises `BadRequest` for one that cannot be read.

    Nothing is asked without a file that was named; what is cut is told on standard error.
    """
    pipe = [PIPE] if piped and PIPE not in paths and _is_fed(sys.stdin.fileno()) else []
    held = [(path, await _content(path, limits.bytes, words)) for path in [*paths, *pipe]]
    offers = [_offer(path, content) for path, content in held if content.strip() or path not in pipe]
    found = await Attachments(limits).gather(offers)
    packed = [] if archives else [why("archive", each.name) for each in found.files if each.content]
    if packed or len(found.files) < len(offers):
        raise BadRequest(joined([*found.unread, *packed]))
    for cut in found.unread:
        print(words.say(cut), file=sys.stderr)
    return found.files


def _is_fed(descriptor: int) -> bool:
    """Tell whether somebody sends something: a pipe or a file, and no terminal and nothing like /dev/null."""
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _offer(path: Path, content: bytes) -> Offer:
    async def fetch(_most: int) -> bytes:
        return content

    return Offer(NAME if path == PIPE else path.name, 0, "", fetch)


async def _content(path: Path, most: int, words: Words) -> bytes:
    """Return what a file holds, and one byte more than it may have where it has more."""
    try:
        descriptor = os.dup(sys.stdin.fileno()) if path == PIPE else os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise BadRequest("{path} cannot be read: {why}.", path=path, why=error.strerror) from None
    mode = os.fstat(descriptor).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
        os.close(descriptor)
        raise BadRequest("{path} is not a file.", path=path)
    with open(descriptor, "rb", buffering=0) as file:  # noqa: ASYNC230, PTH123  opened above, without waiting
        if stat.S_ISFIFO(mode):
            return await _piped(descriptor, most, words)
        return await asyncio.to_thread(lambda: file.read(most + 1) or b"")


async def _piped(descriptor: int, most: int, words: Words) -> bytes:
    """Return what comes through a pipe until it is closed. Raises `BadRequest` where it is silent for too long."""
    loop, stream = asyncio.get_running_loop(), asyncio.StreamReader()
    pipe = os.fdopen(os.dup(descriptor), "rb", buffering=0)
    told = loop.call_later(SOON, lambda: print(words("Reading what comes through the pipe …"), file=sys.stderr))
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
    content = bytearray()
    try:
        while len(content) <= most:
            async with asyncio.timeout(SILENT):
                if not (piece := await stream.read(1 << 16)):
                    break
            content += piece
    except TimeoutError:
        raise BadRequest(
            "Nothing came through the pipe for {seconds:g} seconds. Without one, add `< /dev/null`.", seconds=SILENT
        ) from None
    finally:
        told.cancel()
        transport.close()
    return bytes(content[: most + 1])
