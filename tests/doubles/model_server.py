"""A provider's server on a real socket: OpenAI chat completions, Anthropic messages and Ollama chat.

In a test:          async with ModelServer() as server: ...   (server.openai, server.anthropic, server.ollama are URLs)
In its own process: python -m tests.doubles.model_server --port 8700 --latency-ms 200

It answers from a cache, so that it is far cheaper than any client that is measured against it.
"""

import argparse
import asyncio
import sys
from collections import deque
from dataclasses import dataclass

import httptools
import orjson
import uvloop

from tests.doubles.model_formats import KINDS, PATHS, pieces, sample, schema_of, whole

PROSE = "the plan keeps one owner per step and states what is known what is assumed and what would change the answer "


@dataclass(frozen=True)
class Turn:
    """How one request is answered; the default is well."""

    text: str | None = None
    """`None`: what fits the schema that was asked for, or else some prose."""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    message: str = "injected"
    """The words of the provider's error."""
    body: bytes | None = None
    """Sent as it is in place of the reply."""
    finish: str = "stop"
    cut: bool = False
    """Half of the reply is sent, then the connection is closed."""
    ends_early: bool = False
    """Half of the pieces are sent, and then the stream ends in good order."""
    silent: bool = False
    """Nothing is ever sent."""
    stalls: bool = False
    """The first piece is sent, and then nothing."""


class ModelServer:
    """Plays `turns` in order, then answers well for ever."""

    def __init__(self, *, latency=0.0, reply_chars=400, record=True):
        self.latency = latency
        """Seconds before a reply."""
        self.reply_chars = reply_chars
        self.turns = deque()
        self.requests = deque(maxlen=1000) if record else None
        """What was asked: path, headers, body."""
        self.served = self.in_flight = self.peak = 0
        self.left = asyncio.Event()
        """Set once a client has gone away before its reply was complete."""
        self.asked = asyncio.Event()
        """Set once a request has arrived."""
        self._texts = {}
        self._open = set()

    async def start(self, port=0):
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self, loop), "127.0.0.1", port, backlog=4096)
        self.root = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self.openai, self.anthropic, self.ollama = self.root + "/v1", self.root, self.root
        return self

    async def stop(self):
        self._server.close()
        for transport in list(self._open):
            transport.abort()
        await self._server.wait_closed()

    async def __aenter__(self):
        return await self.start()

    async def __aexit__(self, *_):
        await self.stop()

    def text(self, request):
        schema = schema_of(request)
        if schema is not None:
            return orjson.dumps(sample(schema)).decode()
        model = request["model"]
        if model not in self._texts:
            prose = PROSE * (self.reply_chars // len(PROSE) + 1)
            self._texts[model] = f"{model} says: {prose[: self.reply_chars]}"
        return self._texts[model]


class _Connection(asyncio.Protocol):
    def __init__(self, server, loop):
        self.server, self.loop = server, loop
        self.transport = None
        self.pending = False

    def connection_made(self, transport):
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)
        self.server._open.add(transport)

    def connection_lost(self, _):
        self.server._open.discard(self.transport)
        self.transport = None
        if self.pending:
            self.done()
            self.server.left.set()

    def data_received(self, data):
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.close()

    def on_message_begin(self):
        self.url, self.headers, self.parts = b"", {}, []

    def on_url(self, url):
        self.url += url

    def on_header(self, name, value):
        self.headers[name.decode().lower()] = value.decode()

    def on_body(self, part):
        self.parts.append(part)

    def on_message_complete(self):
        server = self.server
        kind = PATHS.get(self.url)
        if kind is None:
            self.transport.write(_head(404, 2) + b"{}")
            return
        body = b"".join(self.parts)
        request = orjson.loads(body)
        if server.requests is not None:
            server.requests.append((self.url.decode(), self.headers, request))
        server.served += 1
        server.in_flight += 1
        server.peak = max(server.peak, server.in_flight)
        server.asked.set()
        self.pending = True
        turn = server.turns.popleft() if server.turns else GOOD
        self.answer(kind, request, turn, len(body) // 4)

    def answer(self, kind, request, turn, asked):
        if turn.silent:
            return
        if turn.status != 200 or turn.body is not None:
            body = turn.body if turn.body is not None else _error(kind, turn)
            self.later([_head(turn.status, len(body), turn.headers) + body])
            return
        text = self.server.text(request) if turn.text is None else turn.text
        tools = request.get("tools")
        more = {"finish": turn.finish, "tool": tools[0]["name"] if tools and kind == "anthropic" else None}
        if not request.get("stream"):
            body = whole(kind, request["model"], text, asked, len(text) // 4, **more)
            reply = _head(200, len(body)) + body
            self.later([reply[: len(reply) - len(body) // 2]] if turn.cut else [reply], turn)
            return
        parts = pieces(kind, request["model"], text, asked, len(text) // 4, **more)
        if turn.stalls:
            parts = parts[:4]
        if turn.cut or turn.ends_early:
            parts = parts[: len(parts) // 2]
        chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in parts]
        head = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ntransfer-encoding: chunked\r\n\r\n" % KINDS[kind]
        end = [] if turn.stalls or turn.cut else [b"0\r\n\r\n"]
        self.later([head, *chunks, *end], turn)

    def later(self, parts, turn=None):
        if self.server.latency > 0:
            self.loop.call_later(self.server.latency, self.send, parts, turn)
        else:
            self.send(parts, turn)

    def send(self, parts, turn):
        if self.transport is None:
            return
        self.transport.writelines(parts)
        if turn is not None and turn.stalls:
            return
        self.done()
        if turn is not None and turn.cut:
            self.transport.close()

    def done(self):
        self.pending = False
        self.server.in_flight -= 1


GOOD = Turn()
REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


def _head(status, length, headers=()):
    more = "".join(f"{name}: {value}\r\n" for name, value in headers)
    first = f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}\r\ncontent-type: application/json\r\n"
    return f"{first}{more}content-length: {length}\r\n\r\n".encode()


def _error(kind, turn):
    if kind == "ollama":
        return orjson.dumps({"error": turn.message})
    return orjson.dumps({"type": "error", "error": {"type": "api_error", "message": turn.message, "code": None}})


async def _serve(options):
    server = ModelServer(latency=options.latency_ms / 1000, reply_chars=options.reply_chars, record=False)
    await server.start(options.port)
    sys.stdout.write(server.root + "\n")
    sys.stdout.flush()
    await asyncio.sleep(options.max_seconds)
    await server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0.0)
    parser.add_argument("--reply-chars", type=int, default=1200)
    parser.add_argument("--max-seconds", type=float, default=3600.0)
    uvloop.run(_serve(parser.parse_args()))
