"""A real HTTP server inside this process: uvicorn, started and stopped with what it serves."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from core.errors import Misconfigured, Unavailable

LAST_WORDS = 5
"""Seconds that `close` gives to requests in hand."""
START = 10.0
"""Seconds."""


class Server:
    """Listens on one address; where it has no certificate, TLS is the business of the proxy in front."""

    def __init__(
        self, host: str, port: int, setting: str, *, most: int, certificate: Path | None = None, key: Path | None = None
    ) -> None:
        """`setting` has the address, e.g. `slack.http`; of more than `most` connections the next gets status 503."""
        self._host, self._port, self._setting, self._most = host, port, setting, most
        self._certificate, self._key = certificate, key
        self._uvicorn: _Uvicorn | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Return the port that it listens on: where 0 is set, whichever was free."""
        return self._port

    async def open(self, app: Starlette) -> None:
        """Listen, and serve `app`. Raises `Misconfigured` where the address or the certificate cannot be had."""
        config = self._config(app)
        bound = await asyncio.to_thread(self._bind)
        self._port = bound.getsockname()[1]
        self._uvicorn = _Uvicorn(config)
        self._task = asyncio.create_task(self._uvicorn.serve(sockets=[bound]))
        try:
            async with asyncio.timeout(START):
                await self._uvicorn.up.wait()
        except TimeoutError:
            await self.close()
            raise Unavailable("The HTTP server does not start.") from None

    async def close(self) -> None:
        """Take no more connections, answer what has come, and end."""
        if self._uvicorn is None or self._task is None:
            return
        self._uvicorn.should_exit = True
        await asyncio.wait({self._task}, timeout=2 * LAST_WORDS)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._uvicorn = self._task = None

    def _config(self, app: Starlette) -> uvicorn.Config:
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            limit_concurrency=self._most,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=LAST_WORDS,
            ssl_certfile=self._certificate,
            ssl_keyfile=self._key,
        )
        try:
            config.load()
        except OSError as error:  # of which `ssl.SSLError` is one
            text = "The certificate or its key cannot be used ({why}): check `{setting}`."
            raise Misconfigured(text, why=error.strerror or type(error).__name__, setting=self._setting) from None
        return config

    def _bind(self) -> socket.socket:
        try:
            return socket.create_server(
                (self._host, self._port), family=socket.AF_INET6 if ":" in self._host else socket.AF_INET
            )
        except OSError as error:
            raise Misconfigured(
                "Dexter cannot listen on {host}, port {port} ({why}): set {setting}.host and {setting}.port.",
                host=self._host,
                port=self._port,
                why=error.strerror or "no such address",
                setting=self._setting,
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
        """Change nothing: the process has handlers of its own."""
        yield
