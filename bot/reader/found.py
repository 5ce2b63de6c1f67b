"""What reading a file is asked for, and what comes of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """What the parent says of a file, and the bounds."""

    suffix: str
    """Of its name, lower-case with its dot; may be wrong."""
    media: str
    """MIME type, as the platform says; may be wrong or empty."""
    characters: int
    """Of text that is wanted at most."""
    seconds: int
    """CPU time; reading ends in good order once half of it is gone."""
    memory: int
    """Bytes of address space."""


@dataclass(frozen=True, slots=True)
class Found:
    """The text of a file, or its picture made small."""

    text: str = ""
    """At most `Order.characters`."""
    whole: int = 0
    """Characters of all the text, where it is known that there are more than in `text`."""
    parts: int = 0
    """Pages, slides or sheets in all."""
    read: int = 0
    """How many of them `text` has."""
    image: str = ""
    """Base64."""
    media: str = ""
    """MIME type of `image`."""
    width: int = 0
    height: int = 0
    """Pixels of `image`."""


class Refused(Exception):
    """The file will not be read; the parent has a sentence for each code."""

    def __init__(self, code: str, **figures: int) -> None:
        super().__init__(code)
        self.code, self.figures = code, figures


def cut(text: str, order: Order, parts: int = 0) -> Found:
    """Return as much of a text as is wanted. Raises `Refused` where there is none."""
    if not text.strip():
        raise Refused("empty")
    return Found(text=text[: order.characters], whole=len(text), parts=parts, read=parts)
