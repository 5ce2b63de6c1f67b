"""A post as Block Kit: pages of blocks that keep Slack's limits, each with the same in plain text."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from bot.shapes import Attached, Bars, Buttons, Fold, Foot, Heading, Lines, Mention, Part, Post, Prose, Table
from bot.slack import native, units
from bot.slack.buttons import rows
from bot.slack.mrkdwn import cut, escape, one_line
from bot.slack.units import Block, Unit
from bot.words import Words, words_for

MOST_BLOCKS = 45
"""Slack takes 50; the rest is for the words about what follows."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much goes into one message. Slack's own limit on the whole is not documented; about 13,000 was seen."""

    blocks: int
    """Characters of all blocks, in UTF-16 units."""
    words: int
    """Characters of the plain text beside them."""
    native: bool = False
    """Use Slack's newer blocks as well."""


@dataclass(frozen=True, slots=True)
class Page:
    """One message of a post."""

    blocks: tuple[Block, ...]
    text: str
    """All of it as plain text, escaped: for notifications and screen readers."""


def pages(post: Post, room: Room, mark: str) -> list[Page]:
    """Return `post` as one page, or as more where it is long; `mark` names a block of each, and the steps of a plan."""
    words = words_for(post.language)
    made = _native(post, words, mark) if room.native else _everywhere(post, words)
    laid = list(units.joined(made)) or [units.context(words("(nothing to show)"))]
    groups = list(units.packed(laid, MOST_BLOCKS, room.blocks))
    return [_page(group, n, len(groups), room.words, mark, words) for n, group in enumerate(groups, 1)]


def aloud(post: Post, most: int) -> str:
    """Return all of a post as plain text, escaped, as a page has it; cut with a word where it is over `most`."""
    words = words_for(post.language)
    said = "\n\n".join(unit.words for unit in units.joined(_everywhere(post, words)) if unit.words)
    return _bounded(escape(said), most, words)


def _page(group: list[Unit], number: int, count: int, most: int, mark: str, words: Words) -> Page:
    more = words("Part {number} of {count}: continued in the next message.", number=number, count=count)
    if number < count:
        group = [*group, units.context(more)]
    elif all(unit.block["type"] == "markdown" for unit in group):  # Slack keeps no id of these blocks
        group = [*group, units.context(words("Part {number} of {count}: the end.", number=number, count=count))]
    blocks = [unit.block for unit in group]
    named = next(n for n, block in enumerate(blocks) if block["type"] != "markdown")
    blocks[named] = blocks[named] | {"block_id": f"{mark}/{number}"[:255]}
    text = "\n\n".join(unit.words for unit in group if unit.words)
    return Page(tuple(blocks), _bounded(escape(text), most, words))


def _bounded(escaped: str, most: int, words: Words) -> str:
    if len(escaped) <= most:
        return escaped
    ending = " … " + words("(the rest is in the message itself)")
    at = cut(escaped, most - len(ending))
    entity = escaped.rfind("&", max(at - 5, 0), at)
    return escaped[: entity if entity >= 0 and ";" not in escaped[entity:at] else at].rstrip() + ending


def _everywhere(post: Post, words: Words) -> Iterator[Unit]:
    """Yield a post in the blocks that every Slack shows."""
    shut = any(isinstance(part, Buttons) for part in post.parts)
    for part in post.parts:
        yield from plain(part, words, shut=shut)


def plain(part: Part, words: Words, *, shut: bool) -> Iterator[Unit]:  # noqa: C901  one flat match over the closed union
    """Yield a part in the blocks that every Slack shows; a fold only begins where it is `shut`."""
    match part:
        case Heading(text=line):
            yield from units.heading(line)
        case Prose(markdown=markdown):
            yield from units.prose(markdown)
        case Lines() | Bars() | Table():
            yield from units.drawn(part, words)
        case Fold(title=title, markdown=markdown):
            yield from units.folded(title, markdown, words) if shut else units.unfolded(title, markdown)
        case Foot(text=line):
            yield from units.foot(line)
        case Buttons():
            yield from rows(part, words, thumbs=False)
        case Mention():
            yield units.calling(part)
        case Attached(name=name, content=content):
            yield units.context(words("File: {name}, {size}", name=one_line(name, 100), size=words.size(len(content))))


def _native(post: Post, words: Words, mark: str) -> Iterator[Unit]:
    """Yield a post in Slack's newer blocks; a message takes one table, and a plan takes the heading for its title."""
    tables = [part for part in post.parts if isinstance(part, Bars | Table)]
    tabled = next((part for part in tables if isinstance(part, Bars)), tables[0] if tables else None)
    alone = all(isinstance(part, Prose) for part in post.parts)
    title = ""
    for part, after in zip_longest(post.parts, post.parts[1:]):
        if isinstance(part, Heading) and isinstance(after, Lines):
            title = part.text
        elif isinstance(part, Lines):
            yield native.plan(title, part.steps or part.lines, mark)
        elif (part in tables and part is not tabled) or (alone and isinstance(part, Prose)):
            yield from plain(part, words, shut=False)
        else:
            yield from _newer(part, words)


def _newer(part: Part, words: Words) -> Iterator[Unit]:
    match part:
        case Prose(markdown=markdown):
            yield from native.markdown(markdown)
        case Bars():
            yield from native.chart(part, words)
        case Table():
            yield from native.table(part, words)
        case Fold(title=title, markdown=markdown):
            yield native.container(title, markdown, words)
        case Buttons():
            yield from rows(part, words, thumbs=True)
        case _:
            yield from plain(part, words, shut=False)
