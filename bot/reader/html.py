"""Web pages: short ones as they are written, for who asks about their code; long ones as Markdown."""

from bot.reader.found import Found, Order, cut
from bot.reader.markdown import markdown
from bot.reader.text import decoded

AS_WRITTEN = 10_000
"""Characters up to which a page is shown as it is."""


def read(content: bytes, order: Order) -> Found:
    """Return the page's text."""
    source = decoded(content)
    return cut(source if len(source) <= AS_WRITTEN else markdown(source), order)
