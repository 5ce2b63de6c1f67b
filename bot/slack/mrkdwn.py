"""Text across the border: hostile text made harmless on its way out, Slack's own markup made plain on its way in."""

import re
from collections.abc import Callable, Iterator

import regex

JOINER = "\u2060"
"""Word joiner: no width, no break; it takes the meaning out of a sequence and leaves its looks."""

_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters, apart from tab and line feed
    "\u202a-\u202e\u2066-\u2069"  # bidirectional embeddings, overrides and isolates: text that reads other than it is
    "\u206a-\u206f\ufeff\ufff9-\uffff\U000e0000-\U000e007f]"  # deprecated format characters, non-characters, tags
)
_BREAKS = re.compile("\r\n?|\u2028|\u2029|\x85")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SEQUENCE = re.compile(r"<(?=[!@#])")
_BROADCAST = re.compile(r"@(?=(?:channel|here|everyone|group)(?![^\W_]))", re.IGNORECASE)
_INVITE = re.compile(
    r"join\.slack\.com|slack\.com/(?=\S{0,200}shared_invite)|discord\.gg|dsc\.gg|discord(?:app)?\.com/+invite",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"<([@#!]?)([^<>|\n]+)(?:\|([^<>\n]*))?>")
_CHARACTER = regex.compile(r"\X")
"""What a reader sees as one character: a letter with its accents, a joined emoji, a flag (Unicode, annex 29)."""
_LONGEST = 64
"""Code points of such a character that is still kept whole."""


def clean(text: str) -> str:
    """Return `text` without characters that control a terminal, reorder a line or cannot be sent."""
    return _UNWANTED.sub("", _SURROGATES.sub("\ufffd", _BREAKS.sub("\n", text)))


def defuse(text: str) -> str:
    """Return clean text in which nothing means a person, a channel or a broadcast, even to a careless parser.

    Invitations read as they were written, and lead nowhere.
    """
    quiet = _BROADCAST.sub("@" + JOINER, _SEQUENCE.sub("<" + JOINER, clean(text)))
    return _INVITE.sub(lambda match: match[0].replace(".", "." + JOINER, 1), quiet)


def invites(url: str) -> bool:
    """Tell whether an address invites into another workspace or server."""
    return _INVITE.search(url) is not None


def escape(text: str) -> str:
    """Return `text` for a field that Slack parses as mrkdwn.

    Slack asks for these three and no others: https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return defuse(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def one_line(text: str, most: int) -> str:
    """Return defused text on one line of at most `most` characters, with an ellipsis where it was longer."""
    line = " ".join(defuse(text).split())
    return line if len(line) <= most else line[: cut(line, most - 1)].rstrip() + "…"


def cut(text: str, most: int) -> int:
    """Return where to cut `text` so that at most `most` characters come before it.

    At a line if there is one in the second half, else at a space, else anywhere but inside what a reader sees as one
    character.
    """
    if len(text) <= most:
        return len(text)
    for mark in ("\n", " "):
        at = text.rfind(mark, most // 2, most)
        if at > 0 and (one := _CHARACTER.match(text, at)) and one.end() == at + 1:
            return at + 1
    start = max(most - _LONGEST, 0)
    over = next(one for one in _CHARACTER.finditer(text, start, most + _LONGEST) if one.end() > most)
    return over.start() if over.start() > start else most


def split(text: str, most: int) -> Iterator[str]:
    """Yield `text` in pieces of at most `most` characters; joined again they are `text`."""
    while text:
        at = cut(text, most)
        yield text[:at]
        text = text[at:]


def mentions(text: str) -> tuple[list[str], list[str]]:
    """Return the ids of the people and of the channels that an incoming text names, each once, in order."""
    found = [(match[1], match[2]) for match in _TOKEN.finditer(text)]
    return list(dict.fromkeys(i for k, i in found if k == "@")), list(dict.fromkeys(i for k, i in found if k == "#"))


def plain(text: str, person: Callable[[str], str], channel: Callable[[str], str]) -> str:
    """Return an incoming text as it reads: `person` and `channel` turn ids into names."""

    def word(match: re.Match[str]) -> str:
        kind, body, label = match[1], match[2], match[3] or ""
        if kind == "@":
            return "@" + (label or person(body))
        if kind == "#":
            return "#" + (label or channel(body))
        return _special(body, label) if kind else _link(body, label)

    read = _TOKEN.sub(word, text)
    return read.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _special(body: str, label: str) -> str:
    return label or "@" + body.split("^")[0]


def _link(url: str, label: str) -> str:
    bare = url.removeprefix("mailto:")
    return f"{label} ({url})" if label and label not in (bare, bare.split("://")[-1]) else (label or bare)
