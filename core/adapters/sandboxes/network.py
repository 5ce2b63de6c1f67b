"""The way out for a program that may reach some hosts: a proxy on a UNIX socket that lets nothing else pass.

Only `CONNECT host:port` is answered. Names are resolved here, and what they lead to has to be out in the world, unless
a host was allowed by its very address; the connection goes to the address that was looked at.
"""

import asyncio
import contextlib
import re
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from core.adapters.sandboxes.bubblewrap import owner
from core.errors import BadRequest
from core.wishes import literal, public, target

NAME = "socket"
MOST_BYTES = 256 << 20
"""Of one run, in both directions together."""
MOST_AT_ONCE = 16
_HEAD = 8_192
_SECONDS = 10.0
"""For a request, a resolution, and a connection."""
_SILENCE = 60.0
_CHUNK = 65_536
_REQUEST = re.compile(rb"CONNECT ([^\s]{1,300}) HTTP/1\.[01]\r\n")
_SAID = {400: "Bad Request", 403: "Forbidden", 502: "Bad Gateway", 503: "Service Unavailable"}


class _Refused(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@contextlib.asynccontextmanager
async def door(hosts: Sequence[str]) -> AsyncIterator[Path | None]:
    """Open a folder with the socket in it, for the time of the body; nothing where no host is allowed."""
    if not hosts:
        yield None
        return
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix=f"{owner.mine()}door-"))
    keeper = _Keeper({target(host) for host in hosts})
    try:
        server = await asyncio.start_unix_server(keeper.serve, folder / NAME, limit=_HEAD)
        await asyncio.to_thread(_open_to_all, folder)
        async with server:
            yield folder
            server.close()
            keeper.end()
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _open_to_all(folder: Path) -> None:
    """Let the users that sandboxes run as connect; who finds the folder reaches no more than they may."""
    folder.chmod(0o711)
    (folder / NAME).chmod(0o777)


class _Keeper:
    """What passes in one run."""

    def __init__(self, allowed: set[tuple[str, int]]) -> None:
        self._allowed = allowed
        self._left = MOST_BYTES
        self._open: set[asyncio.Task[None]] = set()

    def end(self) -> None:
        """Break off what is open."""
        for task in self._open:
            task.cancel()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection, and carry what goes over it."""
        task = asyncio.current_task()
        assert task  # noqa: S101  this is one
        self._open.add(task)
        with contextlib.suppress(OSError, asyncio.CancelledError, ExceptionGroup):
            try:
                await self._pass(reader, writer)
            except _Refused as refused:
                writer.write(f"HTTP/1.1 {refused.code} {_SAID[refused.code]}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        self._open.discard(task)
        writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) > MOST_AT_ONCE:
            raise _Refused(503)
        host, port = await self._asked(reader)
        if (host, port) not in self._allowed:
            raise _Refused(403)
        try:
            async with asyncio.timeout(_SECONDS):
                address = await _resolved(host, port)
                far_reader, far_writer = await asyncio.open_connection(address, port)
        except (OSError, TimeoutError):
            raise _Refused(502) from None
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            async with asyncio.TaskGroup() as both:
                both.create_task(self._move(reader, far_writer))
                both.create_task(self._move(far_reader, writer))
        finally:
            far_writer.close()

    async def _asked(self, reader: asyncio.StreamReader) -> tuple[str, int]:
        try:
            async with asyncio.timeout(_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            request = _REQUEST.match(head)
            return target(request[1].decode("ascii")) if request else ("", 0)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, UnicodeError, BadRequest):
            raise _Refused(400) from None

    async def _move(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(_SILENCE):
                chunk = await reader.read(_CHUNK)
                self._left -= len(chunk)
                if self._left < 0:
                    raise ConnectionError("too much")
                if not chunk:
                    break
                writer.write(chunk)
                await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


async def _resolved(host: str, port: int) -> str:
    """Return an address that may be connected to. Raises `_Refused` where there is none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    allowed = [address for address in addresses if literal(host) or public(address)]
    if not allowed:
        raise _Refused(403)
    return allowed[0]
