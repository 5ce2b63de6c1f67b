"""Turns the parts of a neutral post into blocks of safe text, each of which can be cut into pieces.

Embeds rather than layout components: a layout message may have no content, and the content is what notifications,
search, screen readers and people with embeds switched off get. So the first block is the message's own text, and
every other block is an embed of its own: Discord parses each by itself, so nothing in one can reach into another.
"""

import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rich.cells import cell_len

from bot.discord.escape import bare, clean, in_span, plain
from bot.discord.split import pieces, size
from bot.shapes import Bar, Bars, Button, Buttons, Fold, Foot, Heading, Line, Lines, Post, Prose, Table

BAR_CELLS = 12
TABLE_CELLS = 56
"""A wider table wraps on a telephone, so it becomes a list."""
LINE, FOOT, FEET = 400, 300, 5
ROWS, IN_A_ROW, COMMAND = 5, 5, 90
STATES = {"waiting": "▫️", "working": "⏳", "done": "✅", "absent": "🚫"}
MARKS = {"winner": " · 🏆 winner", "tie": " · ⚖️ tie"}


@dataclass(frozen=True, slots=True)
class Block:
    """A title and what stands under it."""

    title: str
    """Bare text, for us to escape."""
    cut: Callable[[int], list[str]]
    """Return it as safe Markdown in pieces of at most so many UTF-16 units."""
    whole: str
    """The same as plain Markdown, for a file."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A post, taken apart."""

    blocks: tuple[Block, ...]
    feet: tuple[str, ...]
    rows: tuple[tuple[Button, ...], ...]


def lay_out(post: Post) -> Layout:
    """Return the blocks, the small print and the rows of buttons of a post."""
    blocks: list[Block] = []
    title = ""
    for part in post.parts:
        match part:
            case Heading(text):
                if title:
                    blocks.append(_lines(title, []))
                title = text
            case Foot() | Buttons():
                pass
            case _:
                blocks.append(_block(title, part))
                title = ""
    if title:
        blocks.append(_lines(title, []))
    feet = [part.text for part in post.parts if isinstance(part, Foot)]
    feet = [*feet[: FEET - 1], " · ".join(feet[FEET - 1 :])]
    rows = [_row_of(part.buttons) for part in post.parts if isinstance(part, Buttons)]
    return Layout(
        tuple(blocks), tuple(shortened(foot, FOOT) for foot in feet if bare(foot)), tuple(filter(None, rows))[:ROWS]
    )


def _block(title: str, part: Prose | Lines | Bars | Table | Fold) -> Block:
    match part:
        case Prose(markdown):
            return _prose(title, markdown)
        case Fold(fold, markdown):
            return _prose(f"{title}: {fold}" if title else fold, markdown)
        case Lines(lines):
            return _lines(title, [row for line in lines for row in _line(line)])
        case Bars(caption, bars):
            return _lines(title, [f"**{said}**" for said in literal(caption, LINE)] + [_bar(bar) for bar in bars])
        case Table(columns, rows):
            return _table(title, columns, rows)


def _row_of(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
    """Return the buttons that Discord can carry: what one says has to fit into its id."""
    return tuple(button for button in buttons if size(button.command) <= COMMAND)[:IN_A_ROW]


def _prose(title: str, markdown: str) -> Block:
    return Block(title, lambda limit: pieces(markdown, limit), clean(markdown))


def _lines(title: str, rows: list[str]) -> Block:
    return Block(title, lambda limit: _packed(rows, limit), "  \n".join(rows))


def _line(line: Line) -> list[str]:
    first, *rest = literal(line.text, LINE) or [""]
    return [f"{STATES[line.state]} **{plain(shortened(line.who, 80))}** {first or line.state}".rstrip(), *rest]


def _bar(bar: Bar) -> str:
    full = round(max(0.0, min(bar.share, 1.0)) * BAR_CELLS)
    drawn = "█" * full + "░" * (BAR_CELLS - full)
    mark = MARKS.get(bar.mark, f" · {plain(shortened(bar.mark, 40))}" if bar.mark else "")
    return f"`{drawn}` **{plain(shortened(bar.label, 150))}** · {plain(shortened(bar.figure, 80))}{mark}"


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
    return [f"• **{plain(shortened(head, 150))}** {first}".rstrip(), *rest]


def literal(text: str, limit: int) -> list[str]:
    """Return text in literal lines of about `limit` characters at most, broken between words."""
    return [plain(line) for line in textwrap.wrap(bare(text), limit, break_on_hyphens=False)]


def shortened(text: str, most: int) -> str:
    """Return one bare line, ended by `…` where it is longer than `most` characters."""
    text = bare(text)
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _packed(rows: Iterable[str], limit: int) -> list[str]:
    """Join safe lines into pieces; each line is far shorter than a piece."""
    done: list[str] = []
    for row in rows:
        if done and size(done[-1]) + 1 + size(row) <= limit:
            done[-1] += "\n" + row
        else:
            done.append(row)
    return done
