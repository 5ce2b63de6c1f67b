"""One HTTP session for all providers."""

import asyncio
import os
import ssl
from weakref import WeakKeyDictionary

import aiohttp
import certifi

CONNECT = 10.0
"""Seconds to connect in; the whole reply has the call's own deadline."""
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class Sessions:
    """Opens the session at its first use, one an event loop, because a session lives and dies with its loop."""

    def __init__(self) -> None:
        self._open: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = WeakKeyDictionary()

    def current(self) -> aiohttp.ClientSession:
        """Return the running loop's session."""
        loop = asyncio.get_running_loop()
        session = self._open.get(loop)
        if session is None or session.closed:
            session = self._open[loop] = _session()
        return session

    async def aclose(self) -> None:
        """Close the running loop's session, and with it every connection."""
        session = self._open.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()


def _session() -> aiohttp.ClientSession:
    trusted = ssl.create_default_context()
    trusted.load_verify_locations(certifi.where())  # a bare machine has no certificates of its own
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=trusted),  # calls in flight are bounded before they get here
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT),
        trust_env=any(os.environ.get(name) or os.environ.get(name.lower()) for name in PROXIES),
        cookie_jar=aiohttp.DummyCookieJar(),
    )
