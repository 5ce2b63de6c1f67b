"""Turns the parts of a neutral post into blocks of safe text, each of which can be cut into pieces.

Every block becomes a text of its own: Discord parses each by itself, so nothing in one can reach into another.
"""

import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from rich.cells import cell_len

from bot.discord.escape import bare, clean, in_span, plain
from bot.discord.split import pieces, size, upto
from bot.shapes import Bar, Bars, Button, Buttons, Fold, Foot, Heading, Line, Lines, Part, Post, Prose, Table
from bot.words import Words, key
from core.entities import Status

BAR_CELLS = 12
TABLE_CELLS = 56
"""A wider table wraps on a telephone, so it becomes a list."""
LINE, TITLE = 240, 120
FOLDED = 400
"""Characters of a fold that is shown whole; a button opens a longer one."""
ROWS, IN_A_ROW, COMMAND = 3, 5, 90
SIGNS = {
    "waiting": ("▫️", key("waiting")),
    "working": ("⏳", key("working")),
    "done": ("✅", key("done")),
    "absent": ("🚫", key("absent")),
}
"""How a member's state is shown: never by colour alone."""
STATES = {
    Status.QUEUED: ("🕓", key("Waiting")),
    Status.RUNNING: ("⏳", key("At work")),
    Status.ANSWERED: ("✅", key("Answered")),
    Status.DISAGREED: ("⚖️", key("No agreement")),
    Status.NO_QUORUM: ("🚫", key("No quorum")),
    Status.STOPPED: ("⏹️", key("Stopped")),
    Status.FAILED: ("❌", key("Failed")),
}
"""The same for a run."""
MARKS = {"winner": ("🏆", key("winner")), "tie": ("⚖️", key("tie"))}


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a post."""

    cut: Callable[[int], Iterator[str]]
    """Yield it as safe Markdown in pieces of at most so many UTF-16 units (300 at least)."""
    whole: str
    """The same as plain Markdown, for a file."""
    opens: str = ""
    """The request that shows it whole."""
    folded: bool = False
    """Only its beginning is shown, where a button opens the whole."""
    small: bool = False
    """It belongs to what stands above it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A post, taken apart."""

    blocks: tuple[Block, ...]
    rows: tuple[tuple[Button, ...], ...]


def lay_out(post: Post, words: Words) -> Layout:
    """Return the blocks and the rows of buttons of a post, no two of which do the same."""
    rows = _rows(part.buttons for part in post.parts if isinstance(part, Buttons))
    seen = {bare(button.command) for row in rows for button in row}
    blocks: list[Block] = []
    for block in blocks_of(_headed(post, words), words):
        blocks.append(block if block.opens not in seen else replace(block, opens="", folded=False))
        seen.add(block.opens)
    return Layout(tuple(blocks), rows)


def _headed(post: Post, words: Words) -> tuple[Part, ...]:
    """Return the parts, the state of the run said at the top in a sign and in words."""
    if post.state is None:
        return post.parts
    sign, said = STATES[post.state]
    match post.parts:
        case (Heading(text), *rest):
            return (Heading(f"{sign} {text}"), *rest)
        case parts:
            return (Heading(f"{sign} {words(said)}"), *parts)


def blocks_of(parts: Iterable[Part], words: Words) -> list[Block]:
    """Return the blocks of parts, in order; a heading stands on top of what follows it."""
    blocks: list[Block] = []
    title, above = "", None
    for part in _gathered(parts):
        if isinstance(part, Heading):
            blocks += [_lines(title, [])] if title else []
            title = _heading(part.text)
        else:
            small = isinstance(part, Foot) and isinstance(above, Prose | Lines | Table)
            blocks.append(replace(_block(title, part, words), small=small))
            title = ""
        above = part
    blocks += [_lines(title, [])] if title else []
    return [block for block in blocks if block.whole.strip()]


def _gathered(parts: Iterable[Part]) -> list[Part]:
    """Return what is to be read; small print on small print becomes one."""
    gathered: list[Part] = []
    for part in parts:
        match (gathered[-1] if gathered else None), part:
            case _, Buttons():
                pass
            case Foot(above), Foot(below):
                gathered[-1] = Foot(f"{above}\n{below}")
            case _:
                gathered.append(part)
    return gathered


def _heading(text: str) -> str:
    shown = plain(shortened(text, TITLE))
    return f"### {shown}" if shown else ""


def _block(title: str, part: Part, words: Words) -> Block:
    match part:
        case Prose(markdown, opens):
            return _prose(title, markdown, f"{opens} --tab answer" if opens else "")
        case Fold(fold, markdown, opens):
            name = f"**{plain(shortened(fold, TITLE))}**" if bare(fold) else ""
            folded = bool(opens) and size(clean(markdown)) > FOLDED
            opens = f"{opens} --tab ballots" if opens else ""
            return _prose("\n".join(filter(None, (title, name))), markdown, opens, folded=folded)
        case Foot(text):
            return _lines(title, [f"-# {line}" for row in text.split("\n") for line in literal(row, LINE)])
        case Lines(lines):
            return _lines(title, [row for line in lines for row in _line(line, words)])
        case Bars(caption, bars):
            rows = [f"**{said}**" for said in literal(caption, LINE)] + [_bar(bar, words) for bar in bars]
            return _lines(title, rows)
        case Table(columns, cells):
            return _table(title, columns, cells)
        case Heading() | Buttons():
            raise AssertionError("A heading and buttons stand for themselves.")


def _rows(rows: Iterable[tuple[Button, ...]]) -> tuple[tuple[Button, ...], ...]:
    """Return the buttons that Discord can carry: each says something else, and what it says fits into its id."""
    seen: set[str] = set()
    kept: list[tuple[Button, ...]] = []
    for row in rows:
        here: list[Button] = []
        for button in row:
            command = bare(button.command)
            if command and bare(button.label) and size(command) <= COMMAND and command not in seen:
                seen.add(command)
                here.append(button)
        kept.append(tuple(here[:IN_A_ROW]))
    return tuple(filter(None, kept))[:ROWS]


def _prose(title: str, markdown: str, opens: str = "", *, folded: bool = False) -> Block:
    def cut(limit: int) -> Iterator[str]:
        return _titled(title, pieces(markdown, _under(title, limit)))

    return Block(cut, _whole(title, clean(markdown)), opens, folded)


def _lines(title: str, rows: list[str]) -> Block:
    def cut(limit: int) -> Iterator[str]:
        return _titled(title, _packed(rows, _under(title, limit)))

    return Block(cut, _whole(title, "  \n".join(rows)))


def _under(title: str, limit: int) -> int:
    return max(limit - size(title) - 1, 200) if title else limit


def _titled(title: str, texts: Iterator[str]) -> Iterator[str]:
    if title:
        yield f"{title}\n{next(texts, '')}".rstrip("\n")
    yield from texts


def _whole(title: str, text: str) -> str:
    return f"{title}\n\n{text}" if title and text else title or text


def _line(line: Line, words: Words) -> list[str]:
    sign, state = SIGNS[line.state]
    first, *rest = literal(line.text, LINE) or [""]
    return [f"{sign} **{plain(shortened(line.who, 80))}** {first or words(state)}".rstrip(), *rest]


def _bar(bar: Bar, words: Words) -> str:
    full = round(max(0.0, min(bar.share, 1.0)) * BAR_CELLS)
    drawn = "█" * full + "░" * (BAR_CELLS - full)
    sign, said = MARKS.get(bar.mark, ("", shortened(bar.mark, 40)))
    mark = f" · {sign} {plain(words(said))}".replace("·  ", "· ") if bar.mark else ""
    return f"`{drawn}` **{plain(shortened(bar.label, 100))}** · {plain(shortened(bar.figure, 60))}{mark}"


def _table(title: str, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Block:
    """Return a grid in fixed letters where it is narrow enough, else a list."""
    cells = [[in_span(cell) for cell in row] for row in (columns, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=False)]
    if sum(widths) + 2 * len(widths) > TABLE_CELLS:
        return _lines(title, [line for row in rows for line in _row(columns, row)])
    padded = [
        "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in cells
    ]
    return _prose(title, "\n".join(["```", *padded, "```"]))


def _row(columns: tuple[str, ...], row: tuple[str, ...]) -> list[str]:
    """Return a row as a bold first cell and `column: cell` behind it."""
    head, *others = row or ("",)
    named = " · ".join(f"{name}: {cell}" for name, cell in zip(columns[1:], others, strict=False) if cell)
    first, *rest = literal(named, LINE) or [""]
    return [f"• **{plain(shortened(head, 100))}** {first}".rstrip(), *rest]


def literal(text: str, limit: int) -> list[str]:
    """Return text in literal lines of about `limit` characters at most, broken between words."""
    lines: list[str] = []
    for line in textwrap.wrap(bare(text), limit, break_on_hyphens=False, break_long_words=False):
        while line:
            at = upto(line, limit)
            lines.append(plain(line[:at]))
            line = line[at:]
    return lines


def shortened(text: str, most: int) -> str:
    """Return one bare line, ended by `…` where it is longer than `most` UTF-16 units."""
    text = bare(text)
    if size(text) <= most:
        return text
    at = upto(text, most - 1)
    while at > 1 and size(text[:at]) >= most:
        at = upto(text, at - 1)
    return text[:at].rstrip() + "…"


def _packed(rows: Iterable[str], limit: int) -> Iterator[str]:
    """Join safe lines into pieces; each line is shorter than a piece."""
    piece = ""
    for row in rows:
        if piece and size(piece) + 1 + size(row) > limit:
            yield piece
            piece = ""
        piece = f"{piece}\n{row}" if piece else row
    if piece:
        yield piece
