"""Makes hostile text safe for Discord: it can ping nobody, hide no link, invite nobody, and stays inside its frame.

Three degrees: `bare` for places without Markdown (footers, buttons, thread names), `plain` for our own words around
a foreign one (every mark is literal), and `markdown` for what a model wrote (bold, lists and code survive; mentions,
masked links, headings, spoilers and block quotes to the end do not).
"""

import re
import unicodedata
from urllib.parse import quote, unquote

import regex

_GONE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible, and direction
    "\U000e0000-\U000e007f]"  # tags: text that only a machine sees
)
_LONE = re.compile("[\ud800-\udfff]")
_EVERYONE = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_INVITE = re.compile(
    r"(discord)\.(?=(?:gg|gift|new|me|io|li|link)\b)|(discord(?:app)?)\.(?=com/+(?:invite|template)\b)"
    r"|(dsc|invite)\.(?=gg\b)",
    re.IGNORECASE,
)
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
"""What browsers take for the dot of a host name."""
_PILED = regex.compile(r"(\p{M}{12})\p{M}+")
"""Marks heaped on one letter, which bury the lines above and below."""
_MARKS = re.compile(r"([\\*_~`|>#\[\]<]|:(?=//))")
_TOKEN = re.compile(
    r"(?P<url>https?://[^\s<>]+)"
    r"|(?P<link>\\?\]\()"
    r"|(?P<escaped>\\[!-/:-@\[-`{-~])"
    r"|(?P<code>(?<!`)`(?!`)[^`\n]+(?<!`)`(?!`))"
    r"|(?P<ticks>`+)"
    r"|(?P<scheme>://)"
    r"|(?P<rest>>>>|[\\<|#])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
_TAIL = ".,:;!?\"')]*_~"
_IN_URL = ":/?#@!$&'+,;=%"
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(?=\S)")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})[ \t]*([A-Za-z0-9_+#.-]{0,20})(?![A-Za-z0-9_+#.-])([^`]*)$")
_TICKS = re.compile("`{3,}")
_TARGET = re.compile(r"\]\((?=[\s<]*[a-z][a-z0-9+.-]*:)", re.IGNORECASE)
_MENTION = re.compile(r"<(?=(?:@[!&]?|#|a?:\w+:|t:-?|/[^>\n]{1,99}:|id:)\w)")


def clean(text: str) -> str:
    """Drop what nobody can see: control and direction characters, lone surrogates, invisible spaces."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _PILED.sub(r"\1", _LONE.sub("\ufffd", _GONE.sub("", text)))
    text = _EVERYONE.sub("@\u200b", text)
    return _INVITE.sub(lambda match: (match[1] or match[2] or match[3]) + "[.]", text)


def bare(text: str) -> str:
    """Return one clean line for a place that knows no Markdown."""
    return " ".join(clean(text).split())


def plain(text: str) -> str:
    """Return one clean line in which every Markdown character is literal."""
    return _MARKS.sub(r"\\\1", bare(text))


def in_span(text: str) -> str:
    """Return one clean line for inside a code span or table of ours, which no back-tick may end."""
    return _inert(bare(text)).replace("`", "\u02cb")


def code_line(line: str) -> str:
    """Return a clean line for inside a code block, which it cannot end."""
    return _inert(_TICKS.sub(lambda match: "\u02cb" * len(match[0]), line))


def fence(line: str) -> tuple[str, str, str] | None:
    """Return the marks, the language and what else there is, where a line opens or closes a code block."""
    match = _FENCE.match(line)
    return (match[1], match[2], match[3].strip()) if match else None


def markdown_line(line: str) -> str:
    """Return one line of clean Markdown outside a code block, made safe.

    A back-slash before a mark makes that literal, as in all Markdown; every other one is doubled. So the only escapes
    in the result are ours, and no sequence that a model writes can undo them.
    """
    if heading := _HEADING.match(line):
        words = line[heading.end() :].rstrip().rstrip("#").replace("*", "").strip()
        line = f"**{words}**" if words else ""
    return _TOKEN.sub(_safe, line)


def tokens(line: str) -> list[tuple[int, int]]:
    """Return where links and code spans of a line begin and end: a cut inside one would change its meaning."""
    return [match.span() for match in _TOKEN.finditer(line) if match.lastgroup in ("url", "code")]


def without_long_links(text: str, most: int) -> str:
    """Return text in which no address of more than `most` UTF-16 units is a link: cut short it would lead elsewhere."""
    return _ADDRESS.sub(lambda m: m[0] if len(m[0]) * 9 <= most or len(_link(m[0])) <= most else _dead(m[0]), text)


def _dead(url: str) -> str:
    return url.replace("://", ":\u200b//", 1)


def _safe(match: re.Match[str]) -> str:
    found = match[0]
    match match.lastgroup:
        case "url":
            return _link(found)
        case "escaped":
            return found
        case "code":
            return _inert(found)
        case "scheme":  # `steam://` and the like would become links that start programs
            return ":\\/\\/"
        case "link":  # with a space between, Discord takes it for no masked link
            return found[:-1] + " ("
        case "ticks":
            return "\\`" * len(found)
        case _:
            return "\\" + found


def _link(found: str) -> str:
    """Return an address in angle brackets: it is shown as it is, and has no preview card.

    One that a browser would read as an invitation stays text, however it is written.
    """
    url = found.rstrip(_TAIL)
    if "[.]" in url or _INVITE.search(unicodedata.normalize("NFKC", unquote(url)).translate(_DOTS)):
        return _TOKEN.sub(_safe, _dead(found))
    return f"<{quote(url, safe=_IN_URL)}>" + _TOKEN.sub(_safe, found[len(url) :])


def _inert(code: str) -> str:
    """Break links and mentions in code as well: emphasis that starts before a code span can swallow its back-tick."""
    return _MENTION.sub("<\u200b", _TARGET.sub("] (", code))
