"""Fits a post into one Discord message: its text, its embeds and its buttons, and a file for what is too long.

One post is always one message, so that it can be edited in place and sent again without doubling anything.
"""

from dataclasses import dataclass

from bot.discord.escape import bare, plain
from bot.discord.layout import Block, lay_out, shortened
from bot.discord.split import size
from bot.shapes import Button, Post

CONTENT, EMBEDS, TITLE = 2000, 10, 256
"""Discord's limits: characters of a message, embeds of a message, characters of an embed's title."""
TOTAL = 5800
"""Characters of all embeds together; Discord takes 6,000."""
PIECE = 1900
EXCERPT = 700
NOTHING = "*(empty)*"
FILE = "dexter.md"


@dataclass(frozen=True, slots=True)
class Card:
    """One embed."""

    title: str = ""
    text: str = ""
    foot: str = ""

    @property
    def size(self) -> int:
        """Return what Discord counts."""
        return size(self.title) + size(self.text) + size(self.foot)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One message, within every limit, all of it safe."""

    content: str
    cards: tuple[Card, ...] = ()
    rows: tuple[tuple[Button, ...], ...] = ()
    file: str = ""
    """The text of a file that carries the whole, where not everything fits."""
    failed: bool = False


def render(post: Post, mark: str = "") -> Sheet:
    """Return the message that shows `post`; its small print ends in `mark`, by which it is found again."""
    layout = lay_out(post)
    *above, last = layout.feet or ("",)
    feet = [foot for foot in (*above, " · ".join(filter(None, (last, mark)))) if foot]
    sheet = _whole(layout.blocks, feet) or _excerpt(layout.blocks, feet)
    return Sheet(sheet.content, sheet.cards, layout.rows, sheet.file, post.failed)


def _whole(blocks: tuple[Block, ...], feet: list[str]) -> Sheet | None:
    """Return everything in one message, or `None` where there is too much."""
    content, cards = "", []
    for index, block in enumerate(blocks):
        first, *rest = _cards(block, PIECE - (2 * TITLE if index == 0 and block.title else 0))
        if index == 0:
            content = _text(first)
        else:
            cards.append(first)
        cards.extend(rest)
    content, cards = _footed(content, cards, feet)
    fits = len(cards) <= EMBEDS and sum(card.size for card in cards) <= TOTAL
    return Sheet(content, tuple(cards)) if fits else None


def _excerpt(blocks: tuple[Block, ...], feet: list[str]) -> Sheet:
    """Return the beginning of each block as far as there is room, and all of it in a file."""
    whole = "\n\n".join(_whole_text(block) for block in blocks)
    lead, *others = blocks
    content = _text(_beginning(lead, PIECE - 2 * TITLE - 200))
    content += f"\n*The whole text is in {FILE}: {len(whole):,} characters.*"
    cards: list[Card] = []
    left = TOTAL - size("\n".join(feet))
    for block in others:
        card = _beginning(block, EXCERPT)
        if len(cards) < EMBEDS - 1 and card.size <= left:
            cards.append(card)
            left -= card.size
    content, cards = _footed(content, cards, feet)
    return Sheet(content, tuple(cards), file=whole)


def _beginning(block: Block, limit: int) -> Card:
    first, *rest = _cards(block, limit)
    return Card(first.title, f"{first.text}\n*… goes on in {FILE}.*") if rest else first


def _cards(block: Block, limit: int) -> list[Card]:
    """Return a block as one embed or more, the first with its title."""
    title = plain(shortened(block.title, TITLE - 20))
    title = title if size(title) <= TITLE else plain(shortened(block.title, TITLE // 2))
    texts = block.cut(limit) or [NOTHING if not title else ""]
    return [Card(title if number == 0 else "", text) for number, text in enumerate(texts)]


def _text(card: Card) -> str:
    return "\n".join(filter(None, [f"**{card.title}**" if card.title else "", card.text]))


def _footed(content: str, cards: list[Card], feet: list[str]) -> tuple[str, list[Card]]:
    """Put the small print under the last embed; without one, under the text, or into one where that is full."""
    if cards:
        return content, [*cards[:-1], Card(cards[-1].title, cards[-1].text, "\n".join(feet))]
    below = "\n".join([content, *(f"-# {plain(foot)}" for foot in feet)]).strip()
    if size(below) <= CONTENT:
        return below, []
    *above, last = feet
    return content, [Card(text="\n".join(map(plain, above)) or plain(last), foot=last)]


def _whole_text(block: Block) -> str:
    return (f"## {bare(block.title)}\n\n" if block.title else "") + block.whole
