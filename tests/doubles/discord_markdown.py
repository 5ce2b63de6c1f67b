"""How Discord's client reads a message, as far as it matters for safety: what would ping, link, hide or stand out.

After the rules of the client's parser (simple-markdown with Discord's own rules), including that emphasis is found
without regard to code, which is how a link inside a code span can come alive.
"""

import re
from dataclasses import dataclass, field

_CODE_BLOCK = re.compile(r"```(?:([a-z0-9_+\-.#]+?)\n)?\n*([^\n][\s\S]*?)\n*```", re.IGNORECASE)
_CODE = re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")
_LINK = re.compile(
    r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?((?:[^\s\\]|\\.)*?)>?(?:\s+['\"][\s\S]*?['\"])?\s*\)"
)
_AUTOLINK = re.compile(r"<([^: >]+:/[^ >]+)>")
_URL = re.compile(r"(?:https?|steam|discord)://[^\s<]+[^<.,:;\"'\]\s]", re.IGNORECASE)
_MENTION = re.compile(r"<(@[!&]?|#)\d+>|<a?:\w+:\d+>|<t:-?\d+(:[a-zA-Z])?>|</[^>\n]{1,99}:\d+>|<id:\w+>")
_SPOILER = re.compile(r"\|\|([\s\S]+?)\|\|")
_SPANS = [
    re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)"),
    re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)"),
    re.compile(r"~~((?:\\[\s\S]|[^\\])+?)~~(?!_)"),
    re.compile(r"\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:[^*\s\\]|\*\*)|[^\s*\\])+?)\*(?!\*)"),
    re.compile(r"\b_((?:__|\\[\s\S]|[^\\_])+?)_\b"),
]
_LINE_START = [
    ("headings", re.compile(r" *(?:[-*>] *|\d+\. *)*#{1,3}\s+\S")),
    ("headings", re.compile(r" *(?:[-*>] *|\d+\. *)*-#\s+\S")),
    ("quotes", re.compile(r" *>>> ")),
]


@dataclass
class Marks:
    """What was found that a hostile text must not have."""

    links: list[str] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    spoilers: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    quotes: list[str] = field(default_factory=list)


def parse(text: str) -> Marks:
    """Return what Discord would make of a message."""
    marks = Marks()
    _read(text, marks, at_line_start=True)
    return marks


def _read(text: str, marks: Marks, *, at_line_start: bool) -> None:
    at = 0
    while at < len(text):
        if (at_line_start and at == 0) or text[at - 1 : at] == "\n":
            for name, rule in _LINE_START:
                if found := rule.match(text, at):
                    getattr(marks, name).append(found[0])
        at = _one(text, at, marks)


def _one(text: str, at: int, marks: Marks) -> int:
    if re.match(r"\\[^0-9A-Za-z\s]", text[at : at + 2]):
        return at + 2
    for rule in (_CODE_BLOCK, _CODE):
        if found := rule.match(text, at):
            return found.end()
    if (found := _LINK.match(text, at)) and re.match(r"(?:https?|steam|discord|mailto):", found[2], re.IGNORECASE):
        marks.links.append(found[0])
        return found.end()
    for rule, found_so_far in ((_MENTION, marks.mentions), (_SPOILER, marks.spoilers), (_AUTOLINK, []), (_URL, [])):
        if found := rule.match(text, at):
            found_so_far.append(found[0])
            return found.end()
    return _emphasis(text, at, marks)


def _emphasis(text: str, at: int, marks: Marks) -> int:
    for span in _SPANS:
        if found := span.match(text, at):
            _read(found[1], marks, at_line_start=False)
            return found.end()
    return at + 1
