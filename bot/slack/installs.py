"""Where Dexter is installed: in the one workspace of a token, or wherever `Installs` says."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.shapes import TryLater
from bot.slack.api import SECONDS, Web, reason, status
from core.errors import Misconfigured, Unavailable


@dataclass(frozen=True, slots=True)
class Installed:
    """Dexter in one workspace, or in all of an organisation's by one token."""

    team: str
    bot_user: str
    bot_id: str
    token: str = field(repr=False)
    enterprise: str | None = None


class Installs(Protocol):
    """Knows the workspaces that have installed Dexter."""

    async def open(self, web: Web) -> None:
        """Get ready; `web` asks Slack. Raises `Misconfigured` or `Unavailable`, each with the remedy."""

    async def find(self, team: str, enterprise: str | None = None) -> Installed | None:
        """Return what is installed for a workspace; `None`: nothing (any more). Raises `Unavailable`."""

    async def remove(self, installed: Installed) -> bool:
        """Forget a token, for good, and tell whether it was known. Raises `Unavailable`."""

    async def close(self) -> None:
        """Let go of everything."""


class OneToken(Installs):
    """The simple way: a bot token from the settings, for its own workspace and for every request that comes."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._installed: Installed | None = None

    async def open(self, web: Web) -> None:
        """Ask Slack whose token it is."""
        try:
            async with asyncio.timeout(SECONDS):
                answer = await web.auth_test(token=self._token)
        except SlackApiError as error:
            code = reason(error)
            if not code or status(error) >= 500:
                raise Unavailable("Slack does not answer properly at {url}.", url=web.base_url) from error
            raise Misconfigured(
                "Slack does not accept the bot token ({code}): set SLACK_BOT_TOKEN to the one that begins with xoxb-,"
                " from Install App.",
                code=code,
            ) from error
        except (aiohttp.ClientError, OSError, TimeoutError, TryLater) as error:
            raise Unavailable("Slack does not answer at {url}.", url=web.base_url) from error
        self._installed = Installed(
            str(answer["team_id"]), str(answer["user_id"]), str(answer.get("bot_id") or ""), self._token
        )

    async def find(self, team: str, enterprise: str | None = None) -> Installed | None:
        """Return the one: Slack sends nothing of other workspaces to an app that is in one alone."""
        return self._installed

    async def remove(self, installed: Installed) -> bool:
        """Forget it until the next start."""
        known, self._installed = self._installed is not None, None
        return known

    async def close(self) -> None:
        """Nothing is open."""
