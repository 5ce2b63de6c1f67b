"""Answers that are shown through the interaction that asked: to one person alone, or where Dexter is no member.

Discord lets an interaction be answered for 15 minutes. All that is said to one moves in its first message, which can be
edited any number of times with the same outcome: nothing is doubled by a second try. What comes later, or after a
restart, goes to the person's direct messages.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

import discord
import structlog

from bot.discord.components import files, form, view
from bot.discord.delivery import Delivery
from bot.discord.places import DIRECT, Place, Whisper
from bot.discord.refusals import translated
from bot.discord.sheet import Sheet
from bot.posts import PROGRESS
from bot.shapes import TryLater

LASTS = 14 * 60.0
"""Seconds; Discord takes the token for 15 minutes."""
MOST_KEPT = 1_000
"""Interactions that are remembered, the newest."""
NOT_YET, OVER = (10008, 10015), (10015, 10062, 50027)
"""Unknown message or webhook: the interaction is not acknowledged yet, or no longer to be answered."""
ACKNOWLEDGED_WITHIN = 10.0
"""Seconds; what is unknown after them is over."""

log = structlog.get_logger("dexter.discord")


class Opener(Protocol):
    """Opens a person's direct messages and returns the channel's id; once opened, it remembers."""

    async def __call__(self, person: int) -> int:
        """Raises what the library raises."""


class Whispers:
    """The interactions that may still be answered."""

    def __init__(self, delivery: Delivery, direct: Opener, clock: Callable[[], float] = time.monotonic) -> None:
        self._delivery, self._direct, self._clock = delivery, direct, clock
        self._kept: OrderedDict[int, tuple[float, discord.Interaction[Any]]] = OrderedDict()

    def keep(self, interaction: discord.Interaction[Any]) -> None:
        """Remember an interaction whose answer will come through it."""
        self._kept[interaction.id] = (self._clock(), interaction)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    async def show(self, whisper: Whisper, sheet: Sheet, key: str, message: str | None, again: bool) -> str:
        """Show a message through its interaction while that lasts, else in the person's direct messages."""
        since, interaction = self._kept.get(whisper.interaction, (0.0, None))
        if interaction is None or self._clock() - since > LASTS:
            self._kept.pop(whisper.interaction, None)
            return await self._later(whisper, sheet, key, message, again)
        async with translated():
            try:
                shown = await interaction.edit_original_response(
                    **form(sheet), attachments=files(sheet), view=view(sheet)
                )
            except discord.HTTPException as error:
                waits = error.code in NOT_YET and self._clock() - since < ACKNOWLEDGED_WITHIN
                if not waits and error.code not in (*NOT_YET, *OVER):
                    raise
                if not waits:
                    del self._kept[whisper.interaction]
                raise TryLater("The interaction cannot be answered just now.", 1.0) from error
        return str(shown.id)

    async def _later(self, whisper: Whisper, sheet: Sheet, key: str, message: str | None, again: bool) -> str:
        if key.endswith(f":{PROGRESS}"):
            return message or ""  # the answer alone is worth a message of its own
        async with translated():
            channel = await self._direct(whisper.person)
        return await self._delivery.show(Place(DIRECT, channel, channel), sheet, key, message, again)
