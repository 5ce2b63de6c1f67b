"""The slash command `/dexter` with a subcommand for each row of the table of commands, and the two menus.

Built as plain data: the library makes commands from the signatures of functions, and ours come from a table.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.commands.command import Command, Option
from bot.words import key, words_for

NAME = "dexter"
ASK_MENU, PERSON_MENU = key("Ask the committee"), key("Show their questions")
FILE, PRIVATE = "file", "private"
ACCEPTS = ("ask", "again", "skill", "campaign", "report")
"""Commands whose answer comes later, so that it may come in private."""
TAKES_FILE = ("ask", "skill", "campaign")
CHAT_INPUT, USER, MESSAGE = 1, 2, 3
"""Discord's numbers for the types of commands."""
SUBCOMMAND, STRING, BOOLEAN, ATTACHMENT = 1, 3, 5, 11
"""Discord's numbers for the types of options."""
MOST = 25
"""Subcommands of a command, and choices of an option."""
SUGGESTED = {"id": "collaboration"}
"""What completes an option that the table has no choices for."""
NAMES = (
    key("/ask"), key("/question"), key("/pattern"), key("/committee"), key("/file"), key("/private"), key("/again"),
    key("/id"), key("/choose"), key("/show"), key("/find"), key("/tab"), key("/page"), key("/stop"), key("/feedback"),
    key("/good"), key("/bad"), key("/comment"), key("/name"), key("/patterns"), key("/models"), key("/status"),
    key("/here"), key("/listen"), key("/threads"), key("/language"), key("/quiet"), key("/reaction"), key("/reset"),
    key("/help"), key("/command"), key("/skill"), key("/what"), key("/folder"), key("/to"), key("/why"), key("/anyway"),
    key("/from"), key("/all"), key("/deny"), key("/key"),
    key("/campaign"), key("/template"), key("/budget"), key("/deadline"), key("/mode"), key("/channel"), key("/title"),
    key("/goal"), key("/request"), key("/yes"), key("/no"), key("/now"), key("/before"),
    key("/schedule"), key("/missed"), key("/in"), key("/zone"),
    key("/report"), key("/as"), key("/plain"),
)  # fmt: skip
"""What people type behind `/dexter`; the stroke sets a name apart from the same word in a sentence."""
_LOCALES = ("de",)
"""Discord's names for the languages that Dexter speaks beside English, which is what Discord falls back to."""
_SLASH_NAME = re.compile(r"[-_\w]{1,32}")
_EVERYWHERE = {"contexts": [0, 1, 2], "integration_types": [0, 1]}
"""In servers, in direct messages with Dexter and in other conversations; installed on a server or by a person."""


def payloads(commands: Sequence[Command]) -> list[dict[str, Any]]:
    """Return `/dexter` and the menus as Discord wants to be told of them."""
    slash = {
        "name": NAME,
        "type": CHAT_INPUT,
        **_described(key("Ask a committee of language models")),
        "options": [_subcommand(command) for command in commands[:MOST]],
        **_EVERYWHERE,
    }
    menus = [
        {"name": name, "type": kind, **_localized("name", name), **_EVERYWHERE}
        for name, kind in ((ASK_MENU, MESSAGE), (PERSON_MENU, USER))
    ]
    return [slash, *menus]


def suggested(option: Option) -> str:
    """Return what completes an option: `committee`, `pattern`, `command`, `collaboration`, or nothing."""
    return option.choices or SUGGESTED.get(option.name, "")


def _subcommand(command: Command) -> dict[str, Any]:
    options = [_option(option) for option in command.options]
    if command.name in TAKES_FILE:
        options.append({"type": ATTACHMENT, **_named(FILE, key("a file as context")), "required": False})
    if command.name in ACCEPTS:
        options.append({"type": BOOLEAN, **_named(PRIVATE, key("only you see the answer")), "required": False})
    return {"type": SUBCOMMAND, **_named(command.name, command.summary), "options": options[:MOST]}


def _option(option: Option) -> dict[str, Any]:
    row = {
        "type": BOOLEAN if option.flag else STRING,
        **_named(option.name, option.help),
        "required": False,  # what is missing is asked for in a form, or in a sentence
    }
    return row | {"autocomplete": True} if suggested(option) else row


def _named(name: str, description: str) -> dict[str, Any]:
    return {"name": name, **_localized("name", f"/{name}", _slash_name), **_described(description)}


def _described(text: str) -> dict[str, Any]:
    return {"description": text[:100], **_localized("description", text, lambda said: said[:100])}


def _localized(what: str, text: str, shaped: Any = str) -> dict[str, Any]:
    """Return `what` in the other languages, as far as it is translated into a form that Discord takes."""
    said = {locale: shaped(words_for(locale)(text)) for locale in _LOCALES}
    said = {locale: written for locale, written in said.items() if written and written != shaped(text)}
    return {f"{what}_localizations": said} if said else {}


def _slash_name(text: str) -> str:
    """Return a name as Discord wants it, small and without spaces; empty where it cannot be one."""
    name = text.lower().removeprefix("/").replace(" ", "-")
    return name if _SLASH_NAME.fullmatch(name) else ""


def leaf(data: Mapping[str, Any]) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """Return the subcommand of a slash command and the options that were given; `help` where there is none."""
    sub = next((row for row in data.get("options", ()) if row.get("type") == SUBCOMMAND), None)
    return (str(sub["name"]), sub.get("options", ())) if sub else ("help", ())


def typed(data: Mapping[str, Any], commands: Sequence[Command]) -> str:
    """Return a slash command as it would have been typed: `ask --pattern "debate" -- Should we …?`."""
    name, rows = leaf(data)
    return written(name, {str(row["name"]): row["value"] for row in rows if "value" in row}, commands)


def written(name: str, values: Mapping[str, Any], commands: Sequence[Command]) -> str:
    """Return a command and its values as a person would type them; what the command does not know is left out.

    Behind the lone `--` nothing is an option, so that a question is taken to the letter.
    """
    command = next((command for command in commands if command.name == name), None)
    parts, words = [name], ""
    for option in command.options if command else ():
        value = values.get(option.name)
        if option.words:
            words = str(value or "")
        elif value is True:
            parts.append(f"--{option.name}")
        elif value not in (None, False, ""):
            parts.append(f'--{option.name} "{str(value).replace(chr(34), "")}"')
    return " ".join([*parts, "--", words]) if words else " ".join(parts)
