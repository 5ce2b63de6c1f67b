"""Every query on a growing table uses an index, also where no statistics have been gathered yet."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from core.campaigns.campaign import Campaign, Course
from core.campaigns.incidents import Turn
from core.campaigns.sums import Sums
from core.entities import Status, now
from core.reports.period import Period
from core.skills.skill import Locked, Stage
from storage.campaigns import SqlCampaigns
from storage.outbox import SqlOutbox
from storage.reports import SqlReports
from storage.skills import SqlSkills
from storage.store import SqlStore
from storage.transactions import Transactions
from storage.trust import SqlTrust
from tests.contracts.test_skill_store import approval, contents, move, trial, version
from tests.contracts.test_trust import origin, pin, rating
from tests.doubles.campaigns import kept, moment, under_way
from tests.doubles.questions import proposal, question, said
from tests.storage.test_outcomes import answer

GROWING = (
    "collaboration|event|call|outbox|inbox|skill|skill_version|skill_file|skill_use|skill_trial|skill_record|skill_word"
)
GROWING += "|publisher|skill_origin|registry_seen|skill_rating|outcome|outcome_part"
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


async def everything(store: SqlStore, outbox: SqlOutbox, skills: SqlSkills, trust: SqlTrust) -> None:
    """Run every query that there is."""
    asked = question()
    await store.accept(asked, "k")
    for slots in ((), ("question",), ("progress", "answer")):
        await store.append(said(asked, f"p{slots}", proposal()), slots)
    await store.collaboration("local", asked.id[:5])
    await store.recent("local")
    await store.recent("local", asker="local:ada")
    await store.search("local", "move x")
    await store.collaboration("local", asked.id[:5], reader="local:bob")
    await store.recent("local", reader="local:bob")
    await store.recent("local", asker="local:ada", reader="local:bob")
    await store.search("local", "move x", reader="local:bob")
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
    await skills.decide(approval(run=asked.id), (), "csv-tools", "1.0.0", before="", move=move(Stage.PROMOTED))
    for kind in ("tests", "use"):
        await skills.note(trial(kind=kind))
    await skills.records("local", [("csv-tools", "1.0.0"), ("base", "2.0.0")])
    await skills.stalest("local", limit=9)
    await skills.search("local", "csv reads", offset=1)
    await trust.keep_pin(pin())
    await trust.keep_pin(pin(), instead=True)
    await trust.keep_origin(origin())
    await trust.origins("local")
    await trust.origins("local", "csv-tools")
    await trust.keep_serial("local", "team", 2)
    await trust.serial("local", "team")
    await trust.keep_rating(rating())
    await trust.ratings("local", "csv-tools")


async def everything_of_campaigns(campaigns: SqlCampaigns) -> None:
    made, begins = await under_way(campaigns, await kept(campaigns))
    run = begins.collaboration.id

    def turn(found: Campaign) -> Turn:
        spent = found.but(spent=Sums(tokens=1), course=Course.MET, ended_at=now())
        return Turn(campaign=spent, moments=(moment(slot="post:1"),), due=now())

    await campaigns.change("local", made.id, turn)
    await campaigns.change("local", made.id, lambda found: Turn(campaign=found.but(title="Silent"), due=now()))
    for reader in (None, "local:bob"):
        await campaigns.campaign("local", made.id[:5], reader=reader)
        for owner in (None, "local:ada"):
            for going in (None, True, False):
                await campaigns.campaigns("local", owner=owner, going=going, reader=reader)
    await campaigns.due(now())
    await campaigns.sums("local", run)
    await campaigns.month("local", now().date())
    await campaigns.moments("local", made.id, "post:1")
    await campaigns.log("local", made.id)
    await campaigns.over("local", [run])
    await campaigns.keep_template("local", "review", "a = 1", "local:ada")
    await campaigns.template("local", "review")
    await campaigns.templates("local")


async def every_report(reports: SqlReports) -> None:
    """Run every query that reports are made from."""
    reading = "local", Period(first=now().date() - timedelta(days=30), last=now().date())
    for method in (reports.ended, reports.delays, reports.ways, reports.tenths, reports.model_days, reports.parts,
                   reports.active, reports.tried, reports.moves, reports.courses):  # fmt: skip
        await method(*reading)
    await reports.argued(*reading, reader="local:ada")
    await reports.asked(*reading, reader="local:ada")
    await reports.spending(*reading, "asker")
    await reports.spending(*reading, "channel", asker="local:ada")


async def test_no_query_reads_a_whole_growing_table(
    store: SqlStore,
    outbox: SqlOutbox,
    skills: SqlSkills,
    trust: SqlTrust,
    campaigns: SqlCampaigns,
    transactions: Transactions,
) -> None:
    engine = transactions.engine
    sqlite = engine.dialect.name == "sqlite"
    if not sqlite:  # on tables this small a scan is the better plan; forbidden, it shows where there is no other
        event.listen(engine, "connect", lambda raw, _: raw.execute("SET enable_seqscan = off") and raw.commit())
        engine.dispose()
    with explained(engine) as plans:
        await everything(store, outbox, skills, trust)
        await store.append(said(question(), "answer", answer(dissent=None)))
        await every_report(SqlReports(transactions))
        await everything_of_campaigns(campaigns)
    assert len(plans) >= 34
    assert scans(plans, sqlite) == []


@pytest.mark.parametrize("statement", ["SELECT * FROM event WHERE body = 'x'", "UPDATE outbox SET error = 'x'"])
def test_a_scan_would_be_noticed(engine: Engine, statement: str) -> None:
    with explained(engine) as plans, engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            connection.execute(text("SET enable_seqscan = off"))
        connection.execute(text(statement))
    assert len(scans(plans, engine.dialect.name == "sqlite")) == 1
