"""What a probe finds."""

from dataclasses import dataclass
from typing import Literal

from core.sentences import Sentence, said

NOTHING = said("")
State = Literal["ok", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that works, is not there, or is there and does not work."""

    name: str
    state: State
    found: Sentence
    """What was found, for a person; never a character of a secret."""
    advice: Sentence = NOTHING
    """The one thing to do about it, or to make use of it; empty: nothing."""

    @property
    def what(self) -> str:
        """Return what was found, in English."""
        return str(self.found)

    @property
    def remedy(self) -> str:
        """Return what to do, in English."""
        return str(self.advice)
