"""Puts a rendered message into Discord: sent once, edited in place, in a thread that is opened when it is needed."""

import asyncio
import base64
import contextlib
import hashlib
import re
from io import BytesIO
from typing import Any, Literal

import discord

from bot.discord.escape import bare, clean
from bot.discord.layout import shortened
from bot.discord.places import DIRECT, Place
from bot.discord.refusals import ARCHIVED, THREAD_THERE, UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, translated
from bot.discord.render import FILE, Sheet
from bot.shapes import TryLater

DEADLINE = 25.0
"""Seconds for one post with all its calls."""
LOOK_BACK = 50
"""Messages of a thread that are searched for one that got through."""
THREAD_NAME = 90
ARCHIVE_AFTER: Literal[1440] = 1440
"""Minutes without a message after which Discord folds a thread away; a new message brings it back."""
COLOUR, FAILED = discord.Colour(0x5B6EE1), discord.Colour(0xD93B3B)
PREFIX = "dexter:"
"""Of the `custom_id` of our buttons; the command stands behind it, so that a button outlives the process."""
STYLES = {
    "plain": discord.ButtonStyle.secondary,
    "primary": discord.ButtonStyle.primary,
    "danger": discord.ButtonStyle.danger,
}
_MENTION = re.compile(r"<(?:@[!&]?|#)\d+>")
_ESCAPE = re.compile(r"\\(?=[^\w\s])|\*\*")


def nonce_of(key: str) -> str:
    """Return what makes sending `key` twice send it once, as long as Discord remembers: 24 characters, 25 at most."""
    return base64.b32encode(hashlib.sha256(key.encode()).digest())[:24].decode().lower()


def mark_of(key: str) -> str:
    """Return the end of a message's small print, by which it is found again.

    Discord forgets a nonce after minutes and leaves it out of the history, so the mark has to be part of the message.
    """
    return f"#{nonce_of(key)[:8]}"


def form(sheet: Sheet) -> dict[str, Any]:
    """Return what the library's `send` and `respond` share."""
    colour = FAILED if sheet.failed else COLOUR
    embeds = [discord.Embed(title=c.title or None, description=c.text, colour=colour) for c in sheet.cards]
    for embed, card in zip(embeds, sheet.cards, strict=True):
        if card.foot:
            embed.set_footer(text=card.foot)
    return {"content": sheet.content, "embeds": embeds, "allowed_mentions": discord.AllowedMentions.none()}


def files(sheet: Sheet) -> list[discord.File]:
    """Return the file that carries the whole text, where there is one."""
    return [discord.File(BytesIO(sheet.file.encode()), filename=FILE)] if sheet.file else []


def view(sheet: Sheet) -> discord.ui.View | None:
    """Return the buttons. The view is over from the start: presses are read from their `custom_id` alone."""
    if not sheet.rows:
        return None
    buttons = discord.ui.View(timeout=None)
    for row, each in enumerate(sheet.rows):
        for button in each:
            buttons.add_item(
                discord.ui.Button(
                    label=shortened(button.label, 80),
                    style=STYLES[button.style],
                    custom_id=PREFIX + bare(button.command),
                    row=row,
                )
            )
    buttons.stop()  # or the library would keep every view for ever
    return buttons


class Delivery:
    """Shows messages through a client. Raises `TryLater` or `Undeliverable`, nothing else."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def show(self, place: Place, sheet: Sheet, key: str, message: str | None, again: bool) -> str:
        """Send or edit, and return the message's id."""
        if not self._client.is_ready():
            raise TryLater("Discord is not connected.", 5.0)
        async with translated(), asyncio.timeout(DEADLINE):
            nonce = nonce_of(key)
            if message is not None:
                if await self._edited(place, sheet, int(message)):
                    return message
                nonce = nonce_of(f"{key} after {message}")  # or the deleted message might come back
            if again and (found := await self._found(place, mark_of(key))):
                await self._edit(place, sheet, int(found))
                return found
            return await self._send(place, sheet, nonce)

    def _channel(self, place: Place, channel: int) -> discord.PartialMessageable:
        guild = None if place.guild == DIRECT else int(place.guild)
        return self._client.get_partial_messageable(channel, guild_id=guild)

    async def _send(self, place: Place, sheet: Sheet, nonce: str) -> str:
        target = self._channel(place, place.target)
        try:
            sent = await self._post(target, sheet, nonce)
        except discord.NotFound as error:
            if error.code != UNKNOWN_CHANNEL or place.thread in (None, place.channel):
                raise
            await self._open_thread(place)
            sent = await self._post(target, sheet, nonce)
        return str(sent.id)

    async def _post(self, target: discord.PartialMessageable, sheet: Sheet, nonce: str) -> discord.Message:
        extra: dict[str, Any] = {} if (buttons := view(sheet)) is None else {"view": buttons}
        return await target.send(**form(sheet), **extra, files=files(sheet), nonce=nonce)

    async def _edited(self, place: Place, sheet: Sheet, message: int) -> bool:
        """Edit a message; False where somebody has deleted it."""
        try:
            await self._edit(place, sheet, message)
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            return False
        return True

    async def _edit(self, place: Place, sheet: Sheet, message: int) -> None:
        target = self._channel(place, place.target).get_partial_message(message)
        try:
            await target.edit(**form(sheet), attachments=files(sheet), view=view(sheet))
        except discord.HTTPException as error:
            if error.code != ARCHIVED or place.thread is None:
                raise
            await self._client.http.edit_channel(place.thread, archived=False)
            await target.edit(**form(sheet), attachments=files(sheet), view=view(sheet))

    async def _open_thread(self, place: Place) -> None:
        """Open the thread under a message; it has the message's id. One that is there already is as good."""
        if place.thread is None:
            return
        channel = self._channel(place, place.channel)
        name = "Dexter"
        with contextlib.suppress(discord.Forbidden):  # without the history it is called after Dexter
            name = _thread_name(await channel.fetch_message(place.thread)) or name
        try:
            await channel.get_partial_message(place.thread).create_thread(
                name=name, auto_archive_duration=ARCHIVE_AFTER
            )
        except discord.HTTPException as error:
            if error.code != THREAD_THERE:
                raise

    async def _found(self, place: Place, mark: str) -> str | None:
        """Return the message that an earlier try sent, if it got through."""
        me = self._client.user
        try:
            async for message in self._channel(place, place.target).history(limit=LOOK_BACK):
                if me and message.author.id == me.id and _print(message).endswith(mark):
                    return str(message.id)
        except discord.NotFound as error:
            if error.code != UNKNOWN_CHANNEL:  # no thread yet, so nothing in it
                raise
        return None


def _print(message: discord.Message) -> str:
    """Return a message's small print."""
    return (message.embeds[-1].footer.text or "") if message.embeds else clean(message.content).replace("\\", "")


def _thread_name(message: discord.Message) -> str:
    return shortened(_ESCAPE.sub("", _MENTION.sub("", message.content.split("\n-# ")[0])), THREAD_NAME)
