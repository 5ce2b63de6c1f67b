"""A campaign in a whole Dexter with a real database: what happens to it while nobody looks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.app import App, running
from bot.campaigning import Campaigns as CampaignSettings
from bot.settings import Database, Settings
from bot.shapes import Undeliverable
from core.adapters.scripted_model import ScriptedModel
from core.campaigns.campaign import Campaign, Course, Stage
from core.campaigns.incidents import Done
from core.campaigns.ledger import taken
from core.campaigns.wishes import Wishes
from core.entities import Collaboration, Status, now, run_id
from core.events import Call
from core.ports import Prompt
from storage.engine import connect
from storage.rows import calls_in
from tests.doubles.campaign_model import asked as purpose
from tests.doubles.campaign_model import plays_along
from tests.doubles.recording_chat import RecordingChat

TENANT = "slack:T1"
MEMBERS = [{"name": name, "model": f"scripted/{name}", "role": name} for name in ("ann", "bob", "cat")]
Reply = Callable[[Prompt], str | Awaitable[str]]


@asynccontextmanager
async def dexter(
    url: str, home: Path, reply: Reply = plays_along, **settings: Any
) -> AsyncIterator[tuple[App, RecordingChat]]:
    tables = {"committees": {"default": {"members": MEMBERS}}, **settings}
    made = Settings(home=home, database=Database(url=url), **tables)
    chat = RecordingChat()
    async with running(made, chats={"slack": chat}, model=ScriptedModel(reply)) as app:
        yield app, chat


def asked(key: str = "k1", **changes: Any) -> Collaboration:
    values = {
        "id": run_id(TENANT, key), "tenant": TENANT, "asker": "slack:U1", "asker_name": "Ada",
        "address": "slack:T1:C1", "question": "campaign start", "created_at": now(),
    }  # fmt: skip
    return Collaboration(**{**values, **changes})


ALONE = Wishes(goal="Write a short paper on tea", mode="autonomous")


async def until(app: App, id: str, true: Callable[[Campaign], bool]) -> Campaign:
    async with asyncio.timeout(60):
        while not true(found := await app.desk.campaigns.find(TENANT, id)):
            await asyncio.sleep(0.05)
    return found


async def steps_of(app: App, id: str) -> list[Collaboration]:
    """The steps that a campaign has had so far, by the keys that they were started with."""
    number = (await app.desk.campaigns.find(TENANT, id)).number
    runs = [run_id(TENANT, f"{id}:{at}") for at in range(1, number + 1)]
    return [await app.desk.store.collaboration(TENANT, run) for run in runs]


def change(url: str, *statements: str) -> None:
    """Do something to a database that nobody has open."""
    engine = connect(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


class Held:
    """A model whose members do no work before they are let; all else they do at once."""

    def __init__(self) -> None:
        self.begun, self.let = asyncio.Event(), asyncio.Event()

    async def __call__(self, prompt: Prompt) -> str:
        if purpose(prompt) == "work":
            self.begun.set()
            await self.let.wait()
        return plays_along(prompt)


async def test_a_campaign_is_planned_worked_on_judged_and_reported(database_url: str, tmp_path: Path) -> None:
    async with dexter(database_url, tmp_path) as (app, chat):
        of = asked()
        began = await app.desk.campaigns.start(of, ALONE, "k1")
        assert began.course is Course.PLANNING
        assert (await app.desk.campaigns.start(of, ALONE, "k1")).id == began.id, "a redelivery starts nothing"
        over = await until(app, of.id, lambda c: c.course.over)
        assert over.course is Course.MET
        assert [each.stage for each in over.objectives] == [Stage.MET, Stage.MET]
        recent = await app.desk.store.recent(TENANT)
        assert [(c.id, c.status) for c in recent] == [(of.id, Status.DONE)], "its steps are in no list"
        steps = await steps_of(app, of.id)
        assert [step.aim.purpose for step in steps if step.aim] == ["plan", "work", "judge", "work", "judge", "report"]
        await chat.until(lambda: f"{of.id}:answer" in {shown.key for shown in chat.messages.values()})
        assert {shown.key.partition(":")[0] for shown in chat.messages.values()} == {of.id}, "steps post nothing"
        calls = [call for step in steps for call in await calls_of(app, step.id)]
        assert over.spent == taken(calls, ()), "the ledger adds up to the calls"
        assert over.spent.calls == len(calls) > 0


async def calls_of(app: App, run: str) -> list[Call]:
    return [call for event in await app.desk.store.history(TENANT, run) for call in calls_in(event.body)]


async def test_a_campaign_goes_on_where_it_was_after_a_stop_in_the_middle(database_url: str, tmp_path: Path) -> None:
    held, of = Held(), asked()
    async with dexter(database_url, tmp_path, held) as (app, _):
        await app.desk.campaigns.start(of, ALONE, "k1")
        await held.begun.wait()
    async with dexter(database_url, tmp_path) as (app, _):
        over = await until(app, of.id, lambda c: c.course.over)
        assert (over.course, over.number) == (Course.MET, 6), "nothing was begun twice"


async def test_a_stop_ends_what_is_under_way_and_the_campaign_with_it(database_url: str, tmp_path: Path) -> None:
    held, of = Held(), asked()
    async with dexter(database_url, tmp_path, held) as (app, _):
        await app.desk.campaigns.start(of, ALONE, "k1")
        await held.begun.wait()
        stop = Done(act="stop", person="slack:U1", name="Ada", at_once=True)
        assert (await app.desk.campaigns.act(TENANT, of.id, stop)).course is Course.STOPPED
        await until(app, of.id, lambda c: not c.steps)
        assert (await steps_of(app, of.id))[-1].status is Status.STOPPED
        assert (await app.desk.store.collaboration(TENANT, of.id)).status is Status.STOPPED


async def test_an_end_that_nobody_told_of_is_taken_in_with_the_next_tick(database_url: str, tmp_path: Path) -> None:
    """The campaign's row is put back to where it was: as if the worker had died between an end and its telling."""
    held, of = Held(), asked()
    async with dexter(database_url, tmp_path, held) as (app, _):
        await app.desk.campaigns.start(of, ALONE, "k1")
        await held.begun.wait()
    engine = connect(database_url)
    with engine.begin() as connection:
        before = connection.execute(text("SELECT body FROM campaign")).scalar_one()
    with engine.begin() as connection:  # nobody may take the end in while the work is done
        connection.execute(text("UPDATE campaign SET body = :body"), {"body": before.replace('"running"', '"unheard"')})
    async with dexter(database_url, tmp_path) as (app, _):
        async with asyncio.timeout(60):
            while not (await app.desk.store.collaboration(TENANT, _step(of.id, 2))).status.over:
                await asyncio.sleep(0.05)
        with engine.begin() as connection:
            connection.execute(text("UPDATE campaign SET body = :body"), {"body": before})
        await app.desk.campaigns.tick(TENANT, of.id)
        over = await until(app, of.id, lambda c: c.course.over)
        assert (over.course, over.number) == (Course.MET, 6)
    engine.dispose()


async def test_a_run_that_the_database_does_not_know_any_more_is_begun_again(database_url: str, tmp_path: Path) -> None:
    """As after a backup that was put back; a month later, as if nobody had looked all the time."""
    held, of = Held(), asked()
    async with dexter(database_url, tmp_path, held) as (app, _):
        await app.desk.campaigns.start(of, ALONE, "k1")
        await held.begun.wait()
    lost = _step(of.id, 2)
    change(database_url, f"DELETE FROM run_line WHERE run = '{lost}'")  # noqa: S608  an id of our own
    change(database_url, "UPDATE campaign SET due_at = '2020-01-01 00:00:00'")
    async with dexter(database_url, tmp_path, campaigns=CampaignSettings()) as (app, _):
        waits = await until(app, of.id, lambda c: not c.steps)
        assert not waits.course.over, "it waits a little before it tries again"
        await app.desk.campaigns.act(TENANT, of.id, Done(act="retry", person="slack:U1", name="Ada", objective="1"))
        assert (await until(app, of.id, lambda c: c.course.over)).course is Course.MET
        assert not (await app.desk.store.collaboration(TENANT, lost)).status.over


async def test_a_committee_that_was_taken_away_is_a_question_to_a_person_and_no_end(
    database_url: str, tmp_path: Path
) -> None:
    of, held = asked(committee="tea"), Held()
    tables = {"default": {"members": MEMBERS}, "tea": {"members": MEMBERS[:2]}}
    async with dexter(database_url, tmp_path, held, committees=tables) as (app, _):
        await app.desk.campaigns.start(of, ALONE, "k1")
        await held.begun.wait()
    async with dexter(database_url, tmp_path, campaigns=CampaignSettings(attempts=1)) as (app, _):
        held_up = await until(app, of.id, lambda c: c.course is Course.HELD or any(o.failures for o in c.objectives))
        assert not held_up.course.over


async def test_a_model_that_was_removed_is_replaced_by_whoever_sits_there_now(
    database_url: str, tmp_path: Path
) -> None:
    of, held = asked(), Held()
    async with dexter(database_url, tmp_path, held) as (app, _):
        await app.desk.campaigns.start(of, ALONE, "k1")
        await held.begun.wait()
    others = [{"name": name, "model": f"scripted/{name}", "role": name} for name in ("dan", "eve", "fay")]
    async with dexter(database_url, tmp_path, committees={"default": {"members": others}}) as (app, _):
        over = await until(app, of.id, lambda c: c.course.over)
        assert over.course is Course.MET
        models = {call.model for step in await steps_of(app, of.id) for call in await calls_of(app, step.id)}
    assert {"scripted/ann", "scripted/dan"} <= models, "each as long as it sat there"


async def test_a_channel_that_is_gone_holds_no_campaign_up(database_url: str, tmp_path: Path) -> None:
    of = asked()
    async with dexter(database_url, tmp_path) as (app, chat):
        chat.failures.extend(Undeliverable("The channel is archived.") for _ in range(100))
        await app.desk.campaigns.start(of, ALONE, "k1")
        over = await until(app, of.id, lambda c: c.course.over)
        assert over.course is Course.MET
        await chat.until(lambda: len(chat.calls) >= 2)
        assert chat.messages == {}
        assert over.report.startswith("All of it is done"), "campaign status tells it elsewhere"


def _step(campaign: str, number: int) -> str:
    return run_id(TENANT, f"{campaign}:{number}")
