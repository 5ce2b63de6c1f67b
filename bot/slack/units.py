"""What the parts of a post become in the blocks that every Slack shows: units, each with how it reads."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.shapes import Bars, Lines, Mention, Table
from bot.slack import rich, text
from bot.slack.markdown import elements
from bot.slack.mrkdwn import JOINER, clean, cut, defuse, one_line, split
from bot.slack.rich import Element
from bot.words import Words

Block = Element

HEADER, CONTEXT = 150, 1500
FOLD = 600
"""Characters of a fold that show where it cannot be opened on the spot."""

STATES = {"waiting": "○", "working": "◐", "done": "●", "absent": "✕"}
"""A member's state as a sign of its own shape."""


_USER = re.compile(r"[UW][A-Z0-9]{1,20}")
"""An id of a person, as Slack writes them."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A block, how it reads, and what it costs of a message."""

    block: Block
    words: str
    size: int
    """In UTF-16 units, with something for the wrapping."""


def rich_unit(element: Element) -> Unit:
    """Return one element of rich text as a block."""
    return Unit({"type": "rich_text", "elements": [element]}, rich.words(element), rich.size(element) + 20)


def other(block: Block, words: str) -> Unit:
    """Return a block that is no rich text; it costs what its words cost, in each of the places where they stand."""
    return Unit(block, words, len(words) * 2 + 60)


def section(line: str, *styles: str) -> Element:
    """Return one line of rich text."""
    return {"type": "rich_text_section", "elements": [rich.text_element(line, *styles)]}


def plain_text(line: str) -> Element:
    """Return a text object in which nothing is parsed."""
    return {"type": "plain_text", "text": line, "emoji": False}


def heading(line: str) -> Iterator[Unit]:
    """Yield a header, or bold text where it is too long for one."""
    words = " ".join(defuse(line).split())
    if not words:
        return
    if len(words) <= HEADER:
        yield other({"type": "header", "text": plain_text(words)}, words)
    else:
        yield from (rich_unit(section(piece, "bold")) for piece in split(words, rich.MOST // 3))


def foot(line: str) -> Iterator[Unit]:
    """Yield small print."""
    yield from (context(piece) for piece in split(clean(line), CONTEXT))


def context(line: str) -> Unit:
    """Return one block of small print."""
    words = defuse(line).strip() or JOINER
    return other({"type": "context", "elements": [plain_text(words)]}, words)


def prose(markdown: str) -> Iterator[Unit]:
    """Yield Markdown as rich text, in which nothing is parsed again."""
    return map(rich_unit, elements(markdown))


def calling(part: Mention) -> Unit:
    """Return a line that begins with the mention of a person: the one element by which Dexter notifies anybody."""
    user, line = part.person.removeprefix("slack:"), one_line(part.text, rich.MOST - 200)
    name = "@" + (one_line(part.name, 80) or "…")
    called: Element = {"type": "user", "user_id": user} if _USER.fullmatch(user) else rich.text_element(name, "bold")
    element = {"type": "rich_text_section", "elements": [called, *([rich.text_element(f" {line}")] if line else [])]}
    return Unit({"type": "rich_text", "elements": [element]}, f"{name} {line}", rich.size(element) + 20)


def drawn(part: Lines | Bars | Table, words: Words) -> Iterator[Unit]:
    """Yield progress, a chart or a table as text."""
    return map(rich_unit, _drawn(part, words))


def _drawn(part: Lines | Bars | Table, words: Words) -> list[Element]:
    if isinstance(part, Lines):
        return _progress(part)
    if isinstance(part, Table):
        return rich.preformatted(text.columns([part.columns, *part.rows]))
    caption = " ".join(clean(part.caption).split())
    return [*([section(caption, "bold")] if caption else []), *rich.preformatted(text.bars(part, words))]


def _progress(part: Lines) -> list[Element]:
    """A section a line: its state as a sign of its own shape, who, and what they do."""
    return [
        {
            "type": "rich_text_section",
            "elements": [
                rich.text_element(f"{STATES[line.state]} "),
                rich.text_element(one_line(line.who, 80) or "?", "bold"),
                *([rich.text_element("  " + gist(line.text, 300))] if line.text.strip() else []),
            ],
        }
        for line in part.lines
    ]


def gist(markdown: str, most: int) -> str:
    """Return the words of a little Markdown on one line."""
    return one_line(" ".join(map(rich.words, elements(markdown))), most)


def unfolded(title: str, markdown: str) -> Iterator[Unit]:
    """Yield a fold, open."""
    yield rich_unit(section(one_line(title, 300) or "…", "bold"))
    yield from prose(clean(markdown).strip())


def folded(title: str, markdown: str, words: Words) -> Iterator[Unit]:
    """Yield the beginning of a fold, and how much more there is behind the buttons of its post."""
    whole = clean(markdown).strip()
    if len(whole) <= FOLD:
        yield from unfolded(title, markdown)
        return
    yield rich_unit(section(one_line(title, 300) or "…", "bold"))
    flat = "\n".join(rich.words(element) for element in elements(whole))
    at = cut(flat, FOLD)
    if not (left := len(flat) - at):
        yield rich_unit(section(flat))
        return
    shown = [*rich.linked(flat[:at].rstrip()), rich.text_element(f" … ({more(left, words)})")]
    yield rich_unit({"type": "rich_text_quote", "elements": shown})


def more(left: int, words: Words) -> str:
    """Say how many characters are not shown, and where they are."""
    return words.some(left, "{count} more character: see the buttons", "{count} more characters: see the buttons")


def joined(units: Iterator[Unit]) -> Iterator[Unit]:
    """Yield the units with neighbouring rich text put into one block, up to what one may hold."""
    last: Unit | None = None
    for unit in units:
        both = last is not None and last.block["type"] == unit.block["type"] == "rich_text"
        if last is not None and both and last.size + unit.size <= rich.MOST:
            inner = [*last.block["elements"], *unit.block["elements"]]
            last = Unit({"type": "rich_text", "elements": inner}, f"{last.words}\n{unit.words}", last.size + unit.size)
            continue
        if last is not None:
            yield last
        last = unit
    if last is not None:
        yield last


def packed(units: Sequence[Unit], blocks: int, size: int) -> Iterator[list[Unit]]:
    """Yield the units in groups of at most so many blocks and such a size; a single one may be larger."""
    group: list[Unit] = []
    used = 0
    for unit in units:
        if group and (len(group) >= blocks or used + unit.size > size):
            yield group
            group, used = [], 0
        group.append(unit)
        used += unit.size
    yield group
