"""Reads files that came with a question, as far as they are text."""

import asyncio
from collections.abc import Sequence

import aiohttp
import discord

from bot.discord.escape import bare
from bot.shapes import Attachment
from core.errors import BadRequest, Unavailable

MOST_FILES = 5
MOST_BYTES = 256 * 1024
SECONDS = 20.0


async def read_all(attachments: Sequence[discord.Attachment]) -> tuple[Attachment, ...]:
    """Return the files as text. Raises `BadRequest` with the reason where one is too much or no text."""
    if len(attachments) > MOST_FILES:
        raise BadRequest(f"That are {len(attachments)} files; I read {MOST_FILES} at most.")
    return tuple([await _read(attachment) for attachment in attachments])


async def _read(attachment: discord.Attachment) -> Attachment:
    name = bare(attachment.filename)[:100]
    if attachment.size > MOST_BYTES:
        raise BadRequest(f"{name} has {attachment.size:,} bytes; I read {MOST_BYTES:,} at most. Attach a shorter one.")
    try:
        async with asyncio.timeout(SECONDS):
            content = await attachment.read()
    except (OSError, TimeoutError, aiohttp.ClientError, discord.HTTPException) as error:
        raise Unavailable(f"Discord did not hand over {name}. Please attach it again.") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise BadRequest(f"{name} is not a text file. Attach text or Markdown, or paste the part that matters.")
    return Attachment(name, text)
