"""What Dexter says at once: to an interaction within Discord's three seconds, or under a message."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import discord
import structlog

from bot.discord.components import files, form, view
from bot.discord.delivery import nonce_of
from bot.discord.render import render
from bot.shapes import Post, plain
from bot.words import Words

_NEEDED = {
    "send_messages": "Send Messages",
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads",
    "read_message_history": "Read Message History",
}
"""As Discord writes them, in its own language: they are what the administrator looks for."""
NEVER_ARRIVES = (discord.HTTPException, discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError)
"""What may go wrong on the way to Discord."""

log = structlog.get_logger("dexter.discord")


async def respond(interaction: discord.Interaction[Any], post: Post, *, hidden: bool) -> None:
    """Answer an interaction, or add to what has answered it."""
    if interaction.response.is_done():
        await interaction.followup.send(**_shown(post), ephemeral=hidden)
    else:
        await interaction.response.send_message(**_shown(post), ephemeral=hidden)


async def reply(message: discord.Message, post: Post) -> None:
    """Answer under a person's message; without the permission to, nothing is said."""
    try:
        await message.channel.send(
            **_shown(post),
            reference=message.to_reference(fail_if_not_exists=False),
            nonce=nonce_of(f"reply:{message.id}"),
        )
    except NEVER_ARRIVES as error:
        log.warning("reply failed", key=str(message.id), error=type(error).__name__)


def _shown(post: Post) -> dict[str, Any]:
    sheet = render(post)
    return form(sheet) | {"files": files(sheet), "view": view(sheet)}


def lacking(permissions: discord.Permissions | None, guild: int | None, channel: object, words: Words) -> Post | None:
    """Return the sentence about what stands in the way of an answer here; what cannot be known, is tried."""
    if permissions is None or guild is None:
        return None
    thread = channel if isinstance(channel, discord.Thread) else None
    missing = _missing(permissions, _NEEDED, in_thread=thread is not None)
    if missing:
        said = words(
            "I cannot answer in this channel: my role lacks {permissions}. Someone who manages the server can grant "
            "it in the channel's settings under Permissions.",
            permissions=", ".join(missing),
        )
    elif thread and thread.locked and not permissions.manage_threads:
        said = words("This thread is locked: I cannot answer in it. Ask in the channel, or have it unlocked.")
    else:
        return None
    return plain(said, private=True, failed=True)


def _missing(permissions: discord.Permissions, needed: Mapping[str, str], *, in_thread: bool) -> list[str]:
    spared = ("create_public_threads", "send_messages") if in_thread else ()
    return [label for name, label in needed.items() if name not in spared and not getattr(permissions, name)]
