"""The slash command `/dexter`, with a subcommand for each row of the table of commands.

Built as plain data: the library makes commands from the signatures of functions, and ours come from a table.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.commands.command import Command, Option

NAME = "dexter"
FILE = "file"
TAKES_FILE = ("ask",)
SUBCOMMAND, STRING, BOOLEAN, ATTACHMENT = 1, 3, 5, 11
"""Discord's numbers for the types of options."""
MOST = 25
"""Subcommands of a command, and choices of an option."""
_COMPARED = ("name", "description", "type", "required", "choices", "options", "contexts", "integration_types", "value")

Choices = Mapping[str, Sequence[str]]
"""What completes an option: `committee` to the names of committees."""


def payload(commands: Sequence[Command], choices: Choices) -> dict[str, Any]:
    """Return `/dexter` as Discord wants to be told of it."""
    return {
        "name": NAME,
        "type": 1,
        "description": "Ask a committee of language models",
        "contexts": [0, 1],  # servers, and direct messages with Dexter
        "integration_types": [0],  # installed on a server
        "options": [_subcommand(command, choices) for command in commands[:MOST]],
    }


def _subcommand(command: Command, choices: Choices) -> dict[str, Any]:
    ordered = sorted(command.options, key=lambda option: not option.required)  # Discord wants required ones first
    options = [_option(option, choices.get(option.choices, ())) for option in ordered]
    if command.name in TAKES_FILE:
        options.append({"type": ATTACHMENT, "name": FILE, "description": "a text file as context", "required": False})
    return {"type": SUBCOMMAND, "name": command.name, "description": command.summary[:100], "options": options}


def _option(option: Option, choices: Sequence[str]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "type": BOOLEAN if option.flag else STRING,
        "name": option.name,
        "description": option.help[:100],
        "required": option.required,
    }
    if 0 < len(choices) <= MOST:
        row["choices"] = [{"name": choice, "value": choice} for choice in choices]
    return row


def typed(data: Mapping[str, Any], commands: Sequence[Command]) -> str:
    """Return a slash command as it would have been typed: `ask --pattern "debate" -- Should we …?`.

    Behind the lone `--` nothing is an option, so that a question is taken to the letter.
    """
    sub = next((row for row in data.get("options", ()) if row.get("type") == SUBCOMMAND), None)
    if sub is None:
        return "help"
    command = next((command for command in commands if command.name == sub["name"]), None)
    options = {option.name: option for option in command.options} if command else {}
    parts, words = [str(sub["name"])], ""
    for row in sub.get("options", ()):
        option = options.get(row["name"])
        if option is None or row["type"] == ATTACHMENT:
            continue
        if option.words:
            words = str(row["value"])
        elif row["value"] is True:
            parts.append(f"--{option.name}")
        elif row["value"] is not False:
            parts.append(f'--{option.name} "{str(row["value"]).replace(chr(34), "")}"')
    return " ".join([*parts, "--", words]) if words else " ".join(parts)


def same(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Tell whether Discord has the command as we want it; what it leaves out or adds by itself does not count."""
    return bool(_core(ours) == _core(theirs))


def _core(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _core(value[key]) for key in _COMPARED if value.get(key)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_core(item) for item in value]
    return value
