"""A summary by a committee, which may cite the numbers that it is given and no others.

One that tells of another number is refused, and asked for once more with the numbers that are wrong; after that
Dexter's own words stand alone, and the report says so.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator

from core.committee.patterns import Pattern, Phase
from core.entities import Collaboration, Document
from core.errors import DexterError, Stopped, Unavailable
from core.events import Answer
from core.reports.chart import Say
from core.reports.known import known
from core.reports.numbers import foreign
from core.reports.report import Figure, Report, Section, Table, Unit, Value, shown
from core.sentences import Sentence, said

Ask = Callable[[str, Collaboration, Pattern], Awaitable[Answer]]
"""Has a committee answer a question inside the run of a report, under keys that begin with the text."""
SUMMARY = Pattern(
    name="summary",
    summary="Everyone writes a summary, and all vote.",
    when="for reports",
    rule="schulze",
    phases=(Phase(name="propose", act="propose", prompt="summarise"), Phase(name="vote", act="vote")),
)
MOST_TEXT = 2_000
"""Characters of a summary."""
TRIES = 2
ROWS = 12
"""Of a table that a committee is shown."""
LANGUAGES = {"en": "English", "de": "German"}

log = logging.getLogger(__name__)


async def summarised(report: Report, asked: Collaboration, ask: Ask, say: Say) -> Report:
    """Return a report with a committee's summary; with a remark instead, where there is none that can be shown.

    Raises `Unavailable`, for the engine to try again, and `Stopped`.
    """
    given, wrong = known(report), tuple[str, ...]()
    question = asked.but(context=(Document(name=f"{report.kind}.txt", text="\n".join(data(report, say))),))
    for number in range(1, TRIES + 1):
        try:
            answer = await ask(f"summary:{number}", question.but(question=_task(report, wrong)), SUMMARY)
        except (Unavailable, Stopped):
            raise
        except DexterError as error:
            return report.but(remark=say(said("There is no summary by the committee. {why}", why=error.sentence)))
        text = answer.text.strip()[:MOST_TEXT]
        if answer.how == "none" or answer.how == "sides" or not text:
            return report.but(remark=say(said("The committee came to no summary.")))
        if not (wrong := foreign(text, given, report.language)):
            return report.but(summary=text, members=answer.sources)
        log.info("run %s: summary %d refused for %d numbers", asked.id, number, len(wrong))
    return report.but(remark=say(_refused(wrong)))


def _refused(wrong: tuple[str, ...]) -> Sentence:
    text = "The committee's summary is left out: it told of numbers that are not in the data ({numbers})."
    return said(text, numbers=", ".join(each[:20] for each in wrong[:5]))


def _task(report: Report, wrong: tuple[str, ...]) -> str:
    """Return what the committee is asked. What is in the data is material, and fenced as a file."""
    language = LANGUAGES.get(report.language, "English")
    lines = [
        f"Summarise the report that comes as a file, in {language}, for people who have no time to read it: what "
        "happened, what has changed since the period before, and what deserves attention. Two short paragraphs.",
    ]
    if wrong:
        numbers = ", ".join(each[:20] for each in wrong[:10])
        lines.append(f"An earlier summary was refused: these numbers in it are not in the data: {numbers}.")
    return "\n\n".join(lines)


def data(report: Report, say: Say) -> Iterator[str]:
    """Yield the figures and tables of a report, line by line, as a committee is shown them."""
    yield report.title
    yield f"period: {report.period.name}, before: {report.period.before.name}"
    yield from report.words
    yield ""
    for figure in report.figures.values():
        yield _line(figure, say)
    for section in report.sections:
        yield ""
        yield from _section(section, say)


def _line(figure: Figure, say: Say) -> str:
    parts = [f"{figure.label}: {shown(figure.value, figure.unit, say)}"]
    if figure.before is not None:
        parts.append(f"before: {shown(figure.before, figure.unit, say)}")
    if figure.change is not None:
        parts.append(f"change: {shown(figure.change, 'share', say)}")
    return ", ".join(parts)


def _section(section: Section, say: Say) -> Iterator[str]:
    yield f"# {section.heading}"
    yield from section.prose
    if section.table:
        yield from _table(section.table, say)


def _table(table: Table, say: Say) -> Iterator[str]:
    units: list[Unit] = [column.unit for column in table.columns]
    yield " | ".join(column.title for column in table.columns)
    for row in table.rows[:ROWS]:
        yield " | ".join(_cell(value, unit, say) for value, unit in zip(row, units, strict=True))


def _cell(value: Value, unit: Unit, say: Say) -> str:
    return " ".join(shown(value, unit, say).split())
