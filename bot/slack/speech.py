"""Words as they come, turned into Markdown that can only grow: whole paragraphs, and nothing in them but ours."""

import re

from bot.slack.markdown import elements
from bot.slack.source import source

PATIENCE = 400
"""Characters after which the end of a sentence is as good as the end of a paragraph."""

MOST = 8000
"""Characters of Markdown in one stream; the answer itself follows anyway."""

_SENTENCE = re.compile(r"[.!?:;][\"')\]]?\s")


class Speech:
    """What one stream has heard and not said yet."""

    def __init__(self) -> None:
        self.rest = ""
        """What is said at the end of words that have become too many: where the rest of them is."""
        self._waiting = ""
        self._owed = ""
        self._said = 0

    @property
    def full(self) -> bool:
        """True once nothing more will be said."""
        return self._said >= MOST

    def hear(self, words: str) -> str:
        """Take the next words in, and return the Markdown that is ready to be said, or nothing."""
        ready, self._owed = self._owed, ""
        self._waiting += words
        at, end = _ready(self._waiting)
        if self.full or not at:
            return ready
        whole, self._waiting = self._waiting[:at], self._waiting[at:]
        if written := source(elements(whole)):
            full = self._said + len(written) > MOST
            written, self._said = (
                (f" … {self.rest}".rstrip(), MOST) if full else (written + end, self._said + len(written))
            )
        return ready + written

    def owe(self, written: str) -> None:
        """Take back what could not be said."""
        self._owed = written + self._owed


def _ready(text: str) -> tuple[int, str]:
    """Return how much of a text is complete, and what comes behind it: a paragraph, or a sentence of a long one."""
    at = len(text)
    while (at := text.rfind("\n\n", 0, at)) >= 0:
        if text.count("```", 0, at) % 2 == 0:
            return at + 2, "\n\n"
    if len(text) < PATIENCE or "```" in text:
        return 0, ""
    ends = [match.end() for match in _SENTENCE.finditer(text)]
    return next(((end, " ") for end in reversed(ends) if _closed(text[:end])), (0, ""))


def _closed(text: str) -> bool:
    """Tell whether no mark-up is open at the end of a text, as far as counting tells."""
    last = text.rsplit("\n", 1)[-1]
    even = all(text.count(mark) % 2 == 0 for mark in ("`", "*", "_", "~~"))
    return even and text.count("[") == text.count("]") and not last.lstrip().startswith(("#", "|", ">"))
