"""A table in brief: how large it is, what its columns hold, and its first rows."""

import datetime
import re
from collections import Counter
from collections.abc import Sequence

HEAD = 20
"""Rows that are shown of a long table."""
WHOLE = 6_000
"""Characters up to which a table is shown whole."""
SHOWN = 50
"""Columns whose cells are shown."""
DESCRIBED = 200
"""Columns that are described."""
LOOKED_AT = 100_000
"""Rows whose cells are looked at; the rest is counted."""
WIDEST = 80
"""Characters of a cell."""
_NUMBER = re.compile(r"[-+]?(?:\d[\d.,' ]*|[.,]\d+)\s*[%€$£]?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}")


class Column:
    """What has been seen of one column."""

    __slots__ = ("kinds", "least", "most")

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.least: float | None = None
        self.most: float | None = None

    def add(self, value: object) -> None:
        """Look at a cell."""
        kind = kind_of(value)
        self.kinds[kind] += 1
        if kind == "number" and (number := _number(value)) is not None:
            self.least = number if self.least is None else min(self.least, number)
            self.most = number if self.most is None else max(self.most, number)

    def told(self) -> str:
        """Return in a few words what it holds."""
        held = [(kind, count) for kind, count in self.kinds.most_common() if kind != "empty"]
        if not held:
            return "empty"
        text = held[0][0] if len(held) == 1 else ", ".join(f"{count:,} {kind}" for kind, count in held)
        if self.least is not None and self.most is not None and held[0][0] == "number":
            text += f", {_figure(self.least)} to {_figure(self.most)}"
        return text + (f", {self.kinds['empty']:,} empty" if self.kinds["empty"] else "")


class Table:
    """Takes rows one by one and keeps what a summary needs."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._columns: list[Column] = []
        self._kept: list[list[str]] = []
        self._size = self._rows = self._widest = 0

    def add(self, row: Sequence[object]) -> None:
        """Take the next row; the first one names the columns if all of it is words."""
        self._rows += 1
        self._widest = max(self._widest, len(row))
        if len(self._kept) <= HEAD or self._size <= WHOLE:
            self._kept.append([_cell(value) for value in row[:DESCRIBED]])
            self._size += sum(map(len, self._kept[-1])) + 3 * len(self._kept[-1])
        if self._rows > LOOKED_AT or (self._rows == 1 and _is_head(row)):
            return
        while len(self._columns) < min(len(row), DESCRIBED):
            self._columns.append(Column())
        for column, value in zip(self._columns, row, strict=False):
            column.add(value)

    def summary(self) -> str:
        """Return shape, columns and the first rows; all of them where the table is short."""
        if not self._rows:
            return f"{self._title}: empty."
        headed = _is_head(self._kept[0])
        names = self._names(headed)
        rows = self._kept[int(headed) :]
        count = self._rows - int(headed)
        if count > len(rows) or self._size > WHOLE:
            rows = rows[:HEAD]
        columns = [*self._columns, *(Column() for _ in range(len(names) - len(self._columns)))]
        told = [f"- {name}: {column.told()}" for name, column in zip(names, columns, strict=False)]
        if self._widest > len(names):
            told.append(f"- and {self._widest - len(names):,} more columns")
        title = f"{self._title}: {count:,} rows, {self._widest:,} columns."
        shown = "All rows:" if len(rows) == count else f"The first {len(rows)} rows:"
        return "\n".join([title, "", "Columns:", *told, "", shown, "", *_drawn(names, rows)])

    def _names(self, headed: bool) -> list[str]:
        given = self._kept[0] if headed else []
        width = min(self._widest, DESCRIBED)
        return [given[at] if at < len(given) else f"column {at + 1}" for at in range(width)]


def kind_of(value: object) -> str:
    """Return what a cell holds, in a word."""
    match value:
        case None | "":
            return "empty"
        case bool():
            return "yes or no"
        case int() | float():
            return "number"
        case datetime.date() | datetime.time() | datetime.timedelta():
            return "date"
        case str() if len(value) <= WIDEST and _NUMBER.fullmatch(value.strip()):
            return "number"
        case str() if len(value) <= WIDEST and _DATE.fullmatch(value.strip()):
            return "date"
        case str() if not value.strip():
            return "empty"
    return "text"


def _is_head(row: Sequence[object]) -> bool:
    return bool(row) and all(kind_of(value) == "text" for value in row)


def _number(value: object) -> float | None:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None  # `1,234` is one thing in London and another in Berlin


def _figure(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:g}"


def _cell(value: object) -> str:
    text = _figure(value) if isinstance(value, float) else "" if value is None else str(value)[: WIDEST * 4]
    text = " ".join(text.split()).replace("|", "\\|")
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _drawn(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    width = min(len(names), SHOWN)
    lines = [names[:width], ["---"] * width, *([*row[:width], *[""] * (width - len(row))] for row in rows)]
    return ["| " + " | ".join(line) + " |" for line in lines]
