"""Puts a rendered message into Discord: sent once, edited in place, in a thread that is opened when it is needed.

What notifies is sent without its frame and put into it at once: Discord shows nothing of a frame in a notification.
"""

import asyncio
import base64
import hashlib
from dataclasses import replace
from weakref import WeakValueDictionary

import discord
import structlog

from bot.discord.components import files, form, view
from bot.discord.places import DIRECT, Place
from bot.discord.refusals import ARCHIVED, UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, translated
from bot.discord.sheet import Sheet, Text
from bot.discord.threads import HERE, open_post, open_thread, read
from bot.posts import ANSWER
from bot.shapes import TryLater
from bot.words import words_for

DEADLINE = 25.0
"""Seconds for one post with all its calls."""
LOOK_BACK = 50
"""Messages of a thread that are searched for one that got through."""
SHUT = (ARCHIVED, 160005, 50001, 50013)
"""The thread is archived or locked, or Dexter may not write in it."""
INVALID = 50035

log = structlog.get_logger("dexter.discord")


def nonce_of(key: str) -> str:
    """Return what makes sending `key` twice send it once, as long as Discord remembers: 24 characters, 25 at most."""
    return base64.b32encode(hashlib.sha256(key.encode()).digest())[:24].decode().lower()


def mark_of(key: str) -> str:
    """Return the end of a message's small print, by which it is found again.

    Discord forgets a nonce after minutes and leaves it out of the history, so the mark has to be part of the message.
    """
    return f"#{nonce_of(key)[:8]}"


class Delivery:
    """Shows messages through a client. Raises `TryLater` or `Undeliverable`, nothing else."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def show(self, place: Place, sheet: Sheet, key: str, message: str | None, again: bool) -> str:
        """Send or edit, and return the message's id. Of one key, what is shown later stands in the end."""
        if self._client.is_closed() or not self._client.is_ready():
            raise TryLater("Discord is not connected.", 5.0)
        turn = self._turns.setdefault(key, asyncio.Lock())
        async with translated(), asyncio.timeout(DEADLINE), turn:
            try:
                shown = await self._put(place, sheet, key, message, again)
            except discord.HTTPException as error:
                parent = _parent(place)
                if parent is None or error.code not in SHUT or not key.endswith(f":{ANSWER}"):
                    raise
                return await self._put(parent, _moved(sheet, place), key, message, again)
            if sheet.broadcast:
                await self._broadcast(place, sheet, key, message, again)
            return shown

    async def _put(self, place: Place, sheet: Sheet, key: str, message: str | None, again: bool) -> str:
        nonce = nonce_of(key)
        if message is not None:
            if await self._edited(place, sheet, int(message)):
                return message
            nonce = nonce_of(f"{key} after {message}")  # or the deleted message might come back
        if again and (found := await self._found(place, mark_of(key))):
            await self._edit(place, sheet, int(found))
            return found
        return await self._send(place, sheet, nonce, mark_of(key))

    async def _broadcast(self, place: Place, sheet: Sheet, key: str, message: str | None, again: bool) -> None:
        """Show it in the channel as well; a channel that refuses it has not kept it from its thread."""
        parent = _parent(place)
        if parent is None or self._forum(parent):
            return
        copy = _under(sheet, f"-# ↪ <#{place.thread}>")
        try:
            found = await self._found(parent, mark_of(key)) if again or message else None
            if found:
                await self._edit(parent, copy, int(found))
            elif message is None:
                await self._send(parent, copy, nonce_of(f"{key} in the channel"), mark_of(key))
        except (discord.Forbidden, discord.NotFound) as error:
            log.warning("not shown in the channel", key=key, code=error.code)

    def _channel(self, place: Place, channel: int) -> discord.PartialMessageable:
        guild = None if place.guild == DIRECT else int(place.guild)
        return self._client.get_partial_messageable(channel, guild_id=guild)

    def _forum(self, place: Place) -> discord.ForumChannel | None:
        channel = self._client.get_channel(place.target)
        return channel if isinstance(channel, discord.ForumChannel) else None

    async def _send(self, place: Place, sheet: Sheet, nonce: str, mark: str) -> str:
        if forum := self._forum(place):
            post = await open_post(self._client, forum, sheet.notice, mark)
            await self._edit(replace(place, thread=post), sheet, post)
            return str(post)
        target = self._channel(place, place.target)
        try:
            sent = await self._post(target, sheet, nonce)
        except discord.NotFound as error:
            if error.code != UNKNOWN_CHANNEL or place.thread in (None, place.channel):
                raise
            await open_thread(self._channel(place, place.channel), place.thread)
            sent = await self._post(target, sheet, nonce)
        if sheet.framed and not sheet.silent:
            await self._edit(place, sheet, sent.id)
        return str(sent.id)

    async def _post(self, target: discord.PartialMessageable, sheet: Sheet, nonce: str) -> discord.Message:
        if sheet.framed and sheet.silent:
            frame = view(sheet)
            return await target.send(**form(sheet), view=frame, files=files(sheet), nonce=nonce, silent=True)
        return await target.send(sheet.notice, **form(sheet), nonce=nonce)

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
        """Edit a message of any age; its thread is brought back where it is archived."""
        target = message if self._forum(place) else place.target
        shown = self._channel(place, target).get_partial_message(message)
        try:
            await _framed(shown, sheet)
        except discord.HTTPException as error:
            if error.code != ARCHIVED or target == place.channel:
                raise
            await self._client.http.edit_channel(target, archived=False)
            await _framed(shown, sheet)

    async def _found(self, place: Place, mark: str) -> str | None:
        """Return the message that an earlier try sent, if it got through."""
        me = self._client.user
        if self._forum(place):
            return None  # the post itself is looked for before another is begun
        try:
            async for message in self._channel(place, place.target).history(limit=LOOK_BACK):
                if me and message.author.id == me.id and read(message).endswith(mark):
                    return str(message.id)
        except discord.NotFound as error:
            if error.code != UNKNOWN_CHANNEL:  # no thread yet, so nothing in it
                raise
        return None


async def _framed(message: discord.PartialMessage, sheet: Sheet) -> None:
    """Put what a message now says into a frame, in place of whatever it said."""
    try:
        if not sheet.framed:
            await message.edit(content=sheet.notice, **form(sheet))
            return
    except discord.HTTPException as error:
        if error.code != INVALID:  # it has a frame already, which it can never lose
            raise
    try:
        await _in_frame(message, sheet)
    except discord.Forbidden:
        if not files(sheet):
            raise
        await _in_frame(message, sheet.without_files())  # Attach Files may be what is missing


async def _in_frame(message: discord.PartialMessage, sheet: Sheet) -> None:
    await message.edit(content=None, embeds=[], attachments=files(sheet), view=view(sheet), **form(sheet))


def _parent(place: Place) -> Place | None:
    """Return the channel of a thread."""
    return None if place.thread in (None, place.channel) else replace(place, thread=None)


def _moved(sheet: Sheet, place: Place) -> Sheet:
    said = words_for(sheet.language)(HERE, thread=f"<#{place.thread}>")
    return _under(sheet, f"-# {said}")


def _under(sheet: Sheet, line: str) -> Sheet:
    """Return the same under a line of small print of our own."""
    return replace(sheet, items=(Text(line), *sheet.items), notice=f"{line}\n{sheet.notice}")
