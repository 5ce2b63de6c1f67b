"""What comes in from Discord: slash commands, buttons and mentions become requests, and are answered at once."""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
import discord
import structlog

from bot.commands.command import Command
from bot.discord.attachments import read_all
from bot.discord.commands import typed
from bot.discord.delivery import PREFIX, files, form, nonce_of, view
from bot.discord.places import address_of, tenant_of
from bot.discord.render import render
from bot.shapes import Handle, Post, Request, plain
from core.errors import DexterError

ANSWER_WITHIN = 2.0
"""Seconds for a command before it is acknowledged without its answer; Discord gives up after 3."""
FINISH_WITHIN = 120.0
ACCEPTED = "The committee is at work; its answer comes in the thread."
BROKEN = "Something broke inside Dexter; its log has the details. Please try again, or tell who runs Dexter."
SLOW = "This takes longer than it should. `/dexter status` says how Dexter is doing; please try again later."
_NEEDED = {
    "send_messages": "Send Messages",
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}

log = structlog.get_logger("dexter.discord")


class Intake:
    """Turns what Discord says into requests, and says what they say at once."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self._commands = commands
        self.handle: Handle | None = None
        """Where requests go; `None` while nothing is taken in."""

    async def interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Take a slash command or a press of a button, and acknowledge it within Discord's three seconds."""
        text = self._text(interaction)
        if text is None or self.handle is None:
            return
        if lacking := _lacking(interaction.app_permissions, interaction.guild_id, interaction.channel):
            await _respond(interaction, lacking)
            return
        work = asyncio.create_task(self._answer(interaction, text, self.handle))
        await asyncio.wait({work}, timeout=ANSWER_WITHIN)
        try:
            if not work.done():
                await interaction.response.defer(ephemeral=True, thinking=True)
                await asyncio.wait({work}, timeout=FINISH_WITHIN)
            await _respond(interaction, work.result() if work.done() else plain(SLOW, private=True, failed=True))
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("acknowledgement failed", key=str(interaction.id), error=type(error).__name__)

    async def message(self, message: discord.Message, me: discord.ClientUser) -> None:
        """Take a message that mentions Dexter, or came to it directly; bots are not listened to."""
        if message.author.bot or self.handle is None or message.type not in _SPOKEN:
            return
        names = (f"<@{me.id}>", f"<@!{me.id}>")
        if message.guild is not None and not any(name in message.content for name in names):
            return
        permissions = None
        if message.guild is not None and message.guild.me is not None and hasattr(message.channel, "permissions_for"):
            permissions = message.channel.permissions_for(message.guild.me)
        guild = message.guild.id if message.guild else None
        post: Post | None = _lacking(permissions, guild, message.channel)
        if post is None:
            post = await self._heard(message, names, guild, self.handle)
        if post is not None:
            await _reply(message, post)

    def _text(self, interaction: discord.Interaction[Any]) -> str | None:
        data: Any = interaction.data or {}
        if interaction.type is discord.InteractionType.application_command:
            return typed(data, self._commands)
        if interaction.type is discord.InteractionType.component:
            pressed = str(data.get("custom_id", ""))
            return pressed.removeprefix(PREFIX) if pressed.startswith(PREFIX) else "help"
        return None

    async def _answer(self, interaction: discord.Interaction[Any], text: str, handle: Handle) -> Post:
        async def request() -> Request:
            channel = interaction.channel_id or 0
            found = await read_all(_attached(interaction))
            return Request(
                key=f"discord:{interaction.id}",
                tenant=tenant_of(interaction.guild_id, interaction.user.id),
                person=f"discord:{interaction.user.id}",
                name=interaction.user.display_name,
                address=address_of(interaction.guild_id, interaction.channel, channel),
                text=text,
                attachments=found.files,
                unread=found.unread,
                locale=str(interaction.locale),
            )

        post = await _guarded(handle, request)
        return post or plain(ACCEPTED, private=True)

    async def _heard(
        self, message: discord.Message, names: tuple[str, ...], guild: int | None, handle: Handle
    ) -> Post | None:
        async def request() -> Request:
            found = await read_all(message.attachments)
            return Request(
                key=f"discord:{message.id}",
                tenant=tenant_of(guild, message.author.id),
                person=f"discord:{message.author.id}",
                name=message.author.display_name,
                address=address_of(guild, message.channel, message.channel.id, message.id),
                text=_words(message, names),
                attachments=found.files,
                unread=found.unread,
            )

        return await _guarded(handle, request)


_SPOKEN = (discord.MessageType.default, discord.MessageType.reply)


async def _guarded(handle: Handle, request: Any) -> Post | None:
    """Return what the command says, or a sentence about its error: whoever asked is never left without a word."""
    try:
        result: Post | None = await handle(await request())
    except DexterError as error:
        return plain(str(error), private=True, failed=True)
    except Exception as error:  # the person must hear of it, and the next command must be served
        log.exception("command failed", error=type(error).__name__)
        return plain(BROKEN, private=True, failed=True)
    return result


async def _respond(interaction: discord.Interaction[Any], post: Post) -> None:
    sheet = render(post)
    shown = form(sheet) | {"files": files(sheet)} | ({"view": buttons} if (buttons := view(sheet)) else {})
    if interaction.response.is_done():
        await interaction.followup.send(**shown, ephemeral=True)
    else:
        await interaction.response.send_message(**shown, ephemeral=post.private)


async def _reply(message: discord.Message, post: Post) -> None:
    sheet = render(post)
    shown = form(sheet) | {"files": files(sheet)} | ({"view": buttons} if (buttons := view(sheet)) else {})
    try:
        await message.channel.send(
            **shown, reference=message.to_reference(fail_if_not_exists=False), nonce=nonce_of(f"reply:{message.id}")
        )
    except discord.HTTPException as error:
        log.warning("reply failed", key=str(message.id), error=type(error).__name__, code=error.code)


def _words(message: discord.Message, names: tuple[str, ...]) -> str:
    """Return what was said behind the mention; other people are named as they are called, not by their numbers."""
    text = message.content
    for name in names:
        text = text.replace(name, " ")
    for user in message.mentions:
        text = text.replace(f"<@{user.id}>", f"@{user.display_name}").replace(f"<@!{user.id}>", f"@{user.display_name}")
    return text.strip()


def _attached(interaction: discord.Interaction[Any]) -> list[discord.Attachment]:
    data: Any = interaction.data or {}
    rows = (data.get("resolved") or {}).get("attachments") or {}
    return [discord.Attachment(data=row, state=interaction.client._connection) for row in rows.values()]


def _lacking(permissions: discord.Permissions | None, guild: int | None, channel: object) -> Post | None:
    """Return the sentence about permissions that Dexter has not; what it cannot know, it tries."""
    if permissions is None or guild is None:
        return None
    thread = isinstance(channel, discord.Thread)
    needed = {k: v for k, v in _NEEDED.items() if not thread or k not in ("create_public_threads", "send_messages")}
    missing = [label for name, label in needed.items() if not getattr(permissions, name)]
    if not missing:
        return None
    return plain(
        f"I cannot answer in this channel: my role lacks {', '.join(missing)}. "
        "Someone who manages the server can grant it in the channel's settings under Permissions.",
        private=True,
        failed=True,
    )
