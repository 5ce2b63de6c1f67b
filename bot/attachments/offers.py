"""A file as a chat announces it, and what became of all of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.shapes import Attachment
from core.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Offer:
    """A file as a chat announces it, before anything of it has been fetched."""

    name: str
    """On one line, made harmless by the chat."""
    size: int
    """Bytes, as the platform says; 0 where it does not."""
    kind: str
    """MIME type, as the platform says; empty where it does not."""
    fetch: Callable[[int], Awaitable[bytes]]
    """Returns the bytes, and may stop once it has more than so many; raises `DexterError` where it cannot."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What could be read, and a sentence for each file that could not, or not whole."""

    files: tuple[Attachment, ...] = ()
    unread: tuple[Sentence, ...] = ()
