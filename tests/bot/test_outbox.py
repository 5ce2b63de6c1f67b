import asyncio
import contextlib
import itertools

import pytest

from bot.outbox import Postman, Rhythm
from bot.posting import Posting
from bot.posts import slots
from bot.shapes import TryLater, Undeliverable
from core.entities import Collaboration, now
from storage.engine import connect
from storage.outbox import SqlOutbox
from storage.schema import upgrade
from storage.store import SqlStore
from storage.transactions import Transactions
from tests.doubles import journal
from tests.doubles.recording_chat import RecordingChat


@pytest.fixture
def kept(tmp_path):
    engine = connect(f"sqlite:///{tmp_path / 'dexter.db'}")
    upgrade(engine)
    transactions = Transactions(engine)
    yield SqlStore(transactions), SqlOutbox(transactions)
    transactions.close()
    engine.dispose()


@contextlib.asynccontextmanager
async def delivering(kept, chat, worker="w1", lease=60.0):
    store, outbox = kept
    postman = Postman(outbox, Posting(store), {chat.name: chat} if chat else {}, worker, rhythm=Rhythm(0.05, lease))
    task = asyncio.create_task(postman.run())
    try:
        yield postman
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def accept(store, address=journal.ADDRESS, run=journal.RUN):
    collaboration = Collaboration(
        id=run, tenant=journal.TENANT, asker="slack:U1", asker_name="Ann", address=address,
        question="Should we move?", created_at=now(),
    )  # fmt: skip
    assert await store.accept(collaboration, f"Ev {run}")


async def write(store, until="answer", address=journal.ADDRESS, after=None, run=journal.RUN):
    behind = after is None
    for event in journal.events(until, address):
        if behind:
            await store.append(event.but(run=run), slots(event))
        behind = behind or event.key == after


async def nothing_is_due(kept):
    async with asyncio.timeout(10):
        while (await kept[1].backlog(journal.TENANT)).waiting:
            await asyncio.sleep(0.02)


async def test_a_run_is_one_moving_message_and_one_answer(kept):
    store, chat = kept[0], RecordingChat()
    await accept(store)
    async with delivering(kept, chat):
        await write(store, "phase:propose:1")
        await chat.until(lambda: chat.slot("progress"))
        await write(store, "vote:1:analyst", after="phase:propose:1")
        await write(store, after="vote:1:analyst")
        await chat.until(lambda: chat.slot("answer"))
        await nothing_is_due(kept)
    assert len(chat.messages) == 2
    assert chat.slot("progress")[0].edits >= 1
    assert chat.slot("progress")[0].post.parts[0].text == "Done: answered"


async def test_a_run_that_was_over_before_it_could_be_shown_is_only_the_answer(kept):
    store, chat = kept[0], RecordingChat()
    await accept(store)
    await write(store)
    async with delivering(kept, chat):
        await nothing_is_due(kept)
    assert [shown.key for shown in chat.messages.values()] == [f"{journal.RUN}:answer"]


async def test_a_question_from_a_slash_command_opens_the_thread_for_all_that_follows(kept):
    store, chat, bare = kept[0], RecordingChat(), "slack:T1:C1"
    await accept(store, bare)
    async with delivering(kept, chat):
        await write(store, "phase:propose:1", address=bare)
        await chat.until(lambda: chat.slot("progress"))
    (question,), (progress,) = chat.slot("question"), chat.slot("progress")
    assert question.address == bare
    assert progress.address == f"{bare}:{question.message}"


async def test_a_post_whose_reply_was_lost_is_looked_for_and_not_posted_twice(kept):
    store, chat = kept[0], RecordingChat(lose_replies=1)
    await accept(store)
    await write(store)
    async with delivering(kept, chat):
        await nothing_is_due(kept)
    assert len(chat.slot("answer")) == 1
    assert [again for _, _, _, again in chat.calls] == [False, True]


async def test_a_chat_that_is_limiting_us_is_tried_again_and_loses_nothing(kept):
    store, chat = kept[0], RecordingChat(failures=[TryLater("slow down", 0.05), TryLater("slow down", 0.05)])
    await accept(store)
    await write(store)
    async with delivering(kept, chat):
        await nothing_is_due(kept)
    assert len(chat.slot("answer")) == 1
    assert len(chat.calls) == 3


async def test_a_post_that_can_never_arrive_is_buried_with_its_reason(kept):
    store, chat = kept[0], RecordingChat(failures=[Undeliverable("The channel is archived.")])
    await accept(store)
    await write(store)
    async with delivering(kept, chat):
        await nothing_is_due(kept)
    backlog = await kept[1].backlog(journal.TENANT)
    assert backlog.buried == 1
    assert "archived" in backlog.reasons[0]


async def test_a_chat_that_is_not_connected_keeps_the_post_waiting(kept):
    store, chat = kept[0], RecordingChat(name="discord")
    await accept(store)
    await write(store)
    async with delivering(kept, chat):
        await asyncio.sleep(0.3)
    assert (await kept[1].backlog(journal.TENANT)).waiting
    assert not chat.calls


async def test_messages_in_one_channel_keep_the_chats_pace(kept):
    store, chat = kept[0], RecordingChat(seconds=0.2)
    await accept(store)
    async with delivering(kept, chat) as postman:
        for event in journal.events("vote:1:analyst"):
            await store.append(event, slots(event))
            postman.nudge()
            await asyncio.sleep(0.05)
        await nothing_is_due(kept)
    times = [at for at, *_ in chat.calls]
    assert len(times) < 9
    assert all(after - before >= 0.19 for before, after in itertools.pairwise(times))


async def test_a_post_that_waited_longer_than_its_claim_is_left_to_the_worker_that_took_it(kept):
    store, slow, other = kept[0], RecordingChat(seconds=1.0), RecordingChat()
    for run in (journal.RUN, "second"):
        await accept(store, run=run)
        await write(store, run=run)
    async with delivering(kept, slow, lease=0.5):
        await slow.until(lambda: slow.messages)  # the other answer is claimed, too, and waits for its turn
        await asyncio.sleep(0.6)
        async with delivering(kept, other, "w2"):
            await nothing_is_due(kept)
            await asyncio.sleep(1.5)  # its turn has come
    assert [len(slow.slot("answer")), len(other.slot("answer"))] == [1, 1]


async def test_a_chat_that_never_takes_a_post_is_given_it_again_before_the_claim_runs_out(kept):
    store, chat = kept[0], RecordingChat(stalls=1)
    await accept(store)
    await write(store)
    async with delivering(kept, chat, lease=0.6):
        await nothing_is_due(kept)
    stalled = chat.calls[0][1]
    assert [again for _, key, _, again in chat.calls if key == stalled] == [False, True]
    assert len(chat.slot("answer")) == 1


async def test_a_post_that_is_put_off_again_and_again_is_tried_less_and_less_often(kept):
    (store, outbox), chat = kept, RecordingChat(failures=[TryLater("Slack is not connected.", 0.1)])
    await accept(store)
    await write(store, until="phase:propose:1")
    for _ in range(29):
        await outbox.claim("gone", lease=-1.0)
    async with delivering(kept, chat):
        async with asyncio.timeout(10):
            while not 20 < ((await outbox.backlog(journal.TENANT)).oldest - now()).total_seconds() < 30:
                await asyncio.sleep(0.02)
    assert len(chat.calls) == 1
