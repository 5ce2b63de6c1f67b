"""What Discord offers while a person types an option: committees, patterns, commands and past questions."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from discord import app_commands

from bot.commands.command import Command
from bot.commands.skills import NAMELESS, PARTS
from bot.discord.commands import MOST, leaf, suggested
from bot.discord.escape import bare
from bot.overview import Books
from core.entities import Collaboration
from core.errors import DexterError

WITHIN = 2.0
"""Seconds; Discord waits 3, and an empty list is better than an error."""
LABEL = 100

Choices = list[app_commands.Choice[str]]
Who = tuple[str, str, str]
"""Tenant, person and their name."""

log = structlog.get_logger("dexter.discord")


async def completed(data: Mapping[str, Any], commands: Sequence[Command], books: Books, who: Who) -> Choices:
    """Return what completes the option that is being typed, best first; nothing where Dexter is too slow."""
    kind, so_far = _focused(data, commands)
    try:
        async with asyncio.timeout(WITHIN):
            if kind == "collaboration":
                return _questions(await books.recent(*who), so_far)
            if kind == "skill":
                return await _skills(books, who, so_far)
    except (TimeoutError, DexterError) as error:
        log.info("nothing to complete with", kind=kind, why=type(error).__name__)
        return []
    names = {
        "committee": [*books.committees],
        "pattern": [*books.patterns, "auto"],
        "command": [command.name for command in commands],
    }
    return _names(names.get(kind, ()), so_far)


def _focused(data: Mapping[str, Any], commands: Sequence[Command]) -> tuple[str, str]:
    """Return what kind of name the person is typing, and how much of it they have."""
    name, rows = leaf(data)
    row = next((row for row in rows if row.get("focused")), {})
    command = next((command for command in commands if command.name == name), None)
    option = next((o for o in command.options if o.name == row.get("name")), None) if command else None
    return (suggested(option) if option else "", str(row.get("value", "")).casefold())


def _questions(found: Iterable[Collaboration], so_far: str) -> Choices:
    """Return past questions by their ids, each with its words."""
    shown = [
        app_commands.Choice(name=_line(f"{each.id} · {each.question}"), value=each.id)
        for each in found
        if so_far in each.id or so_far in each.question.casefold()
    ]
    return shown[:MOST]


async def _skills(books: Books, who: Who, so_far: str) -> Choices:
    """Return the parts of `skill`, and behind one that is about a skill the names of those that are there."""
    part, space, name = so_far.partition(" ")
    if not space:
        return _names(PARTS, part)
    if part not in PARTS or part in NAMELESS:
        return []
    found = [f"{part} {each}" for each in await books.skill_names(*who, name.strip())]
    return [app_commands.Choice(name=_line(each), value=each) for each in found[:MOST] if len(each) <= LABEL]


def _names(names: Iterable[str], so_far: str) -> Choices:
    ranked = sorted(names, key=lambda name: not name.casefold().startswith(so_far))
    return [app_commands.Choice(name=_line(name), value=name) for name in ranked if so_far in name.casefold()][:MOST]


def _line(text: str) -> str:
    line = " ".join(bare(text).split())
    return line if len(line) <= LABEL else line[: LABEL - 1] + "…"
