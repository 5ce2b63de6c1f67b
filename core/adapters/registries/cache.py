"""A copy of a registry's index in a file of one's own, in which searches take milliseconds.

It remembers which archive and which key each version was listed with, also after the index has changed.
All methods block.
"""

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from core.errors import NotFound, Unavailable
from core.skills.registry.index import Found, Head, Listing
from core.skills.registry.ranking import quality
from core.skills.registry.trust import Entry

T = TypeVar("T")
Parts = Mapping[str, Sequence[Listing]]
MOST_WORDS = 16
LONGEST_WORD = 64
MOST_FOUND = 100
BUSY_MS = 10_000
TABLES = """
CREATE TABLE IF NOT EXISTS head (content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS skill (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, part TEXT NOT NULL,
    listing TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS skill_part ON skill (part);
CREATE TABLE IF NOT EXISTS worth (id INTEGER PRIMARY KEY, quality REAL NOT NULL, good INTEGER NOT NULL,
    runs INTEGER NOT NULL, stars INTEGER NOT NULL, votes INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS worth_best ON worth (quality);
CREATE VIRTUAL TABLE IF NOT EXISTS word USING fts5 (name, tags, description, prefix='2 3',
    tokenize="unicode61 remove_diacritics 2");
CREATE TABLE IF NOT EXISTS seen (name TEXT NOT NULL, version TEXT NOT NULL, archive TEXT NOT NULL, key TEXT NOT NULL,
    changed INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (name, version)) WITHOUT ROWID;
"""
MATCHING = """
SELECT listing, score FROM skill JOIN (SELECT word.rowid AS id, -bm25(word, 10.0, 5.0, 1.0) * quality AS score FROM word
JOIN worth ON worth.id = word.rowid WHERE word MATCH ? ORDER BY score DESC LIMIT ?) USING (id) ORDER BY score DESC, name
"""
"""A word in the name counts ten times one in the description, a tag five times."""
BEST = """
SELECT listing, quality FROM skill JOIN (SELECT id, quality FROM worth ORDER BY quality DESC LIMIT ?) USING (id)
ORDER BY quality DESC, name
"""
COMMON = """
SELECT listing, quality FROM skill JOIN (SELECT id, quality FROM worth WHERE id IN (SELECT rowid FROM word
WHERE word MATCH ?) ORDER BY quality DESC LIMIT ?) USING (id) ORDER BY quality DESC, name
"""
"""For what more than half of all have, and `MANY`: BM25 would give it next to nothing, and take its time."""
MANY = 1_000
MOST = """
SELECT count(*) > most FROM (SELECT max(count(*) / 2, ?) AS most FROM worth),
(SELECT rowid FROM word WHERE word MATCH ? LIMIT (SELECT max(count(*) / 2, ?) + 1 FROM worth))
"""
DELETE = (
    "DELETE FROM word WHERE rowid IN (SELECT id FROM skill WHERE part = ?)",
    "DELETE FROM worth WHERE id IN (SELECT id FROM skill WHERE part = ?)",
    "DELETE FROM skill WHERE part = ?",
)
SEEN = """
INSERT INTO seen (name, version, archive, key) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
SET changed = changed OR archive <> excluded.archive OR key <> excluded.key
"""
_WORD = re.compile(r"\w+")


class Cache:
    """One file; used by one thread. Raises `Unavailable` where it cannot be used."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None

    def head(self) -> Head | None:
        """Return the head of the copy, if there is one."""
        row = self._do(lambda c: c.execute("SELECT content FROM head").fetchone())
        return Head.model_validate_json(row[0]) if row else None

    def replace(self, head: Head, parts: Parts) -> None:
        """Put parts of the index in place of what they were, and leave out those that the head does not name."""
        self._do(lambda c: _replace(c, head, parts))

    def search(self, typed: str, limit: int) -> list[Found]:
        """Return the skills that have all the words, or words that begin so; else those that have any of them."""
        words = [f'"{word[:LONGEST_WORD]}"*' for word in _WORD.findall(typed)][:MOST_WORDS]
        most = max(1, min(limit, MOST_FOUND))
        if not words:
            return self._found(BEST, (most,)) if not typed.strip() else []
        return self._matching(" ".join(words), most) or self._matching(" OR ".join(words), most)

    def entry(self, name: str) -> Entry:
        """Return what the copy has of a skill. Raises `NotFound`."""
        row = self._do(lambda c: c.execute("SELECT listing FROM skill WHERE name = ?", (name,)).fetchone())
        if row is None:
            raise NotFound("There is no skill “{name}” in the registry.", name=name[:64])
        changed = self._do(
            lambda c: c.execute("SELECT version FROM seen WHERE name = ? AND changed", (name,)).fetchall()
        )
        return Entry(listing=Listing.model_validate_json(row[0]), changed=tuple(version for (version,) in changed))

    def close(self) -> None:
        """Give the file back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _matching(self, words: str, most: int) -> list[Found]:
        (common,) = self._do(lambda c: c.execute(MOST, (MANY, words, MANY)).fetchone())
        return self._found(COMMON if common else MATCHING, (words, most))

    def _found(self, query: str, values: tuple[object, ...]) -> list[Found]:
        rows = self._do(lambda c: c.execute(query, values).fetchall())
        return [Found(listing=Listing.model_validate_json(listing), score=score) for listing, score in rows]

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = self._opened()
            with self._connection:
                return work(self._connection)
        except (sqlite3.OperationalError, OSError) as error:
            self.close()
            text = "The copy of the registry's index in {file} cannot be used: {why}."
            raise Unavailable(text, file=self._file, why=error) from None
        except sqlite3.DatabaseError:
            self.close()
            self._file.unlink(missing_ok=True)
            text = "The copy of the registry's index in {file} was damaged and is being made anew: try again."
            raise Unavailable(text, file=self._file) from None

    def _opened(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._file, isolation_level="IMMEDIATE", check_same_thread=False)
        try:
            for pragma in (f"busy_timeout = {BUSY_MS}", "journal_mode = WAL", "synchronous = NORMAL"):
                connection.execute(f"PRAGMA {pragma}")
            connection.executescript(TABLES)
        except BaseException:
            connection.close()
            raise
        return connection


def _replace(connection: sqlite3.Connection, head: Head, parts: Parts) -> None:
    there = {part for (part,) in connection.execute("SELECT DISTINCT part FROM skill")}
    for part in {*parts, *(there - head.shards.keys())}:
        for delete in DELETE:
            connection.execute(delete, (part,))
        for listing in parts.get(part, ()):
            _insert(connection, part, listing)
    _rank(connection)
    connection.execute("DELETE FROM head")
    connection.execute("INSERT INTO head VALUES (?)", (head.model_dump_json(),))


def _insert(connection: sqlite3.Connection, part: str, listing: Listing) -> None:
    """Put a skill in; one of which every version is withdrawn is known by its name and found by no search."""
    row = (listing.name, part, listing.model_dump_json())
    insert = "INSERT INTO skill (name, part, listing) VALUES (?, ?, ?) RETURNING id"
    (number,) = connection.execute(insert, row).fetchone()
    connection.executemany(SEEN, [(listing.name, r.version, r.archive, r.key) for r in listing.releases])
    if listing.newest.yanked is not None:
        return
    worth = (number, listing.good, listing.runs, listing.stars, listing.votes)
    connection.execute("INSERT INTO worth (id, quality, good, runs, stars, votes) VALUES (?, 1, ?, ?, ?, ?)", worth)
    text = (number, listing.name, " ".join(listing.tags), listing.description)
    connection.execute("INSERT INTO word (rowid, name, tags, description) VALUES (?, ?, ?, ?)", text)


def _rank(connection: sqlite3.Connection) -> None:
    """Work out how good each skill is; the most used one counts for all."""
    rows = connection.execute("SELECT good, runs, stars, votes, id FROM worth").fetchall()
    most = max((row[0] for row in rows), default=0)
    ranked = [(quality(good, runs, stars, votes, most), id) for good, runs, stars, votes, id in rows]
    connection.executemany("UPDATE worth SET quality = ? WHERE id = ?", ranked)
