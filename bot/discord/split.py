"""Cuts long Markdown into pieces that Discord takes, never inside a character, a link or a code block."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import regex

from bot.discord.escape import clean, code_line, fence, markdown_line, tokens, without_long_links

_SEEN_AS_ONE = regex.compile(r"\X")
"""An extended grapheme cluster of https://unicode.org/reports/tr29/: a letter with its accents, a whole flag."""


def size(text: str) -> int:
    """Return a length in UTF-16 units, the strictest way in which Discord counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def upto(text: str, most: int) -> int:
    """Return where to cut so that at most `most` characters are before it and nothing that is seen as one is parted.

    1 at least; what alone is longer than `most` is cut all the same.
    """
    return _ends(text, most)[-1]


def _ends(text: str, most: int) -> list[int]:
    """Return where a text may be cut, from left to right, up to `most`."""
    found: list[int] = []
    for cluster in _SEEN_AS_ONE.finditer(text):
        if cluster.end() > most:
            break
        found.append(cluster.end())
    return found or [max(min(most, len(text)), 1)]


@dataclass(slots=True)
class _Piece:
    """What has been gathered for the next piece."""

    lines: list[str]
    used: int = 0
    language: str | None = None
    """Of the code block that is open; `None` outside one."""

    def add(self, line: str) -> None:
        self.lines.append(line)
        self.used += size(line) + 1

    def open(self, language: str) -> None:
        """Begin a code block."""
        self.language = language
        self.add(f"```{language}")

    def shut(self) -> None:
        """End the code block; one without a line is taken back, because Discord would not see its end."""
        if self.lines[-1] == f"```{self.language}":
            self.used -= size(self.lines.pop()) + 1
        else:
            self.add("```")
        self.language = None


def pieces(markdown: str, limit: int) -> Iterator[str]:
    """Yield safe Markdown in pieces of at most `limit` UTF-16 units (200 at least), made as they are asked for.

    Each piece is whole in itself: a code block that goes on is closed and opened again.
    """
    piece, marks = _Piece([]), ""
    for line in without_long_links(clean(markdown), limit - 60).split("\n"):
        bounds = fence(line)
        if bounds and piece.language is None:
            if limit - piece.used < 100:
                piece = yield from _flush(piece)
            marks, rest = bounds[0], bounds[2]
            piece.open(bounds[1])
            piece = (yield from _fill(piece, rest, limit)) if rest else piece
        elif bounds and bounds[0].startswith(marks) and not any(bounds[1:]):
            piece.shut()
        else:
            piece = yield from _fill(piece, line, limit)
    yield from _flush(piece)


def _fill(piece: _Piece, line: str, limit: int) -> Generator[str, None, _Piece]:
    """Add a line, in as many pieces as it takes, and return the piece that is now open."""
    while True:
        fits, line = _fit(line, limit - piece.used - 4, limit - 40, code=piece.language is not None)
        if fits is not None:
            piece.add(fits)
            if not line:
                return piece
        piece = yield from _flush(piece)


def _flush(piece: _Piece) -> Generator[str, None, _Piece]:
    """Yield a piece, unless there is nothing in it, and return an empty one that goes on."""
    language = piece.language
    if language is not None:
        piece.shut()
    text = "\n".join(piece.lines).strip("\n")
    if text.strip():
        yield text
    piece = _Piece([])
    if language is not None:
        piece.open(language)
    return piece


def _fit(line: str, room: int, most: int, *, code: bool) -> tuple[str | None, str]:
    """Return as much of a line as there is room for, made safe, and the rest; `None` where it should wait.

    A line that fits into an empty piece waits for one, rather than being cut.
    """
    safe = code_line if code else markdown_line
    if len(line) <= 2 * most:
        whole = safe(line)
        if size(whole) <= room:
            return whole, ""
        if size(whole) <= most:
            return None, line
    if room < most // 2:
        return None, line
    cut = _cut(line, room, code=code)
    if room < most and not code and _inside(cut, tokens(line[: 2 * room])):
        return None, line
    return safe(line[:cut]), line[cut:].lstrip(" ")


def _cut(line: str, room: int, *, code: bool) -> int:
    """Return the best place to cut a line so that what is before it, made safe, fits."""
    safe = code_line if code else markdown_line
    low, high = 1, min(len(line), room)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(safe(line[:middle])) <= room else (low, middle - 1)
    spans = [] if code else tokens(line[: 2 * room])
    blank = next((at for at in range(low, low // 2, -1) if line[at - 1] == " " and not _inside(at, spans)), 0)
    best = blank or next((begin for begin, end in spans if 0 < begin < low < end), low)
    ends = _ends(line, best)

    def fitting(most: int) -> int:
        return next((end for end in reversed(ends) if end <= most and size(safe(line[:end])) <= room), ends[0])

    cut = fitting(best)
    return fitting(parted) if not code and (parted := _parted(line, cut)) else cut


def _parted(line: str, at: int) -> int:
    """Return where the address begins that a cut would shorten; 0 where there is none, or nothing before it."""
    goes_on = at < len(line) and not line[at].isspace() and line[at] not in "<>"
    last = tokens(line[:at])[-1:] if goes_on else []
    return next((begin for begin, end in last if end == at and line[begin : begin + 4].lower() == "http"), 0)


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(begin < at < end for begin, end in spans)
