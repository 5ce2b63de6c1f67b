"""What a report is: words, named figures, and sections with their tables and charts, in one language."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from core.entities import Noun
from core.reports.chart import Chart, Say
from core.reports.period import Period
from core.sentences import Sentence, said

Kind = Literal["campaign", "collaborations", "models", "skills", "usage", "adoption", "service"]
KINDS: tuple[Kind, ...] = ("campaign", "collaborations", "models", "skills", "usage", "adoption", "service")
Format = Literal["csv", "parquet", "pdf"]
Unit = Literal["count", "share", "rate", "dollars", "seconds", "hours", "per second", "per day", "per week", "text"]
"""Of a share and of a rate, which is shown more closely, 1 is all."""
SHARES: tuple[Unit, ...] = ("share", "rate")
Finite = Annotated[float, Field(allow_inf_nan=False)]
Value = str | int | Finite | None
"""`None`: not known, or there was nothing to take it from."""
MOST_ROWS = 200
"""Of a table; what is left out is counted."""
MOST_SIZE = 200_000
"""Characters of a report as JSON."""
MOST_TEXT = 300
"""Characters of a cell."""


class Figure(Noun):
    """A named number, beside what it was in the period before."""

    label: str
    value: int | Finite | None
    unit: Unit = "count"
    before: int | Finite | None = None

    @property
    def change(self) -> float | None:
        """Return by which share of what it was it has grown; nothing where there is nothing to compare with."""
        if self.value is None or not self.before:
            return None
        return (self.value - self.before) / abs(self.before)


class Column(Noun):
    """One column of a table."""

    title: str
    unit: Unit = "text"


class Table(Noun):
    """Rows under columns, as exact as they are known; what they are shown as is for whoever shows them."""

    name: str
    """What its file is called: lower-case letters and dashes."""
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...] = Field(max_length=MOST_ROWS)
    left: int = 0
    """Rows that are left out."""


class Section(Noun):
    """A part of a report."""

    heading: str
    prose: tuple[str, ...] = ()
    table: Table | None = None
    chart: Chart | None = None
    quoted: bool = False
    """Its table has texts of people and models."""


class Report(Noun):
    """All of it. It stands in the journal, so that all in it is bounded."""

    kind: Kind
    title: str
    period: Period
    made_at: datetime
    language: str = "en"
    words: tuple[str, ...] = ()
    """What stands in front: Dexter's own sentences, from the figures."""
    summary: str = ""
    """A committee's words, every number in them being one of the figures; empty: `words` stand alone."""
    members: tuple[str, ...] = ()
    """Who wrote the summary."""
    remark: str = ""
    """Why there is no summary, where one was wanted."""
    figures: dict[str, Figure] = Field(default={}, max_length=100)
    sections: tuple[Section, ...] = Field(default=(), max_length=20)
    formats: tuple[Format, ...] = ()
    """The files that go with it."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """Return the tables of all sections."""
        return tuple(section.table for section in self.sections if section.table)

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Return the charts of all sections."""
        return tuple(section.chart for section in self.sections if section.chart)


SHAPES: dict[Unit, str] = {
    "count": "{value:,.0f}",
    "share": "{value:.1%}",
    "rate": "{value:.2%}",
    "dollars": "${value:,.2f}",
    "seconds": "{value:,.1f} s",
    "hours": "{value:,.1f} h",
    "per second": "{value:,.1f}/s",
    "per day": "{value:,.2f}",
    "per week": "{value:,.2f}",
    "text": "{value}",
}
CENT = 0.01


def sentence_of(value: Value, unit: Unit) -> Sentence:
    """Return a value as people read it: `1,234`, `12.5%`, `$0.0041`."""
    if value is None or value == "":
        return said("–")
    if isinstance(value, str):
        return said("{value}", value=value)
    small = unit == "dollars" and 0 < abs(value) < CENT
    return said("${value:,.4f}" if small else SHAPES[unit], value=value)


def shown(value: Value, unit: Unit, say: Say) -> str:
    """Return a value as people read it in a language."""
    return say(sentence_of(value, unit))


def table(name: str, columns: Sequence[tuple[str, Unit]], rows: Sequence[tuple[Value, ...]]) -> Table:
    """Return a table of bounded size; `columns` are titles with their units."""
    kept = tuple(tuple(_bounded(value) for value in row) for row in rows[:MOST_ROWS])
    heads = tuple(Column(title=title, unit=unit) for title, unit in columns)
    return Table(name=name, columns=heads, rows=kept, left=max(0, len(rows) - MOST_ROWS))


def bounded(report: Report, most: int = MOST_SIZE) -> Report:
    """Return a report of at most so many characters as JSON: its long tables are cut, and what is left is counted."""
    rows = MOST_ROWS
    while len(report.model_dump_json()) > most and rows > 1:
        rows //= 2
        report = report.but(sections=tuple(_cut(section, rows) for section in report.sections))
    return report


def _cut(section: Section, rows: int) -> Section:
    own = section.table
    if own is None or len(own.rows) <= rows:
        return section
    return section.but(table=own.but(rows=own.rows[:rows], left=own.left + len(own.rows) - rows))


def _bounded(value: Value) -> Value:
    if not isinstance(value, str) or len(value) <= MOST_TEXT:
        return value
    return value[: MOST_TEXT - 1] + "…"
