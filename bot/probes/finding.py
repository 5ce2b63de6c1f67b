"""What a probe finds."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that works, is not there, or is there and does not work."""

    name: str
    state: State
    what: str
    """What was found, for a person; never a character of a secret."""
    remedy: str = ""
    """The one thing to do about it, or to make use of it; empty: nothing."""
