"""The contract of `core.ports.Outbox`, on every database."""

import asyncio
from collections.abc import Sequence

from core.entities import Backlog, Collaboration, Due
from core.ports import Outbox
from storage.outbox import SqlOutbox
from storage.store import SqlStore
from tests.doubles.questions import question, said

GONE = -1.0
"""A lease that has run out when it is given."""


async def kept(store: SqlStore, key: str = "k1", **changes: object) -> Collaboration:
    collaboration = question(key, **changes)
    assert await store.accept(collaboration, key)
    return collaboration


def slots(due: Sequence[Due]) -> list[str]:
    return [each.slot for each in due]


async def test_it_is_an_outbox_and_empty_at_first(outbox: Outbox) -> None:
    assert await outbox.claim("w1") == []
    assert await outbox.backlog("local") == Backlog()


async def test_a_marked_slot_is_due_until_it_is_posted(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store)
    await store.append(said(asked, "1"), ("progress",))
    await store.append(said(asked, "2"))
    [due] = await outbox.claim("w1")
    assert (due.run, due.tenant, due.address, due.slot) == (asked.id, "local", asked.address, "progress")
    assert (due.message, due.root, due.attempts) == (None, None, 1)
    assert await outbox.claim("w2") == []
    await outbox.posted(due, "m1")
    assert await outbox.claim("w1") == []
    assert await outbox.backlog("local") == Backlog()


async def test_what_happens_fast_is_merged_into_one_post(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store)
    for index in range(10):
        await store.append(said(asked, str(index)), ("progress", "progress"))
    [due] = await outbox.claim("w1")
    await store.append(said(asked, "late"), ("progress",))
    assert await outbox.claim("w2") == [], "it is being posted"
    await outbox.posted(due, "m1")
    [again] = await outbox.claim("w1")
    assert again.upto > due.upto
    assert (again.message, again.attempts) == ("m1", 1)


async def test_a_dead_worker_s_claim_runs_out_and_the_next_knows_of_it(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store)
    await store.append(said(asked, "1"), ("progress",))
    await outbox.claim("w1", lease=GONE)
    [due] = await outbox.claim("w2")
    assert due.attempts == 2
    await outbox.posted(due, "m1")
    await store.append(said(asked, "2"), ("progress",))
    [due] = await outbox.claim("w2")
    assert due.attempts == 1, "attempts count from the last success"


async def test_a_worker_that_was_slow_does_not_take_the_claim_from_its_successor(
    store: SqlStore, outbox: SqlOutbox
) -> None:
    asked = await kept(store)
    await store.append(said(asked, "1"), ("progress",))
    [slow] = await outbox.claim("slow", lease=GONE)
    await store.append(said(asked, "2"), ("progress",))
    [quick] = await outbox.claim("quick")
    await outbox.posted(slow, "m-slow")
    await outbox.postpone(slow, GONE, "slow down")
    assert await outbox.claim("third") == [], "the successor is still at it"
    await outbox.posted(quick, "m-quick")
    await store.append(said(asked, "3"), ("progress",))
    [due] = await outbox.claim("w")
    assert due.message == "m-quick"


async def test_a_late_success_never_hides_what_is_newer(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store)
    await store.append(said(asked, "1"), ("progress",))
    [slow] = await outbox.claim("slow", lease=GONE)
    await store.append(said(asked, "2"), ("progress",))
    [quick] = await outbox.claim("quick")
    await outbox.posted(quick, "m")
    await outbox.posted(slow, "m-late")
    assert await outbox.claim("w") == [], "what was shown stays shown"
    await store.append(said(asked, "3"), ("progress",))
    assert [due.message for due in await outbox.claim("w")] == ["m"]


async def test_a_postponed_post_comes_back_when_its_time_has_come(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store)
    await store.append(said(asked, "1"), ("progress",))
    [due] = await outbox.claim("w1")
    await outbox.postpone(due, 3600, "rate limited")
    await store.append(said(asked, "2"), ("progress",))
    assert await outbox.claim("w1") == [], "news do not shorten the delay"
    waiting = await outbox.backlog("local")
    assert (waiting.waiting, waiting.buried) == (1, 0)
    await store.append(said(asked, "3"), ("answer",))
    [answer] = await outbox.claim("w1")
    await outbox.postpone(answer, GONE, "try at once")
    [again] = await outbox.claim("w1")
    assert (again.slot, again.attempts) == ("answer", 2)


async def test_a_buried_post_is_never_tried_again_and_says_why(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store)
    await store.append(said(asked, "1"), ("progress",))
    [due] = await outbox.claim("w1", lease=GONE)
    await outbox.bury(due, "channel is\0 gone")
    await store.append(said(asked, "2"), ("progress",))
    assert await outbox.claim("w1") == []
    backlog = await outbox.backlog("local")
    assert (backlog.waiting, backlog.buried) == (0, 1)
    assert backlog.reasons == (f"{asked.id} progress: channel is gone",)


async def test_other_slots_wait_for_the_question_that_opens_the_thread(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store)
    await store.append(said(asked, "1"), ("question", "progress"))
    await store.append(said(asked, "2"), ("answer",))
    [root] = await outbox.claim("w1")
    assert root.slot == "question"
    assert await outbox.claim("w1") == []
    await outbox.posted(root, "169.1")
    rest = await outbox.claim("w1")
    assert sorted(slots(rest)) == ["answer", "progress"]
    assert {due.root for due in rest} == {"169.1"}
    assert {due.message for due in rest} == {None}


async def test_each_run_has_the_thread_of_its_own_question(store: SqlStore, outbox: SqlOutbox) -> None:
    for number in (1, 2):
        asked = await kept(store, f"k{number}")
        await store.append(said(asked, f"{number}"), ("question",))
        [root] = await outbox.claim("w1")
        assert (root.run, root.root) == (asked.id, None)
        await outbox.posted(root, f"169.{number}")
        await store.append(said(asked, f"{number} more"), ("answer",))
        [answer] = await outbox.claim("w1")
        assert (answer.run, answer.root) == (asked.id, f"169.{number}")
        await outbox.posted(answer, f"170.{number}")


async def test_other_slots_go_on_without_a_question_that_is_buried(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store)
    await store.append(said(asked, "1"), ("question", "answer"))
    [root] = await outbox.claim("w1")
    await outbox.bury(root, "forbidden")
    [answer] = await outbox.claim("w1")
    assert (answer.slot, answer.root) == ("answer", None)


async def test_the_oldest_come_first_and_no_more_than_asked(store: SqlStore, outbox: SqlOutbox) -> None:
    runs = [await kept(store, f"k{index}") for index in range(6)]
    for run in runs:
        await store.append(said(run), ("progress",))
    first = await outbox.claim("w1", limit=4)
    assert [due.run for due in first] == [run.id for run in runs[:4]]
    assert [due.run for due in await outbox.claim("w1")] == [run.id for run in runs[4:]]


async def test_workers_that_claim_at_once_never_share_a_row(store: SqlStore, outbox: SqlOutbox) -> None:
    for index in range(30):
        await store.append(said(await kept(store, f"k{index}")), ("progress", "answer"))

    async def drain(worker: str) -> list[tuple[str, str]]:
        mine: list[tuple[str, str]] = []
        while taken := await outbox.claim(worker, limit=3):
            mine += [(due.run, due.slot) for due in taken]
        return mine

    shares = await asyncio.gather(*(drain(f"w{index}") for index in range(6)))
    taken = [row for share in shares for row in share]
    left = [(due.run, due.slot) for due in await outbox.claim("last", limit=100)]
    assert len(taken + left) == len({*taken, *left}) == 60


async def test_the_backlog_is_a_tenant_s_own(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store, tenant="slack:T1")
    await store.append(said(asked), ("progress",))
    assert (await outbox.backlog("slack:T1")).waiting == 1
    assert (await outbox.backlog("slack:T2")) == Backlog()


async def test_a_change_under_another_tenant_s_name_changes_nothing(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store)
    await store.append(said(asked), ("progress",))
    [due] = await outbox.claim("w1", lease=GONE)
    stranger = due.but(tenant="slack:T9")
    await outbox.posted(stranger, "m")
    await outbox.bury(stranger, "no")
    await outbox.postpone(stranger, 3600, "no")
    assert [each.message for each in await outbox.claim("w1")] == [None]


async def test_events_of_one_run_from_many_workers_are_never_left_unshown(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store)
    shown = 0

    async def watch() -> None:
        nonlocal shown
        while shown < 100:
            for due in await outbox.claim("w"):
                seen = await store.history("local", asked.id)  # what a renderer would show
                await outbox.posted(due, "m")
                shown = len(seen)
            if not (await outbox.backlog("local")).waiting and shown >= 100:
                return
            await asyncio.sleep(0)

    writing = asyncio.gather(*(store.append(said(asked, str(index)), ("progress",)) for index in range(100)))
    async with asyncio.timeout(60):
        await asyncio.gather(writing, watch())
    assert shown == 100


async def test_a_claim_is_renewed_by_who_holds_it_alone(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store)
    await store.append(said(asked, "1"), ("answer",))
    [due] = await outbox.claim("w1", lease=0.5)
    assert await outbox.renew("w1", due)
    await asyncio.sleep(0.6)
    assert await outbox.claim("w2", lease=GONE) == [], "it is held for longer now"
    assert not await outbox.renew("w2", due)
    assert not await outbox.renew("w1", due.but(tenant="other"))


async def test_a_claim_that_another_has_taken_is_not_renewed(store: SqlStore, outbox: SqlOutbox) -> None:
    asked = await kept(store)
    await store.append(said(asked, "1"), ("answer",))
    [late] = await outbox.claim("w1", lease=GONE)
    [due] = await outbox.claim("w2")
    assert not await outbox.renew("w1", late)
    await outbox.posted(due, "m1")
    await store.append(said(asked, "2"), ("answer",))
    await outbox.claim("w2")  # the first try of something new, as the late one was
    assert not await outbox.renew("w1", late)
