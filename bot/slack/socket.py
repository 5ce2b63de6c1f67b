"""Socket Mode: one or more connections at all times, whatever happens to each of them.

The SDK's own client is not used: it hangs up before it connects anew, tries one used-up address for ever
(python-slack-sdk #1280), stays on sockets that have gone quiet (bolt-python #945), and connects again at once where
Slack has just said that there are too many sockets.
"""

import asyncio
import random
from collections.abc import Coroutine, Mapping
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from bot.shapes import TryLater
from bot.slack.api import SECONDS, Web, reason
from bot.slack.link import CLOSED, Answer, Link
from core.errors import DexterError, Misconfigured, Unavailable

log = structlog.get_logger("dexter.slack")

PING = 10.0
"""Seconds between pings; one that is not answered within half of that ends the connection."""

LINGER = 30.0
"""Seconds for which an old connection is still read, once there is a new one."""

_GENTLY = ("warning", "refresh_requested")
"""Slack announces the end of a connection some ten seconds ahead; the next one is opened before."""

_REFUSED = ("invalid_auth", "not_authed", "not_allowed_token_type", "account_inactive", "token_revoked")


class SocketDoor:
    """Lets requests in over `sockets` connections of its own making: no public address is needed."""

    def __init__(self, app_token: str, ping: float = PING, sockets: int = 1) -> None:
        self._token, self._ping, self._count = app_token, ping, sockets
        self._session: aiohttp.ClientSession | None = None
        self._links: set[Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, answer: Answer, web: Web) -> None:
        """Connect, and keep connected. Raises `Misconfigured` for a bad app token, `Unavailable` otherwise."""
        self._session = aiohttp.ClientSession()
        for _ in range(self._count):
            self._spawn(self._keep(await self._connect(answer, web), answer, web))

    @property
    def refused(self) -> Mapping[str, int]:
        """Return nothing: what comes through a socket that Dexter opened is Slack's."""
        return {}

    async def close(self) -> None:
        """Let nothing more in, acknowledge what has come, and hang up."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(link.close() for link in self._links))
        self._links.clear()
        if self._session is not None:
            await self._session.close()

    async def _keep(self, link: Link, answer: Answer, web: Web) -> None:
        """Have another connection ready whenever one ends; one that ends young is followed ever more slowly."""
        failures = 0
        while True:
            why = await link.leaving()
            failures = 0 if link.age > self._ping else failures + 1
            self._spawn(self._end(link))
            log.info("slack socket ends", why=why)
            if why == "link_disabled":
                log.error("Socket Mode is switched off for Dexter's Slack app: switch it on under Socket Mode.")
            if failures or why not in (*_GENTLY, CLOSED):
                await asyncio.sleep(self._pause(failures, slow=why not in (*_GENTLY, CLOSED)))
            link = await self._persist(answer, web)

    async def _end(self, link: Link) -> None:
        await link.linger(LINGER)
        self._links.discard(link)

    async def _persist(self, answer: Answer, web: Web) -> Link:
        """Connect, however often it takes; each different hindrance is logged once."""
        failures, said = 0, ""
        while True:
            try:
                return await self._connect(answer, web)
            except DexterError as error:
                if str(error) != said:
                    said = str(error)
                    log.warning("slack socket does not open", why=said)
                failures += 1
                await asyncio.sleep(self._pause(failures, slow=isinstance(error, Misconfigured)))
            except TryLater as limited:
                await asyncio.sleep(limited.seconds)

    def _pause(self, failures: int, *, slow: bool = False) -> float:
        """Return seconds to wait: at first a tenth of a ping's, twice as long each time, three pings' at most."""
        longest = 3 * self._ping
        return random.uniform(0.5, 1.5) * (longest if slow else min(longest, self._ping / 10 * 2.0**failures))

    async def _connect(self, answer: Answer, web: Web) -> Link:
        if self._session is None:
            raise Unavailable("Slack's socket is closed.")
        url = await self._address(web)
        try:
            async with asyncio.timeout(SECONDS):
                socket = await self._session.ws_connect(url, heartbeat=self._ping, proxy=web.proxy)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable("Slack's socket does not open: is a proxy or a firewall in the way?") from error
        link = Link(socket, answer)
        self._links.add(link)
        await link.greeted()
        return link

    async def _address(self, web: Web) -> str:
        """Ask for an address; each opens one connection."""
        try:
            async with asyncio.timeout(SECONDS):
                return str((await web.apps_connections_open(app_token=self._token))["url"])
        except SlackApiError as error:
            code = reason(error)
            if code in _REFUSED:
                raise Misconfigured(
                    "Slack does not accept the app-level token: set SLACK_APP_TOKEN to one that begins "
                    "with xapp- and has the scope connections:write."
                ) from error
            raise Unavailable("Slack gives no socket: {code}.", code=code or "no answer") from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable("Slack does not answer at {url}.", url=web.base_url) from error

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


__all__ = ["PING", "SocketDoor"]
