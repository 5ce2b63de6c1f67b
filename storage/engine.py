"""The way to the database: one engine for a URL, shared with the durable runs, and the one-process lock of SQLite."""

import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import Misconfigured, Unavailable
from storage.failures import spoken
from storage.lock import Held, Lock

BUSY_MS = 30_000
"""How long one writer waits for another on SQLite."""
STATEMENT_MS = 30_000
"""The longest that one statement may take on PostgreSQL."""
CONNECT_SECONDS = 10
POOL = 20
"""Connections that one process holds at most; the durable runs share them."""
EXAMPLES = "`sqlite:////var/lib/dexter/dexter.db` or `postgresql://user:password@host/name`"


def connect(url: str) -> Engine:
    """Return an engine that has reached its database once. Blocks for up to `CONNECT_SECONDS`.

    A transaction on SQLite begins at its first INSERT, UPDATE or DELETE, with BEGIN IMMEDIATE, so that two writers
    queue up instead of failing half-way; what is read before that is not part of it.
    Raises `Misconfigured` and `Unavailable`.
    """
    parsed = parse(url)
    engine = _sqlite(parsed) if is_sqlite(parsed) else _postgresql(parsed)
    try:
        with engine.connect() as connection:
            _check(connection.exec_driver_sql, engine)
    except (DBAPIError, PoolTimeout) as error:
        engine.dispose()
        raise spoken(error, parsed) or Unavailable("The database {url} does not answer.", url=shown(parsed)) from None
    except Misconfigured:
        engine.dispose()
        raise
    return engine


def claim_database(url: str) -> Lock | None:
    """Make this process the only one on an SQLite file until it ends; PostgreSQL takes many, so `None`.

    Raises `Misconfigured` where another process has it.
    """
    parsed = parse(url)
    if not is_sqlite(parsed):
        return None
    file = _made(parsed)
    path = file.with_name(file.name + ".lock")
    try:
        return Lock(path)
    except Held as held:
        raise Misconfigured(
            "Another Dexter (process {pid}) is using {file}: stop it first, or give this one a database of its "
            "own with `database.url`; for several processes on one database use PostgreSQL.",
            pid=held.pid,
            file=file,
        ) from None
    except OSError as error:
        raise Misconfigured(
            "The lock {path} cannot be made ({why}): check the folder's rights.",
            path=path,
            why=error.strerror,
        ) from None


def parse(url: str) -> URL:
    """Return the URL with the driver Dexter uses. Raises `Misconfigured`."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise Misconfigured("`database.url` is not a database URL: write {examples}.", examples=EXAMPLES) from None
    match parsed.drivername.split("+")[0]:
        case "sqlite" if parsed.database and parsed.database != ":memory:" and not parsed.query:
            return parsed.set(drivername="sqlite")
        case "sqlite":
            raise Misconfigured(
                "`database.url` must name a file for SQLite and nothing behind it: write {examples}.", examples=EXAMPLES
            )
        case "postgresql" | "postgres" if parsed.database:
            return parsed.set(drivername="postgresql+psycopg")
        case name:
            what = "no database's name" if name.startswith("postgres") else f"`{name}`, which Dexter does not know"
            raise Misconfigured("`database.url` has {what}: write {examples}.", what=what, examples=EXAMPLES)


def is_sqlite(url: URL) -> bool:
    """Tell SQLite from PostgreSQL."""
    return url.drivername == "sqlite"


def shown(url: URL) -> str:
    """Return the URL as a person may see it."""
    return url.render_as_string(hide_password=True)


def file_of(url: URL) -> Path:
    """Return the absolute path of the SQLite file."""
    return Path(url.database or "").expanduser().absolute()


def _made(url: URL) -> Path:
    """Return the path of the SQLite file, with its folder made: both are new for their owner alone."""
    file = file_of(url)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            "The folder {folder} cannot be made ({why}): name another in `database.url`.",
            folder=file.parent,
            why=error.strerror,
        ) from None
    with suppress(OSError):  # what is wrong with the file, SQLite knows better
        file.touch(mode=0o600)
    return file


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url.set(database=str(_made(url))),
        hide_parameters=True,  # they are what people wrote, and errors end up in logs
        pool_size=POOL,
        max_overflow=POOL,
        connect_args={"timeout": BUSY_MS / 1000, "isolation_level": "IMMEDIATE"},
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: sqlite3.Connection, _: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    _switch_to_wal(connection)
    for pragma in (
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "recursive_triggers = ON",  # or a REPLACE would delete from the journal unseen by its trigger
    ):
        connection.execute(f"PRAGMA {pragma}")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL, for which SQLite itself does not wait where others do the same just now."""
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=POOL,
        max_overflow=POOL,
        pool_timeout=30,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "dexter",
            "options": f"-c statement_timeout={STATEMENT_MS} -c idle_in_transaction_session_timeout=60000",
        },
    )


def _check(run: Any, engine: Engine) -> None:
    """Refuse what would only show later: a file that cannot be written, a server that cannot hold all text."""
    if is_sqlite(engine.url):
        run("BEGIN IMMEDIATE")
        run("ROLLBACK")
    elif (encoding := run("SHOW server_encoding").scalar()) != "UTF8":
        raise Misconfigured(
            "The database {url} holds {encoding} text: create it with `createdb --encoding=UTF8`.",
            url=shown(engine.url),
            encoding=encoding,
        )
