"""Figures drawn with characters, for a monospaced font: tables and bars."""

import unicodedata
from collections.abc import Sequence

from bot.shapes import Bar, Bars
from bot.slack.mrkdwn import defuse
from bot.words import Words, key

BAR = 12
"""Cells of a full bar."""

WIDEST = 72
"""Columns that a phone held sideways still shows without wrapping."""

_EIGHTHS = " ▏▎▍▌▋▊▉"
_MARKS = {"winner": ("★", key("winner")), "tie": ("=", key("tie"))}


def width(text: str) -> int:
    """Return how many columns `text` takes: two for wide characters, none for marks on the one before."""
    return sum(_columns(c) for c in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def pad(text: str, columns: int) -> str:
    """Return `text` filled with spaces up to `columns`."""
    return text + " " * (columns - width(text))


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows, the first of them the heading, as aligned columns; as a list where they would be too wide."""
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    count = max((len(row) for row in cells), default=0)
    cells = [row + [""] * (count - len(row)) for row in cells]
    widths = [max(width(row[n]) for row in cells) for n in range(count)]
    if sum(widths) + 2 * count > WIDEST:
        return _listed(cells)
    lines = ["  ".join(pad(cell, widths[n]) for n, cell in enumerate(row)).rstrip() for row in cells]
    return "\n".join([*lines[:1], "  ".join("─" * w for w in widths), *lines[1:]])


def _listed(cells: list[list[str]]) -> str:
    """The first cell of each row as its title, the others below it, named where there are several."""
    head, *body = cells
    named = len(head) > 2
    return "\n\n".join("\n".join([row[0], *_below(head, row, named=named)]) for row in body)


def _below(head: list[str], row: list[str], *, named: bool) -> list[str]:
    pairs = zip(head[1:], row[1:], strict=True)
    return [f"  {name}: {cell}" if named and name else f"  {cell}" for name, cell in pairs if cell]


def bars(chart: Bars, words: Words) -> str:
    """Return a chart: a line for each bar with its figure and, in words, its mark."""
    labels = [" ".join(defuse(bar.label).split()) for bar in chart.bars]
    widest = max((width(label) for label in labels), default=0)
    if widest > 28:
        return "\n".join(f"{label}\n  {_bar(bar, words)}" for label, bar in zip(labels, chart.bars, strict=True))
    return "\n".join(f"{pad(label, widest)}  {_bar(bar, words)}" for label, bar in zip(labels, chart.bars, strict=True))


def _bar(bar: Bar, words: Words) -> str:
    return f"{cells(bar.share):<{BAR}}  {figure(bar, words)}"


def cells(share: float) -> str:
    """Return a bar as long as its share, from 0 to 1; nothing for what is no number."""
    eighths = round(min(max(share, 0.0), 1.0) * BAR * 8) if share == share else 0
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")


def figure(bar: Bar, words: Words) -> str:
    """Return what stands behind a bar: its figure and, in words, its mark."""
    sign, name = _MARKS.get(bar.mark, ("", ""))
    mark = f"{sign} {words(name)}" if name else defuse(bar.mark)
    return "  ".join(filter(None, (" ".join(defuse(bar.figure).split()), mark)))
