"""No query crosses tenants: every public method is tried with another tenant's ids and words."""

import inspect
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy import inspect as look

from core.campaigns.incidents import Turn
from core.campaigns.sums import Sums
from core.entities import Backlog, Channel, Status, now
from core.errors import NotFound
from core.events import Usage
from core.reports.period import Period
from core.reports.store import Courses, Delays
from core.schedules.schedule import Firing, Occurrence, Schedule
from core.skills.skill import Locked, Stage
from storage.campaign_tables import CAMPAIGNS
from storage.campaigns import SqlCampaigns
from storage.outbox import SqlOutbox
from storage.outcome_tables import OUTCOMES
from storage.reports import SqlReports
from storage.schedule_tables import SCHEDULES
from storage.schedules import SqlSchedules
from storage.skill_tables import SKILLS
from storage.skills import SqlSkills
from storage.store import SqlStore
from storage.tables import ALL
from storage.transactions import Transactions
from storage.trust import SqlTrust
from storage.trust_tables import TRUST
from tests.contracts.test_skill_store import approval, contents, move, trial, version
from tests.contracts.test_trust import origin, pin, rating
from tests.doubles.campaigns import begun, campaign, kept, moment, thread, under_way
from tests.doubles.questions import proposal, question, said
from tests.doubles.timetables import AT, schedule
from tests.storage.test_outcomes import answer as ending
from tests.storage.test_outcomes import asked as beginning

MINE, THEIRS = "slack:T1", "slack:T2"
OVER_ALL_TENANTS = {"claim"}
"""The engine and the outbox serve every tenant; what they return carries its tenant."""
BY_THE_RUN_ITSELF = {"settle"}
"""A run's own full id, which is derived from its tenant."""


def public(thing: type) -> dict[str, Any]:
    return {name: method for name, method in inspect.getmembers(thing, inspect.isfunction) if name[0] != "_"}


def answers() -> dict[str, tuple[dict[str, Any], Any]]:
    """Return for each method what an intruder gives, and what nothing found looks like."""
    asked = question("k", tenant=MINE)
    thief = {"tenant": THEIRS}
    return {
        "collaboration": (thief | {"id": asked.id}, NotFound),
        "recent": (thief, []),
        "search": (thief | {"words": "move"}, []),
        "history": (thief | {"run": asked.id}, []),
        "latest": (thief | {"kinds": ("proposal",)}, []),
        "spent": (thief | {"asker": asked.asker, "day": now().date()}, Usage()),
        "calls": (thief, []),
        "append": ({"event": said(asked, "forged", proposal(), tenant=THEIRS), "slots": ("progress",)}, NotFound),
        "accept": ({"collaboration": asked.but(tenant=THEIRS, id=asked.id), "inbox_key": "k"}, False),
        "started_by": (thief | {"run": asked.id, "prefix": "k"}, ""),
        "channel": (thief | {"address": "slack:T1:C1"}, Channel(tenant=THEIRS, address="slack:T1:C1")),
        "keep_channel": ({"channel": Channel(tenant=THEIRS, address="slack:T1:C1", committee="forged")}, None),
        "backlog": (thief, Backlog()),
    }


def test_every_method_of_store_and_outbox_is_tried_here_or_listed() -> None:
    methods = set(public(SqlStore)) | set(public(SqlOutbox))
    by_due = {"renew", "posted", "postpone", "bury"}  # tests/contracts/test_outbox.py tries these
    assert methods == set(answers()) | OVER_ALL_TENANTS | BY_THE_RUN_ITSELF | by_due


@pytest.mark.parametrize("name", sorted(answers()))
async def test_another_tenant_sees_and_changes_nothing(store: SqlStore, outbox: SqlOutbox, name: str) -> None:
    asked = question("k", tenant=MINE)
    await store.accept(asked, "k")
    await store.append(said(asked, "p", proposal()), ("progress",))
    before = await everything(store, outbox)
    arguments, nothing = answers()[name]
    method = getattr(store if hasattr(store, name) else outbox, name)
    if nothing is NotFound:
        with pytest.raises(NotFound):
            await method(**arguments)
    else:
        assert await method(**arguments) == nothing
    assert await everything(store, outbox) == before


async def everything(store: SqlStore, outbox: SqlOutbox) -> tuple[object, ...]:
    asked = question("k", tenant=MINE)
    kept = await store.collaboration(MINE, asked.id)
    backlog = await outbox.backlog(MINE)
    return kept.address, kept.status, await store.history(MINE, asked.id), await store.calls(MINE), backlog


async def test_the_owner_sees_all_of_it(store: SqlStore, outbox: SqlOutbox) -> None:
    """The same calls under the right tenant find something, or the test above proves nothing."""
    asked = question("k", tenant=MINE)
    await store.accept(asked, "k")
    await store.append(said(asked, "p", proposal()), ("progress",))
    for name, (arguments, nothing) in answers().items():
        if name in ("append", "accept", "channel", "keep_channel"):
            continue
        method = getattr(store if hasattr(store, name) else outbox, name)
        assert await method(**arguments | {"tenant": MINE}) != nothing, name


def of_skills() -> dict[str, tuple[dict[str, Any], Any]]:
    """Return the same for skills."""
    mine, thief = version(), {"tenant": THEIRS}
    named = {"name": "csv-tools", "version": "1.0.0"}
    return {
        "skills": (thief, []),
        "count": (thief, 0),
        "versions": (thief | {"names": ["csv-tools"]}, []),
        "contents": (thief | {"hashes": [*contents(mine)]}, {}),
        "users": (thief | {"name": "base", "version": "1.0.0"}, []),
        "search": (thief | {"words": "csv"}, ([], 0)),
        "records": (thief | {"versions": [("csv-tools", "1.0.0")]}, {}),
        "stalest": (thief | {"limit": 9}, []),
        "note": ({"trial": trial("theirs", tenant=THEIRS)}, NotFound),
        "decide": (
            named
            | {"event": approval().but(tenant=THEIRS), "slots": (), "before": "1.0.0", "move": move(Stage.RETIRED)},
            NotFound,
        ),
        "move": (thief | named | {"move": move(Stage.RETIRED)}, NotFound),
        "add": ({"version": mine.but(tenant=THEIRS, content="forged"), "files": {"a" * 64: b"forged"}}, True),
    }


def test_every_method_of_skills_is_tried_here() -> None:
    assert set(public(SqlSkills)) == set(of_skills())


@pytest.mark.parametrize("name", sorted(of_skills()))
async def test_another_tenant_sees_and_changes_no_skill(skills: SqlSkills, name: str) -> None:
    mine = version(tenant=MINE, lock=(Locked(name="base", version="1.0.0", content="x"),))
    await skills.add(mine, contents(mine))
    for stage in (Stage.TESTED, Stage.PROMOTED):
        mine = await skills.move(MINE, "csv-tools", "1.0.0", move(stage))
    await skills.note(trial("mine", tenant=MINE))
    records = await skills.records(MINE, [("csv-tools", "1.0.0")])
    arguments, nothing = of_skills()[name]
    if nothing is NotFound:
        with pytest.raises(NotFound):
            await getattr(skills, name)(**arguments)
    else:
        assert await getattr(skills, name)(**arguments) == nothing
    assert await skills.versions(MINE, ["csv-tools"]) == [mine]
    assert await skills.records(MINE, [("csv-tools", "1.0.0")]) == records
    assert await skills.contents(MINE, [*contents(mine), "a" * 64]) == contents(mine)
    if name not in ("add", "move", "note", "decide"):
        assert await getattr(skills, name)(**arguments | {"tenant": MINE}) != nothing


def of_trust() -> dict[str, tuple[dict[str, Any], Any]]:
    """Return the same for what is remembered of registries."""
    thief = {"tenant": THEIRS}
    forged = {"tenant": THEIRS, "key": "forged"}
    return {
        "pin": (thief | {"publisher": "acme"}, None),
        "keep_pin": ({"pin": pin(**forged), "instead": True}, pin(**forged)),
        "origins": (thief, []),
        "keep_origin": ({"origin": origin(**forged)}, origin(**forged)),
        "serial": (thief | {"registry": "team"}, 0),
        "keep_serial": (thief | {"registry": "team", "serial": 9}, None),
        "ratings": (thief | {"skill": "csv-tools"}, []),
        "keep_rating": ({"rating": rating(tenant=THEIRS, stars=1)}, None),
    }


def test_every_method_of_trust_is_tried_here() -> None:
    assert set(public(SqlTrust)) == set(of_trust())


@pytest.mark.parametrize("name", sorted(of_trust()))
async def test_another_tenant_sees_and_changes_nothing_that_is_remembered_of_registries(
    trust: SqlTrust, name: str
) -> None:
    mine = pin(tenant=MINE), origin(tenant=MINE), rating(tenant=MINE)
    await trust.keep_pin(mine[0])
    await trust.keep_origin(mine[1])
    await trust.keep_rating(mine[2])
    await trust.keep_serial(MINE, "team", 3)
    arguments, nothing = of_trust()[name]
    assert await getattr(trust, name)(**arguments) == nothing
    assert await trust.pin(MINE, "acme") == mine[0]
    assert await trust.origins(MINE, "csv-tools") == await trust.origins(MINE) == [mine[1]]
    assert await trust.ratings(MINE, "csv-tools") == [mine[2]]
    assert await trust.serial(MINE, "team") == 3
    if not name.startswith("keep_"):
        assert await getattr(trust, name)(**arguments | {"tenant": MINE}) != nothing


def of_campaigns(run: str) -> dict[str, tuple[dict[str, Any], Any]]:
    """Return the same for campaigns; `run` is a step of mine."""
    mine, thief = thread("mine", tenant=MINE), {"tenant": THEIRS}
    forged = campaign(mine).but(tenant=THEIRS, title="forged")
    saved = {"name": "review", "body": "forged", "saved_by": "slack:U9"}
    return {
        "begin": (
            {"collaboration": mine.but(tenant=THEIRS), "turn": begun(forged, moment()), "inbox_key": "mine"},
            None,
        ),
        "change": (thief | {"id": mine.id, "work": lambda found: Turn(campaign=found.but(title="forged"))}, NotFound),
        "campaign": (thief | {"id": mine.id}, NotFound),
        "campaigns": (thief, []),
        "campaign_at": (thief | {"address": mine.address}, None),
        "over": (thief | {"runs": [run]}, {}),
        "sums": (thief | {"run": run}, Sums()),
        "month": (thief | {"day": now().date()}, Sums()),
        "moments": (thief | {"id": mine.id, "slot": "post:1"}, []),
        "log": (thief | {"id": mine.id, "before": 9}, []),
        "template": (thief | {"name": "review"}, None),
        "templates": (thief, []),
        "keep_template": (thief | saved, None),
    }


def test_every_method_of_campaigns_is_tried_here_or_listed() -> None:
    assert set(public(SqlCampaigns)) == set(of_campaigns("")) | {"due"}  # which serves every tenant


@pytest.mark.parametrize("name", sorted(of_campaigns("")))
async def test_another_tenant_sees_and_changes_no_campaign(campaigns: SqlCampaigns, store: SqlStore, name: str) -> None:
    made, begins = await under_way(campaigns, await kept(campaigns, "mine", tenant=MINE))
    run = begins.collaboration
    await store.append(said(run, "p", proposal()))
    spends = Turn(campaign=made.but(spent=Sums(tokens=1)), moments=(moment(slot="post:1"),))
    made = (await campaigns.change(MINE, made.id, lambda _: spends)).turn.campaign
    await campaigns.keep_template(MINE, "review", "mine", "slack:U1")
    arguments, nothing = of_campaigns(run.id)[name]
    if nothing is NotFound:
        with pytest.raises(NotFound):
            await getattr(campaigns, name)(**arguments)
    else:
        assert await getattr(campaigns, name)(**arguments) == nothing
    assert await campaigns.campaign(MINE, made.id) == made
    assert len(await campaigns.log(MINE, made.id)) == made.told
    assert await campaigns.template(MINE, "review") == "mine"
    if name not in ("begin", "change", "keep_template"):
        assert await getattr(campaigns, name)(**arguments | {"tenant": MINE}) != nothing


def of_schedules(mine: Schedule, run: str) -> dict[str, tuple[dict[str, Any], Any]]:
    """Return the same for schedules; `run` is one that mine has started."""
    thief, forged = {"tenant": THEIRS}, mine.but(tenant=THEIRS, what="forged")
    at = AT + timedelta(days=9)
    past = Occurrence(tenant=THEIRS, schedule=mine.id, at=at, fired_at=at, outcome="skipped")
    return {
        "add": ({"schedule": forged, "wake_at": AT, "most": 9}, False),
        "schedule": (thief | {"id": mine.id}, NotFound),
        "schedules": (thief, []),
        "change": (thief | {"id": mine.id, "work": lambda found: (found.but(what="forged"), None)}, NotFound),
        "remove": (thief | {"id": mine.id}, None),
        "fire": ({"before": forged, "firing": Firing(schedule=forged, occurrence=past)}, False),
        "later": ({"before": forged, "wake_at": AT}, None),
        "history": (thief | {"id": mine.id}, []),
        "undelivered": (thief | {"run": run}, ""),
        "zone": (thief | {"person": mine.owner}, ""),
        "keep_zone": (thief | {"person": mine.owner, "zone": "UTC"}, None),
    }


def test_every_method_of_schedules_is_tried_here_or_listed() -> None:
    assert set(public(SqlSchedules)) == set(of_schedules(schedule(), "")) | {"due", "earliest", "purge"}


@pytest.mark.parametrize("name", sorted(of_schedules(schedule(), "")))
async def test_another_tenant_sees_and_changes_no_schedule(
    schedules: SqlSchedules, outbox: SqlOutbox, name: str
) -> None:
    mine = schedule(tenant=MINE, address="slack:T1:C1", owner="slack:U1")
    await schedules.add(mine, AT, most=9)
    run = question("run", tenant=MINE, address=mine.address)
    past = Occurrence(tenant=MINE, schedule=mine.id, at=AT, fired_at=AT, outcome="started", run=run.id)
    told = said(run)
    await schedules.fire(mine, Firing(schedule=mine, wake_at=AT, occurrence=past, start=run, told=told, key="k"))
    for due in await outbox.claim("w1"):
        await outbox.bury(due, "gone")
    await schedules.keep_zone(MINE, mine.owner, "Asia/Kathmandu")
    there = await schedules.schedule(MINE, mine.id)
    arguments, nothing = of_schedules(there, run.id)[name]
    if nothing is NotFound:
        with pytest.raises(NotFound):
            await getattr(schedules, name)(**arguments)
    else:
        assert await getattr(schedules, name)(**arguments) == nothing
    assert await schedules.schedule(MINE, mine.id) == there
    assert [each for each, _ in await schedules.history(MINE, mine.id)] == [past]
    assert await schedules.zone(MINE, mine.owner) == "Asia/Kathmandu"
    assert await schedules.earliest() == AT
    if name in ("schedule", "schedules", "history", "undelivered", "zone"):
        assert await getattr(schedules, name)(**arguments | {"tenant": MINE}) != nothing


def of_reports() -> dict[str, dict[str, Any]]:
    """Return what an intruder gives to see another tenant's sums."""
    reading = {"tenant": THEIRS, "period": Period(first=now().date() - timedelta(days=9), last=now().date())}
    sums = "ended delays ways tenths model_days parts active tried moves courses"
    texts = dict.fromkeys(("argued", "asked"), reading | {"reader": "local:ada"})
    return dict.fromkeys(sums.split(), reading) | texts | {"spending": reading | {"by": "asker"}}


def test_every_method_of_reports_is_tried_here() -> None:
    assert set(public(SqlReports)) == set(of_reports())


@pytest.mark.parametrize("name", sorted(of_reports()))
async def test_another_tenant_s_reports_have_nothing_of_mine(
    store: SqlStore, skills: SqlSkills, transactions: Transactions, name: str
) -> None:
    asked = question("k", tenant=MINE, created_at=now() - timedelta(hours=2))
    await store.accept(asked, "k")
    await store.accept(question("2", tenant=MINE, created_at=now() - timedelta(hours=2)), "2")  # it never ends
    await store.append(said(asked, "asked", beginning(), at=now() - timedelta(hours=1)))
    await store.append(said(asked, "p", proposal()))
    await store.append(said(asked, "answer", ending()))
    await skills.add(version(tenant=MINE), contents(version()))
    await skills.note(trial("mine", tenant=MINE))
    with transactions.engine.begin() as connection:
        connection.execute(text(CAMPAIGN), {"tenant": MINE, "id": asked.id, "at": now()})
    arguments, reports = of_reports()[name], SqlReports(transactions)
    nothing: Any = {"delays": Delays(), "courses": Courses(), "active": {}, "tenths": {}}.get(name, [])
    assert await getattr(reports, name)(**arguments) == nothing
    assert await getattr(reports, name)(**arguments | {"tenant": MINE}) != nothing


CAMPAIGN = """
INSERT INTO campaign (tenant, id, owner, title, template, mode, course, objectives, met, tokens, microdollars,
created_at, revision, body) VALUES (:tenant, :id, 'local:ada', '', '', 'guided', 'running', 0, 0, 0, 0, :at, 1, '{}')
"""


async def test_a_prefix_is_not_ambiguous_because_of_a_stranger_s(store: SqlStore) -> None:
    await store.accept(question("1", tenant=MINE, id="abcd22222222"), "1")
    await store.accept(question("2", tenant=THEIRS, id="abcd33333333"), "2")
    assert (await store.collaboration(MINE, "abcd")).tenant == MINE


def test_every_row_carries_its_tenant(engine: Engine) -> None:
    inspector = look(engine)
    for table in (*ALL, *SKILLS, *TRUST, *OUTCOMES, *CAMPAIGNS, *SCHEDULES):
        columns = {column["name"]: column for column in inspector.get_columns(table.name)}
        assert not columns["tenant"]["nullable"], table.name


async def test_settling_one_run_leaves_the_others(store: SqlStore) -> None:
    one, two = question("1", tenant=MINE), question("2", tenant=THEIRS)
    for asked in (one, two):
        await store.accept(asked, asked.id)
    await store.settle(one.id, Status.FAILED)
    assert (await store.collaboration(THEIRS, two.id)).status is Status.QUEUED
    yesterday = now() - timedelta(days=1)
    assert (await store.collaboration(THEIRS, two.id)).created_at > yesterday
