"""Progress, tallies and tables as lines of safe Markdown: no meaning by a colour or a picture alone."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from rich.cells import cell_len

from bot.discord.escape import bare, in_span, plain
from bot.discord.split import size, upto
from bot.shapes import Bar, Line, Mention
from bot.words import Words, key

BAR_CELLS = 12
TABLE_CELLS = 56
"""A wider table wraps on a telephone, so it becomes a list."""
LINE, TITLE = 240, 120
"""Characters of a line of a list, of which there may be several, and of a name in bold."""
_MARKUP = re.compile(r"\*\*|__|`")
"""What a short excerpt of Markdown reads better without."""
SIGNS = {
    "waiting": ("▫️", key("waiting")),
    "working": ("⏳", key("working")),
    "done": ("✅", key("done")),
    "absent": ("🚫", key("absent")),
}
"""How a member's state is shown."""
MARKS = {"winner": ("🏆", key("winner")), "tie": ("⚖️", key("tie"))}


def members(lines: Iterable[Line], words: Words) -> list[str]:
    """Return a line a member."""
    return [row for line in lines for row in _line(line, words)]


def stepped(steps: Iterable[Line], words: Words) -> list[str]:
    """Return a line a member in each phase, under what the phase asks of them."""
    rows: list[str] = []
    for doing, group in groupby(steps, key=lambda step: step.doing):
        said = shortened(doing, TITLE)
        rows += [f"-# {plain(said)}"] if said else []
        rows += members((replace(line, text="") if line.text == doing else line for line in group), words)
    return rows


def _line(line: Line, words: Words) -> list[str]:
    sign, state = SIGNS[line.state]
    first, *rest = literal(_MARKUP.sub("", line.text), LINE) or [""]
    return [f"{sign} **{plain(shortened(line.who, 80))}** {first or words(state)}".rstrip(), *rest]


def bar(shown: Bar, words: Words) -> str:
    """Return one row of a tally."""
    full = round(max(0.0, min(shown.share, 1.0)) * BAR_CELLS)
    drawn = "█" * full + "·" * (BAR_CELLS - full)
    sign, said = MARKS.get(shown.mark, ("", shortened(shown.mark, 40)))
    mark = "".join(f" {part}" for part in ("·", sign, plain(words(said))) if part) if shown.mark else ""
    return f"`{drawn}` **{plain(shortened(shown.label, 100))}** · {plain(shortened(shown.figure, 60))}{mark}"


def calling(part: Mention) -> list[str]:
    """Return a line that begins with the mention of a person, and what of it does not fit into one line.

    Who it notifies is said apart from the text (`Sheet.calls`): without that it is a name and nothing more.
    """
    name = f"<@{called}>" if (called := called_by(part)) else f"**@{plain(shortened(part.name, 80))}**"
    first, *rest = literal(part.text, LINE) or [""]
    return [f"{name} {first}".rstrip(), *rest]


def called_by(part: Mention) -> int:
    """Return the number of the person that a mention calls; 0 for one who is not in Discord."""
    number = part.person.removeprefix("discord:")
    return int(number) if part.person != number and number.isascii() and number.isdecimal() else 0


def grid(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table in fixed letters; nothing where it is too wide for that."""
    cells = [[in_span(cell) for cell in row] for row in (columns, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=False)]
    if sum(widths) + 2 * len(widths) > TABLE_CELLS:
        return ""
    padded = [
        "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in cells
    ]
    return "\n".join(["```", *padded, "```"])


def listed(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return a table as a list: each row is its first cell in bold, with `column: cell` behind it."""
    return [line for row in rows for line in _row(columns, row)]


def _row(columns: tuple[str, ...], row: tuple[str, ...]) -> list[str]:
    head, *others = row or ("",)
    named = " · ".join(f"{name}: {cell}" for name, cell in zip(columns[1:], others, strict=False) if cell)
    first, *rest = literal(named if len(columns) > 2 else "".join(others), LINE) or [""]
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
