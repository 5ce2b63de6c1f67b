"""Forms made from a schema, for running a skill or steering a campaign: opened by a command or a button, then read.

What a person sent stays in mind for a while, so that a form with a mistake in it need not be filled in from nothing.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.campaign_forms import MARK
from bot.discord.commands import CHAT_INPUT, MOST, leaf
from bot.discord.components import PREFIX
from bot.discord.escape import bare
from bot.discord.rows import shortened
from bot.forms import HINTS, REST, Field, Form, typed
from bot.opening import opens
from bot.overview import Books
from bot.shapes import Button, Buttons, Post
from bot.words import Words
from core.errors import Unavailable

FIELDS, LABEL, HINT, TYPED, OPTION, TITLE, ID = 5, 45, 100, 4000, 100, 45, 100
"""Discord's limits of a form."""
LOOK_WITHIN = 2.0
"""Seconds in which a version has to be found; Discord gives up after 3."""
MOST_KEPT = 500
"""Forms whose content is remembered."""
CLEARS = "campaign edit "
"""What these forms have emptied is empty from then on; of others it is not given."""


class SkillForms:
    """Opens forms, and remembers what was in them."""

    def __init__(self) -> None:
        self._sent: OrderedDict[tuple[int, str], Mapping[str, str]] = OrderedDict()

    async def form(self, books: Books, who: tuple[str, str, str], person: int, asked: str, words: Words) -> ui.Modal:
        """Return the form of what is `asked`. Raises a `DexterError` where there is no such thing, or it is late."""
        try:
            async with asyncio.timeout(LOOK_WITHIN):
                form = await books.opened(*who, asked, words)
        except TimeoutError as error:
            raise Unavailable("Dexter is slow just now. Please press again in a moment.") from error
        form = fitting(form)
        return run_form(form.filled(self._sent.get((person, _subject(form.command)), {})), words)

    def answered(self, interaction: discord.Interaction[Any], post: Post | None, words: Words) -> Post | None:
        """Return what is said to a form that was sent, with the way back into it where something is wrong."""
        data: Any = interaction.data or {}
        command, given = sent(data) if interaction.type is discord.InteractionType.modal_submit else ("", {})
        if not command or post is None or not post.failed:
            return post
        self._sent[interaction.user.id, _subject(command)] = given
        while len(self._sent) > MOST_KEPT:
            self._sent.popitem(last=False)
        again = Button(words("Fill in again…"), command, "primary")
        return replace(post, parts=(*(part for part in post.parts if not isinstance(part, Buttons)), Buttons((again,))))


def _subject(command: str) -> str:
    """Return what a form is about, the same whatever has changed of it since."""
    return command.partition(MARK)[0]


def to_open(interaction: discord.Interaction[Any]) -> str:
    """Return the command whose form is to be opened; nothing where something else is meant."""
    data: Any = interaction.data or {}
    match interaction.type:
        case discord.InteractionType.component:
            return opens(str(data.get("custom_id", "")).removeprefix(PREFIX))
        case discord.InteractionType.application_command if data.get("type", CHAT_INPUT) == CHAT_INPUT:
            return opened(data)
        case _:
            return ""


def opened(data: Mapping[str, Any]) -> str:
    """Return the command of a slash command to which nothing is given yet; nothing for any other."""
    name, rows = leaf(data)
    values = {str(row["name"]): str(row.get("value") or "").strip() for row in rows}
    typed_in = values.pop("what", "")
    return "" if any(values.values()) else opens(f"{name} {typed_in.removeprefix(f'{name} ')}")


def fitting(form: Form) -> Form:
    """Return the form with as many fields as Discord takes, none with a name that it does not take."""
    kept = tuple(field for field in form.fields if len(field.name) < ID - 10 and bare(field.name) == field.name)
    odd = any(field not in kept for field in form.fields)
    if not odd:
        return form.within(FIELDS)
    rest = Field(REST, "json", required=any(field.required for field in form.fields if field not in kept))
    return replace(form, fields=(*replace(form, fields=kept).within(FIELDS - 1).fields[: FIELDS - 1], rest))


def run_form(form: Form, words: Words) -> ui.Modal:
    """Return the form as a modal; what it is about stands in its id."""
    modal = ui.Modal(title=shortened(form.title, TITLE) or "Dexter", custom_id=f"{PREFIX}{form.command}"[:ID])
    for field in form.fields:
        hint = HINTS[field.kind]
        said = " · ".join(filter(None, (shortened(field.hint, HINT), words(hint) if hint else "")))
        label = words("All else, as JSON") if field.name == REST else shortened(field.called, LABEL) or "?"
        modal.add_item(
            ui.Label(text=label, description=shortened(said, HINT) or None, component=_component(field, words))
        )
    if not form.fields:
        modal.add_item(ui.TextDisplay(words("It takes no input.")))
    modal.stop()  # or the library would keep every form for ever; what is sent is read from its data alone
    return modal


def _component(field: Field, words: Words) -> ui.Item[Any]:
    id = f"in:{field.name}"
    if field.kind == "boolean":
        return _select(id, {"true": words("yes"), "false": words("no")}, field)
    if field.kind == "choice" and 0 < len(field.choices) <= MOST and all(0 < len(c) <= OPTION for c in field.choices):
        return _select(id, {choice: choice for choice in field.choices}, field)
    several = field.kind in ("long", "list", "json")
    style = discord.TextStyle.paragraph if several else discord.TextStyle.short
    default = field.initial[:TYPED] or None
    return ui.TextInput(style=style, custom_id=id, required=field.required, max_length=TYPED, default=default)


def _select(id: str, choices: Mapping[str, str], field: Field) -> ui.Select[Any]:
    options = [
        discord.SelectOption(label=bare(label) or "?", value=value, default=value == field.initial)
        for value, label in choices.items()
    ]
    return ui.Select(custom_id=id, options=options, min_values=int(field.required), required=field.required)


def sent(data: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the command that a form was about, and what was filled in; nothing for another form."""
    about = str(data.get("custom_id", ""))
    if not about.startswith(PREFIX) or not (command := opens(about.removeprefix(PREFIX))):
        return "", {}
    filled = _filled(data.get("components", ()))
    return command, {name: text for name, text in filled if text.strip() or command.startswith(CLEARS)}


def _filled(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for row in rows:
        part = row.get("component") or {}
        values, name = part.get("values"), str(part.get("custom_id", ""))
        if name.startswith("in:") and values != []:
            text = str(values[0] if values else part.get("value") or "")
            found.append((name.removeprefix("in:"), text))
    return found


def as_typed(command: str, given: Mapping[str, str]) -> str:
    """Return a form that was sent as a person would type it."""
    return f"{command} -- {typed(given)}".strip()
