"""The schema's version: upgraded on start behind a lock, and what `dexter db` shows and moves.

Alembic is imported where it is used: it costs 0.4 s, and a start on a database of the right version needs none of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError

from core.errors import Misconfigured, Unavailable
from storage.engine import is_sqlite, shown
from storage.failures import spoken
from storage.lock import Held, Lock

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE_SECONDS = 120
"""How long a process waits for another that is upgrading."""
ADVISORY_LOCK = 0x64657874  # "dext"


@dataclass(frozen=True, slots=True)
class Schema:
    """Which version a database has, and which this Dexter wants."""

    database: str
    """Its URL without the password."""
    version: str | None
    """`None`: it has no tables of Dexter's."""
    wanted: str
    pending: tuple[str, ...]
    """The versions between, oldest first."""


def versions() -> tuple[str, ...]:
    """Return every version this Dexter knows, oldest first: the numbers that the migrations' files begin with."""
    return tuple(sorted(file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")))


def state(engine: Engine) -> Schema:
    """Tell which version the database has and which it lacks. Raises `Misconfigured` and `Unavailable`."""
    with _said(engine), engine.connect() as connection:
        version = _version(connection)
    known = versions()
    pending = tuple(each for each in known if version is None or each > version)
    return Schema(shown(engine.url), version, known[-1], pending)


def upgrade(engine: Engine) -> Schema:
    """Bring the database to the newest version; of many processes that start at once one does it, the rest wait.

    Returns what it found. Raises `Misconfigured` where the database is newer than this Dexter.
    """
    found = state(engine)
    if found.version is not None and found.version > found.wanted:
        raise Misconfigured(
            "The database {database} was made by a newer Dexter (its schema is {version}, this one knows "
            "{wanted}): upgrade this Dexter, or restore the backup of before that upgrade.",
            database=found.database,
            version=found.version,
            wanted=found.wanted,
        )
    if found.pending:
        move(engine, found.wanted)
    return found


def move(engine: Engine, version: str) -> None:
    """Bring the database up or down to a version, or to `base`, which removes all tables and what is in them."""
    if version not in (*versions(), "base"):
        raise Misconfigured(
            "There is no schema {version}: this Dexter knows {names}.", version=version, names=", ".join(versions())
        )
    with _said(engine), _alone(engine) as connection:
        there = _version(connection)
        if there is None and version == "base":
            return
        down = version == "base" or (there is not None and version < there)
        _migrate(connection, version, down)


def _migrate(connection: Connection, version: str, down: bool) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    (command.downgrade if down else command.upgrade)(config, version)


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that no other process migrates beside."""
    if not is_sqlite(engine.url):
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{PATIENCE_SECONDS}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            yield connection
        return
    try:
        lock = Lock(Path(f"{engine.url.database}.upgrade"), PATIENCE_SECONDS)
    except Held as held:
        raise Unavailable(
            "Process {pid} has been upgrading {url} for {seconds} s: see what it is doing.",
            pid=held.pid,
            url=shown(engine.url),
            seconds=PATIENCE_SECONDS,
        ) from None
    with lock, engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver begins at the first write of rows, not of tables
        yield connection


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return version


@contextmanager
def _said(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        said = spoken(error, engine.url)
        if said is None:
            raise
        raise said from error
