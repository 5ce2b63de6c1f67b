"""Files that came with a message or a command in Discord."""

from collections.abc import Sequence

import aiohttp
import discord

from bot.attachments import Attachments, Gathered, Offer
from bot.discord.escape import bare
from core.errors import Unavailable


async def read_all(files: Sequence[discord.Attachment], attachments: Attachments) -> Gathered:
    """Return the files as text, and a sentence for each that could not be read."""
    return await attachments.gather([_offer(file) for file in files])


def _offer(attachment: discord.Attachment) -> Offer:
    name = bare(attachment.filename)[:100]

    async def fetch(_most: int) -> bytes:
        # Discord itself measured the size, which is checked before; its library reads all or nothing.
        try:
            return await attachment.read()
        except TimeoutError:
            raise
        except (OSError, aiohttp.ClientError, discord.HTTPException) as error:
            raise Unavailable("Discord did not hand over {name}. Please attach it again.", name=name) from error

    return Offer(name, attachment.size, attachment.content_type or "", fetch)
