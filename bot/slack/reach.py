"""Where Dexter may speak: a slash command can be typed in any channel, but posting needs an invitation."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.shapes import Undeliverable
from bot.slack.api import FAILURES, call
from bot.slack.remembered import Remembered

SECONDS = 0.8
"""For each question to Slack: an acknowledgement waits for the answer."""


class Reach:
    """Knows for a few minutes which channels Dexter is in."""

    def __init__(self, web: AsyncWebClient) -> None:
        self._web = web
        self._member: Remembered[bool] = Remembered(fresh=300.0)
        self._direct: Remembered[str] = Remembered()

    async def home(self, channel: str, user: str) -> str:
        """Return `channel` where Dexter may post there, else the channel of its direct messages with `user`.

        Where Slack does not say in time, the channel is taken at its word.
        """
        try:
            there = not channel.startswith("D") and await self._is_member(channel)
            return channel if there else await self._direct_messages(user)
        except FAILURES:
            return channel

    async def direct(self, user: str) -> str:
        """Return the channel of the direct messages with a person; empty where Slack gives none."""
        try:
            return await self._direct_messages(user)
        except FAILURES:
            return ""

    async def public(self, channel: str) -> bool:
        """Tell whether Dexter is in a channel that everybody of the workspace may read; no, where Slack is silent."""
        try:
            known = (await call(self._web.conversations_info(channel=channel), SECONDS)).get("channel") or {}
        except FAILURES:
            return False
        return bool(known.get("is_member")) and not known.get("is_private")

    def forget(self, channel: str) -> None:
        """Ask anew about a channel: Dexter was removed from it, or it is gone."""
        self._member.drop(channel)

    async def _is_member(self, channel: str) -> bool:
        if self._member.get(channel):
            return True
        try:
            answer = (await call(self._web.conversations_info(channel=channel), SECONDS)).get("channel") or {}
        except Undeliverable:
            return False  # a private channel to which nobody has invited Dexter
        if answer.get("is_member"):
            self._member.put(channel, True)
            return True
        return False

    async def _direct_messages(self, user: str) -> str:
        known = self._direct.get(user)
        if known is None:
            answer = await call(self._web.conversations_open(users=user), SECONDS)
            known = str(answer["channel"]["id"])
            self._direct.put(user, known)
        return known
