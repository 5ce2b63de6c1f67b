"""Tables as CSV, as any spreadsheet opens them, with nothing in them that one would take for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from core.reports.report import Table, Value

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet calculate (OWASP, CSV injection), at the beginning of a text."""
MARK = "\ufeff"
"""By which Excel knows that a file is UTF-8."""


def written(table: Table) -> bytes:
    """Return a table as a CSV file: UTF-8, commas, CRLF, a point in numbers, shares as parts of 1."""
    lines = [[column.title for column in table.columns], *table.rows]
    return (MARK + csv_of(lines)).encode()


def csv_of(rows: Iterable[Sequence[Value]]) -> str:
    """Return rows as CSV (RFC 4180); a text that a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_MINIMAL).writerows([[_cell(value) for value in row] for row in rows])
    return out.getvalue()


def _cell(value: Value) -> str | int | float:
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "").encode(errors="replace").decode()
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) or text.startswith(_FORMULA) else text
