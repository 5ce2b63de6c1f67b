"""Word documents, as Markdown."""

from io import BytesIO
from typing import Any

import mammoth  # type: ignore[import-untyped]

from bot.reader.archive import check
from bot.reader.found import Found, Order, cut
from bot.reader.markdown import markdown


def read(content: bytes, order: Order) -> Found:
    """Return the text with its headings, lists and tables. Pictures in it are left out."""
    check(content)
    page = mammoth.convert_to_html(BytesIO(content), convert_image=_left_out, external_file_access=False)
    return cut(markdown(page.value), order)


def _left_out(_image: Any) -> list[Any]:
    return []
