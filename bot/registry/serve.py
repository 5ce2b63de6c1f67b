"""A web server for a registry, with TLS where a certificate is given."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from core.errors import Misconfigured

AT_ONCE = 200
"""Connections; one more gets status 503, and comes again."""
LAST_WORDS = 5
"""Seconds for requests in hand once it is to end."""


@contextlib.asynccontextmanager
async def serving(
    app: Starlette, host: str, port: int, certificate: Path | None = None, key: Path | None = None
) -> AsyncIterator[int]:
    """Answer beside the body, which is given the port (0: whichever is free), and end with it.

    Raises `Misconfigured` where the address cannot be had, or the certificate not be used.
    """
    server = _server(app, certificate, key)
    bound = _bound(host, port)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield bound.getsockname()[1]
    finally:
        server.should_exit = True
        await task


class _Uvicorn(uvicorn.Server):
    """Leaves the signals to the process that it is a part of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Change nothing."""
        yield


def _server(app: Starlette, certificate: Path | None, key: Path | None) -> uvicorn.Server:
    try:
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
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        config.load()
    except OSError as error:  # of which `ssl.SSLError` is one
        text = "The certificate or its key cannot be used ({why}): check `registry.serve`."
        raise Misconfigured(text, why=error.strerror or type(error).__name__) from None
    return _Uvicorn(config)


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise Misconfigured(
            "Dexter cannot listen on {host}, port {port} ({why}): set registry.serve.host and registry.serve.port.",
            host=host,
            port=port,
            why=error.strerror or "no such address",
        ) from None
