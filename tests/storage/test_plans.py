"""Every query on a growing table uses an index, also where no statistics have been gathered yet."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from core.entities import Status, now
from core.skills.skill import Locked, Stage
from storage.outbox import SqlOutbox
from storage.skills import SqlSkills
from storage.store import SqlStore
from tests.contracts.test_skill_store import contents, move, version
from tests.doubles.questions import proposal, question, said

GROWING = "collaboration|event|call|outbox|inbox|skill|skill_version|skill_file|skill_use"
SQLITE_SCAN = re.compile(rf"^SCAN ({GROWING})\b(?! USING)")
POSTGRESQL_SCAN = re.compile(rf"Seq Scan on ({GROWING})\b")
EXPLAINED = re.compile(r"\s*(SELECT|UPDATE|DELETE|INSERT)\b", re.I)


@contextmanager
def explained(engine: Engine) -> Iterator[dict[str, list[str]]]:
    """Collect the plan of each statement that is run meanwhile."""
    plans: dict[str, list[str]] = {}
    sqlite = engine.dialect.name == "sqlite"

    def explain(connection: Connection, cursor: Any, statement: str, parameters: Any, _: Any, many: bool) -> None:
        if not EXPLAINED.match(statement) or statement in plans:
            return
        with connection.connection.cursor() if not sqlite else _closing(connection) as own:
            own.execute(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{statement}", parameters[0] if many else parameters)
            plans[statement] = [row[3] if sqlite else row[0] for row in own.fetchall()]

    event.listen(engine, "before_cursor_execute", explain)
    yield plans
    event.remove(engine, "before_cursor_execute", explain)


@contextmanager
def _closing(connection: Connection) -> Iterator[Any]:
    cursor = connection.connection.cursor()
    yield cursor
    cursor.close()


def scans(plans: dict[str, list[str]], sqlite: bool) -> list[str]:
    pattern = SQLITE_SCAN if sqlite else POSTGRESQL_SCAN
    return [
        f"{line.strip()} <- {' '.join(statement.split())[:200]}"
        for statement, plan in plans.items()
        for line in plan
        if pattern.search(line)
    ]


async def everything(store: SqlStore, outbox: SqlOutbox, skills: SqlSkills) -> None:
    """Run every query that there is."""
    asked = question()
    await store.accept(asked, "k")
    for slots in ((), ("question",), ("progress", "answer")):
        await store.append(said(asked, f"p{slots}", proposal()), slots)
    await store.collaboration("local", asked.id[:5])
    await store.recent("local")
    await store.recent("local", asker="local:ada")
    await store.search("local", "move x")
    await store.history("local", asked.id)
    await store.latest("local", ("note", "proposal"))
    await store.spent("local", asker=None, day=now().date())
    await store.spent("local", asker="local:ada", day=now().date())
    await store.calls("local")
    [due] = await outbox.claim("w")
    await outbox.postpone(due, -1, "later")
    [due] = await outbox.claim("w")
    await outbox.posted(due, "m")
    due, *_ = await outbox.claim("w")
    await outbox.bury(due, "gone")
    await outbox.backlog("local")
    await store.settle(asked.id, Status.ANSWERED, "Yes")
    made = version(lock=(Locked(name="base", version="1.0.0", content="x"),))
    await skills.add(made, contents(made))
    await skills.add(made, contents(made))
    await skills.skills("local", offset=1)
    await skills.count("local")
    await skills.versions("local", ["csv-tools", "base"])
    await skills.contents("local", [*contents(made)])
    await skills.users("local", "base", "1.0.0")
    await skills.move("local", "csv-tools", "1.0.0", move(Stage.TESTED))


async def test_no_query_reads_a_whole_growing_table(
    store: SqlStore, outbox: SqlOutbox, skills: SqlSkills, engine: Engine
) -> None:
    sqlite = engine.dialect.name == "sqlite"
    if not sqlite:  # on tables this small a scan is the better plan; forbidden, it shows where there is no other
        event.listen(engine, "connect", lambda raw, _: raw.execute("SET enable_seqscan = off") and raw.commit())
        engine.dispose()
    with explained(engine) as plans:
        await everything(store, outbox, skills)
    assert len(plans) >= 34
    assert scans(plans, sqlite) == []


@pytest.mark.parametrize("statement", ["SELECT * FROM event WHERE body = 'x'", "UPDATE outbox SET error = 'x'"])
def test_a_scan_would_be_noticed(engine: Engine, statement: str) -> None:
    with explained(engine) as plans, engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            connection.execute(text("SET enable_seqscan = off"))
        connection.execute(text(statement))
    assert len(scans(plans, engine.dialect.name == "sqlite")) == 1
