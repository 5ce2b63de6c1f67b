"""Slack as many workspaces meet it: one address for the Web API, a token for each installation, and OAuth.

    async with slack_market("secret") as market:
        one = await market.workspace("T1")
        url = …                      # what Dexter's /slack/install redirects to
        back = market.approve(url, "T1")   # what Slack sends the administrator back with

https://docs.slack.dev/authentication/installing-with-oauth
"""

import contextlib
import itertools
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from tests.doubles.slack_http import SlackOverHttp

Json = dict[str, Any]

CLIENT_ID, CLIENT_SECRET = "111.222", "client-secret-of-the-app"


@dataclass
class Grant:
    """An installation: its token, and whose it is."""

    token: str
    team: str
    enterprise: str | None = None
    scopes: str = ""
    org: bool = False
    revoked: str = ""
    """Slack's word for why the token is no longer taken."""


@dataclass
class Market:
    """All workspaces that may install the app."""

    signing_secret: str
    servers: dict[str, SlackOverHttp] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    """By token."""
    url: str = ""
    """Where Dexter takes signed requests; set it before anything is said."""
    _codes: dict[str, Grant] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _runner: web.AppRunner | None = None
    _port: int = 0

    @property
    def base_url(self) -> str:
        """The Web API's address, the same for all."""
        return f"http://127.0.0.1:{self._port}/api/"

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/api/{method}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close everything."""
        for server in self.servers.values():
            await server.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def workspace(self, team: str) -> SlackOverHttp:
        """Return a workspace, made if need be."""
        if team not in self.servers:
            server = SlackOverHttp(self.signing_secret, retry_seconds=0.05)
            server.space.team, server.url = team, self.url
            await server.start()
            self.servers[team] = server
        return self.servers[team]

    def approve(self, url: str, team: str, enterprise: str | None = None, *, org: bool = False) -> dict[str, str]:
        """Press Allow on the page at `url`; return the query with which the administrator comes back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["client_id"] == CLIENT_ID
        number = next(self._numbers)
        grant = Grant(f"xoxb-1-{team}-secret-{number}", team, enterprise, asked["scope"], org)
        self._codes[f"code-{number}"] = grant
        return {"code": f"code-{number}", "state": asked["state"]}

    def cancel(self, url: str) -> dict[str, str]:
        """Press Cancel instead."""
        return {"error": "access_denied", "state": parse_qs(urlsplit(url).query)["state"][0]}

    def token(self, team: str) -> str:
        """Return the newest token of a workspace."""
        return [grant.token for grant in self.grants.values() if grant.team == team][-1]

    def revoke(self, team: str, why: str = "token_revoked") -> None:
        """Take nothing more with a workspace's tokens."""
        for grant in self.grants.values():
            if grant.team == team:
                grant.revoked = why

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if method == "oauth.v2.access":
            return web.json_response(self._access(request.headers.get("Authorization", ""), await request.post()))
        grant = self.grants.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if grant is None or grant.revoked:
            return web.json_response({"ok": False, "error": grant.revoked if grant else "invalid_auth"})
        if method == "auth.teams.list" and grant.org:
            return web.json_response({"ok": True, "teams": [{"id": team, "name": team} for team in self.servers]})
        server = self.servers.get(grant.team) or next(iter(self.servers.values()))
        return await server.api.answer(request)

    def _access(self, authorization: str, body: Any) -> Json:
        if b64decode(authorization.removeprefix("Basic ")).decode() != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return {"ok": False, "error": "bad_client_secret"}
        grant = self._codes.pop(str(body.get("code")), None)
        if grant is None:
            return {"ok": False, "error": "invalid_code"}
        self.grants[grant.token] = grant
        return {
            "ok": True,
            "access_token": grant.token,
            "token_type": "bot",
            "scope": grant.scopes,
            "bot_user_id": "UDEXTER",
            "app_id": "A1",
            "team": None if grant.org else {"id": grant.team, "name": f"Team {grant.team}"},
            "enterprise": {"id": grant.enterprise, "name": "Org"} if grant.enterprise else None,
            "authed_user": {"id": "UADMIN"},
            "is_enterprise_install": grant.org,
        }


@contextlib.asynccontextmanager
async def slack_market(signing_secret: str) -> AsyncIterator[Market]:
    """Run all of it for the length of a test."""
    market = Market(signing_secret)
    await market.start()
    try:
        yield market
    finally:
        await market.stop()
