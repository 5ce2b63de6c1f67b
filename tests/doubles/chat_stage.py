"""A chat with its platform behind it, as the contract of `bot.shapes.Chat` needs to drive it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from bot.shapes import Address, Chat
from tests.doubles.discord_stage import discord_stage
from tests.doubles.slack_chat import SlackChat
from tests.doubles.slack_server import SlackServer, slack_server


class Stage(Protocol):
    """What the contract does to a platform, and what it sees there."""

    chat: Chat
    """Made, not started."""

    def channel(self) -> Address:
        """Return the address of a channel in which Dexter may post."""

    def gone(self) -> Address:
        """Return an address of this platform that does not exist."""

    def texts(self) -> list[str]:
        """Return what Dexter's messages say by now, oldest first, as far as a reader sees it."""

    def delete(self, message: str) -> None:
        """Take a message away, as an administrator would."""

    def lose_reply(self) -> None:
        """Let the next post take effect, and its answer get lost."""

    def limit(self, seconds: float) -> None:
        """Let the platform turn the next call away, to be tried again in `seconds`."""

    async def mention(self, text: str) -> Callable[[], Any]:
        """Write `text` to Dexter as a person; return how to have the platform deliver the same event again."""


Stages = Callable[[], AbstractAsyncContextManager[Stage]]


class SlackStage:
    """Slack, played by the server of `slack_server.py`."""

    def __init__(self, server: SlackServer) -> None:
        self._server = server
        self.chat: Chat = SlackChat("xoxb-1", "xapp-1", server.base_url, pace=0.01)

    def channel(self) -> Address:
        return "slack:T1:C1"

    def gone(self) -> Address:
        return "slack:T1:C99"

    def texts(self) -> list[str]:
        canvases = self._server.api.documents.canvases.values()
        return [*(message["text"] for message in self._server.space.posts("C1")), *(c["markdown"] for c in canvases)]

    def delete(self, message: str) -> None:
        messages = self._server.space.channels["C1"].messages
        messages[:] = [m for m in messages if m["ts"] != message]

    def lose_reply(self) -> None:
        self._server.fault("chat.postMessage", lost=True)

    def limit(self, seconds: float) -> None:
        self._server.fault("chat.postMessage", error="ratelimited", status=429, retry_after=seconds)

    async def mention(self, text: str) -> Callable[[], Any]:
        sent = self._server.say(f"<@UDEXTER> {text}")
        await asyncio.wait_for(sent.acked.wait(), 10)

        async def again() -> None:
            await asyncio.wait_for(self._server.redeliver(sent).acked.wait(), 10)

        return again


@contextlib.asynccontextmanager
async def slack_stage() -> AsyncIterator[Stage]:
    """Set Slack up."""
    async with slack_server() as server:
        yield SlackStage(server)


STAGES: dict[str, Stages] = {"slack": slack_stage, "discord": discord_stage}
"""Every platform that promises to be a chat."""
