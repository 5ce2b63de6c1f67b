"""A web server for a registry, with TLS where a certificate is given."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette

from bot.server import Server

AT_ONCE = 200
"""Connections."""


@contextlib.asynccontextmanager
async def serving(
    app: Starlette, host: str, port: int, certificate: Path | None = None, key: Path | None = None
) -> AsyncIterator[int]:
    """Answer beside the body, which is given the port (0: whichever is free), and end with it.

    Raises `Misconfigured` where the address cannot be had, or the certificate not be used.
    """
    server = Server(host, port, "registry.serve", most=AT_ONCE, certificate=certificate, key=key)
    await server.open(app)
    try:
        yield server.port
    finally:
        await server.close()
