"""From a message of ours to what Discord's library sends: a frame of layout components, and the buttons in it."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any, Self

import discord
from discord import ui

from bot.discord.escape import bare
from bot.discord.sheet import FILE, Beside, Item, Key, Row, Rule, Sheet, Shown, Text, Whole

PREFIX = "dexter:"
"""Of the `custom_id` of our buttons; the command stands behind it, so that a button outlives the process."""
LONGEST_ALT = 1024
"""Characters of the words for a picture."""
STYLES = {
    "plain": discord.ButtonStyle.secondary,
    "primary": discord.ButtonStyle.primary,
    "danger": discord.ButtonStyle.danger,
}
Pressed = Callable[[discord.Interaction[Any]], Awaitable[None]]
"""Take a press of a button."""


def form(sheet: Sheet) -> dict[str, Any]:
    """Return what goes with every message: whatever slipped through, it notifies nobody but those whom it calls."""
    allowed = discord.AllowedMentions.none()
    if sheet.calls:
        allowed.users = [discord.Object(person) for person in sheet.calls]
    return {"allowed_mentions": allowed}


def files(sheet: Sheet) -> list[discord.File]:
    """Return the file that carries the whole text, where there is one, and those that are part of the message."""
    whole = [discord.File(BytesIO(sheet.file.encode()), filename=FILE)] if sheet.file else []
    return [*whole, *(discord.File(BytesIO(each.content), filename=each.name) for each in sheet.attached)]


def view(sheet: Sheet) -> ui.LayoutView:
    """Return the frame. It is over from the start: presses are read from their `custom_id` alone."""
    frame = ui.LayoutView(timeout=None)
    frame.add_item(ui.Container(*map(_item, sheet.items), accent_colour=sheet.colour))
    frame.stop()  # or the library would keep every view for ever
    return frame


def _item(item: Item) -> ui.Item[ui.LayoutView]:
    match item:
        case Text(markdown):
            return ui.TextDisplay(markdown)
        case Rule():
            return ui.Separator()
        case Beside(markdown, button):
            return ui.Section(ui.TextDisplay(markdown), accessory=_button(Key(button)))
        case Whole():
            return ui.File(f"attachment://{FILE}")
        case Row(keys):
            return ui.ActionRow(*map(_button, keys))
        case Shown(names, pictures=True, alts=alts):
            said = [alt[:LONGEST_ALT] or None for alt in alts or ("",) * len(names)]
            shown = zip(names, said, strict=True)
            return ui.MediaGallery(*(discord.MediaGalleryItem(f"attachment://{n}", description=a) for n, a in shown))
        case Shown(names):
            return ui.File(f"attachment://{names[0]}")


def _button(key: Key) -> ui.Button[ui.LayoutView]:
    return ui.Button(
        label=key.button.label,
        emoji=key.button.icon or None,
        style=STYLES[key.button.style],
        custom_id=PREFIX + bare(key.button.command),
        disabled=key.off,
    )


def is_press(interaction: discord.Interaction[Any]) -> bool:
    """Tell whether somebody pressed a button of ours."""
    data: Any = interaction.data or {}
    component = interaction.type is discord.InteractionType.component
    return component and str(data.get("custom_id", "")).startswith(PREFIX)


def presses(take: Pressed) -> type[ui.DynamicItem[ui.Button[Any]]]:
    """Return how the library hands over a press of any button of ours, of this process or of an older one."""

    class Press(ui.DynamicItem[ui.Button[Any]], template=PREFIX + "(?P<command>.{1,93})"):
        """A button that is known by its `custom_id` alone."""

        @classmethod
        async def from_custom_id(cls, _interaction: discord.Interaction[Any], item: ui.Item[Any], _match: Any) -> Self:
            """Wrap the button of a message that was sent at any time."""
            assert isinstance(item, ui.Button)  # noqa: S101 - the library looks it up by its type
            return cls(item)

        async def callback(self, interaction: discord.Interaction[Any]) -> None:
            """Hand the press over."""
            await take(interaction)

    return Press
