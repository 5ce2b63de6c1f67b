"""`dexter db`: look at the schema, move it, or back the database up."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bot.shapes import Heading, Post, Prose, Table
from bot.words import Words
from core.errors import BadRequest


class Schema(Protocol):
    """Which version a database has, and which this Dexter wants."""

    @property
    def database(self) -> str:
        """Its URL without the password."""

    @property
    def version(self) -> str | None:
        """`None`: it has no tables of Dexter's."""

    @property
    def wanted(self) -> str:
        """What this Dexter works with."""

    @property
    def pending(self) -> tuple[str, ...]:
        """The versions between, oldest first."""


class Database(Protocol):
    """A database that can be looked at and moved."""

    def state(self) -> Schema:
        """Return its state, changing nothing."""

    def move(self, version: str) -> Schema:
        """Bring it to a version, and return the state after."""

    def back_up(self, target: Path) -> int:
        """Copy it to a new file, also while it is used, and return the bytes."""


def schema_post(database: Database, typed: Sequence[str], words: Words) -> Post:
    """Do what `dexter db …` says. Raises `BadRequest` for other words."""
    match list(typed):
        case [] | ["state"]:
            return _shown(database.state(), words)
        case ["upgrade"]:
            return _shown(database.move("head"), words)
        case ["move", version]:
            return _shown(database.move(version), words)
        case ["backup", file]:
            target = Path(file).expanduser().absolute()
            size = words.size(database.back_up(target))
            told = words(
                "All of the database is in {file} as well now ({size}), and was read back.", file=target, size=size
            )
            return Post((Prose(told),), language=words.language)
        case _:
            raise BadRequest(
                "`dexter db` takes `state`, `upgrade`, `backup` and a new file, or `move` and a version "
                "(`base` removes everything)."
            )


def _shown(schema: Schema, words: Words) -> Post:
    rows = (
        (words("database"), schema.database),
        (words("schema"), schema.version or words("none yet")),
        (words("wanted"), schema.wanted),
        (words("pending"), ", ".join(schema.pending) or words("nothing")),
    )
    advice = words("It is up to date.")
    if schema.pending:
        advice = words("`dexter db upgrade` brings it up to date; so does any start.")
    table = Table((words("part"), words("state")), rows)
    return Post((Heading(words("Database")), table, Prose(advice)), language=words.language)
