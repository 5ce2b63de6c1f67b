"""The posts of campaigns on their way out: from one row and one slot, in order, and kept back in quiet hours."""

import asyncio
import contextlib
from datetime import timedelta

import pytest

from bot.campaign_slots import CampaignSlots
from bot.outbox import Postman, Rhythm
from bot.posting import Posting
from bot.posts import slots
from bot.shapes import Lines, TryLater
from core.adapters.durable import line
from core.campaigns.campaign import Course
from core.campaigns.incidents import Turn
from core.entities import Channel, Due, now
from storage.campaigns import SqlCampaigns
from storage.engine import connect
from storage.outbox import SqlOutbox
from storage.schema import upgrade
from storage.store import SqlStore
from storage.transactions import Transactions
from tests.doubles.campaigns import begun, campaign, moment, thread
from tests.doubles.recording_chat import RecordingChat

CHANNEL = "slack:T1:C1"


class Reads:
    """The store of campaigns, which counts what it is asked."""

    def __init__(self, inner):
        self._inner, self.asked = inner, []

    def __getattr__(self, name):
        self.asked.append(name)
        return getattr(self._inner, name)


async def nothing(campaign, at, words):
    return ()


async def as_it_is(post, campaign, words):
    return post


@pytest.fixture
def kept(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'dexter.db'}")
    upgrade(engine)
    transactions = Transactions(engine)
    yield SqlStore(transactions), SqlOutbox(transactions), SqlCampaigns(transactions, line, slots)
    transactions.close()
    engine.dispose()


@contextlib.asynccontextmanager
async def delivering(kept, chat):
    store, outbox, campaigns = kept
    posting = Posting(store, CampaignSlots(campaigns, nothing, as_it_is))
    postman = Postman(outbox, posting, {chat.name: chat}, "w1", rhythm=Rhythm(0.05))
    task = asyncio.create_task(postman.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def start(campaigns, *moments):
    of = thread(address=CHANNEL, tenant="slack:T1")
    made = campaign(of, course=Course.RUNNING)
    assert await campaigns.begin(of, begun(made, *moments), "c1")
    return of


async def test_a_card_opens_the_thread_and_what_happens_follows_in_its_order(kept):
    chat = RecordingChat()
    of = await start(kept[2], moment("begun"), moment("met", "post:2"), moment("waiting", "request:3"))
    async with delivering(kept, chat):
        await chat.until(lambda: len(chat.messages) == 3)
        over = moment("ended", "answer")
        work = lambda found: Turn(campaign=found.but(course=Course.MET, ended_at=now()), moments=(over,))  # noqa: E731
        await kept[2].change("slack:T1", of.id, work)
        await chat.until(lambda: chat.slot("answer") and chat.slot("question")[0].edits)
    assert [shown.key.partition(":")[2] for shown in chat.messages.values()] == [
        "question", "post:2", "request:3", "answer",
    ]  # fmt: skip
    (card,) = chat.slot("question")
    assert card.address == CHANNEL
    assert {s.address for s in chat.messages.values() if s is not card} == {f"{CHANNEL}:{card.message}"}


async def test_no_post_is_made_from_the_whole_history(kept):
    of = await start(kept[2], *[moment("met", "digest:1")] * 30)
    reads = Reads(kept[2])
    here = Channel(tenant="slack:T1", address=CHANNEL)
    due = Due(run=of.id, tenant="slack:T1", address=CHANNEL, slot="question", upto=30)
    made = CampaignSlots(reads, nothing, as_it_is)
    assert any(isinstance(part, Lines) for part in (await made.slot(due, here)).parts)
    await made.slot(due.but(slot="digest:1"), here)
    assert set(reads.asked) == {"campaign", "moments"}
    assert await made.slot(due.but(run="aaaaaaaaaaaa"), here) is None, "the question of an ordinary run"
    assert await made.slot(due.but(slot="answer"), here) is None


async def test_in_quiet_hours_a_request_is_posted_and_the_rest_waits_until_they_are_over(kept):
    of = await start(kept[2], moment("begun"), moment("met", "post:2"), moment("waiting", "request:3"))
    begin, end = (f"{now() + timedelta(hours=hours):%H:00}" for hours in (-1, 3))
    quiet = Channel(tenant="slack:T1", address=CHANNEL, quiet=f"{begin}-{end} UTC")
    made = CampaignSlots(kept[2], nothing, as_it_is)
    due = Due(run=of.id, tenant="slack:T1", address=CHANNEL, slot="post:2", upto=3)
    with pytest.raises(TryLater) as later:
        await made.slot(due, quiet)
    assert 0 < later.value.seconds <= 3 * 3600
    assert await made.slot(due.but(slot="request:3"), quiet)
    assert await made.slot(due.but(slot="question"), quiet), "the card changes without a sound"


async def test_an_end_is_told_without_its_report_where_that_cannot_be_made(kept):
    of = await start(kept[2], moment("begun"))
    over = moment("ended", "answer")
    work = lambda found: Turn(campaign=found.but(course=Course.MET, ended_at=now()), moments=(over,))  # noqa: E731
    await kept[2].change("slack:T1", of.id, work)

    async def breaks(post, campaign, words):
        raise ValueError("the report")

    made = CampaignSlots(kept[2], nothing, breaks)
    due = Due(run=of.id, tenant="slack:T1", address=CHANNEL, slot="answer", upto=3)
    with pytest.raises(ValueError, match="the report"):
        await made.end(due)
    assert (await made.end(due.but(attempts=6))).parts
