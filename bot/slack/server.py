"""A real HTTP server inside this process: uvicorn, started and stopped with the chat."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import structlog
import uvicorn
from starlette.applications import Starlette

from core.errors import Misconfigured, Unavailable

log = structlog.get_logger("dexter.slack")

LAST_WORDS = 5
"""Seconds that `close` gives to requests in hand."""

AT_ONCE = 1000
"""Connections; one more gets status 503, and Slack comes again."""

START = 10.0
"""Seconds."""


class Server:
    """Listens on one address. TLS is the business of the proxy in front."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._uvicorn: _Uvicorn | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Return the port that it listens on: where 0 is set, whichever was free."""
        return self._port

    async def open(self, app: Starlette) -> None:
        """Listen, and serve `app`. Raises `Misconfigured` where the address cannot be had."""
        bound = await asyncio.to_thread(self._bind)
        self._port = bound.getsockname()[1]
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            limit_concurrency=AT_ONCE,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=LAST_WORDS,
        )
        self._uvicorn = _Uvicorn(config)
        self._task = asyncio.create_task(self._uvicorn.serve(sockets=[bound]))
        try:
            async with asyncio.timeout(START):
                await self._uvicorn.up.wait()
        except TimeoutError:
            await self.close()
            raise Unavailable("The HTTP server does not start.") from None
        log.info("slack may send to this address", host=self._host, port=self._port)

    async def close(self) -> None:
        """Take no more connections, answer what has come, and end."""
        if self._uvicorn is None or self._task is None:
            return
        self._uvicorn.should_exit = True
        await asyncio.wait({self._task}, timeout=2 * LAST_WORDS)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._uvicorn = self._task = None

    def _bind(self) -> socket.socket:
        try:
            return socket.create_server(
                (self._host, self._port), family=socket.AF_INET6 if ":" in self._host else socket.AF_INET
            )
        except OSError as error:
            raise Misconfigured(
                "Dexter cannot listen on {host}, port {port} ({why}): set slack.http.host and slack.http.port.",
                host=self._host,
                port=self._port,
                why=error.strerror or "no such address",
            ) from None


class _Uvicorn(uvicorn.Server):
    """Says when it listens, and leaves the signals to the process that it is a part of."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Change nothing: `dexter run` has handlers of its own."""
        yield
