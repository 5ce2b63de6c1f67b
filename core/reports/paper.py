"""A report as a document: its words, its figures, and each section with its chart and its table."""

from collections.abc import Iterator

from core.reports.alt import alt
from core.reports.chart import Say
from core.reports.page import Block, Figure, Heading, Page, Paper, Paragraph, Table
from core.reports.report import Report, Section, shown
from core.reports.report import Table as Numbers
from core.sentences import Sentence, said


def paper(report: Report, say: Say) -> Paper:
    """Return the document of a report, in its language."""
    blocks = (*_front(report, say), *(block for section in report.sections for block in _section(section, say)))
    return Paper(
        title=report.title,
        language=report.language,
        pages=(Page(blocks=blocks),),
        footer=say(said("{title}, made on {at}", title=report.title, at=f"{report.made_at:%Y-%m-%d %H:%M} UTC")),
    )


def by_whom(report: Report) -> Sentence | None:
    """Say who wrote the words in front, or why there is no summary."""
    if report.summary:
        text = "A summary by the committee ({names}); every number in it was compared with the data."
        return said(text, names=", ".join(report.members))
    return said("{remark}", remark=report.remark) if report.remark else None


def heads(say: Say) -> tuple[str, ...]:
    """Return the titles of the table of figures."""
    return tuple(map(say, (said("what"), said("value"), said("before"), said("change"))))


def figures(report: Report, say: Say) -> tuple[tuple[str, ...], ...]:
    """Return the rows of the table of figures."""
    return tuple(
        (
            each.label,
            shown(each.value, each.unit, say),
            shown(each.before, each.unit, say),
            shown(each.change, "share", say),
        )
        for each in report.figures.values()
    )


def rows(table: Numbers, say: Say) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table as people read them."""
    units = [column.unit for column in table.columns]
    return tuple(
        tuple(" ".join(shown(value, unit, say).split()) for value, unit in zip(row, units, strict=True))
        for row in table.rows
    )


def _front(report: Report, say: Say) -> Iterator[Block]:
    yield Heading(text=report.title, level=1)
    for text in filter(None, (report.summary, *report.words)):
        yield Paragraph(text=text)
    if whose := by_whom(report):
        yield Paragraph(text=say(whose), quiet=True)
    if report.figures:
        yield Table(head=heads(say), rows=figures(report, say), numbers=(1, 2, 3))


def _section(section: Section, say: Say) -> Iterator[Block]:
    yield Heading(text=section.heading)
    for text in section.prose:
        yield Paragraph(text=text)
    if section.chart:
        yield Figure(chart=section.chart, alt=alt(section.chart, say))
    if section.table:
        table = section.table
        numbers = tuple(at for at, column in enumerate(table.columns) if column.unit != "text")
        yield Table(head=tuple(each.title for each in table.columns), rows=rows(table, say), numbers=numbers)
        if table.left:
            yield Paragraph(text=say(said("{count:,} rows more are left out.", count=table.left)), quiet=True)
