"""A report as a letter: plain text, and the same in HTML with its charts between the words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Protocol

from core.reports.alt import alt
from core.reports.chart import Say
from core.reports.files import File
from core.reports.paper import by_whom, figures, heads, rows
from core.reports.report import Report, Section
from core.sentences import said

STYLE = "font-family: sans-serif; font-size: 15px; line-height: 1.45; max-width: 720px"
CELL = "padding: 3px 10px 3px 0; text-align: left; vertical-align: top"
SHOWN = 15
"""Rows of a table; a file has all of them."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to one address. Everything in it may come from people and models."""

    key: str
    """The same for each try of one letter, and for no other: by it a reader's mail knows that it has it already."""
    to: str
    subject: str
    text: str
    html: str
    pictures: tuple[File, ...] = ()
    """Shown in `html` as `cid:` and their names."""
    files: tuple[File, ...] = ()


class Mail(Protocol):
    """The way to people's mail."""

    def check(self, address: str) -> None:
        """Raise `BadRequest` for what is no address, and `NotAllowed` for one that nothing is sent to."""

    async def send(self, letter: Letter) -> None:
        """Hand a letter over, tried a bounded number of times.

        Raises what `check` does, `Misconfigured` where no server is set, `Unavailable` where none took it.
        """


@dataclass(frozen=True, slots=True)
class Parts:
    """A report, what was drawn of it, and the language it is in."""

    report: Report
    say: Say
    pictures: Mapping[str, File] = field(default_factory=dict)
    """Chart's title to its picture."""


def plain(parts: Parts) -> str:
    """Return the letter's plain text."""
    report, say = parts.report, parts.say
    lines = [report.title, "=" * len(report.title), ""]
    lines += [f"{text}\n" for text in filter(None, (report.summary, *report.words))]
    if whose := by_whom(report):
        lines.append(f"{say(whose)}\n")
    lines += [f"{name}: {value}" for name, value, *_ in figures(report, say)]
    for section in report.sections:
        lines += ["", section.heading, "-" * len(section.heading), *section.prose]
        if section.chart:
            lines.append(alt(section.chart, say))
        if section.table:
            lines += [
                " | ".join(row) for row in ([c.title for c in section.table.columns], *rows(section.table, say)[:SHOWN])
            ]
    return "\n".join(lines) + "\n"


def html(parts: Parts) -> str:
    """Return the same in HTML; whatever stands in the report is text there and nothing else."""
    report, say = parts.report, parts.say
    body = [f"<h1>{escape(report.title)}</h1>"]
    body += [f"<p>{_text(text)}</p>" for text in filter(None, (report.summary, *report.words))]
    if whose := by_whom(report):
        body.append(f"<p><small>{escape(say(whose))}</small></p>")
    body.append(_table(heads(say), figures(report, say)))
    for section in report.sections:
        body += _section(section, parts)
    language = escape(report.language, quote=True)
    head = f'<meta charset="utf-8"><title>{escape(report.title)}</title>'
    return (
        f'<!DOCTYPE html><html lang="{language}"><head>{head}</head><body style="{STYLE}">{"".join(body)}</body></html>'
    )


def _section(section: Section, parts: Parts) -> Iterator[str]:
    yield f"<h2>{escape(section.heading)}</h2>"
    yield from (f"<p>{_text(text)}</p>" for text in section.prose)
    if section.chart:
        words, picture = escape(alt(section.chart, parts.say), quote=True), parts.pictures.get(section.chart.title)
        source = escape(f"cid:{picture.name}", quote=True) if picture else ""
        yield f'<p><img src="{source}" alt="{words}" style="max-width: 100%"></p>' if picture else f"<p>{words}</p>"
    if section.table:
        table = section.table
        yield _table(tuple(column.title for column in table.columns), rows(table, parts.say)[:SHOWN])
        if left := table.left + max(0, len(table.rows) - SHOWN):
            yield f"<p><small>{escape(parts.say(said('{count:,} rows more are left out.', count=left)))}</small></p>"


def _table(head: tuple[str, ...], body: tuple[tuple[str, ...], ...]) -> str:
    titles = "".join(f'<th style="{CELL}">{escape(cell)}</th>' for cell in head)
    lines = "".join("<tr>" + "".join(f'<td style="{CELL}">{escape(c)}</td>' for c in row) + "</tr>" for row in body)
    return f"<table><tr>{titles}</tr>{lines}</table>"


def _text(text: str) -> str:
    return escape(text).replace("\n", "<br>")
