"""Rich text written down as Markdown, for Slack's markdown block and its streams: all mark-up in it is ours.

A model's Markdown has been read once (`markdown.py`), so that every link shows its address and nothing mentions
anybody. Here it is written again with each character of its text escaped that a parser could take for mark-up; what
no backslash is documented for, and what a parser that knows no backslash would fall for, is broken by a word joiner.
https://docs.slack.dev/reference/block-kit/blocks/markdown-block
"""

import re
from collections.abc import Iterator, Sequence

from bot.slack.mrkdwn import JOINER
from bot.slack.rich import Element

_MARKS = re.compile(r"([\\`*_~\[\]|])")
_OPENS = re.compile(r"<(?=\S)")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_TARGET = re.compile(r"\](?=[(\[:]|\Z)")
_BEGINS = re.compile(r"^(\d{1,9})?([.)#>+=-])", re.MULTILINE)
_SPACES = re.compile(r"^[ \t]+", re.MULTILINE)
_BROADCAST = re.compile(r"@(?=(?:channel|here|everyone)(?![^\W_]))", re.IGNORECASE)
_LABELLED = re.compile(r"<(?=[^<>|\n]+\|[^<>\n]*>)")
"""Slack's own form of a link behind other words."""
_TICKS = re.compile("`(?=``)")


def source(elements: Sequence[Element]) -> str:
    """Return the elements of a rich text block as Markdown."""
    written: list[str] = []
    base, last = 0, ""
    for element in elements:
        kind = element["type"]
        if kind == "rich_text_list" != last:
            base = int(element.get("indent", 0))
        written += ["\n" if kind == last == "rich_text_list" else "\n\n", _block(element, base)]
        last = kind
    return "".join(written[1:])


def _block(element: Element, base: int) -> str:
    kind = element["type"]
    if kind == "rich_text_preformatted":
        code = "".join(str(e.get("text") or e.get("url")) for e in element["elements"]).rstrip("\n")
        return f"```\n{_TICKS.sub('`' + JOINER, _LABELLED.sub('<' + JOINER, code))}\n```"
    if kind == "rich_text_list":
        return "\n".join(_items(element, base))
    text = _run(element["elements"])
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n")) if kind == "rich_text_quote" else text


def _items(element: Element, base: int) -> Iterator[str]:
    pad = "    " * max(int(element.get("indent", 0)) - base, 0)
    first = int(element.get("offset", 0)) + 1
    for n, item in enumerate(element["elements"]):
        mark = f"{first + n}." if element["style"] == "ordered" else "-"
        lines = (_run(item["elements"]) or JOINER).split("\n")
        hang = "\n" + pad + " " * (len(mark) + 1)
        yield f"{pad}{mark} {hang.join(filter(None, lines))}"


def _run(inner: Sequence[Element]) -> str:
    """Return a run of words and links; two styles that touch are kept apart, or their marks would run together."""
    made = ""
    for element in inner:
        piece = f"<{_address(element['url'])}>" if element["type"] == "link" else _styled(element)
        touches = made and made[-1] in "*`~" and piece[:1] in ("*", "`", "~")
        made += JOINER + piece if touches else piece
    return _SPACES.sub("", _BEGINS.sub(_escaped, made)).rstrip()


def _address(url: str) -> str:
    """Return an address without what could begin a mention or a link of its own."""
    return _BROADCAST.sub("%40", url).replace("[", "%5B").replace("]", "%5D")


def _escaped(match: re.Match[str]) -> str:
    return f"{match[1] or ''}\\{match[2]}"


def _styled(element: Element) -> str:
    text, styles = str(element["text"]), element.get("style", {})
    core = text.strip()
    if not styles or not core:
        return literal(text)
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    made = _code(core) if styles.get("code") else _edged(literal(core))
    for style, mark in (("strike", "~~"), ("italic", "*"), ("bold", "**")):
        made = f"{mark}{made}{mark}" if styles.get(style) else made
    return before + "\n".join(line.strip() for line in made.split("\n\n")) + after


def _edged(core: str) -> str:
    """Return words that a mark may stand beside: next to punctuation it would not count as one."""
    return ("" if core[0].isalnum() else JOINER) + core + ("" if core[-1].isalnum() else JOINER)


def _code(core: str) -> str:
    line = _LABELLED.sub("<" + JOINER, " ".join(core.split()))
    return f"`` {line} ``" if "`" in line else f"`{line}`"


def literal(text: str) -> str:
    """Return text that reads as it is in Markdown."""
    broken = _TARGET.sub("]" + JOINER, _ENTITY.sub("&" + JOINER, _OPENS.sub("<" + JOINER, text)))
    return _MARKS.sub(r"\\\1", broken)
