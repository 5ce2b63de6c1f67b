"""Turns the parts of a neutral post into blocks of safe text, each of which can be cut into pieces.

Every block becomes a text of its own: Discord parses each by itself, so nothing in one can reach into another.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from bot.discord.escape import bare, clean, plain
from bot.discord.rows import LINE, TITLE, bar, calling, grid, listed, literal, members, shortened, stepped
from bot.discord.split import pieces, size
from bot.shapes import Attached, Bars, Button, Buttons, Fold, Foot, Heading, Lines, Mention, Part, Post, Prose, Table
from bot.words import Words, key
from core.entities import Status

FOLDED = 400
"""Characters of a fold that is shown whole; a button opens a longer one."""
STEPS = 18
"""Lines of progress that are shown; of a longer run each member's newest alone."""
ROWS, IN_A_ROW, COMMAND, LABEL = 3, 5, 90, 80
STATES = {
    Status.QUEUED: ("🕓", key("Waiting")),
    Status.RUNNING: ("⏳", key("At work")),
    Status.ANSWERED: ("✅", key("Answered")),
    Status.DONE: ("✅", key("Done")),
    Status.DISAGREED: ("⚖️", key("No agreement")),
    Status.NO_QUORUM: ("🚫", key("No quorum")),
    Status.STOPPED: ("⏹️", key("Stopped")),
    Status.FAILED: ("❌", key("Failed")),
}
"""The same for a run."""


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
            case _, Buttons() | Attached():
                pass
            case Foot(above), Foot(below):
                gathered[-1] = Foot(f"{above}\n{below}")
            case _:
                gathered.append(part)
    return gathered


def _heading(text: str) -> str:
    shown = plain(shortened(text, TITLE))
    return f"### {shown}" if shown else ""


def _block(title: str, part: Part, words: Words) -> Block:  # noqa: C901  one flat match over the closed union
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
        case Lines(lines, steps):
            shown = stepped(steps, words) if 0 < len(steps) <= STEPS else members(lines, words)
            return _lines(title, shown)
        case Bars(caption, bars):
            rows = [f"**{said}**" for said in literal(caption, LINE)] + [bar(each, words) for each in bars]
            return _lines(title, rows)
        case Table(columns, cells):
            drawn = grid(columns, cells)
            return _prose(title, drawn) if drawn else _lines(title, listed(columns, cells))
        case Mention():
            return _lines(title, calling(part))
        case Heading() | Buttons() | Attached():
            raise AssertionError("A heading, buttons and files stand for themselves.")


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
                here.append(replace(button, label=shortened(button.label, LABEL)))
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
