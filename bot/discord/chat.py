"""Discord as a chat: connects, takes requests in, and shows posts."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.commands.command import Command
from bot.discord.commands import Choices, payload, same
from bot.discord.delivery import Delivery, mark_of
from bot.discord.incoming import Intake
from bot.discord.places import DIRECT, NAME, read
from bot.discord.render import render
from bot.overview import Books
from bot.shapes import Address, Handle, Post, Rules, Undeliverable, no_rules
from core.errors import Misconfigured, Unavailable

GATEWAY = "wss://gateway.discord.gg/"
CONNECT_WITHIN = 60.0
WAIT_AT_MOST = 1.0
"""Seconds that the library itself may wait where Discord limits us; beyond, the outbox waits."""

log = structlog.get_logger("dexter.discord")


class DiscordChat:
    """One bot account, on all its servers."""

    name = NAME

    def __init__(
        self,
        token: str,
        commands: Sequence[Command],
        choices: Choices | None = None,
        *,
        base_url: str = "https://discord.com/api/v10",
        gateway_url: str = "",
    ) -> None:
        # Both addresses are attributes of the library's classes, so they hold for the whole process:
        # two chats with different addresses cannot live in one.
        Route.BASE = base_url.rstrip("/")
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url or GATEWAY)
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # Dexter does not speak
        self._token = token
        self._intake = Intake(commands)
        self._command, self._gateway_url = payload(commands, choices or {}), gateway_url
        self._open()
        self._listening: asyncio.Task[None] | None = None

    def _open(self) -> None:
        """Make a client; the library's cannot be used again once it is closed."""
        self.client = Connection(self._intake, self._command, self._gateway_url)
        self._delivery = Delivery(self.client)

    async def start(self, handle: Handle, rules: Rules = no_rules, books: Books | None = None) -> None:
        """Connect, again where it has been stopped or has failed.

        Raises `Misconfigured` for a refused token, `Unavailable` where Discord does not answer.
        """
        if self.client.is_closed():
            self._open()
        self._intake.handle = handle
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await self.client.login(self._token)
                self._listening = asyncio.create_task(self.client.connect())
                ready = asyncio.create_task(self.client.wait_until_ready())
                await asyncio.wait({ready, self._listening}, return_when=asyncio.FIRST_COMPLETED)
                ready.cancel()
                if self._listening.done():
                    self._listening.result()
        except discord.LoginFailure as error:
            await self.stop()
            raise Misconfigured(
                "Discord refuses the token. Copy it again from discord.com/developers (Bot, Reset Token) into "
                "DISCORD_TOKEN."
            ) from error
        except (TimeoutError, OSError, aiohttp.ClientError, discord.DiscordException) as error:
            await self.stop()
            raise Unavailable(f"Discord does not answer at {Route.BASE} ({type(error).__name__}).") from error
        self._listening.add_done_callback(_ended)
        log.info("connected", chat=NAME, servers=len(self.client.guilds))

    async def stop(self) -> None:
        """Take nothing more in, and disconnect."""
        self._intake.handle = None
        with contextlib.suppress(OSError, aiohttp.ClientError, discord.DiscordException):
            await self.client.close()
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def show(self, address: Address, post: Post, key: str, message: str | None, again: bool) -> str:
        """Show `post`; see `bot.shapes.Chat`."""
        place = read(address)
        if message is not None and not message.isdecimal():
            raise Undeliverable(f"{message!r} is not a message in Discord.")
        return await self._delivery.show(place, render(post, mark_of(key)), key, message, again)

    def thread(self, address: Address, message: str) -> Address:
        """Return the address of the thread under `message`: in Discord it has the message's own id."""
        place = read(address)
        thread = str(place.channel) if place.guild == DIRECT else message
        return f"{NAME}:{place.guild}:{place.channel}:{thread}"

    def pace(self, address: Address) -> float:
        """Return 1: Discord takes 5 messages or edits in 5 seconds in a channel."""
        return 1.0


class Connection(discord.Client):
    """The library's client with the least that Dexter needs: no members, no presence, no text of other messages."""

    def __init__(self, intake: Intake, command: dict[str, Any], gateway_url: str) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        super().__init__(
            intents=intents,
            max_messages=None,
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.5,  # servers that come later are as welcome
            member_cache_flags=discord.MemberCacheFlags.none(),
            allowed_mentions=discord.AllowedMentions.none(),
        )
        # The constructor takes 30 seconds at least; by then the outbox had better know.
        self.http.max_ratelimit_timeout = WAIT_AT_MOST
        self._intake, self._command, self._gateway_url = intake, command, gateway_url

    async def setup_hook(self) -> None:
        """Tell Discord of `/dexter`, if what it knows is not the same."""
        assert self.application_id is not None  # noqa: S101 - the library sets it before it calls this
        try:
            theirs = await self.http.get_global_commands(self.application_id)
            if len(theirs) != 1 or not same(self._command, theirs[0]):
                await self.http.bulk_upsert_global_commands(self.application_id, [self._command])
                log.info("commands synced", chat=NAME)
        except discord.HTTPException as error:
            log.warning("commands not synced", chat=NAME, status=error.status, code=error.code)

    async def on_ready(self) -> None:
        """Stay with the gateway that was set: Discord names its own for resuming, which a proxy may not let through."""
        if self._gateway_url:
            self.ws.gateway = yarl.URL(self._gateway_url)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Pass a slash command or a press of a button on."""
        await self._intake.interaction(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """Pass a message on."""
        if self.user is not None:
            await self._intake.message(message, self.user)


def _ended(listening: asyncio.Task[None]) -> None:
    """Say so where the connection ended by itself, for example because the token was withdrawn."""
    if not listening.cancelled() and (error := listening.exception()) is not None:
        log.error("disconnected for good", chat=NAME, error=type(error).__name__)
