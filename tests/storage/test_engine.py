"""The way to the database, and what a person reads when there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from core.entities import now
from core.errors import DexterError, Misconfigured, Unavailable
from storage.engine import claim_database, connect
from storage.store import SqlStore
from storage.tables import INBOX
from storage.transactions import Transactions
from tests.doubles import postgres

SECRET = "s3cr3t-w0rd"


def complaint(url: str) -> str:
    """Return what a person reads, having checked that nothing secret is in it or in the traceback."""
    with pytest.raises(DexterError) as caught:
        connect(url)
    said = str(caught.value)
    assert SECRET not in said
    hidden = caught.value.__suppress_context__ or caught.value.__context__ is None
    assert hidden, "a traceback would show the driver's words"
    return said


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://u:s3cr3t-w0rd@h/d", "sqlite://", "sqlite:///:memory:", "sqlite:///x.db?mode=ro",
     "postgresql://u:s3cr3t-w0rd@h", "postgresql://u:s3cr3t-w0rd@h:port/d", "s3cr3t-w0rd"],
)  # fmt: skip
def test_a_url_that_cannot_work_is_answered_with_examples(url: str) -> None:
    assert "write `sqlite:////" in complaint(url)


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    said = complaint(f"postgresql://ada:{SECRET}@127.0.0.1:9/dexter")
    assert "postgresql+psycopg://ada:***@127.0.0.1:9/dexter" in said
    assert "check that it runs" in said


def test_a_wrong_password_is_called_that(postgres_server: postgres.Server) -> None:
    assert "refuses the user or the password" in complaint(postgres_server.url(password=SECRET))


def test_a_database_that_does_not_exist_is_called_that(postgres_server: postgres.Server) -> None:
    assert "createdb" in complaint(postgres_server.url("nowhere"))


def test_a_database_in_another_encoding_is_refused(postgres_server: postgres.Server) -> None:
    postgres_server.run("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        assert "--encoding=UTF8" in complaint(postgres_server.url("latin"))
    finally:
        postgres_server.run("DROP DATABASE latin WITH (FORCE)")


def test_a_disk_that_cannot_be_written_is_called_that() -> None:
    assert "cannot be" in complaint("sqlite:////proc/dexter.db")
    assert "cannot be" in complaint("sqlite:////proc/nowhere/dexter.db")


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/usr/bin/setpriv").exists(), reason="root may write anywhere")
def test_a_read_only_file_is_called_that(tmp_path: Path) -> None:
    file = tmp_path / "dexter.db"
    connect(f"sqlite:///{file}").dispose()
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.owner() == Path.home().owner():
            folder.chmod(0o755)
    file.chmod(0o444)
    program = "import sys; from storage.engine import connect\n"
    program += "try: connect(sys.argv[1])\nexcept Exception as error: print(repr(error))"
    plain = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*plain, sys.executable, "-c", program, f"sqlite:///{file}"], capture_output=True, text=True, timeout=60
    )
    if "Permission" in done.stderr:
        pytest.skip("the unprivileged user cannot read this checkout")
    assert done.stdout.startswith("Misconfigured"), done.stderr
    assert "cannot be written" in done.stdout or "cannot be opened" in done.stdout


def test_a_file_that_is_no_database_is_called_that(tmp_path: Path) -> None:
    file = tmp_path / "dexter.db"
    file.write_bytes(b"Dear diary, " * 1000)
    assert "not an SQLite database" in complaint(f"sqlite:///{file}")


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    connect(f"sqlite:///{tmp_path}/deep/er/dexter.db").dispose()
    assert (tmp_path / "deep/er/dexter.db").exists()


def test_sqlite_is_set_up_to_be_shared_by_threads(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    with engine.connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in (
            "journal_mode", "synchronous", "foreign_keys", "busy_timeout", "recursive_triggers")}  # fmt: skip
    engine.dispose()
    assert found == {
        "journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 30_000, "recursive_triggers": 1
    }  # fmt: skip


def test_one_process_at_a_time_has_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/dexter.db"
    program = "import sys; from storage.engine import claim_database\n"
    program += "lock = claim_database(sys.argv[1]); print('got it', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "got it\n"
        with pytest.raises(Misconfigured, match=rf"process {other.pid}\).*stop it first.*PostgreSQL"):
            claim_database(url)
        other.kill()
        other.wait(10)
        lock = claim_database(url)
    assert lock is not None
    with lock, pytest.raises(Misconfigured, match=str(os.getpid())):
        claim_database(url)
    again = claim_database(url)
    assert again is not None
    again.release()
    again.release()


def test_many_processes_may_use_one_postgresql() -> None:
    assert claim_database("postgresql://ada@host/dexter") is None


async def test_what_goes_wrong_later_is_said_too(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/dexter.db")
    transactions = Transactions(engine)
    with pytest.raises(Misconfigured, match="dexter db upgrade"):
        await SqlStore(transactions).recent("local")
    transactions.close()
    engine.dispose()


async def test_a_lost_connection_is_unavailable_and_the_next_one_works(postgresql_url: str) -> None:
    engine = connect(postgresql_url)
    transactions = Transactions(engine)
    store = SqlStore(transactions)
    kill = text("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(Unavailable, match="does not answer"):
        await transactions.write(lambda connection: connection.execute(kill).all())
    assert await store.recent("local") == []
    transactions.close()
    engine.dispose()


def test_errors_do_not_repeat_what_people_wrote(engine: Engine) -> None:
    with pytest.raises(Exception, match="hide_parameters") as caught, engine.begin() as connection:
        connection.execute(text("INSERT INTO event (id) VALUES (:id)"), {"id": SECRET})
    assert "VALUES" in str(caught.value)
    assert SECRET not in str(caught.value).split("DETAIL")[0]


async def test_a_full_disk_is_called_that(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    transactions = Transactions(engine)

    def fill(connection: Connection) -> None:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        row = {"tenant": "t", "key": "k" * 1_000_000, "run": "r", "created_at": now()}
        connection.execute(INBOX.insert(), row)

    with pytest.raises(Unavailable, match="full: make room"):
        await transactions.write(fill)
    transactions.close()
    engine.dispose()
