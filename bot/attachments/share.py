"""How much of each file is shown, where all of them together are more than fits."""

from collections.abc import Sequence

from core.excerpts import opening


def shares(sizes: Sequence[int], room: int) -> list[int]:
    """Return how much of `room` each gets: the short ones what they need, the long ones equal parts of the rest."""
    given = [0] * len(sizes)
    for turn, at in enumerate(sorted(range(len(sizes)), key=lambda at: sizes[at])):
        given[at] = min(sizes[at], room // (len(sizes) - turn))
        room -= given[at]
    return given


def shortened(text: str, most: int, note: str) -> str:
    """Return the beginning of a text of which more is left out, and a note that says so."""
    return f"{opening(text, min(most, len(text) - 1))}\n\n[… {note} …]"
