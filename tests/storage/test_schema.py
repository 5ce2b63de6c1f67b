"""Migrations: the same tables on both databases, made once however many start at once."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

from bot.shapes import between_two
from core.adapters.durable import line
from core.entities import Task
from core.errors import Misconfigured
from storage import schema
from storage.campaign_tables import CAMPAIGNS
from storage.engine import connect
from storage.outcome_tables import OUTCOMES
from storage.schedule_tables import SCHEDULES
from storage.skill_tables import SKILLS
from storage.store import SqlStore
from storage.tables import ALL
from storage.transactions import Transactions
from storage.trust_tables import TRUST
from tests.doubles import postgres
from tests.doubles.questions import question, said

OURS = {table.name for table in (*ALL, *SKILLS, *TRUST, *OUTCOMES, *CAMPAIGNS, *SCHEDULES)}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/dexter.db"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    engine = connect(empty_url)
    yield engine
    engine.dispose()


def test_a_fresh_database_has_no_version_and_gets_the_newest(empty: Engine) -> None:
    assert schema.state(empty).version is None
    assert schema.state(empty).pending == schema.versions()
    schema.upgrade(empty)
    after = schema.state(empty)
    assert (after.version, after.pending) == (after.wanted, ())
    assert set(inspect(empty).get_table_names()) >= OURS
    schema.upgrade(empty)


def test_the_migrations_make_what_the_code_expects(engine: Engine) -> None:
    def mine(name: str | None, kind: str, parents: object) -> bool:
        return kind != "table" or name in OURS

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": mine, "compare_type": True})
        differences = compare_metadata(context, SQLModel.metadata)
    only_there = {"words", "collaboration_words"}  # what PostgreSQL's search reads, which no row maps
    assert [d for d in differences if not any(word in repr(d) for word in only_there)] == []


def test_the_file_names_tell_the_same_history_as_alembic() -> None:
    script = ScriptDirectory(str(schema.MIGRATIONS))
    assert tuple(revision.revision for revision in script.walk_revisions())[::-1] == schema.versions()


TEN = """
import os, sys, traceback
import alembic.command, psycopg, sqlalchemy.dialects.postgresql.psycopg  # once, for all ten
from storage.engine import connect
from storage.schema import state, upgrade

gate, opener = os.pipe()
for _ in range(10):
    if not os.fork():
        os.close(opener)
        os.read(gate, 1)  # until the parent closes its end: all start at once
        code = 1
        try:
            engine = connect(sys.argv[1])
            upgrade(engine)
            code = 0 if not state(engine).pending else 2
            engine.dispose()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
os.close(opener)
print([os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(10)])
"""


def test_ten_processes_that_start_at_once_upgrade_once(empty_url: str) -> None:
    """A second upgrade would fail on the tables of the first."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", TEN, empty_url], capture_output=True, text=True, timeout=100
    )
    assert (done.stdout, done.stderr) == (f"{[0] * 10}\n", "")


def test_a_database_of_a_newer_dexter_is_left_alone(empty: Engine) -> None:
    schema.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured, match=r"newer Dexter \(its schema is 9999.*upgrade this Dexter"):
        schema.upgrade(empty)
    assert schema.state(empty).version == "9999"


def test_it_goes_all_the_way_down_and_up_again(empty: Engine) -> None:
    schema.move(empty, "base")
    schema.upgrade(empty)
    schema.move(empty, "base")
    assert set(inspect(empty).get_table_names()) <= {"alembic_version"}
    schema.upgrade(empty)

    async def works() -> None:
        transactions = Transactions(empty)
        store = SqlStore(transactions)
        asked = question()
        assert await store.accept(asked, "k")
        assert await store.append(said(asked))
        assert await store.search("local", "move")
        transactions.close()

    asyncio.run(works())


def test_what_was_asked_in_private_before_there_was_a_word_for_it_is_private_after(empty: Engine) -> None:
    schema.upgrade(empty)
    addresses = {
        "slack:T1:D1:17.5": True, "slack:T1:D1": True, "slack:T1:C1:17.5": False, "slack:TD1:C1": False,
        "discord:dm:7:7": True, "discord:5:6:~7-8": True, "discord:5:6:+7-8": False, "discord:5:6:7": False,
        "terminal:local": False,
    }  # fmt: skip

    async def keep() -> None:
        transactions = Transactions(empty)
        for address in addresses:
            assert await SqlStore(transactions).accept(question(address, address=address), address)
        for kind in ("run", "promote"):
            made = question(kind, address="slack:T1:D1", task=Task(kind=kind, skill="csv-tools"))
            assert await SqlStore(transactions).accept(made, kind)
        transactions.close()

    asyncio.run(keep())
    schema.move(empty, "0007")
    schema.move(empty, "0008")
    with empty.connect() as connection:
        rows = connection.execute(text("SELECT address, task, private FROM collaboration")).all()
    assert {row.address: bool(row.private) for row in rows if not row.task} == addresses
    assert {address: between_two(address) for address in addresses} == addresses  # as the code tells them
    assert sorted(bool(row.private) for row in rows if row.task) == [False, True]


def test_the_line_of_a_database_that_was_at_work_learns_patience_with_the_upgrade(empty: Engine) -> None:
    """The engine of runs makes that table, the migrations change it: what waits in it is kept."""
    schema.upgrade(empty)
    line.make_tables(empty)
    schema.move(empty, "0008")
    with empty.begin() as connection:
        connection.execute(text("INSERT INTO run_line (run, tenant) VALUES ('before', 'local')"))
    schema.upgrade(empty)
    line.make_tables(empty)
    with empty.begin() as connection:
        line.enter(connection, "step", "local", patient=True)
        line.enter(connection, "after", "local")
        assert [place.run for place in line.claim(connection, "w", 9)] == ["before", "step", "after"]
        line.give_back(connection, ["before", "step", "after"])
        assert [place.run for _ in range(3) for place in line.claim(connection, "w", 1)] == ["before", "after", "step"]


def test_an_unknown_version_is_refused(empty: Engine) -> None:
    with pytest.raises(Misconfigured, match="There is no schema 0815"):
        schema.move(empty, "0815")


def test_a_migration_that_fails_leaves_the_tables_as_they_were(empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE TABLE inbox (mine TEXT)"))  # in the way of the last table
    with pytest.raises(Exception, match="inbox"):
        schema.upgrade(empty)
    assert inspect(empty).get_table_names() == ["inbox"]
    with empty.begin() as connection:
        connection.execute(text("DROP TABLE inbox"))
    schema.upgrade(empty)


def test_the_store_does_without_alembic_and_without_a_driver_for_postgresql() -> None:
    program = "import sys, storage.store, storage.outbox, storage.schema, storage.engine\n"
    program += "print([name for name in ('alembic', 'psycopg', 'dbos', 'litellm') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
