"""Fits a post into one Discord message: one frame with its texts and its buttons, and a file for what is too long.

One post is always one message, so that it can be edited in place and sent again without doubling anything.
"""

from dataclasses import replace

from bot.discord.carried import carried, instead, shown
from bot.discord.details import pages
from bot.discord.escape import plain
from bot.discord.layout import Block, Layout, lay_out
from bot.discord.rows import called_by
from bot.discord.sheet import (
    AMBER,
    BLUE,
    COMPONENTS,
    FILE,
    GREEN,
    GREY,
    RED,
    TEXT,
    Beside,
    Item,
    Key,
    Row,
    Rule,
    Sheet,
    Text,
    Whole,
    components,
    length,
)
from bot.discord.split import size
from bot.shapes import Button, Mention, Post
from bot.words import Words, key, words_for
from core.entities import Status

NOTICE = 1500
"""Characters of a message without a frame; Discord takes 2,000, and a telephone shows far fewer."""
LEAD, SHORT, FOLDED = 1000, 800, 300
"""Characters of the first part at least, of others at most where not everything fits, and of what can be opened."""
FRAME, OURS = 7, 200
"""What is kept free of Discord's limits: components for the frame, the mark, the file with a sentence about it and a
line above everything; characters for that line."""
READ, READ_ON = key("Read it whole"), key("Read on")
COLOURS = {
    Status.QUEUED: GREY,
    Status.RUNNING: BLUE,
    Status.ANSWERED: GREEN,
    Status.DONE: GREEN,
    Status.DISAGREED: AMBER,
    Status.NO_QUORUM: RED,
    Status.STOPPED: GREY,
    Status.FAILED: RED,
}
"""Each state is said in words as well."""


def render(post: Post, mark: str = "") -> Sheet:
    """Return the message that shows `post`; it ends in `mark`, by which it is found again."""
    words = words_for(post.language)
    if post.tabs and post.run:
        return pages(post.run, post.tabs, "", 0, words)
    attached = carried(post.parts)
    layout = lay_out(replace(post, parts=instead(post.parts, attached)), words)
    rows = tuple(Row(tuple(Key(button) for button in row)) for row in layout.rows)
    end = f"-# {plain(mark)}" if mark else ""
    room = TEXT - size(end) - OURS - length(rows)
    below = (*shown(attached), *rows)
    many = COMPONENTS - FRAME - components(below)
    items = _everything(layout, room, many, words)
    file = "" if items else "\n\n".join(block.whole for block in layout.blocks)
    items = _ended(items or _excerpt(layout, room, many, words, len(file)), end) + below
    notice, complete = _notice(layout, end)
    return Sheet(
        items,
        colour=RED if post.failed else COLOURS[post.state] if post.state else BLUE,
        file=file,
        notice=notice,
        silent=post.state in (Status.QUEUED, Status.RUNNING),
        framed=bool(post.state or post.failed or below or not complete),
        broadcast=post.broadcast,
        language=words.language,
        calls=tuple(filter(None, (called_by(part) for part in post.parts if isinstance(part, Mention)))),
        attached=attached,
    )


def _everything(layout: Layout, room: int, many: int, words: Words) -> tuple[Item, ...]:
    """Return all parts, folds by their beginning; nothing where it is too much for one message."""
    items: tuple[Item, ...] = ()
    for block in layout.blocks:
        first, more = _first(block, room)
        if more and not block.folded:
            return ()
        if first:
            items += _ruled(items, block, _folded(block, words) if block.folded else Text(first))
    items = items or (Text(f"*{words('nothing')}*"),)
    return items if length(items) <= room and components(items) <= many else ()


def _excerpt(layout: Layout, room: int, many: int, words: Words, characters: int) -> tuple[Item, ...]:
    """Return the beginning of each part as far as there is room, and the file that has all of it."""
    lead, *others = [block for block in layout.blocks if _first(block, LEAD)[0]]
    said = words("*The whole text is in {file}: {count:,} characters.*", file=FILE, count=characters)
    hint: Item = Beside(said, Button(words(READ_ON), lead.opens)) if lead.opens else Text(said)
    below: tuple[Item, ...] = ()
    left = room - length((hint,)) - LEAD
    for block in others:
        item = _folded(block, words) if block.folded else Text(_beginning(block, SHORT, words))
        more = _ruled((hint,), block, item)
        if length(more) <= left // 2 and components(below + more) <= many:
            below += more
            left -= length(more)
    return (Text(_beginning(lead, LEAD + left, words)), hint, *below, Whole())


def _ruled(above: tuple[Item, ...], block: Block, item: Item) -> tuple[Item, ...]:
    """Return an item with a line above it, unless it belongs to what stands there."""
    return (item,) if block.small or not above else (Rule(), item)


def _folded(block: Block, words: Words) -> Item:
    """Return the beginning of a part, and at its side the button that opens it."""
    return Beside(f"{_first(block, FOLDED)[0]} …", Button(words(READ), block.opens))


def _beginning(block: Block, limit: int, words: Words) -> str:
    goes_on = words("… goes on in {file}.", file=FILE)
    first, more = _first(block, limit - size(goes_on) - 3)
    return f"{first}\n*{goes_on}*" if more else first


def _first(block: Block, limit: int) -> tuple[str, bool]:
    """Return the first piece of a part, and whether there are more."""
    cut = block.cut(limit)
    return next(cut, ""), next(cut, None) is not None


def _ended(items: tuple[Item, ...], end: str) -> tuple[Item, ...]:
    """Put the mark at the end of the small print, or below everything in as small a print."""
    match items:
        case _ if not end:
            return items
        case (*above, Text(markdown)) if markdown.rpartition("\n")[2].startswith("-# "):
            return (*above, Text(f"{markdown} · {end.removeprefix('-# ')}"))
        case _:
            return (*items, Text(end))


def _notice(layout: Layout, end: str) -> tuple[str, bool]:
    """Return the beginning as a message without a frame, and whether that is everything."""
    first, more = _first(layout.blocks[0], NOTICE) if layout.blocks else ("", False)
    said = "\n".join(filter(None, ((first or "…").removeprefix("### ") + (" …" if more else ""), end)))
    return said, len(layout.blocks) == 1 and not more
