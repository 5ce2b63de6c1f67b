"""A whole copy of an SQLite database, made while Dexter goes on using it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from core.errors import BadRequest, Misconfigured, Unavailable
from storage.engine import file_of, is_sqlite, parse
from storage.failures import spoken


def back_up(url: str, target: Path) -> int:
    """Copy the database to a new file that its owner alone may read, read it back, and return its bytes. Blocks.

    The file is there once it is whole, and not before. Raises `BadRequest` where there is one of that name already and
    for PostgreSQL, which has tools of its own; `Misconfigured` and `Unavailable` where it cannot be read or written.
    """
    parsed = parse(url)
    if not is_sqlite(parsed):
        raise BadRequest("PostgreSQL is backed up with its own tools: see `pg_dump`.")
    if target.exists():
        raise BadRequest("{file} is there already: name a new file.", file=target)
    growing = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        os.close(os.open(growing, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            _copy(file_of(parsed), growing)
            growing.rename(target)
        finally:
            growing.unlink(missing_ok=True)
    except sqlite3.Error as error:
        raise spoken(error, parsed) or Unavailable("The database could not be copied: {why}.", why=error) from error
    except OSError as error:
        raise Misconfigured("{file} cannot be written: {why}.", file=target, why=error.strerror) from error
    return target.stat().st_size


def _copy(source: Path, target: Path) -> None:
    here = sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=30)  # a missing one is not made
    with closing(here), closing(sqlite3.connect(target)) as there:
        with here:
            here.execute("BEGIN")  # one reader's view of it, whatever is written meanwhile: nobody waits for it
            here.execute("SELECT 1 FROM sqlite_schema").fetchall()
            here.backup(there)
        (verdict,) = there.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise Unavailable("The copy is damaged, and so may be the database: {why}.", why=verdict)
