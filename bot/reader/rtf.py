"""Rich text."""

from striprtf.striprtf import rtf_to_text

from bot.reader.found import Found, Order, cut


def read(content: bytes, order: Order) -> Found:
    """Return the text without its formatting."""
    text = rtf_to_text(content.decode("latin-1"), errors="ignore")  # type: ignore[no-untyped-call]
    return cut(str(text), order)
