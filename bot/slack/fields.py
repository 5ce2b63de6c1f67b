"""The fields of forms, within Slack's limits: https://docs.slack.dev/reference/block-kit/blocks/input-block."""

from collections.abc import Mapping
from typing import Any

from bot.slack.mrkdwn import one_line
from bot.slack.units import plain_text
from bot.words import Words

OPTION, MOST_OPTIONS = 75, 100
"""Characters of an option, and options of a list."""


def suggestions(names: Mapping[str, str], typed: str) -> list[Any]:
    """Return the options that have what was typed in them, as many as Slack takes."""
    near = {name: said for name, said in names.items() if typed.casefold() in name.casefold()}
    return [option(name, name, said) for name, said in list(near.items())[:MOST_OPTIONS]]


def select(
    name: str, label: str, names: Mapping[str, str], now: str, words: Words, labels: Mapping[str, str] | None = None
) -> Any:
    """Return a list to choose one from; where there are too many for a list, a field that suggests."""
    options = [option(each, each, said) for each, said in names.items()]
    options += [option(each, said) for each, said in (labels or {}).items()]
    element: dict[str, Any] = {"type": "static_select", "action_id": name, "options": options}
    if len(options) > MOST_OPTIONS:
        element = {"type": "external_select", "action_id": name, "min_query_length": 0}
    element["placeholder"] = plain(words("As is usual here"), 150)
    chosen = [option for option in options if option["value"] == now]
    return field(name, label, element | ({"initial_option": chosen[0]} if chosen else {}), optional=True)


def typed(
    name: str, label: str, now: str = "", *, multiline: bool = False, most: int = 200, optional: bool = False
) -> Any:
    """Return a field to type into, of at most `most` characters."""
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": multiline,
        "max_length": most,
    }
    return field(name, label, element | ({"initial_value": now} if now else {}), optional=optional)


def field(name: str, label: str, element: Mapping[str, Any], *, optional: bool = False) -> dict[str, Any]:
    """Return an element with its label; what is in it comes back under `name`."""
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label, 2000),
        "element": dict(element),
        "optional": optional,
    }


def option(value: str, label: str, said: str = "") -> dict[str, Any]:
    """Return one thing to choose, with a word about it."""
    option: dict[str, Any] = {"text": plain(label, OPTION), "value": value}
    return option | ({"description": plain(said, OPTION)} if said else {})


def plain(text: str, most: int) -> dict[str, Any]:
    """Return text on one line, in which nothing is parsed."""
    return plain_text(one_line(text, most) or "…")
