"""A post as a person reads it in a terminal; the same, without colour, in a pipe."""

import re
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from bot.shapes import Attached, Bars, Buttons, Fold, Foot, Heading, Line, Lines, Mention, Part, Post, Prose, Table
from bot.words import Words, words_for

GLYPHS = {"waiting": "·", "working": "…", "done": "✓", "absent": "✗"}
"""A state by its sign, never by colour alone."""
STYLES = {"waiting": "dim", "working": "cyan", "done": "green", "absent": "yellow"}
WIDTH = 30
"""Characters of the longest bar."""
NAME = 32
"""A first column of names up to this long is never broken."""
_HOSTILE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters (terminal escapes begin with one) and those that turn the reading direction."""


def safe(text: str) -> str:
    """Return text that can only be read: no terminal escapes, no control characters, no turned direction."""
    return _HOSTILE.sub("", text)


def show(post: Post, console: Console, *, unfolded: bool = False) -> None:
    """Print a post. `unfolded` opens what is folded."""
    console.print(Group(*rendered(post.parts, words_for(post.language), unfolded=unfolded)))


def rendered(parts: Sequence[Part], words: Words, *, unfolded: bool = False) -> list[RenderableType]:
    """Return what rich prints for each part."""
    return [_part(part, words, unfolded) for part in parts]


def markdown(text: str) -> RenderableType:
    """Return a model's Markdown; links show their address, because a masked one may lie."""
    return Markdown(safe(text), hyperlinks=False)


def line(item: Line, doing: str = "") -> Text:
    """Return one member's line: sign, name, and what it is doing or has said."""
    said = doing or item.text
    style = STYLES[item.state]
    return Text.assemble(
        (f" {GLYPHS[item.state]} ", style),
        (f"{safe(item.who):<11} ", "bold"),
        (safe(said), style),
        no_wrap=True,
        overflow="ellipsis",
    )


def _part(part: Part, words: Words, unfolded: bool) -> RenderableType:  # noqa: C901  one flat match over the closed union
    match part:
        case Heading(text=text):
            return Text(safe(text), style="bold")
        case Prose(markdown=text):
            return markdown(text)
        case Lines(lines=lines):
            return Group(*(line(item) for item in lines))
        case Bars() as bars:
            return _bars(bars, words)
        case Table() as table:
            return _table(table)
        case Fold() as fold:
            return _fold(fold, unfolded)
        case Foot(text=text):
            return Text(safe(text), style="dim")
        case Buttons(buttons=buttons):
            typed = " · ".join(button.command for button in buttons)
            return Text(words("You can type: {commands}", commands=typed), style="dim")
        case Mention(name=name, text=text):
            return Text.assemble((f"@{safe(name)} ", "bold"), safe(text))
        case Attached(name=name, media=media, content=content):
            return Text(f"{safe(name)} · {safe(media)} · {words.size(len(content))}")


def _bars(bars: Bars, words: Words) -> RenderableType:
    grid = Grid.grid(padding=(0, 1))
    for bar in bars.bars:
        length = max(1, round(bar.share * WIDTH)) if bar.share > 0 else 0
        won = bar.mark == "winner"
        grid.add_row(
            Text("►" if won else " "),
            Text(safe(bar.label), style="bold" if won else ""),
            Text("█" * length, style="green" if won else "blue"),
            Text(bar.figure + (f" ({words(bar.mark)})" if bar.mark else "")),
        )
    return Group(Text(safe(bars.caption), style="italic"), grid)


def _table(table: Table) -> RenderableType:
    grid = Grid(box=None, header_style="bold", padding=(0, 2, 0, 0), expand=False)
    for at, column in enumerate(table.columns):
        names = [row[at] for row in table.rows]
        grid.add_column(
            Text(safe(column)), overflow="fold", no_wrap=at == 0 and max(map(len, names), default=0) <= NAME
        )
    for row in table.rows:
        grid.add_row(*(Text(safe(cell)) for cell in row))
    return grid


def _fold(fold: Fold, unfolded: bool) -> RenderableType:
    if unfolded:
        return Group(Text(f"▾ {safe(fold.title)}", style="bold"), Padding(markdown(fold.markdown), (0, 0, 0, 2)))
    gist = " ".join(safe(fold.markdown).split())
    return Text.assemble((f"▸ {safe(fold.title)}: ", "bold"), (gist, "dim"), no_wrap=True, overflow="ellipsis")
