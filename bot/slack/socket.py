"""The Socket Mode connection, kept alive: Slack's sockets can go quiet without closing.

The SDK pings and reconnects by itself; seen in the field, it can also hang (bolt-python #945, python-slack-sdk #1280),
or try one used-up address for ever. So the last pong is watched from outside as well.
"""

import asyncio
import contextlib
import time

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api import SECONDS, reason, wire_log
from core.errors import Misconfigured, Unavailable

log = structlog.get_logger("slack")

PING = 10.0
"""Seconds between pings."""

QUIET = 6
"""Pings without an answer after which the connection is made anew from outside; the SDK itself acts after 4."""


class Socket:
    """One connection, and the watch over it."""

    def __init__(self, app: AsyncApp, web: AsyncWebClient, app_token: str, ping: float = PING) -> None:
        self._web, self._app, self._token, self._ping = web, app, app_token, ping
        self._handler: AsyncSocketModeHandler | None = None
        self._watch: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Connect, and watch from then on. Raises `Misconfigured` for a bad app token, `Unavailable` otherwise."""
        url = await self._url()
        self._handler = AsyncSocketModeHandler(
            self._app, self._token, logger=wire_log(), web_client=self._web, ping_interval=self._ping
        )
        self._handler.client.wss_uri = url
        try:
            async with asyncio.timeout(SECONDS):
                await self._handler.connect_async()  # type: ignore[no-untyped-call]
        except TimeoutError as error:
            await self.close()
            raise Unavailable("Slack's socket does not open: is a proxy or a firewall in the way?") from error
        self._watch = asyncio.create_task(self._keep_alive())

    async def close(self) -> None:
        """Disconnect; nothing comes in after this."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._handler is None:
            return
        ours = self._handler.client
        parts = [t for t in (ours.message_processor, ours.current_session_monitor, ours.message_receiver) if t]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                await self._handler.close_async()  # type: ignore[no-untyped-call]
                await asyncio.gather(*parts, return_exceptions=True)

    async def _url(self) -> str:
        """Ask for an address once ourselves: the SDK's `connect` would try a bad token for ever."""
        try:
            async with asyncio.timeout(SECONDS):
                return str((await self._web.apps_connections_open(app_token=self._token))["url"])
        except SlackApiError as error:
            code = reason(error)
            if code in ("invalid_auth", "not_authed", "not_allowed_token_type", "account_inactive", "token_revoked"):
                raise Misconfigured(
                    "Slack does not accept the app-level token: set SLACK_APP_TOKEN to one that begins "
                    "with xapp- and has the scope connections:write."
                ) from error
            raise Unavailable(f"Slack gives no socket: {code or 'no answer'}.") from error
        except (OSError, TimeoutError) as error:
            raise Unavailable(f"Slack does not answer at {self._web.base_url}.") from error

    async def _keep_alive(self) -> None:
        alive = time.monotonic()
        while True:
            await asyncio.sleep(self._ping)
            if await self._alive():
                alive = time.monotonic()
            elif time.monotonic() - alive > QUIET * self._ping:
                alive = time.monotonic()
                await self._again()

    async def _alive(self) -> bool:
        return self._handler is not None and await self._handler.client.is_connected()

    async def _again(self) -> None:
        """Make the SDK connect anew, to a new address: its own loop would keep to the old one."""
        if self._handler is None:
            return
        log.warning("slack socket is quiet, connecting anew", quiet_seconds=round(QUIET * self._ping))
        ours = self._handler.client
        ours.wss_uri = None
        if not ours.connect_operation_lock.locked():
            with contextlib.suppress(SlackApiError, OSError, TimeoutError):
                async with asyncio.timeout(SECONDS):
                    await ours.connect_to_new_endpoint(force=True)
