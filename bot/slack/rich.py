"""Markdown to Slack's rich text, whose text elements are shown as they are: nothing in them is parsed again.

That is why models' words go into `rich_text` and not into `mrkdwn` or `markdown` fields: a mention or a masked link
cannot be written in it, only given as an element of its own, and this file makes none of those.
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.slack.mrkdwn import clean, defuse, split
from bot.slack.text import columns

Element = dict[str, Any]
"""A Block Kit object, as Slack documents it."""

MOST = 2900
"""Characters in one element; Slack documents 3,000 for a text object."""

LONGEST_LINK = 2000
_URL = re.compile(r"https?://[^\s<>\"'`|\\^{}\u2060]+[^\s<>\"'`|\\^{}\u2060.,;:!?)\]*_~]")
_LINKABLE = re.compile(r"(?:https?://|mailto:)[^\s<>|\u2060]+\Z")
_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}


def elements(markdown: str) -> list[Element]:
    """Return the top-level elements of a rich text block for `markdown`, each of at most `MOST` characters."""
    reader = _Reader()
    for token in _parser().parse(clean(markdown)):
        reader.take(token)
    return [piece for whole in reader.done for piece in _pieces(whole)]


def text_element(text: str, *styles: str) -> Element:
    """Return words, defused, in a style: `bold`, `italic`, `strike`, `code`."""
    made: Element = {"type": "text", "text": defuse(text)}
    return made | {"style": dict.fromkeys(styles, True)} if styles else made


def preformatted(text: str) -> list[Element]:
    """Return monospaced elements for `text`, cut between lines where it is too long for one."""
    whole = {"type": "rich_text_preformatted", "elements": [text_element(text or " ")]}
    return list(_pieces(whole))


def words(element: Element) -> str:
    """Return what a reader sees of an element, as plain text."""
    kind = element["type"]
    if kind in ("text", "link"):
        return str(element.get("text") or element.get("url"))
    inner = [words(e) for e in element["elements"]]
    if kind == "rich_text_list":
        first = int(element.get("offset", 0)) + 1
        ordered = element["style"] == "ordered"
        pad = "    " * int(element.get("indent", 0))
        return "\n".join(f"{pad}{f'{first + n}.' if ordered else '•'} {item}" for n, item in enumerate(inner))
    return "\n".join("> " + line for line in "".join(inner).split("\n")) if kind.endswith("quote") else "".join(inner)


def size(element: Element) -> int:
    """Return what an element costs of a message: its text in UTF-16 units, and something for its wrapping."""
    own = str(element.get("text", "")) + str(element.get("url", ""))
    return len(own.encode("utf-16-le")) // 2 + 20 + sum(size(e) for e in element.get("elements", ()))


def linked(text: str, *styles: str) -> Iterator[Element]:
    """Yield `text` with its bare addresses as links, which show as they are written."""
    at = 0
    for match in _URL.finditer(text):
        if len(match[0]) > LONGEST_LINK:
            continue
        if match.start() > at:
            yield text_element(text[at : match.start()], *styles)
        yield {"type": "link", "url": match[0]}
        at = match.end()
    if at < len(text):
        yield text_element(text[at:], *styles)


def _parser() -> MarkdownIt:
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
        made = list(_inline(token.children or (), ("bold",) if self.heading else ()))
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
        if last["type"] == kind and size(last) + sum(map(size, made)) < MOST:
            last["elements"] += [text_element("\n" if self.lists else "\n\n"), *made]
        else:
            self.done.append({"type": kind, "elements": made})

    def _item(self, made: list[Element]) -> None:
        top, indent = self.lists[-1], min(len(self.lists) - 1, 8)
        last: Element = self.done[-1] if self.done else {"type": ""}
        same = last["type"] == "rich_text_list" and (last["style"], last["indent"]) == (top.style, indent)
        if not self.fresh_item:
            self._more(last, made)
            return
        item = {"type": "rich_text_section", "elements": made}
        if same and top.count and size(last) + size(item) < MOST:
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


def _said(token: Token) -> str:
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content


def _run(token: Token, text: str, styles: list[str], *, inside: bool) -> Iterator[Element]:
    unique = tuple(dict.fromkeys(styles))
    if token.type == "code_inline":
        yield text_element(text, *unique, "code")
    elif not inside:
        yield from linked(text, *unique)
    elif not _LINKABLE.match(text):
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
        bare = _LINKABLE.match(self.text.strip()) is not None
        if bare and self.text.strip() != url:
            yield text_element(self.text, *dict.fromkeys(styles))
        yield from _target(url, alone=bare and self.text.strip() == url)


def _shown(label: str, url: str, styles: list[str]) -> Iterator[Element]:
    yield text_element(label or "picture", *dict.fromkeys(styles))
    yield from _target(url, alone=False)


def _target(url: str, *, alone: bool) -> Iterator[Element]:
    real = clean(url)
    good = _LINKABLE.match(real) is not None and len(real) <= LONGEST_LINK
    shown: Element = {"type": "link", "url": real} if good else text_element(real)
    yield from [shown] if alone else [text_element(" ("), shown, text_element(")")] if real else []


def _pieces(element: Element) -> Iterator[Element]:
    """Yield an element in parts of at most `MOST`: a list between its items, anything else inside its words."""
    if size(element) <= MOST:
        yield element
        return
    if element["type"] == "rich_text_list":
        yield from _items(element)
        return
    part: list[Element] = []
    for inner in _short(element["elements"]):
        if part and size(inner) + sum(map(size, part)) > MOST - 40:
            yield element | {"elements": part}
            part = []
        part.append(inner)
    yield element | {"elements": part}


def _items(element: Element) -> Iterator[Element]:
    offset = int(element.get("offset", 0))
    for n, item in enumerate(element["elements"]):
        for m, piece in enumerate(_pieces(item)):
            head = {k: v for k, v in element.items() if k not in ("elements", "offset")}
            ordered = element["style"] == "ordered" and offset + n > 0
            yield head | ({"offset": offset + n} if ordered else {}) | {"elements": [piece]} if m == 0 else piece


def _short(inner: Sequence[Element]) -> Iterator[Element]:
    for element in inner:
        if element["type"] == "text" and size(element) > MOST // 2:
            for text in split(element["text"], MOST // 2 - 100):
                yield element | {"text": text}
        else:
            yield element
