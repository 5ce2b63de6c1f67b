"""How a report reads in a chat: words first, then figures, then each section; its pictures and files go with it."""

from bot.shapes import Foot, Heading, Part, Post, Prose, Table, literal
from bot.words import Words
from core.entities import Status
from core.reports.paper import by_whom, figures, heads, rows
from core.reports.report import Report, Section
from core.reports.report import Table as Sheet
from core.skills.results import Done

SHOWN = 8
"""Rows of a table that a chat shows."""
COLUMNS = 5
"""Columns of a table that a telephone shows."""
SECTIONS = 8


def report_post(run: str, done: Done, report: Report, words: Words) -> Post:
    """Return the post of a report, without its files."""
    parts = [*report_parts(report, words)]
    if done.passed is not None:
        parts.append(Foot(words.told(done.text, done.sentence)))
    parts.append(Foot(run))
    wrong = done.passed is False
    return Post(tuple(parts), failed=wrong, state=Status.FAILED if wrong else done.status, language=words.language)


def report_head(report: Report, words: Words) -> Post:
    """Return the message that opens the thread of a report in a channel: its words, and where the rest is."""
    text = report.summary or " ".join(report.words)
    foot = Foot(words("Figures, charts and all else are in the thread."))
    return Post((Heading(report.title), Prose(literal(text)), foot), state=Status.DONE, language=words.language)


def report_parts(report: Report, words: Words) -> list[Part]:
    """Return a report's parts, in the order in which they are read."""
    parts: list[Part] = [Heading(report.title)]
    parts.append(Prose(literal(report.summary)) if report.summary else Prose(literal(" ".join(report.words))))
    if whose := by_whom(report):
        parts.append(Foot(words.say(whose)))
    if report.summary and report.words:
        parts.append(Prose(literal(" ".join(report.words))))
    if report.figures:
        parts.append(Table(heads(words.say), figures(report, words.say)))
    for section in report.sections[:SECTIONS]:
        parts += _section(section, words)
    if any(_is_cut(table) for table in report.tables):
        parts.append(Foot(words("Tables are cut here; `report export` gives all of them as files.")))
    return parts


def _is_cut(table: Sheet) -> bool:
    return bool(table.left) or len(table.rows) > SHOWN or len(table.columns) > COLUMNS


def _section(section: Section, words: Words) -> list[Part]:
    parts: list[Part] = [Heading(section.heading)]
    parts += [Prose(literal(text)) for text in section.prose]
    if table := section.table:
        titles = tuple(column.title for column in table.columns)[:COLUMNS]
        parts.append(Table(titles, tuple(row[:COLUMNS] for row in rows(table, words.say)[:SHOWN])))
    return parts if len(parts) > 1 else []
