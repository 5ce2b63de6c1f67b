"""A web server that speaks for a registry and means harm: whatever it is told to answer, byte for byte."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

Reply = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


def http(status: str = "200 OK", body: bytes = b"", **headers: str) -> bytes:
    """Return a whole reply."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Hostile:
    """Answers each path with the next of its replies, the last of them for ever."""

    def __init__(self, replies: dict[str, list[Reply]]) -> None:
        self.replies = replies
        self.asked: list[tuple[str, dict[str, str]]] = []
        """Each request's method and path, and its headers."""
        self._answering: list[asyncio.Future[None]] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            await self._one(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = first.split(" ")
        headers = dict(line.lower().split(": ", 1) for line in rest if line)
        self.asked.append((f"{method} {path}", headers))
        replies = self.replies.get(path, [http("404 Not Found")])
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, bytes):
            writer.write(reply)
            await writer.drain()
        else:
            await reply(writer)

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Give its address."""
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            for task in self._answering:
                task.cancel()
            await asyncio.gather(*self._answering, return_exceptions=True)
            await server.wait_closed()

    def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._answering.append(asyncio.ensure_future(self(reader, writer)))


async def endless(writer: asyncio.StreamWriter) -> None:
    """Send more and more, until nobody listens."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n")
    while True:
        writer.write(b"\0" * 65536)
        await writer.drain()


async def drip(writer: asyncio.StreamWriter) -> None:
    """Send a byte at a time, so that no wait is ever long."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silence(writer: asyncio.StreamWriter) -> None:
    """Say nothing, and hang up once the other one does."""
    await asyncio.sleep(3600)
