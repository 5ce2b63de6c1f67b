"""Presses that open the details of a run, or turn to another tab or page of them."""

import asyncio
from typing import Any

import discord

from bot.discord.components import files, form, view
from bot.discord.details import Turn, details
from bot.discord.render import render
from bot.discord.sheet import Sheet
from bot.overview import Books
from bot.shapes import plain
from bot.words import Words
from core.errors import DexterError, Unavailable

WITHIN = 2.0
"""Seconds to read the journal; Discord gives up after 3."""


async def turned(
    interaction: discord.Interaction[Any], books: Books, who: tuple[str, str, str], turn: Turn, words: Words
) -> None:
    """Show what was asked for to the person alone; what cannot be shown gets a sentence."""
    try:
        sheet = await _sheet(books, who, turn, words)
    except DexterError as error:
        sheet, turn = render(plain(words.error(error), failed=True)), Turn(turn.run)
    if turn.here:
        await interaction.response.edit_message(view=view(sheet), **form(sheet))
    else:
        await interaction.response.send_message(view=view(sheet), files=files(sheet), ephemeral=True, **form(sheet))


async def _sheet(books: Books, who: tuple[str, str, str], turn: Turn, words: Words) -> Sheet:
    try:
        async with asyncio.timeout(WITHIN):
            _, events = await books.whole(*who, turn.run)
    except TimeoutError as error:
        raise Unavailable("Dexter is slow just now. Please press again in a moment.") from error
    return details(events, turn.tab, turn.page, words)
