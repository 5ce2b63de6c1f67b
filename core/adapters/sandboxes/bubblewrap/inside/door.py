"""Carries what a program sends to a port of its own to the socket of Dexter's proxy: it has no other network."""

import asyncio
import contextlib
import os
import socket

_DOOR = "/door/socket"
_CHUNK = 65_536


def keep(server: socket.socket) -> None:
    """Serve until this process is killed."""
    quiet = os.open(os.devnull, os.O_RDWR)
    for each in (0, 1, 2):
        os.dup2(quiet, each)
    asyncio.run(_keep(server))


async def _keep(server: socket.socket) -> None:
    async with await asyncio.start_server(_serve, sock=server) as serving:
        await serving.serve_forever()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        out, into = await asyncio.open_unix_connection(_DOOR)
        await asyncio.gather(_move(reader, into), _move(out, writer))
        into.close()
    writer.close()


async def _move(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()
