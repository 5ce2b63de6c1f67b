"""What a database's complaint means for a person: one sentence with the remedy, and never a password."""

import re

from sqlalchemy import URL
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.errors import DexterError, Misconfigured, Unavailable

SAYINGS: tuple[tuple[str, type[DexterError], str], ...] = (
    (
        r"password authentication failed|no password supplied|role .* does not exist|authentication failed",
        Misconfigured,
        "The database {url} refuses the user or the password: check `database.url`.",
    ),
    (
        r"no pg_hba.conf entry",
        Misconfigured,
        "The database {url} does not let this machine in: add it to the server's pg_hba.conf.",
    ),
    (
        r"database .* does not exist",
        Misconfigured,
        "The database {url} does not exist: create it (`createdb`) or correct `database.url`.",
    ),
    (
        r"permission denied",
        Misconfigured,
        "The database {url} denies what Dexter needs: let its user create and change tables there.",
    ),
    (
        r"not a database|malformed",
        Misconfigured,
        "The file of {url} is not an SQLite database, or is damaged: restore it or name another one.",
    ),
    (
        r"readonly|read-only",
        Misconfigured,
        "The database {url} cannot be written: check the rights on the file, its folder and the disk.",
    ),
    (
        r"unable to open",
        Misconfigured,
        "The file of {url} cannot be opened: check that its folder exists and may be written.",
    ),
    (
        r"no such table|undefined ?table|relation .* does not exist|no such column",
        Misconfigured,
        "The database {url} lacks Dexter's tables: run `dexter db upgrade`.",
    ),
    (r"disk is full|no space left|diskfull", Unavailable, "The disk of the database {url} is full: make room."),
    (
        r"too many (clients|connections)|remaining connection slots",
        Unavailable,
        "The database {url} has no connection left: raise its max_connections or run fewer processes.",
    ),
    (
        r"statement timeout|lock timeout|database is locked|queuepool limit",
        Unavailable,
        "The database {url} is too busy to answer in time: try again in a moment.",
    ),
)


def spoken(error: Exception, url: URL) -> DexterError | None:
    """Return what to tell a person about a database error, or `None` where it is not about the database's state.

    The driver's own words are matched and not repeated: they may hold what was in the statement or the URL.
    """
    words = f"{type(getattr(error, 'orig', error)).__name__} {getattr(error, 'orig', error)}".lower()
    shown = url.render_as_string(hide_password=True)
    for pattern, kind, sentence in SAYINGS:
        if re.search(pattern, words):
            return kind(sentence, url=shown)
    # SQLite calls a mistake in a statement operational too; it has no connection to lose.
    lost = isinstance(error, OperationalError | InterfaceError) and url.drivername != "sqlite"
    if lost or isinstance(error, PoolTimeout):
        return Unavailable("The database {url} does not answer: check that it runs and can be reached.", url=shown)
    return None
