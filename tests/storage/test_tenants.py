"""No query crosses tenants: every public method is tried with another tenant's ids and words."""

import inspect
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy import inspect as look

from core.entities import Backlog, Channel, Status, now
from core.errors import NotFound
from core.events import Usage
from core.skills.skill import Locked, Stage
from storage.outbox import SqlOutbox
from storage.skill_tables import SKILLS
from storage.skills import SqlSkills
from storage.store import SqlStore
from storage.tables import ALL
from tests.contracts.test_skill_store import contents, move, version
from tests.doubles.questions import proposal, question, said

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
    by_due = {"posted", "postpone", "bury"}  # tests/contracts/test_outbox.py tries these
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
        "move": (thief | named | {"move": move(Stage.RETIRED)}, NotFound),
        "add": ({"version": mine.but(tenant=THEIRS, content="forged"), "files": {"a" * 64: b"forged"}}, True),
    }


def test_every_method_of_skills_is_tried_here() -> None:
    assert set(public(SqlSkills)) == set(of_skills())


@pytest.mark.parametrize("name", sorted(of_skills()))
async def test_another_tenant_sees_and_changes_no_skill(skills: SqlSkills, name: str) -> None:
    mine = version(tenant=MINE, lock=(Locked(name="base", version="1.0.0", content="x"),))
    await skills.add(mine, contents(mine))
    arguments, nothing = of_skills()[name]
    if nothing is NotFound:
        with pytest.raises(NotFound):
            await getattr(skills, name)(**arguments)
    else:
        assert await getattr(skills, name)(**arguments) == nothing
    assert await skills.versions(MINE, ["csv-tools"]) == [mine]
    assert await skills.contents(MINE, [*contents(mine), "a" * 64]) == contents(mine)
    if name not in ("add", "move"):
        assert await getattr(skills, name)(**arguments | {"tenant": MINE}) != nothing


async def test_a_prefix_is_not_ambiguous_because_of_a_stranger_s(store: SqlStore) -> None:
    await store.accept(question("1", tenant=MINE, id="abcd22222222"), "1")
    await store.accept(question("2", tenant=THEIRS, id="abcd33333333"), "2")
    assert (await store.collaboration(MINE, "abcd")).tenant == MINE


def test_every_row_carries_its_tenant(engine: Engine) -> None:
    inspector = look(engine)
    for table in (*ALL, *SKILLS):
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
