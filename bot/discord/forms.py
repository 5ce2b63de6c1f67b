"""The forms that Discord opens: a new question, and a past one asked again in another way.

A form keeps nothing in this process: what it is about stands in its `custom_id`, so that one that was opened before a
restart is taken after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import discord
from discord import ui

from bot.commands.command import Command
from bot.commands.parse import LONGEST
from bot.discord.commands import MOST, written
from bot.discord.components import PREFIX
from bot.discord.escape import bare
from bot.overview import Books
from bot.words import Words

MOST_TYPED, MOST_FILES = 4_000, 10
"""Characters of a field, and files of one."""
_AUTO = "auto"
QUESTION, CONTEXT, COMMITTEE, PATTERN, FILES, PRIVATE = (
    "question",
    "context",
    "committee",
    "pattern",
    "files",
    "private",
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as a person sent it."""

    text: str
    """As they would have typed it."""
    context: str = ""
    subject: int = 0
    """What the form was opened on: a message, or the command before."""
    files: tuple[str, ...] = ()
    """Ids of the files that were put into it."""
    private: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """What a form is opened on."""

    subject: int = 0
    """A message, or the command before it where files came with that."""
    context: str | None = None
    """A message's text with its author's name."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What the person has given already: option to value."""


def ask_form(words: Words, books: Books | None, about: About, most_files: int) -> ui.Modal:
    """Return the form for a question, with so many files at the most."""
    modal = ui.Modal(title=words("Ask the committee"), custom_id=f"{PREFIX}ask {about.subject or ''}".strip())
    question: ui.TextInput[Any] = ui.TextInput(
        style=discord.TextStyle.paragraph, custom_id=QUESTION, max_length=min(LONGEST, MOST_TYPED)
    )
    modal.add_item(ui.Label(text=words("Your question"), component=question))
    if about.context is not None:
        context: ui.TextInput[Any] = ui.TextInput(
            style=discord.TextStyle.paragraph,
            custom_id=CONTEXT,
            required=False,
            max_length=MOST_TYPED,
            default=about.context[:MOST_TYPED],
        )
        modal.add_item(ui.Label(text=words("The message"), component=context))
    _add_choices(modal, words, books, about.values)
    files: ui.FileUpload[Any] = ui.FileUpload(
        custom_id=FILES, required=False, min_values=0, max_values=min(most_files, MOST_FILES)
    )
    modal.add_item(ui.Label(text=words("Files as context"), component=files))
    if about.context is None:  # a form has room for five fields
        private = ui.Checkbox[Any](custom_id=PRIVATE, default=bool(about.values.get(PRIVATE)))
        modal.add_item(ui.Label(text=words("Only you see the answer"), component=private))
    return _over(modal)


def again_form(words: Words, books: Books | None, run: str) -> ui.Modal:
    """Return the form for asking once more."""
    modal = ui.Modal(title=words("Ask again"), custom_id=f"{PREFIX}again {run}")
    _add_choices(modal, words, books, {})
    return _over(modal)


def _over(modal: ui.Modal) -> ui.Modal:
    modal.stop()  # or the library would keep every form for ever; what is sent is read from its data alone
    return modal


def _add_choices(modal: ui.Modal, words: Words, books: Books | None, values: Mapping[str, Any]) -> None:
    committees, patterns = (list(books.committees), list(books.patterns)) if books else ([], [])
    for name, head, names in (
        (COMMITTEE, words("Committee"), committees),
        (PATTERN, words("Pattern"), [_AUTO, *patterns] if patterns else []),
    ):
        if not names:
            continue
        shown = [
            discord.SelectOption(label=each[:100], value=each[:100], default=each == values.get(name)) for each in names
        ]
        select: ui.Select[Any] = ui.Select(custom_id=name, options=shown[:MOST], min_values=0, required=False)
        modal.add_item(ui.Label(text=head, component=select))


def filled(data: Mapping[str, Any], commands: Sequence[Command]) -> Filled | None:
    """Return what a form says, or nothing where it is none of ours."""
    about = str(data.get("custom_id", ""))
    if not about.startswith(PREFIX):
        return None
    name, _, subject = about.removeprefix(PREFIX).partition(" ")
    fields = dict(_fields(data.get("components", ())))
    values = {key: fields.get(key) for key in (COMMITTEE, PATTERN)}
    values |= {"id": subject} if name == "again" else {QUESTION: str(fields.get(QUESTION) or "")}
    return Filled(
        text=written(name, values, commands),
        context=str(fields.get(CONTEXT) or ""),
        subject=int(subject) if name == "ask" and subject.isdecimal() else 0,
        files=tuple(fields.get(FILES) or ()),
        private=fields.get(PRIVATE) is True,
    )


def _fields(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, Any]]:
    """Return the fields of a form by their ids; of a list to choose from, the first choice."""
    found: list[tuple[str, Any]] = []
    for row in rows:
        part = row.get("component") or {}
        values = part.get("values")
        value = part.get("value") if values is None else values
        if part.get("custom_id") in (COMMITTEE, PATTERN):
            value = values[0] if values else None
        found.append((str(part.get("custom_id", "")), value))
    return found


def about_message(data: Mapping[str, Any], values: Mapping[str, Any] | None = None) -> About:
    """Return the message on which a menu was opened, from what Discord sends along."""
    target = str(data.get("target_id", ""))
    message = ((data.get("resolved") or {}).get("messages") or {}).get(target) or {}
    author = message.get("author") or {}
    name = bare(str(author.get("global_name") or author.get("username") or "")).strip()[:80]
    said = str(message.get("content") or "") or _embedded(message)
    return About(int(target or 0), f"{name}: {said}" if name and said else said, values or {})


def _embedded(message: Mapping[str, Any]) -> str:
    """Return the words of a message that has none of its own."""
    texts = (text for embed in message.get("embeds") or () for text in (embed.get("title"), embed.get("description")))
    return "\n".join(str(text) for text in texts if text)
