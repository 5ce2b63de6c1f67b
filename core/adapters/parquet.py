"""Parquet files, written by pyarrow in a thread: it is heavy, and imported where it is used."""

import asyncio
import io
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from core.errors import Misconfigured
from core.reports.report import Table

LACKING = "Parquet needs the extra for reports: `pip install 'dexter[reports]'`."


Kind = Literal["text", "whole number", "number", "yes or no", "day", "time"]
"""What a column of an export holds."""


class ParquetFile:
    """A file that is written row by row, so that any number of them fits. All methods block."""

    def __init__(self, path: Path, columns: Sequence[tuple[str, Kind]]) -> None:
        """Raises `Misconfigured` where pyarrow is not installed."""
        self._arrow, parquet = library()
        kinds = {
            "text": self._arrow.string(), "whole number": self._arrow.int64(), "number": self._arrow.float64(),
            "yes or no": self._arrow.bool_(), "day": self._arrow.date32(),
            "time": self._arrow.timestamp("us", tz="UTC"),
        }  # fmt: skip
        self._schema = self._arrow.schema([(name, kinds[kind]) for name, kind in columns])
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd")

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows."""
        arrays = [
            self._arrow.array(values, each.type)
            for values, each in zip(zip(*rows, strict=True), self._schema, strict=True)
        ]
        self._writer.write_batch(self._arrow.record_batch(arrays, schema=self._schema))

    def close(self) -> None:
        """End the file."""
        self._writer.close()


async def parquet(table: Table) -> bytes:
    """Return a table as a Parquet file. Raises `Misconfigured` where pyarrow is not installed."""
    return await asyncio.to_thread(_written, table)


def _written(table: Table) -> bytes:
    arrow, writer = library()
    columns = zip(*table.rows, strict=True) if table.rows else ([] for _ in table.columns)
    kinds = [arrow.string() if column.unit == "text" else arrow.float64() for column in table.columns]
    arrays = [arrow.array([*values], kind) for values, kind in zip(columns, kinds, strict=True)]
    out = io.BytesIO()
    writer.write_table(arrow.table(arrays, names=_names(table)), out)
    return out.getvalue()


def _names(table: Table) -> list[str]:
    """Return the columns' titles, a number behind those that are there already."""
    titles = [column.title for column in table.columns]
    return [title if titles.index(title) == at else f"{title} {at + 1}" for at, title in enumerate(titles)]


def library() -> tuple[Any, Any]:
    """Return pyarrow and its writer of Parquet. Raises `Misconfigured` where they are not installed."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise Misconfigured(LACKING) from None
