"""Markdown to Slack's rich text: one walk over the tokens of a CommonMark parser."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.slack.mrkdwn import clean
from bot.slack.rich import MOST, Element, linkable, linked, pieces, preformatted, size, text_element, words
from bot.slack.text import columns

_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}


def elements(markdown: str) -> list[Element]:
    """Return the top-level elements of a rich text block for `markdown`, each of at most `MOST` characters."""
    reader = _Reader()
    for token in _parser().parse(clean(markdown)):
        reader.take(token)
    return [piece for whole in reader.done for piece in pieces(whole)]


@cache
def _parser() -> MarkdownIt:
    """Return the parser; it keeps nothing of what it has parsed, and making it costs milliseconds."""
    return MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])


@dataclass
class _List:
    style: str
    count: int = 0


@dataclass
class _Reader:
    """Walks the tokens and gathers elements; lists stay flat, with an indent, as Slack wants them."""

    done: list[Element] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    quotes: int = 0
    rows: list[list[str]] = field(default_factory=list)
    fresh_item: bool = False
    heading: bool = False
    used: int = 0
    """What the last element costs so far; counted along, since counting anew makes long lists quadratic."""

    def take(self, token: Token) -> None:
        if token.type in ("fence", "code_block"):
            self.done.extend(preformatted(token.content.rstrip("\n")))
        elif token.type == "hr":
            self._paragraph([text_element("—" * 12)])
        elif token.type == "inline":
            self._inline(token)
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            style = "ordered" if token.type.startswith("ordered") else "bullet"
            self.lists.append(_List(style, int(token.attrs.get("start", 1)) - 1))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.lists.pop()
        else:
            self._mark(token)

    def _mark(self, token: Token) -> None:
        if token.type == "list_item_open":
            self.fresh_item = True
        elif token.tag == "blockquote":
            self.quotes += token.nesting
        elif token.type == "heading_open":
            self.heading = True
        elif token.type == "tr_open":
            self.rows.append([])
        elif token.type == "table_close":
            self.done.extend(preformatted(columns(self.rows)))
            self.rows = []

    def _inline(self, token: Token) -> None:
        made = list(_merged(_inline(token.children or (), ("bold",) if self.heading else ())))
        self.heading = False
        if self.rows:
            self.rows[-1].append("".join(words(e) for e in made))
        elif not made:
            return
        elif self.lists and not self.quotes:
            self._item(made)
        else:
            self._paragraph(self._bullet() + made)

    def _bullet(self) -> list[Element]:
        """In a quote, where Slack allows no list, an item begins with its mark."""
        if not (self.lists and self.fresh_item):
            return []
        self.fresh_item = False
        top = self.lists[-1]
        top.count += 1
        return [text_element("  " * (len(self.lists) - 1) + (f"{top.count}. " if top.style == "ordered" else "• "))]

    def _paragraph(self, made: list[Element]) -> None:
        kind = "rich_text_quote" if self.quotes else "rich_text_section"
        last: Element = self.done[-1] if self.done else {"type": ""}
        if self._fits(last["type"] == kind, made):
            last["elements"] += [text_element("\n" if self.lists else "\n\n"), *made]
        else:
            self.done.append({"type": kind, "elements": made})

    def _fits(self, same: bool, made: list[Element]) -> bool:
        """Tell whether what was made may go into the last element, and count it."""
        cost = 20 + sum(map(size, made))
        fits = same and self.used + cost < MOST
        self.used = self.used + cost if fits else cost
        return fits

    def _item(self, made: list[Element]) -> None:
        top, indent = self.lists[-1], min(len(self.lists) - 1, 8)
        last: Element = self.done[-1] if self.done else {"type": ""}
        same = last["type"] == "rich_text_list" and (last["style"], last["indent"]) == (top.style, indent)
        if not self.fresh_item:
            self._more(last, made)
            return
        item = {"type": "rich_text_section", "elements": made}
        if self._fits(same and top.count > 0, [item]):
            last["elements"].append(item)
        else:
            self.done.append(
                {"type": "rich_text_list", "style": top.style, "indent": indent, "elements": [item]}
                | ({"offset": top.count} if top.style == "ordered" and top.count > 0 else {})
            )
        top.count += 1
        self.fresh_item = False

    def _more(self, last: Element, made: list[Element]) -> None:
        """The second and later paragraphs of an item."""
        if last["type"] == "rich_text_list":
            last["elements"][-1]["elements"] += [text_element("\n"), *made]
        else:
            self._paragraph(made)


def _inline(tokens: Sequence[Token], outer: tuple[str, ...]) -> Iterator[Element]:
    styles, link = list(outer), _Link()
    for token in tokens:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name in _STYLES:
            (styles.append if token.nesting > 0 else styles.remove)(_STYLES[name])
        elif name == "link":
            yield from link.open(token) if token.nesting > 0 else link.close(styles)
        elif token.type == "image":
            yield from _shown(token.content, str(token.attrs.get("src", "")), styles)
        elif text := _said(token):
            link.text += text
            yield from _run(token, text, styles, inside=link.url is not None)


def _merged(run: Iterator[Element]) -> Iterator[Element]:
    """Yield the run with neighbouring words of one style as one element."""
    last: Element | None = None
    for element in run:
        if last and element["type"] == last["type"] == "text" and element.get("style") == last.get("style"):
            last = last | {"text": last["text"] + element["text"]}
            continue
        if last:
            yield last
        last = element
    if last:
        yield last


def _said(token: Token) -> str:
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content


def _run(token: Token, text: str, styles: list[str], *, inside: bool) -> Iterator[Element]:
    unique = tuple(dict.fromkeys(styles))
    if token.type == "code_inline":
        yield text_element(text, *unique, "code")
    elif not inside:
        yield from linked(text, *unique)
    elif not linkable(text):
        yield text_element(text, *unique)


@dataclass
class _Link:
    """A Markdown link: its words are shown, and then where it really leads."""

    url: str | None = None
    text: str = ""

    def open(self, token: Token) -> Iterator[Element]:
        self.url, self.text = str(token.attrs.get("href", "")), ""
        yield from ()

    def close(self, styles: list[str]) -> Iterator[Element]:
        url, self.url = self.url or "", None
        bare = linkable(self.text.strip())
        if bare and self.text.strip() != url:
            yield text_element(self.text, *dict.fromkeys(styles))
        yield from _target(url, alone=bare and self.text.strip() == url)


def _shown(label: str, url: str, styles: list[str]) -> Iterator[Element]:
    yield text_element(label or "picture", *dict.fromkeys(styles))
    yield from _target(url, alone=False)


def _target(url: str, *, alone: bool) -> Iterator[Element]:
    real = clean(url)
    good = linkable(real)
    shown: Element = {"type": "link", "url": real} if good else text_element(real)
    yield from [shown] if alone else [text_element(" ("), shown, text_element(")")] if real else []
