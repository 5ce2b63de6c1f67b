"""What a model thinks before it speaks, told apart from what it says.

Models that reason write their thoughts between `<think>` and `</think>` before the answer. Some servers take them out;
others, as vLLM, llama.cpp and LM Studio without the right option, send them along as if they were the answer.
"""

import re
from collections.abc import Callable

_OPENINGS = ("<think>", "<thinking>")
_CLOSING = re.compile(r"</think(?:ing)?>")
_LONGEST = len("</thinking>")


def aloud(text: str) -> str:
    """Return what is said in a whole reply; nothing where it ended before it came to speak."""
    closing = _CLOSING.search(text)
    if closing is None:
        return "" if text.lstrip().startswith(_OPENINGS) else text
    before = text[: closing.start()]
    # A prompt may end in the opening tag, so that the reply begins with the thoughts themselves.
    if before.lstrip().startswith(_OPENINGS) or not any(tag in before for tag in _OPENINGS):
        return text[closing.end() :].lstrip()
    return text


class Aloud:
    """Passes on what is said in a reply that comes in pieces."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._held = ""
        self.hear: Callable[[str], None] = self._begin
        """Takes the next piece."""

    def _begin(self, piece: str) -> None:
        self._held += piece
        start = self._held.lstrip()
        if start.startswith(_OPENINGS):
            self.hear = self._think
            self._think("")
        elif not any(tag.startswith(start) for tag in _OPENINGS):
            self.hear = self._say
            self._say(self._held)

    def _think(self, piece: str) -> None:
        self._held += piece
        closing = _CLOSING.search(self._held)
        if closing is None:
            self._held = self._held[-_LONGEST:]
        else:
            self.hear = self._pause
            self._pause(self._held[closing.end() :])

    def _pause(self, piece: str) -> None:
        if piece := piece.lstrip():
            self.hear = self._say
            self._say(piece)
