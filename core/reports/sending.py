"""A report sent by mail, or put into a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from core.reports.chart import Say
from core.reports.files import File, Files
from core.reports.letter import Letter, Mail, Parts, html, plain
from core.reports.report import Report


class Shelf(Protocol):
    """A folder that an administrator named for reports."""

    def check(self, folder: str) -> Path:
        """Return where files would go. Raises `Misconfigured` without a folder, `BadRequest` for one outside of it."""

    async def put(self, folder: str, files: Mapping[str, bytes]) -> Path:
        """Write files in place of those of the same names, and return the folder. Raises also `Unavailable`."""


async def mailed(report: Report, key: str, to: str, mail: Mail, files: Files, say: Say) -> None:
    """Send a report to an address. Raises what `Mail.send` does."""
    mail.check(to)
    pictures, more = await files.pictures(report, say), await files.wanted(report, say)
    drawn = dict(zip((chart.title for chart in report.charts), pictures.files, strict=False))
    parts = Parts(report, say, drawn)
    await mail.send(Letter(key, to, report.title, plain(parts), html(parts), pictures.files, more.files))


async def shelved(report: Report, folder: str, shelf: Shelf, files: Files, say: Say) -> Path:
    """Put a report into a folder: its words, its charts and its tables. Raises what `Shelf.put` does."""
    shelf.check(folder)
    name = f"{report.kind}-{report.period.name}"
    pictures = await files.pictures(report, say)
    made = (await files.wanted(report.but(formats=report.formats or ("csv",)), say)).files
    words = File(f"{name}.txt", "text/plain", plain(Parts(report, say)).encode())
    return await shelf.put(folder, {_named(each, report): each.content for each in (words, *pictures.files, *made)})


def _named(file: File, report: Report) -> str:
    """Return a name that tells one period from another."""
    if report.period.name in file.name:
        return file.name
    return f"{report.kind}-{report.period.name}{file.name.removeprefix(report.kind)}"
