"""Long texts made shorter where a reader would cut them, with a word about how much is left out."""

from collections.abc import Sequence

_ENDS = ("\n\n", "\n", ". ", " ")
_NOTE = 90
"""Characters that the note takes."""
_SEARCHED = 0.2
"""The share of a text's end in which a good place to cut is looked for."""


def opening(text: str, most: int) -> str:
    """Return at most `most` characters from the beginning, up to the end of a paragraph, a line or a word."""
    if len(text) <= most:
        return text
    least = int(most * (1 - _SEARCHED))
    at = next((found for end in _ENDS if (found := text.rfind(end, least, most)) >= 0), most)
    return text[:at].rstrip()


def excerpt(text: str, most: int) -> str:
    """Return `most` characters: the beginning and, half as long, the end, where the conclusion stands."""
    if len(text) <= most:
        return text
    room = max(0, most - _NOTE)
    head = opening(text, room * 2 // 3)
    tail = opening(text[::-1], room // 3)[::-1]
    left = len(text) - len(head) - len(tail)
    return f"{head}\n\n[… {left:,} of {len(text):,} characters are left out here …]\n\n{tail}"


def shares(sizes: Sequence[int], room: int) -> list[int]:
    """Return how much of `room` each gets: the short ones what they need, the long ones equal parts of the rest."""
    given = [0] * len(sizes)
    for turn, at in enumerate(sorted(range(len(sizes)), key=lambda at: sizes[at])):
        given[at] = min(sizes[at], room // (len(sizes) - turn))
        room -= given[at]
    return given
