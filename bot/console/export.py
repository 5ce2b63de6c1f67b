"""`dexter export <folder>`: the database's views as files for BI tools, in bounded memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any, Literal, Protocol
from uuid import uuid4

from bot.shapes import Heading, Post, Prose, Table
from bot.words import Words
from core.errors import BadRequest, Unavailable
from core.reports.sheets import MARK, csv_of
from core.sentences import one_of

Kind = Literal["text", "whole number", "number", "yes or no", "day", "time"]
FORMATS = ("parquet", "csv")


class Field(Protocol):
    """A column of a view."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def kind(self) -> Kind:
        """What it holds."""


class Views(Protocol):
    """The views of a database."""

    @property
    def columns(self) -> Mapping[str, Sequence[Field]]:
        """Each view with its columns."""

    def rows(self, view: str, tenant: str = "") -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the rows of a view, some thousands at a time."""


class File(Protocol):
    """A file that takes rows."""

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows."""

    def close(self) -> None:
        """End the file."""


Open = Callable[[Path, Sequence[tuple[str, Kind]]], File]


class CsvFile:
    """A CSV file, written row by row."""

    def __init__(self, path: Path, columns: Sequence[tuple[str, Kind]]) -> None:
        """Begin it with the names of the columns."""
        self._file = path.open("w", encoding="utf-8", newline="")
        self._file.write(MARK + csv_of([[name for name, _ in columns]]))

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows; times and days as ISO 8601 has them."""
        self._file.write(csv_of([[_written(value) for value in row] for row in rows]))

    def close(self) -> None:
        """End the file."""
        self._file.close()


def export(views: AbstractContextManager[Views], parquet: Open, typed: Sequence[str], words: Words) -> Post:
    """Do what `dexter export …` says, and say what was written. Blocks. Raises `BadRequest` and `Unavailable`."""
    folder, format, tenant = _read(typed)
    opens: Open = parquet if format == "parquet" else CsvFile
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with views as open_:
            counts = {view: _view(open_, view, folder / f"{view}.{format}", opens, tenant) for view in open_.columns}
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Unavailable("{folder} cannot be written ({why}).", folder=folder, why=why) from error
    table = Table((words("file"), words("rows")), tuple((f"{v}.{format}", words.number(n)) for v, n in counts.items()))
    said = words("All of it is in {folder}; docs/data.md says what each column means.", folder=folder)
    return Post((Heading(words("Exported")), table, Prose(said)), data={"folder": str(folder), "rows": counts})


def _read(typed: Sequence[str]) -> tuple[Path, str, str]:
    """Return the folder, the format and the tenant. Raises `BadRequest`."""
    words, given = iter(typed), {"--as": FORMATS[0], "--tenant": ""}
    folders: list[str] = []
    for word in words:
        name, has, value = word.partition("=")
        if name in given:
            given[name] = value if has else next(words, "")
        else:
            folders.append(word)
    if given["--as"] not in FORMATS:
        raise BadRequest(
            "I cannot write “{name}”; what I can write is {names}.", name=given["--as"], names=one_of(FORMATS)
        )
    if len(folders) != 1 or folders[0].startswith("-"):
        raise BadRequest("Where to? Type it like this: `dexter export folder --as csv --tenant slack:T1`.")
    return Path(folders[0]).expanduser().absolute(), given["--as"], given["--tenant"]


def _view(views: Views, view: str, path: Path, opens: Open, tenant: str) -> int:
    """Write one view, whole or not at all, and return how many rows it has."""
    part, count = path.with_name(f".{uuid4().hex}.part"), 0
    try:
        with closing(opens(part, [(each.name, each.kind) for each in views.columns[view]])) as file:
            for rows in views.rows(view, tenant):
                file.write(rows)
                count += len(rows)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def _written(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
