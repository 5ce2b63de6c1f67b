"""What a person said in Discord, as a request: a slash command, a press, a form or a message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.attachments import Attachments
from bot.commands.command import Command
from bot.discord.attachments import read_all
from bot.discord.commands import PRIVATE, leaf, typed
from bot.discord.components import PREFIX
from bot.discord.forms import filled
from bot.discord.places import Whisper, address_of, tenant_of, whisper_to
from bot.discord.skill_forms import as_typed, sent
from bot.shapes import Address, Attachment, Request
from core.sentences import Sentence

_CHANNEL = re.compile(r"<#(\d{1,20})>")
CONTEXT_FILE = "message.md"
"""The name under which the message that a form was opened on goes to the committee."""


@dataclass(frozen=True, slots=True)
class Said:
    """An interaction, read."""

    text: str
    """As the person would have typed it."""
    files: tuple[discord.Attachment, ...] = ()
    context: str = ""
    private: bool = False
    """The answer is for this person alone."""
    subject: int = 0
    """What a form was opened on, where files came with that: a message, or the command before."""
    unread: tuple[Sentence, ...] = ()
    """Why some of the files are missing."""


def said_in(interaction: discord.Interaction[Any], commands: Sequence[Command]) -> Said | None:
    """Return what an interaction says; nothing where it is none of ours."""
    data: Any = interaction.data or {}
    match interaction.type:
        case discord.InteractionType.application_command:
            private = any(row["name"] == PRIVATE and row.get("value") is True for row in leaf(data)[1])
            return Said(typed(data, commands), _files(interaction), private=private)
        case discord.InteractionType.component:
            pressed = str(data.get("custom_id", ""))
            text = pressed.removeprefix(PREFIX) if pressed.startswith(PREFIX) else "help"
            return Said(text, private=_in_private(interaction))
        case discord.InteractionType.modal_submit if (run := sent(data))[0]:
            return Said(as_typed(*run), private=_in_private(interaction))
        case discord.InteractionType.modal_submit if form := filled(data, commands):
            files = _files(interaction, form.files)
            return Said(form.text, files, form.context, form.private or _in_private(interaction), form.subject)
        case _:
            return None


def _in_private(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether it was said at a message that this person alone sees: what follows stays there."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def is_guest(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether Dexter is no member of where this was said: the person brought it along."""
    if interaction.context.dm_channel:
        return False
    return interaction.is_user_integration() and not interaction.is_guild_integration()


async def request_of(interaction: discord.Interaction[Any], said: Said, attachments: Attachments) -> Request:
    """Return the request of an interaction, its files read."""
    person, guest = interaction.user.id, is_guest(interaction)
    found = await read_all(said.files, attachments)
    context = (Attachment(CONTEXT_FILE, said.context),) if said.context else ()
    return Request(
        key=f"discord:{interaction.id}",
        tenant=tenant_of(None if guest else interaction.guild_id, person),
        person=f"discord:{person}",
        name=interaction.user.display_name,
        address=_address(interaction, said, guest),
        text=said.text,
        attachments=(*context, *found.files),
        unread=(*said.unread, *found.unread),
        locale=str(interaction.locale),
        channels=_channels(said.text, None if guest else interaction.guild, interaction.user),
    )


def _channels(text: str, guild: discord.Guild | None, person: discord.abc.User) -> dict[str, Address]:
    """Return the channels that a text names and both the person and Dexter may write in, with their addresses."""
    found: dict[str, Address] = {}
    for named in _CHANNEL.finditer(text) if guild and guild.me and isinstance(person, discord.Member) else ():
        channel = guild.get_channel(int(named[1])) if guild else None
        if isinstance(channel, discord.TextChannel) and isinstance(person, discord.Member):
            rights = channel.permissions_for(person), channel.permissions_for(channel.guild.me)
            if all(each.view_channel and each.send_messages for each in rights):
                found[named[0]] = address_of(channel.guild.id, channel, channel.id)
    return found


def _address(interaction: discord.Interaction[Any], said: Said, guest: bool) -> Address:
    channel, guild = interaction.channel_id or 0, None if guest else interaction.guild_id
    if guest or said.private:
        return whisper_to(guild, channel, Whisper(interaction.user.id, interaction.id, said.private))
    return address_of(guild, interaction.channel, channel)


async def request_from(
    message: discord.Message, names: tuple[str, ...], attachments: Attachments, overheard: bool = False
) -> Request:
    """Return the request of a message, its files read; `names` are the ways in which Dexter was named."""
    guild = message.guild.id if message.guild else None
    found = await read_all(message.attachments, attachments)
    return Request(
        key=key_of(message.id),
        tenant=tenant_of(guild, message.author.id),
        person=f"discord:{message.author.id}",
        name=message.author.display_name,
        address=address_of(guild, message.channel, message.channel.id, message.id),
        text=_words(message, names),
        attachments=found.files,
        unread=found.unread,
        locale=str(message.guild.preferred_locale) if message.guild else "en",
        channels=_channels(message.content, message.guild, message.author),
        reply=isinstance(message.channel, discord.Thread),
        overheard=overheard,
    )


def key_of(message: int) -> str:
    """Return the key of the request that a message makes."""
    return f"discord:{message}"


def _words(message: discord.Message, names: tuple[str, ...]) -> str:
    """Return what was said behind the mention; other people are named as they are called, not by their numbers."""
    text = message.content
    for name in names:
        text = text.replace(name, " ")
    for user in message.mentions:
        text = text.replace(f"<@{user.id}>", f"@{user.display_name}").replace(f"<@!{user.id}>", f"@{user.display_name}")
    return text.strip()


def _files(
    interaction: discord.Interaction[Any], wanted: Sequence[str] | None = None
) -> tuple[discord.Attachment, ...]:
    """Return the files that came with an interaction, or those of them that are wanted."""
    data: Any = interaction.data or {}
    return attachments(interaction, ((data.get("resolved") or {}).get("attachments") or {}).values(), wanted)


def attachments(
    interaction: discord.Interaction[Any], rows: Any, wanted: Sequence[str] | None = None
) -> tuple[discord.Attachment, ...]:
    """Return files as the library knows them, from what Discord sends of them."""
    state = interaction.client._connection
    return tuple(discord.Attachment(data=row, state=state) for row in rows if wanted is None or row["id"] in wanted)
