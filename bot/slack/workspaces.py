"""The workspaces by their ids: opened at their first request or post, forgotten when they remove Dexter."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.slack.api import SECONDS, Web, client
from bot.slack.installs import Installed, Installs
from bot.slack.workspace import Workspace
from core.errors import Unavailable

log = structlog.get_logger("dexter.slack")

KEPT = 500
"""Workspaces that are kept open; one that was not used for longest is opened again when it is."""

_AWAY = "Dexter is not installed in this workspace any more. Ask an administrator to install it again."
"""A command is answered before anybody knows its author's language."""

Opened = Callable[[Installed, Web], Workspace]


class Workspaces:
    """Hands each request to its own workspace."""

    def __init__(self, installs: Installs, base_url: str) -> None:
        self._installs, self._base_url = installs, base_url
        self._session: aiohttp.ClientSession | None = None
        self._opened: Opened | None = None
        self._known: OrderedDict[str, Workspace] = OrderedDict()
        self._guard = asyncio.Lock()

    async def open(self, opened: Opened) -> Web:
        """Get ready; `opened` joins a workspace's parts. Returns a client without a token.

        Raises `Misconfigured` and `Unavailable`, each with the remedy.
        """
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS))
        web = self._client(None)
        await self._installs.open(web)
        self._opened = opened
        return web

    async def close(self) -> None:
        """Let go of everything."""
        self._opened = None
        self._known.clear()
        await self._installs.close()
        if self._session is not None:
            await self._session.close()

    async def find(self, team: str, enterprise: str | None = None) -> Workspace | None:
        """Return a workspace; `None` where Dexter is not installed (any more).

        Raises `Unavailable`, also while it is not known where Dexter is installed: before it is open, and once closed.
        """
        if (known := self._known.get(team)) is not None:
            self._known.move_to_end(team)
            return known
        async with self._guard:
            return self._known.get(team) or await self._open(team, enterprise)

    async def leave(self, workspace: Workspace, why: str) -> bool:
        """Forget a workspace that has removed Dexter, and its token; tell whether that was the token in force.

        Raises `Unavailable`.
        """
        gone = workspace.installed
        for team in [team for team, known in self._known.items() if known.installed.token == gone.token]:
            del self._known[team]
        known = await self._installs.remove(gone)
        if known:
            log.warning("slack workspace has gone", tenant=f"slack:{gone.team}", why=why)
        return known

    async def answer(self, request: AsyncBoltRequest) -> BoltResponse:
        """Have a request answered by the listeners of its workspace."""
        team, enterprise = str(request.context.team_id or ""), request.context.enterprise_id
        workspace = await self.find(team, enterprise)
        if workspace is None:
            log.info("request from a workspace without Dexter", team=team)
            return BoltResponse(status=200, body=_AWAY if request.body.get("command") else "")
        if why := _farewell(request.body):
            await self.leave(workspace, why)
            return BoltResponse(status=200, body="")
        return await workspace.app.async_dispatch(request)

    async def _open(self, team: str, enterprise: str | None) -> Workspace | None:
        if self._opened is None:
            raise Unavailable("Slack is not connected.")
        installed = await self._installs.find(team, enterprise)
        if installed is None:
            return None
        self._known[team] = self._opened(installed, self._client(installed.token))
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return self._known[team]

    def _client(self, token: str | None) -> Web:
        web = client(token, self._base_url)
        web.session = self._session
        return web


def _farewell(body: Mapping[str, Any]) -> str:
    """Return why Dexter is no longer in the workspace; empty where the request does not say so."""
    event = body.get("event")
    if body.get("type") != "event_callback" or not isinstance(event, Mapping):
        return ""
    if event.get("type") == "app_uninstalled":
        return "The app was uninstalled."
    if event.get("type") == "tokens_revoked" and (event.get("tokens") or {}).get("bot"):
        return "Its bot token was revoked."
    return ""
