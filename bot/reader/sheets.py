"""Spreadsheets: Excel's of every age, and OpenDocument's."""

from io import BytesIO

import python_calamine

from bot.reader.archive import check
from bot.reader.found import Found, Order, Refused, cut
from bot.reader.tables import Table

MOST_SHEETS = 20


def read(content: bytes, order: Order) -> Found:
    """Return the shape, the columns and the head of each sheet."""
    if content.startswith(b"PK"):
        check(content)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        names = book.sheet_names
        shown = [_sheet(book, name) for name in names[:MOST_SHEETS]]
    except python_calamine.PasswordError as error:
        raise Refused("locked") from error
    found = cut("\n\n".join(shown), order)
    return Found(text=found.text, whole=found.whole, parts=len(names), read=len(shown))


def _sheet(book: python_calamine.CalamineWorkbook, name: str) -> str:
    table = Table(f"Sheet {name!r}")
    for row in book.get_sheet_by_name(name).iter_rows():
        table.add(row)
    return table.summary()
