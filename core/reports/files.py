"""The files that go with a report: pictures of its charts, its tables for spreadsheets, all of it as a document."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from core.errors import Misconfigured, Unavailable
from core.reports.alt import alt
from core.reports.chart import Chart, Say
from core.reports.paper import paper
from core.reports.press import Press
from core.reports.report import Format, Report, Table
from core.reports.sheets import written
from core.sentences import Sentence, said

MOST_PICTURES = 6
Parquet = Callable[[Table], Awaitable[bytes]]
"""Return a table as a Parquet file. Raises `Misconfigured` where it cannot be written."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class File:
    """A file, with words for those who cannot see it."""

    name: str
    media: str
    content: bytes = field(repr=False)
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, and a sentence for each thing that was not."""

    files: tuple[File, ...] = ()
    lacking: tuple[Sentence, ...] = ()


class Files:
    """Makes them, each time anew: they are large, and what they are made from is kept."""

    def __init__(self, press: Press, parquet: Parquet) -> None:
        self._press, self._parquet = press, parquet

    async def picture(self, name: str, chart: Chart, say: Say) -> File:
        """Return one chart as PNG. Raises `Misconfigured` and `Unavailable` where it cannot be drawn."""
        return File(f"{name}.png", "image/png", await self._press.png(chart), alt(chart, say))

    async def pictures(self, report: Report, say: Say) -> Made:
        """Return the charts as PNG. What cannot be drawn is in words what its alt text is."""
        files: list[File] = []
        for number, chart in enumerate(report.charts[:MOST_PICTURES], 1):
            try:
                content = await self._press.png(chart)
            except (Misconfigured, Unavailable) as error:
                log.warning("chart not drawn: %s", type(error).__name__)
                return Made(tuple(files), (error.sentence,))
            files.append(File(f"{report.kind}-{number}.png", "image/png", content, alt(chart, say)))
        return Made(tuple(files))

    async def wanted(self, report: Report, say: Say) -> Made:
        """Return the files that were asked for with a report."""
        makers: dict[Format, Callable[[], Awaitable[list[File]]]] = {
            "csv": lambda: self._csv(report),
            "parquet": lambda: self._parquets(report),
            "pdf": lambda: self._pdf(report, say),
        }
        files: list[File] = []
        lacking: list[Sentence] = []
        for format in dict.fromkeys(report.formats):
            try:
                files += await makers[format]()
            except (Misconfigured, Unavailable) as error:
                lacking.append(said("There is no {format}: {why}", format=format.upper(), why=error.sentence))
        return Made(tuple(files), tuple(lacking))

    async def _csv(self, report: Report) -> list[File]:
        return [
            File(f"{report.kind}-{table.name}.csv", "text/csv", await asyncio.to_thread(written, table))
            for table in report.tables
        ]

    async def _parquets(self, report: Report) -> list[File]:
        media = "application/vnd.apache.parquet"
        return [
            File(f"{report.kind}-{table.name}.parquet", media, await self._parquet(table)) for table in report.tables
        ]

    async def _pdf(self, report: Report, say: Say) -> list[File]:
        content = await self._press.pdf(paper(report, say))
        return [File(f"{report.kind}-{report.period.name}.pdf", "application/pdf", content)]
