"""The numbers, dates and names of a report: all that a text about it may tell of."""

import contextlib
import re
from collections.abc import Iterator
from datetime import date

from core.reports.numbers import Known, told
from core.reports.report import SHARES, Report, Table, Unit, Value

LABELS = frozenset({"p50", "p95"})
"""Names of figures that have digits in them."""
PERIODS = 2.0
"""That a report compares."""
_DAY = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")


def known(report: Report) -> Known:
    """Return the numbers of a report: its figures, what they were, how they changed, its tables, texts and dates."""
    numbers = [*_figures(report), *(each for table in report.tables for each in _cells(table))]
    sizes = [len(table.rows) + table.left for table in report.tables]
    texts = [*_texts(report), *(each for each, _ in numbers if isinstance(each, str))]
    exact = {(unit in SHARES, abs(float(each))) for each, unit in numbers if isinstance(each, int | float)}
    prose = [*report.words, *(each for section in report.sections for each in section.prose)]
    exact |= {(share, value) for text in (*texts, *prose) for value, share in told(text, report.language)}
    counts = {float(report.period.days), PERIODS, *map(float, sizes)}
    return Known(
        values=frozenset(value for share, value in exact if not share) | counts,
        shares=frozenset(value for share, value in exact if share),
        days=frozenset(_dates(report, [*texts, *prose])),
        names=frozenset(text for text in texts if any(map(str.isdigit, text))) | LABELS,
        places=max(sizes, default=0),
    )


def _figures(report: Report) -> Iterator[tuple[Value, Unit]]:
    for figure in report.figures.values():
        yield figure.value, figure.unit
        yield figure.before, figure.unit
        yield figure.change, "share"
        if figure.value is not None and figure.before is not None:
            yield figure.value - figure.before, figure.unit


def _cells(table: Table) -> Iterator[tuple[Value, Unit]]:
    for row in table.rows:
        yield from zip(row, (column.unit for column in table.columns), strict=True)


def _texts(report: Report) -> Iterator[str]:
    yield from (figure.label for figure in report.figures.values())
    yield from (column.title for table in report.tables for column in table.columns)


def _dates(report: Report, texts: list[str]) -> Iterator[date]:
    for period in (report.period, report.period.before):
        yield from (period.first, period.last)
    yield report.made_at.date()
    for text in texts:
        for year, month, day in _DAY.findall(text):
            with contextlib.suppress(ValueError):
                yield date(int(year), int(month), int(day))
