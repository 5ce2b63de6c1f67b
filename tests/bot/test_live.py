import asyncio

from bot.live import MOST_WAITING, Live, Spoken
from core.events import Answer
from tests.doubles import journal


class Journal:
    def __init__(self):
        self.events = []

    async def history(self, tenant, run):
        return list(self.events)


async def collect(live, store, got):
    async for item in live.follow(store, journal.TENANT, journal.RUN):
        got.append(item)


async def test_a_follower_sees_each_event_once_and_ends_with_the_answer():
    live, store, got = Live(), Journal(), []
    following = asyncio.create_task(collect(live, store, got))
    await asyncio.sleep(0)
    for event in journal.events():
        store.events.append(event)
        live.publish(event)
        live.publish(event)
    await following
    assert [event.key for event in got] == [key for key, _ in journal.SAID]
    assert not live.watched(journal.RUN)


async def test_a_run_in_another_process_is_followed_through_the_journal():
    live, store, got = Live(), Journal(), []
    store.events = journal.events()
    await collect(live, store, got)
    assert isinstance(got[-1].body, Answer)


async def test_words_reach_a_watcher_and_are_dropped_for_one_that_is_too_far_behind():
    live, store, got = Live(), Journal(), []
    following = asyncio.create_task(collect(live, store, got))
    await asyncio.sleep(0)
    for number in range(MOST_WAITING + 50):
        live.say(journal.RUN, "analyst", str(number))
    live.say("another", "analyst", "not for this one")
    for event in journal.events():
        live.publish(event)
    await following
    words = [item for item in got if isinstance(item, Spoken)]
    assert len(words) == MOST_WAITING
    assert got[-1].key == "answer"
