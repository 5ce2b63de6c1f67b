"""The buttons of a post: what they ask for is their value."""

import re
from collections.abc import Iterator

from bot.shapes import Button, Buttons, Post
from bot.slack import native, units
from bot.slack.mrkdwn import clean, one_line
from bot.slack.rich import Element
from bot.slack.units import Block, Unit
from bot.words import Words

LABEL, VALUE = 75, 2000
IN_A_ROW = 5

ACTION = "dexter"
"""Buttons carry `dexter:0`, `dexter:1`, …, unique in their message."""

_THUMB = re.compile(r"feedback \S+ --(good|bad)\Z")


def rows(part: Buttons, words: Words, *, thumbs: bool) -> Iterator[Unit]:
    """Yield rows of buttons; with `thumbs` the two of feedback as Slack's own; what does not fit says what to type."""
    numbered = list(enumerate(part.buttons))
    sides = {match[1]: n for n, button in numbered if (match := _THUMB.match(button.command))}
    paired = thumbs and len(sides) == 2 and all(_fits(part.buttons[n]) for n in sides.values())
    apart = set(sides.values()) if paired else set()
    rest = [(n, button) for n, button in numbered if n not in apart]
    good = [(n, button) for n, button in rest if _fits(button)]
    for start in range(0, len(good), IN_A_ROW):
        made = [_button(n, button) for n, button in good[start : start + IN_A_ROW]]
        yield units.other({"type": "actions", "elements": made}, " ".join(f"[{b['text']['text']}]" for b in made))
    for _, button in rest:
        if not _fits(button):
            yield _typed(button, words)
    if paired:
        yield native.feedback(part.buttons[sides["good"]], part.buttons[sides["bad"]], f"{ACTION}:{sides['good']}")


def buttons_of(post: Post, words: Words) -> list[Block]:
    """Return all buttons of a post as blocks."""
    made = (rows(part, words, thumbs=False) for part in post.parts if isinstance(part, Buttons))
    return [unit.block for row in made for unit in row]


def _fits(button: Button) -> bool:
    return bool(one_line(button.label, LABEL)) and 0 < len(clean(button.command)) <= VALUE


def _button(number: int, button: Button) -> Element:
    made: Element = {"type": "button", "action_id": f"{ACTION}:{number}"}
    label = one_line(button.label, LABEL - len(button.icon) - 1)
    made |= {"text": units.plain_text(f"{button.icon} {label}".strip()), "value": clean(button.command)}
    if button.icon:
        made["accessibility_label"] = label
    return made if button.style == "plain" else made | {"style": button.style}


def _typed(button: Button, words: Words) -> Unit:
    command = one_line(button.command, units.CONTEXT - 200)
    return units.context(words("{label}: type {command}", label=one_line(button.label, LABEL), command=command))
