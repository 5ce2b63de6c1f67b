"""Discord as a chat: connects, takes requests in, and shows posts."""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.attachments import Attachments
from bot.commands.command import Command
from bot.discord.commands import payloads
from bot.discord.connection import Connection
from bot.discord.delivery import Delivery, mark_of
from bot.discord.gone import Gone
from bot.discord.incoming import MOST_AT_ONCE, Intake
from bot.discord.interactions import Interactions
from bot.discord.places import DIRECT, NAME, Place, read
from bot.discord.refusals import translated
from bot.discord.render import render
from bot.discord.sheet import Sheet
from bot.discord.whispers import Whispers
from bot.overview import Books
from bot.settings import Discord
from bot.shapes import Address, Handle, Post, Rules, TryLater, Undeliverable, no_rules, plain
from core.errors import Misconfigured, Unavailable

GATEWAY = "wss://gateway.discord.gg/"
CONNECT_WITHIN = 60.0
"""Seconds, beside any wait for a new session to be allowed."""

log = structlog.get_logger("dexter.discord")


class DiscordChat:
    """One bot account, on all its servers."""

    name = NAME

    def __init__(
        self,
        settings: Discord,
        commands: Sequence[Command],
        memory: Path | None = None,
        most_at_once: int = MOST_AT_ONCE,
        attachments: Attachments | None = None,
    ) -> None:
        """`memory` is a file that keeps what Discord was told of the commands."""
        # Both addresses are attributes of the library's classes, so they hold for the whole process:
        # two chats with different addresses cannot live in one.
        Route.BASE = settings.base_url.rstrip("/")
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url or GATEWAY)
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # Dexter does not speak
        self._settings, self._commands, self._memory = settings, payloads(commands), memory
        self._gone = Gone(self._tell)
        self._intake = Intake(
            self._gone, reads_all=settings.message_content, most=most_at_once, attachments=attachments
        )
        self._table = commands
        self._open()
        self._listening: asyncio.Task[None] | None = None

    def _open(self) -> None:
        """Make a client; the library's cannot be used again once it is closed."""
        self.client = Connection(self._settings, self._commands, self._memory, self)
        self._delivery = Delivery(self.client)
        self._whispers = Whispers(self._delivery, self._direct)
        self._interactions = Interactions(self._table, self._intake, self._whispers)
        self._directs: dict[int, int] = {}

    async def start(self, handle: Handle, rules: Rules = no_rules, books: Books | None = None) -> None:
        """Connect, again where it has been stopped or has failed.

        Raises `Misconfigured` for a refused token, `Unavailable` where Discord does not answer.
        """
        if self.client.is_closed():
            self._open()
        self._intake.open(handle, rules, books)
        try:
            await self._connect()
        except discord.LoginFailure as error:
            await self.stop()
            raise Misconfigured(
                "Discord refuses the token. Copy it again from discord.com/developers (Bot, Reset Token) into "
                "DISCORD_TOKEN."
            ) from error
        except discord.PrivilegedIntentsRequired as error:
            await self.stop()
            raise Misconfigured(
                "discord.message_content is on, but Discord does not give Dexter the text of messages: turn the "
                "Message Content Intent on at discord.com/developers (Bot), or the setting off."
            ) from error
        except (TimeoutError, OSError, aiohttp.ClientError, discord.DiscordException) as error:
            await self.stop()
            raise Unavailable(
                "Discord does not answer at {url} ({error}).", url=Route.BASE, error=type(error).__name__
            ) from error
        log.info("connected", chat=NAME, servers=len(self.client.guilds), shards=self.client.shard_count)

    async def _connect(self) -> None:
        async with asyncio.timeout(CONNECT_WITHIN):
            await self.client.login(self._settings.token.get_secret_value())
        await self.client.prepare()
        async with asyncio.timeout(CONNECT_WITHIN):
            self._listening = asyncio.create_task(self.client.connect())
            ready = asyncio.create_task(self.client.wait_until_ready())
            await asyncio.wait({ready, self._listening}, return_when=asyncio.FIRST_COMPLETED)
            ready.cancel()
            if self._listening.done():
                self._listening.result()
            self._listening.add_done_callback(_ended)

    async def stop(self) -> None:
        """Take nothing more in, and disconnect."""
        self._intake.close()
        with contextlib.suppress(OSError, aiohttp.ClientError, discord.DiscordException):
            await self.client.close()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def show(self, address: Address, post: Post, key: str, message: str | None, again: bool) -> str:
        """Show `post`; see `bot.shapes.Chat`."""
        place = read(address)
        if message is not None and not message.isdecimal():
            raise Undeliverable("{message} is not a message in Discord.", message=repr(message))
        try:
            return await self._show(place, render(post, mark_of(key)), key, message, again)
        except Undeliverable as never:
            await self._gone.undelivered(place, key, never.sentence)
            raise

    async def _show(self, place: Place, sheet: Sheet, key: str, message: str | None, again: bool) -> str:
        if place.whisper:
            return await self._whispers.show(place.whisper, sheet, key, message, again)
        return await self._delivery.show(place, sheet, key, message, again)

    def thread(self, address: Address, message: str) -> Address:
        """Return the address of the thread under `message`: in Discord it has the message's own id."""
        place = read(address)
        thread = str(place.channel) if place.guild == DIRECT else message
        return f"{NAME}:{place.guild}:{place.channel}:{thread}"

    def pace(self, address: Address) -> float:
        """Return 1: Discord takes 5 messages or edits in 5 seconds in a channel."""
        return 1.0

    async def interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Take an interaction."""
        await self._interactions.take(interaction)

    async def message(self, message: discord.Message, me: discord.ClientUser) -> None:
        """Take a message."""
        await self._intake.message(message, me)

    async def deleted(self, guild: int | None, messages: Sequence[int]) -> None:
        """Messages were deleted: a question among them is no longer worked on."""
        await self._gone.messages(guild, messages)

    async def gone(self, guild: int, *channels: int) -> None:
        """A server, a channel or a thread is gone: what was asked there is no longer worked on."""
        await self._gone.place(guild, *channels)

    async def _direct(self, person: int) -> int:
        """Return the channel of a person's direct messages."""
        if person not in self._directs:
            opened = await self.client.http.start_private_message(person)
            self._directs[person] = int(opened["id"])
        return self._directs[person]

    async def _tell(self, person: int, text: str) -> None:
        """Say a sentence to a person in direct messages, if they take them."""
        try:
            async with translated():
                channel = await self._direct(person)
            place, sheet = Place(DIRECT, channel, channel), render(plain(text, failed=True))
            await self._delivery.show(place, sheet, f"tell:{person}:{text}", None, False)
        except (TryLater, Undeliverable) as error:
            log.info("a person could not be told", why=str(error))


def _ended(listening: asyncio.Task[None]) -> None:
    """Say so where the connection ended by itself, for example because the token was withdrawn."""
    if not listening.cancelled() and (error := listening.exception()) is not None:
        log.error("disconnected for good", chat=NAME, error=type(error).__name__)
