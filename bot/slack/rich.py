"""Slack's rich text, whose text elements are shown as they are: nothing in them is parsed again.

That is why models' words go into `rich_text` and not into `mrkdwn` or `markdown` fields: a mention or a masked link
cannot be written in it, only given as an element of its own, and this file makes none of those.
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from bot.slack.mrkdwn import defuse, invites, split

Element = dict[str, Any]
"""A Block Kit object, as Slack documents it."""

MOST = 2900
"""Characters in one element; Slack documents 3,000 for a text object."""

LONGEST_LINK = 2000
_URL = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]\u2060]+[^\s<>\"'`|\\^{}\[\]\u2060.,;:!?)*_~]")
_LINKABLE = re.compile(r"(?:https?://|mailto:)[^\s<>|\u2060]+\Z")


def text_element(text: str, *styles: str) -> Element:
    """Return words, defused, in a style: `bold`, `italic`, `strike`, `code`."""
    made: Element = {"type": "text", "text": defuse(text)}
    return made | {"style": dict.fromkeys(styles, True)} if styles else made


def preformatted(text: str) -> list[Element]:
    """Return monospaced elements for `text`, cut between lines where it is too long for one."""
    whole = {"type": "rich_text_preformatted", "elements": [text_element(text or " ")]}
    return list(pieces(whole))


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


def linkable(url: str) -> bool:
    """Tell whether Slack may make a link of `url`: web and mail addresses of a sane length, nothing that runs."""
    return _LINKABLE.match(url) is not None and len(url) <= LONGEST_LINK and not invites(url)


def linked(text: str, *styles: str) -> Iterator[Element]:
    """Yield `text` with its bare addresses as links, which show as they are written."""
    at = 0
    for match in _URL.finditer(text):
        if not linkable(match[0]):
            continue
        if match.start() > at:
            yield text_element(text[at : match.start()], *styles)
        yield {"type": "link", "url": match[0]}
        at = match.end()
    if at < len(text):
        yield text_element(text[at:], *styles)


def pieces(element: Element) -> Iterator[Element]:
    """Yield an element in parts of at most `MOST`: a list between its items, anything else inside its words."""
    if size(element) <= MOST:
        yield element
        return
    if element["type"] == "rich_text_list":
        yield from _items(element)
        return
    part: list[Element] = []
    room = MOST - 40
    for inner in _short(element["elements"]):
        if part and size(inner) > room:
            yield element | {"elements": part}
            part, room = [], MOST - 40
        part.append(inner)
        room -= size(inner)
    yield element | {"elements": part}


def _items(element: Element) -> Iterator[Element]:
    offset = int(element.get("offset", 0))
    for n, item in enumerate(element["elements"]):
        for m, piece in enumerate(pieces(item)):
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
