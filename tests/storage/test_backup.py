"""A copy that is made while Dexter goes on writing is whole, private and of one moment."""

import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from core.errors import BadRequest, Misconfigured
from storage.backup import back_up
from storage.engine import connect
from storage.kept import Database


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/home/dexter.db"


def pairs(file: Path) -> tuple[int, int]:
    """Return how many rows there are of each of two kinds that are always written together."""
    with closing(sqlite3.connect(file)) as connection:
        ((left, right),) = connection.execute("SELECT (SELECT count(*) FROM left_), (SELECT count(*) FROM right_)")
    return left, right


def test_a_copy_made_while_others_write_is_of_one_moment(url: str, tmp_path: Path) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE left_ (what TEXT)"))
        connection.execute(text("CREATE TABLE right_ (what TEXT)"))
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            with engine.begin() as connection:
                connection.execute(text("INSERT INTO left_ VALUES (:what)"), {"what": "x" * 5000})
                connection.execute(text("INSERT INTO right_ VALUES (:what)"), {"what": "x" * 5000})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies = [tmp_path / f"copy{number}.db" for number in range(5)]
        sizes = [back_up(url, copy) for copy in copies]
    finally:
        over.set()
        writer.join()
    engine.dispose()
    found = [pairs(copy) for copy in copies]
    assert all(left == right for left, right in found)
    assert found == sorted(found)
    assert sizes == [copy.stat().st_size for copy in copies]


def test_dexter_starts_from_a_copy(url: str, tmp_path: Path) -> None:
    with Database(url).opened() as kept:
        assert kept.name == "SQLite"
        assert Database(url).back_up(tmp_path / "copy.db") > 100_000
    copy = f"sqlite:///{tmp_path}/copy.db"
    assert Database(copy).state().pending == ()
    with Database(copy).opened() as kept:
        assert kept.name == "SQLite"


def test_the_database_its_folder_and_a_copy_are_their_owners_alone(url: str, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        connect(url).dispose()
        back_up(url, tmp_path / "copy.db")
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("home", "home/dexter.db", "copy.db")]
    assert modes == [0o700, 0o600, 0o600]


def test_what_is_there_is_never_overwritten_and_nothing_is_left_of_what_failed(url: str, tmp_path: Path) -> None:
    connect(url).dispose()
    there = tmp_path / "there.db"
    there.write_text("mine")
    with pytest.raises(BadRequest, match="there already"):
        back_up(url, there)
    assert there.read_text() == "mine"
    with pytest.raises(Misconfigured, match="cannot be written"):
        back_up(url, tmp_path / "no" / "folder.db")
    (tmp_path / "broken.db").write_bytes(b"no database" * 1000)
    with pytest.raises(Misconfigured, match="damaged"):
        back_up(f"sqlite:///{tmp_path}/broken.db", tmp_path / "copy.db")
    with pytest.raises(Misconfigured, match="cannot be opened"):
        back_up(f"sqlite:///{tmp_path}/missing.db", tmp_path / "copy.db")
    assert {file.name for file in tmp_path.iterdir()} == {"home", "there.db", "broken.db"}


def test_postgresql_has_tools_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="pg_dump"):
        back_up("postgresql://ada@host/dexter", tmp_path / "copy.db")
