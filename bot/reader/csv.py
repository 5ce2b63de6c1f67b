"""Tables in text: comma, semicolon, tab or bar between the cells."""

import csv
import io
from collections import Counter

from bot.reader.found import Found, Order, cut
from bot.reader.tables import Table
from bot.reader.text import decoded

_APART = ",;\t|"
_LOOKED_AT = 20
"""Lines in which the separator is looked for."""


def read(content: bytes, order: Order) -> Found:
    """Return the table's shape, its columns and its head."""
    csv.field_size_limit(order.characters)
    text = decoded(content)
    table = Table("The table")
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)):
        if row:
            table.add(row)
    return cut(table.summary(), order)


def _separator(text: str) -> str:
    """Return what stands between cells: what most lines have, equally often."""
    lines = [line for line in text[:100_000].splitlines()[:_LOOKED_AT] if line.strip()]
    steady = {mark: Counter(line.count(mark) for line in lines).most_common(1) for mark in _APART}
    return max(
        _APART,
        key=lambda mark: (steady[mark][0][1] * min(steady[mark][0][0], 1), steady[mark][0][0]) if lines else (0, 0),
    )
