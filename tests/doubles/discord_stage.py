"""Discord with Dexter's chat in front of it, as the contract of `bot.shapes.Chat` needs to drive it."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

from bot.commands.table import COMMANDS
from bot.discord.chat import DiscordChat
from bot.shapes import Address, Chat, Handle, Post, Request, Rules, no_rules
from tests.doubles.discord_checks import texts
from tests.doubles.discord_server import BOT, CHANNEL, GUILD, DiscordServer

_MARK = re.compile(r"((^|\n)-# | · )\\?#[a-z2-7]{8}$")


class Noticed(DiscordChat):
    """The chat, and a sign for each request that it has handed over: Discord itself never hears of that."""

    def __init__(self, server: DiscordServer) -> None:
        super().__init__(server.settings(), COMMANDS)
        self.handed: asyncio.Queue[str] = asyncio.Queue()

    async def start(self, handle: Handle, rules: Rules = no_rules) -> None:
        async def told(request: Request) -> Post | None:
            post = await handle(request)
            self.handed.put_nowait(request.key)
            return post

        await super().start(told)


class DiscordStage:
    """Discord, played by the server of `discord_server.py`."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server
        self._noticed = Noticed(server)
        self.chat: Chat = self._noticed

    def channel(self) -> Address:
        return f"discord:{GUILD}:{CHANNEL}"

    def gone(self) -> Address:
        return f"discord:{GUILD}:999"

    def texts(self) -> list[str]:
        posts = [post for channel in self._server.world.messages for post in self._server.posts(channel)]
        return [self._text(post) for post in sorted(posts, key=lambda post: int(post["id"]))]

    def _text(self, post: dict[str, Any]) -> str:
        files = [self._server.world.files[file["id"]].decode() for file in post["attachments"]]
        return "\n".join([_MARK.sub("", text) for text in texts(post)] + files)

    def delete(self, message: str) -> None:
        for messages in self._server.world.messages.values():
            messages[:] = [post for post in messages if post["id"] != message]

    def lose_reply(self) -> None:
        self._server.fault("POST", "/messages", lost=True)

    def limit(self, seconds: float) -> None:
        self._server.fault("POST", "/messages", status=429, retry_after=seconds)

    async def mention(self, text: str) -> Callable[[], Any]:
        await self._server.say(1001, f"<@{BOT}> {text}")
        await asyncio.wait_for(self._noticed.handed.get(), 10)

        async def again() -> None:
            await self._server.again()
            await asyncio.wait_for(self._noticed.handed.get(), 10)

        return again


@contextlib.asynccontextmanager
async def discord_stage() -> AsyncIterator[DiscordStage]:
    """Set Discord up."""
    async with DiscordServer().running() as server:
        yield DiscordStage(server)
