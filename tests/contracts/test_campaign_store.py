"""The contract of `core.campaigns.store.CampaignStore`, on every database."""

import asyncio
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, Engine, text

from core.adapters.durable import line
from core.campaigns.campaign import Campaign, Course
from core.campaigns.incidents import Turn
from core.campaigns.moment import Moment
from core.campaigns.sums import Sums
from core.entities import Status, now
from core.errors import BadRequest, Misconfigured, NotFound
from core.skills.results import Done as TaskDone
from core.skills.results import Produced, TestRun
from storage.campaigns import SqlCampaigns
from storage.outbox import SqlOutbox
from storage.store import SqlStore
from storage.transactions import Transactions
from tests.doubles.campaigns import begun, campaign, kept, moment, start, thread, under_way
from tests.doubles.questions import proposal, said


def same(found: Campaign) -> Turn:
    return Turn(campaign=found)


def changes(*moments: Moment, **values: object) -> Callable[[Campaign], Turn]:
    return lambda found: Turn(campaign=found.but(**values), moments=moments)


def waits(due: datetime) -> Callable[[Campaign], Turn]:
    return lambda found: Turn(campaign=found, due=due)


def tells(*slots: str) -> Callable[[Campaign], Turn]:
    return lambda found: Turn(campaign=found, moments=tuple(moment(slot=slot) for slot in slots), due=now())


async def test_a_campaign_comes_back_as_it_was_kept_with_its_thread(campaigns: SqlCampaigns, store: SqlStore) -> None:
    of = thread()
    made = campaign(of, goal="näive 🦊 \0", spent=Sums(tokens=2**40))
    found = await campaigns.begin(of, begun(made, moment("begun"), due=now()), "c1")
    assert found
    assert found.turn.campaign == made.but(told=1, revision=1)
    assert await campaigns.campaign("local", made.id) == made.but(goal="näive 🦊 ", told=1, revision=1)
    own = await store.collaboration("local", made.id)
    assert (own.task and own.task.kind, own.status) == ("campaign", Status.RUNNING)
    assert [event.key for event in found.events] == ["moment:1"]
    assert await store.history("local", made.id) == list(found.events)


async def test_the_same_start_told_again_changes_nothing(campaigns: SqlCampaigns) -> None:
    made = await kept(campaigns)
    of = thread()
    assert await campaigns.begin(of, begun(campaign(of, title="Other"), moment()), "c1") is None
    assert await campaigns.campaign("local", made.id) == made


async def test_a_turn_is_kept_whole(
    campaigns: SqlCampaigns, store: SqlStore, outbox: SqlOutbox, transactions: Transactions
) -> None:
    made = await kept(campaigns)
    after, begins = await under_way(campaigns, made)
    assert (after.revision, after.told, after.number) == (made.revision + 1, 2, 1)
    assert await campaigns.campaign("local", made.id) == after
    step = await store.collaboration("local", begins.collaboration.id)
    assert (step.status, step.aim) == (Status.QUEUED, begins.collaboration.aim)
    assert await transactions.read(lambda c: line.there(c, [step.id, made.id])) == {step.id}
    assert {due.slot for due in await outbox.claim("w")} == {"question"}


@pytest.mark.parametrize("error", [BadRequest("No."), RuntimeError("a fault")])
async def test_what_work_raises_changes_nothing(campaigns: SqlCampaigns, error: Exception) -> None:
    made = await kept(campaigns)

    def work(found: Campaign) -> Turn:
        raise error

    with pytest.raises(type(error)):
        await campaigns.change("local", made.id, work)
    assert await campaigns.campaign("local", made.id) == made


async def test_a_turn_that_cannot_be_kept_whole_is_not_kept_at_all(
    campaigns: SqlCampaigns, store: SqlStore, transactions: Transactions, engine: Engine
) -> None:
    made = await kept(campaigns)
    begins = start(made)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE campaign_month"))  # the last thing that is written
    spent = Sums(tokens=1)

    with pytest.raises(Misconfigured):
        await campaigns.change(
            "local", made.id, lambda found: Turn(campaign=found.but(spent=spent), moments=(moment(),), starts=(begins,))
        )
    assert await campaigns.campaign("local", made.id) == made
    assert len(await store.history("local", made.id)) == 1
    assert await transactions.read(lambda c: line.there(c, [begins.collaboration.id])) == set()
    with pytest.raises(NotFound):
        await store.collaboration("local", begins.collaboration.id)


async def test_fifty_changes_at_once_are_made_one_after_the_other(campaigns: SqlCampaigns) -> None:
    made = await kept(campaigns)

    def work(found: Campaign) -> Turn:
        return Turn(campaign=found.but(idle=found.idle + 1), moments=(moment(),))

    await asyncio.gather(*(campaigns.change("local", made.id, work) for _ in range(50)))
    after = await campaigns.campaign("local", made.id)
    assert (after.idle, after.told, after.revision) == (50, made.told + 50, made.revision + 50)
    numbers = [int(event.key.removeprefix("moment:")) for event in await campaigns.log("local", made.id, limit=100)]
    assert numbers == [*range(1, 52)]


async def test_a_turn_that_changes_nothing_moves_only_the_time_it_is_due(
    campaigns: SqlCampaigns, outbox: SqlOutbox
) -> None:
    made = await kept(campaigns)
    for due in await outbox.claim("w"):
        await outbox.posted(due, "m")
    at = now()
    await campaigns.change("local", made.id, lambda found: Turn(campaign=found, due=at))
    assert await campaigns.campaign("local", made.id) == made
    assert await campaigns.due(at) == [("local", made.id)]
    assert await outbox.claim("w") == []


async def test_what_changes_without_a_word_shows_on_the_card_all_the_same(
    campaigns: SqlCampaigns, outbox: SqlOutbox
) -> None:
    made = await kept(campaigns)
    for title in ("Second", "Third"):
        (due,) = await outbox.claim("w")
        assert due.slot == "question"
        await campaigns.change("local", made.id, changes(title=title))
        await outbox.posted(due, "m")  # what was being posted meanwhile is the state before
    (due,) = await outbox.claim("w")
    await outbox.posted(due, "m")
    assert await outbox.claim("w") == []
    await campaigns.change("local", made.id, tells(""))
    (due,) = await outbox.claim("w")
    assert due.slot == "question", "the next moment is not taken for one that was shown"


async def test_a_slot_is_made_of_its_own_moments(campaigns: SqlCampaigns) -> None:
    made = await kept(campaigns)
    await campaigns.change("local", made.id, tells("post:1", "digest:2", ""))
    await campaigns.change("local", made.id, tells("digest:2", "request:1"))
    assert [event.key for event in await campaigns.moments("local", made.id, "digest:2")] == ["moment:3", "moment:5"]
    assert [event.key for event in await campaigns.moments("local", made.id, "request:1")] == ["moment:6"]
    assert await campaigns.moments("local", made.id, "post:9") == []


async def test_the_log_is_read_backwards_in_pages(campaigns: SqlCampaigns) -> None:
    made = await kept(campaigns)
    await campaigns.change("local", made.id, tells(*("",) * 6))
    keys = [event.key for event in await campaigns.log("local", made.id, limit=3)]
    assert keys == ["moment:5", "moment:6", "moment:7"]
    keys = [event.key for event in await campaigns.log("local", made.id, before=5, limit=3)]
    assert keys == ["moment:2", "moment:3", "moment:4"]
    assert [event.key for event in await campaigns.log("local", made.id, before=2)] == ["moment:1"]
    assert await campaigns.log("local", made.id, before=1) == []


async def test_a_campaign_is_found_by_the_beginning_of_its_id(campaigns: SqlCampaigns) -> None:
    made, other = await kept(campaigns), await kept(campaigns, "c2")
    assert await campaigns.campaign("local", f" {made.id[:6].upper()}") == made
    for wrong in ("", "abc", "zzzz", "a{bc"):
        with pytest.raises(NotFound):
            await campaigns.campaign("local", wrong)
    with pytest.raises(NotFound):
        await campaigns.change("local", "gone", same)
    assert await campaigns.campaign("local", other.id) == other


async def test_campaigns_are_listed_newest_first_and_private_ones_to_their_owner(campaigns: SqlCampaigns) -> None:
    one, two = await kept(campaigns, "1"), await kept(campaigns, "2", asker="local:bob", private=True)
    three = await kept(campaigns, "3", course=Course.MET, ended_at=now())
    assert await campaigns.campaigns("local") == [three, two, one]
    assert await campaigns.campaigns("local", limit=2) == [three, two]
    assert await campaigns.campaigns("local", going=True) == [two, one]
    assert await campaigns.campaigns("local", going=False) == [three]
    assert await campaigns.campaigns("local", owner="local:bob", going=True) == [two]
    assert await campaigns.campaigns("local", reader="local:ada") == [three, one]
    assert await campaigns.campaigns("local", reader="local:bob") == [three, two, one]
    with pytest.raises(NotFound):
        await campaigns.campaign("local", two.id, reader="local:ada")
    assert await campaigns.campaign("local", two.id, reader="local:bob") == two


async def test_what_is_due_is_given_to_one_who_asks_and_to_nobody_else_for_a_minute(campaigns: SqlCampaigns) -> None:
    at = now()
    for key, ago in (("1", 5), ("2", 31 * 86400), ("3", -5)):
        made = await kept(campaigns, key)
        moved = at - timedelta(seconds=ago)
        await campaigns.change("local", made.id, waits(moved))
    taken = await asyncio.gather(*(campaigns.due(at, limit=1) for _ in range(8)))
    assert sorted(id for found in taken for _, id in found) == sorted({thread(key).id for key in "12"})
    assert await campaigns.due(at + timedelta(seconds=4)) == []
    assert await campaigns.due(at + timedelta(seconds=30)) == [("local", thread("3").id)]
    again = await campaigns.due(at + timedelta(seconds=61))
    assert {id for _, id in again} == {thread(key).id for key in "12"}, "nobody looked at them meanwhile"


async def test_a_campaign_that_is_over_settles_its_thread_and_one_taken_up_again_opens_it(
    campaigns: SqlCampaigns, store: SqlStore
) -> None:
    made = await kept(campaigns)
    ended = moment("ended")
    for course, status in ((Course.FAILED, Status.FAILED), (Course.RUNNING, Status.RUNNING), (Course.MET, Status.DONE)):
        await campaigns.change("local", made.id, changes(ended, course=course))
        own = await store.collaboration("local", made.id)
        assert (own.status, own.answer) == (status, "ended happened" if status.over else "")
        assert (own.ended_at is not None) == status.over


async def test_steps_are_in_no_list_and_can_be_looked_at(campaigns: SqlCampaigns, store: SqlStore) -> None:
    made = await kept(campaigns, private=True)
    _, begins = await under_way(campaigns, made)
    step = begins.collaboration
    assert [c.id for c in await store.recent("local")] == [made.id]
    assert [c.id for c in await store.recent("local", asker="local:ada")] == [made.id]
    assert await store.search("local", "Should we move to X?") == []
    assert (await store.collaboration("local", step.id, reader="local:ada")).id == step.id
    with pytest.raises(NotFound):
        await store.collaboration("local", step.id, reader="local:bob")


async def test_steps_wait_behind_what_people_ask_and_keep_nobody_out(
    campaigns: SqlCampaigns, transactions: Transactions
) -> None:
    _, begins = await under_way(campaigns, await kept(campaigns))

    def claimed(connection: Connection) -> list[str]:
        assert line.waiting(connection) == 0
        line.enter(connection, "asked-later", "local")
        assert line.waiting(connection) == 1
        return [place.run for _ in range(2) for place in line.claim(connection, "w", 1)]

    assert await transactions.write(claimed) == ["asked-later", begins.collaboration.id]


async def test_a_run_is_started_once_however_often_a_turn_names_it(
    campaigns: SqlCampaigns, transactions: Transactions
) -> None:
    made = await kept(campaigns)
    begins = start(made)
    for _ in range(2):
        await campaigns.change("local", made.id, lambda found: Turn(campaign=found, starts=(begins,)))
    assert await transactions.read(lambda c: line.waiting(c)) == 0
    claimed = await transactions.write(lambda c: line.claim(c, "w", 9))
    assert [place.run for place in claimed] == [begins.collaboration.id]


async def test_runs_that_are_to_stop_are_told_so_with_the_turn(
    campaigns: SqlCampaigns, transactions: Transactions
) -> None:
    made, begins = await under_way(campaigns, await kept(campaigns))
    run = begins.collaboration.id
    await campaigns.change("local", made.id, lambda found: Turn(campaign=found.but(steps=()), stops=(run, "gone")))
    assert await transactions.read(lambda c: line.asked_to_stop(c, [run])) == {run}


async def test_runs_are_known_as_going_or_over_and_else_as_lost(
    campaigns: SqlCampaigns, store: SqlStore, transactions: Transactions
) -> None:
    made, going = await under_way(campaigns, await kept(campaigns))
    _, over = await under_way(campaigns, made, 2)
    _, lost = await under_way(campaigns, made, 3)
    ids = [each.collaboration.id for each in (going, over, lost)]
    await store.settle(ids[1], Status.ANSWERED, "Yes")
    for run in ids[1:]:
        await transactions.write(partial(line.leave, run=run))
    assert await campaigns.over("local", [*ids, "never-heard-of"]) == {ids[0]: False, ids[1]: True}
    assert await campaigns.over("local", []) == {}


async def test_what_a_run_took_adds_up_exactly(campaigns: SqlCampaigns, store: SqlStore) -> None:
    _, begins = await under_way(campaigns, await kept(campaigns))
    run = begins.collaboration
    for number in range(10):
        await store.append(said(run, f"p{number}", proposal(cost=0.1, seconds=0.1, prompt_tokens=2**20)))
    await store.append(said(run, "free", proposal(cost=None)))
    tests = TestRun(subject="a", seconds=1.25)
    await store.append(said(run, "tests:1", tests))
    done = TaskDone(task="run", status=Status.DONE, tests=(tests,), produced=Produced(seconds=0.5))
    await store.append(said(run, "done", done))
    assert await campaigns.sums("local", run.id) == Sums(
        tokens=10 * (2**20 + 5) + 15, microdollars=1_000_000, unpriced=1, calls=11, model_milliseconds=2500,
        sandbox_milliseconds=1750,
    )  # fmt: skip
    assert await campaigns.sums("local", run.id[:-1]) == Sums()


async def test_the_months_of_all_campaigns_are_added_up(campaigns: SqlCampaigns) -> None:
    one, two, other = await kept(campaigns, "1"), await kept(campaigns, "2"), await kept(campaigns, "3", tenant="t2")
    spends = [(one, 3), (two, 2**40), (one, 5), (other, 100)]

    def spend(tokens: int) -> Callable[[Campaign], Turn]:
        return lambda found: Turn(campaign=found.but(spent=found.spent + Sums(tokens=tokens, calls=1)))

    await asyncio.gather(*(campaigns.change(of.tenant, of.id, spend(tokens)) for of, tokens in spends))
    today = now().date()
    assert await campaigns.month("local", today) == Sums(tokens=2**40 + 8, calls=3)
    assert await campaigns.month("t2", today) == Sums(tokens=100, calls=1)
    assert await campaigns.month("local", date(2020, 1, 1)) == Sums()


async def test_a_campaign_that_another_version_wrote_is_read_as_far_as_this_one_knows_it(
    campaigns: SqlCampaigns, engine: Engine
) -> None:
    made = await kept(campaigns)
    body = json.loads(made.model_dump_json())
    body |= {"novelty": [1]}
    body["objectives"][0] |= {"mood": {"good": True}}
    for older in ("idle", "requests", "language", "steps"):
        del body[older]
    with engine.begin() as connection:
        connection.execute(text("UPDATE campaign SET body = :body"), {"body": json.dumps(body)})
    assert await campaigns.campaign("local", made.id) == made
    kept_on = await campaigns.change("local", made.id, lambda found: Turn(campaign=found.but(idle=1)))
    assert kept_on.turn.campaign.objectives == made.objectives
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE campaign SET body = :body"), {"body": json.dumps(body | {"course": "sideways"})}
        )
    with pytest.raises(Misconfigured, match="another version of Dexter"):
        await campaigns.change("local", made.id, same)


async def test_templates_are_saved_in_place_of_those_of_the_same_name(campaigns: SqlCampaigns) -> None:
    assert await campaigns.template("local", "review") is None
    for body in ("a = 1", "a = 2"):
        await campaigns.keep_template("local", "review", body, "local:ada")
    await campaigns.keep_template("local", "digest", "b = 1", "local:ada")
    assert await campaigns.template("local", "review") == "a = 2"
    assert await campaigns.templates("local") == ["digest", "review"]


async def test_the_campaign_of_a_thread_is_found_by_where_it_was_begun_and_by_its_card(
    campaigns: SqlCampaigns, store: SqlStore, outbox: SqlOutbox
) -> None:
    of = thread("c1", address="slack:T1:C1")
    await campaigns.begin(of, begun(campaign(of, course=Course.RUNNING), moment("begun")), "c1")
    inside = thread("c2", address="slack:T1:C1:170.1")
    await campaigns.begin(inside, begun(campaign(inside, course=Course.RUNNING)), "c2")
    assert (found := await campaigns.campaign_at("local", "slack:T1:C1:170.1"))
    assert found.id == inside.id
    assert await campaigns.campaign_at("local", "slack:T1:C1:180.1") is None
    (due,) = [each for each in await outbox.claim("w") if each.run == of.id]
    await outbox.posted(due, "180.1")
    assert (found := await campaigns.campaign_at("local", "slack:T1:C1:180.1"))
    assert found.id == of.id
    assert await campaigns.campaign_at("local", "slack:T1:C2:180.1") is None
    over = changes(course=Course.MET, ended_at=now())
    await campaigns.change("local", of.id, over)
    assert await campaigns.campaign_at("local", "slack:T1:C1:180.1") is None
