"""The files that came with what a form was opened on, until the form is sent.

They are remembered in this process alone. After a restart those of a message are looked up once more; those of a
command are out of reach, and the person is told.
"""

import asyncio
from collections import OrderedDict
from dataclasses import replace
from typing import Any

import discord

from bot.discord.replies import NEVER_ARRIVES
from bot.discord.said import Said
from core.sentences import said

MOST = 500
"""Forms that are remembered."""
LOOK_WITHIN = 2.0
"""Seconds to look a message up in; Discord waits for 3."""


class FormFiles:
    """Remembers files by the message or the command that a form was opened on."""

    def __init__(self) -> None:
        self._open: OrderedDict[int, tuple[discord.Attachment, ...]] = OrderedDict()

    def remember(self, subject: int, files: tuple[discord.Attachment, ...]) -> int:
        """Remember files until their form is sent; return what the form is to know them by, 0 where there are none."""
        if not files:
            return 0
        self._open[subject] = files
        while len(self._open) > MOST:
            self._open.popitem(last=False)
        return subject

    async def given(self, interaction: discord.Interaction[Any], form: Said) -> Said:
        """Return what a form says, with the files that it was opened on or why they are missing."""
        if not form.subject:
            return form
        files = self._open.pop(form.subject, None)
        if files is None:
            files = await _of_message(interaction, form.subject)
        if files is None:
            lost = said("The files that came before the form are lost, as I was restarted: ask again with them.")
            return replace(form, unread=(lost,))
        return replace(form, files=(*files, *form.files))


async def _of_message(interaction: discord.Interaction[Any], subject: int) -> tuple[discord.Attachment, ...] | None:
    """Return the files of a message; `None` where it cannot be read, or was a command."""
    channel = interaction.client.get_partial_messageable(interaction.channel_id or 0, guild_id=interaction.guild_id)
    try:
        async with asyncio.timeout(LOOK_WITHIN):
            return tuple((await channel.fetch_message(subject)).attachments)
    except NEVER_ARRIVES:
        return None
