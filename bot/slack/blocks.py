"""A post as Block Kit: pages of blocks that keep Slack's limits, each with the same in plain text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.shapes import Bars, Buttons, Fold, Foot, Heading, Lines, Part, Post, Prose, Table
from bot.slack import rich, text
from bot.slack.markdown import elements
from bot.slack.mrkdwn import JOINER, clean, cut, defuse, escape, one_line, split
from bot.slack.rich import Element

Block = Element

HEADER, BUTTON, VALUE, CONTEXT = 150, 75, 2000, 1500
BUTTONS_IN_A_ROW = 5
MOST_BLOCKS = 45
"""Slack takes 50; the rest is for the words about what follows."""

FOLD = 600
"""Characters of a fold that show before it is opened."""

ACTION = "dexter"
"""All of Dexter's buttons carry `dexter:0`, `dexter:1`, …; what they ask for is their value."""

_STATES = {"waiting": "○", "working": "◐", "done": "●", "absent": "✕"}


@dataclass(frozen=True, slots=True)
class Room:
    """How much goes into one message. Slack's own limit on the whole is not documented; about 13,000 was seen."""

    blocks: int
    """Characters of all blocks, as `rich.size` counts them."""
    words: int
    """Characters of the plain text beside them."""


@dataclass(frozen=True, slots=True)
class Page:
    """One message of a post."""

    blocks: tuple[Block, ...]
    text: str
    """All of it as plain text, escaped: for notifications and screen readers."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """What must stay together, and how it reads."""

    block: Block
    words: str
    size: int


def pages(post: Post, room: Room, mark: str) -> list[Page]:
    """Return `post` as one page, or as more where it is long; `mark` names the first block of each."""
    shut = any(isinstance(part, Buttons) for part in post.parts)
    units = [unit for part in post.parts for unit in _joined(_units(part, shut=shut))] or [
        _context("(nothing to show)")
    ]
    groups = list(_packed(units, room.blocks))
    return [_page(group, n, len(groups), room.words, mark) for n, group in enumerate(groups, 1)]


def _packed(units: Sequence[_Unit], most: int) -> Iterator[list[_Unit]]:
    group: list[_Unit] = []
    used = 0
    for unit in units:
        if group and (len(group) >= MOST_BLOCKS or used + unit.size > most):
            yield group
            group, used = [], 0
        group.append(unit)
        used += unit.size
    yield group


def _page(group: list[_Unit], number: int, count: int, most: int, mark: str) -> Page:
    more = [_context(f"Part {number} of {count}: continued in the next message.")] if number < count else []
    blocks = [unit.block for unit in [*group, *more]]
    blocks[0] = blocks[0] | {"block_id": f"{mark}/{number}"[:255]}
    plain = "\n\n".join(unit.words for unit in [*group, *more] if unit.words)
    return Page(tuple(blocks), _bounded(escape(plain), most))


def _bounded(escaped: str, most: int) -> str:
    if len(escaped) <= most:
        return escaped
    ending = " … (the rest is in the message itself)"
    at = cut(escaped, most - len(ending))
    entity = escaped.rfind("&", max(at - 5, 0), at)
    return escaped[: entity if entity >= 0 and ";" not in escaped[entity:at] else at].rstrip() + ending


def _joined(units: Iterator[_Unit]) -> Iterator[_Unit]:
    """Yield the units with neighbouring rich text put into one block, up to what one may hold."""
    last: _Unit | None = None
    for unit in units:
        both = last is not None and last.block["type"] == unit.block["type"] == "rich_text"
        if last is not None and both and last.size + unit.size <= rich.MOST:
            inner = [*last.block["elements"], *unit.block["elements"]]
            last = _Unit({"type": "rich_text", "elements": inner}, f"{last.words}\n{unit.words}", last.size + unit.size)
            continue
        if last is not None:
            yield last
        last = unit
    if last is not None:
        yield last


def _units(part: Part, *, shut: bool) -> Iterator[_Unit]:
    match part:
        case Heading(text=line):
            yield from _heading(line)
        case Prose(markdown=markdown):
            yield from map(_rich, elements(markdown))
        case Lines() | Bars() | Table():
            yield from map(_rich, _drawn(part))
        case Fold():
            yield from _fold(part, shut=shut)
        case Foot(text=line):
            yield from (_context(piece) for piece in split(clean(line), CONTEXT))
        case Buttons():
            yield from _buttons(part)


def _drawn(part: Lines | Bars | Table) -> list[Element]:
    if isinstance(part, Lines):
        return _progress(part)
    if isinstance(part, Table):
        return rich.preformatted(text.columns([part.columns, *part.rows]))
    caption = " ".join(clean(part.caption).split())
    return [*([_section(caption, "bold")] if caption else []), *rich.preformatted(text.bars(part))]


def _rich(element: Element) -> _Unit:
    return _Unit({"type": "rich_text", "elements": [element]}, rich.words(element), rich.size(element) + 20)


def _other(block: Block, words: str) -> _Unit:
    return _Unit(block, words, len(words) * 2 + 60)


def _section(line: str, *styles: str) -> Element:
    return {"type": "rich_text_section", "elements": [rich.text_element(line, *styles)]}


def _heading(line: str) -> Iterator[_Unit]:
    words = " ".join(defuse(line).split())
    if not words:
        return
    if len(words) <= HEADER:
        yield _other({"type": "header", "text": {"type": "plain_text", "text": words, "emoji": False}}, words)
    else:
        yield from (_rich(_section(piece, "bold")) for piece in split(words, rich.MOST // 3))


def _progress(part: Lines) -> list[Element]:
    """A section a line: its state as a sign of its own shape, who, and what they do."""
    return [
        {
            "type": "rich_text_section",
            "elements": [
                rich.text_element(f"{_STATES[line.state]} "),
                rich.text_element(one_line(line.who, 80) or "?", "bold"),
                *([rich.text_element("  " + one_line(line.text, 300))] if line.text.strip() else []),
            ],
        }
        for line in part.lines
    ]


def _fold(part: Fold, *, shut: bool) -> Iterator[_Unit]:
    """The beginning alone where a button of the post opens the rest, else everything."""
    yield _rich(_section(one_line(part.title, 300) or "More", "bold"))
    whole = clean(part.markdown).strip()
    if not shut or len(whole) <= FOLD:
        yield from map(_rich, elements(whole))
        return
    flat = "\n".join(rich.words(element) for element in elements(whole))
    at = cut(flat, FOLD)
    left = len(flat) - at
    shown = [*rich.linked(flat[:at].rstrip()), rich.text_element(f" … ({left:,} more characters: see the buttons)")]
    yield _rich({"type": "rich_text_quote", "elements": shown} if left else _section(flat))


def _context(line: str) -> _Unit:
    words = defuse(line).strip() or JOINER
    element = {"type": "plain_text", "text": words, "emoji": False}
    return _other({"type": "context", "elements": [element]}, words)


def _buttons(part: Buttons) -> Iterator[_Unit]:
    good = [b for b in part.buttons if one_line(b.label, BUTTON) and 0 < len(clean(b.command)) <= VALUE]
    for start in range(0, len(good), BUTTONS_IN_A_ROW):
        made: list[Element] = []
        for n, button in enumerate(good[start : start + BUTTONS_IN_A_ROW], start):
            label = {"type": "plain_text", "text": one_line(button.label, BUTTON), "emoji": False}
            style = {} if button.style == "plain" else {"style": button.style}
            made.append(
                {"type": "button", "action_id": f"{ACTION}:{n}", "text": label, "value": clean(button.command)} | style
            )
        yield _other({"type": "actions", "elements": made}, " ".join(f"[{b['text']['text']}]" for b in made))
    for button in part.buttons:
        if button not in good:
            yield _context(f"{one_line(button.label, BUTTON)}: type {one_line(button.command, CONTEXT - 100)}")
