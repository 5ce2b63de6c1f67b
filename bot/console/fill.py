"""What a skill takes, asked for field by field where a person sits at the terminal."""

import sys
from collections.abc import Awaitable, Callable

from rich.console import Console

from bot.console.show import safe
from bot.filled import value_of
from bot.forms import KINDS, Field, Form
from bot.words import Words
from core.errors import BadRequest

TRIES = 5
"""Answers to one field before the whole is given up."""

Ask = Callable[[str], Awaitable[str]]
"""Asks a person for a line. Raises `EOFError` or `KeyboardInterrupt` where they want to leave."""


def sits_here(console: Console) -> bool:
    """Tell whether somebody can be asked."""
    return console.is_terminal and sys.stdin.isatty()


async def asked(label: str) -> str:
    """Return a line that the person types."""
    from prompt_toolkit import PromptSession  # most commands ask for nothing

    session: PromptSession[str] = PromptSession()
    return await session.prompt_async(label)


async def filled(form: Form, ask: Ask, console: Console, words: Words) -> str | None:
    """Return the line that does it with what the person gave; `None` where they left."""
    console.print(
        ": ".join(filter(None, (safe(form.title), safe(form.description)))), style="dim", highlight=False, markup=False
    )
    given: dict[str, str] = {}
    try:
        for field in form.fields:
            given[field.name] = await _field(field, form, ask, console, words)
    except (EOFError, KeyboardInterrupt):
        return None
    return form.line(given)


async def _field(field: Field, form: Form, ask: Ask, console: Console, words: Words) -> str:
    """Return what the person gave for a field. Raises `EOFError` where they cannot be helped."""
    kinds = [words(KINDS[field.kind]), *([words("needed")] if field.required else []), *field.choices[:20]]
    if hint := safe(field.hint):
        console.print(hint, style="dim", highlight=False, markup=False)
    default = f" [{safe(field.initial)}]" if field.initial else ""
    for _ in range(TRIES):
        text = await ask(f"{safe(field.called)} ({safe(', '.join(kinds))}){default}: ") or field.initial
        if not text.strip() and not field.required:
            return ""
        try:
            if not text.strip():
                raise BadRequest("this is needed")
            value_of(text, form.schema["properties"][field.name], form.schema)
        except BadRequest as error:
            console.print(words.error(error), style="yellow", markup=False)
            continue
        return text
    raise EOFError
