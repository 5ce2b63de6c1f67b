"""What comes back from a provider, whole or word by word, whichever path it took."""

from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from time import perf_counter
from typing import Any

from core.adapters.litellm.thoughts import Aloud, aloud

LONGEST = 8_000_000
"""Characters or bytes of a reply; no model says so much, so what exceeds it is an attack or a fault."""


@dataclass(slots=True)
class Reply:
    """The text so far, and what the provider says about it."""

    words: InitVar[Callable[[str], None] | None] = None
    """Hears what it says, piece by piece, and none of what it thinks before."""
    begun: float = field(default_factory=perf_counter)
    first: float | None = None
    """Seconds to the first word or thought, where the reply is streamed."""
    finish: str = ""
    """Why it ended, in OpenAI's terms: `stop`, `length`, `content_filter`; empty: it did not."""
    usage: Any = None
    refused: bool = False
    size: int = 0
    _parts: list[str] = field(default_factory=list)
    _aloud: Aloud | None = field(init=False, default=None)

    def __post_init__(self, words: Callable[[str], None] | None) -> None:
        if words is not None:
            self._aloud = Aloud(words)

    @property
    def text(self) -> str:
        """What it said so far, without the thoughts before it."""
        return aloud("".join(self._parts))

    def take(self, completion: Any) -> None:
        """Take a whole reply, as litellm's `ModelResponse`. Raises `ValueError` where it has no choices."""
        if not completion.choices:
            raise ValueError("no choices")
        choice = completion.choices[0]
        self._say(choice.message.content or "")
        self._end(choice)
        self.refused = self.refused or _refusal(choice.message)
        self.usage = getattr(completion, "usage", None)

    def add(self, chunk: Any) -> None:
        """Take the next piece of a streamed reply, as litellm's `ModelResponseStream`.

        Raises `ValueError` where the reply has become absurdly long.
        """
        usage = getattr(chunk, "usage", None)
        if usage is not None:
            self.usage = usage
        if not chunk.choices:  # a last chunk may carry nothing but the usage
            return
        choice = chunk.choices[0]
        self._say(choice.delta.content or "")
        self._end(choice)
        self.refused = self.refused or _refusal(choice.delta)

    def _end(self, choice: Any) -> None:
        if choice.finish_reason:
            self.finish = choice.finish_reason
        self.refused = self.refused or self.finish == "content_filter"

    def _say(self, text: str) -> None:
        if not text:
            return
        self.size += len(text)
        if self.size > LONGEST:
            raise ValueError("reply too long")
        self._parts.append(text)
        if self._aloud is not None:
            if self.first is None:
                self.first = perf_counter() - self.begun
            self._aloud.hear(text)


def _refusal(said: Any) -> bool:
    """Tell whether the provider marks the words as its refusal; litellm keeps the mark in one of two places."""
    return bool(
        getattr(said, "refusal", None) or (getattr(said, "provider_specific_fields", None) or {}).get("refusal")
    )
