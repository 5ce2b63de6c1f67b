"""The contract of `core.ports.Store`, on every database."""

import asyncio
import math
from datetime import timedelta

import pytest

from core.entities import Channel, Collaboration, Document, Image, Status, now
from core.errors import NotFound
from core.events import Absence, Asked, Ballot, Feedback, Note
from core.ports import Store
from storage.store import SqlStore
from tests.doubles.journal import ANSWER
from tests.doubles.questions import call, proposal, question, said


async def kept(store: SqlStore, key: str = "k1", **changes: object) -> Collaboration:
    collaboration = question(key, **changes)
    assert await store.accept(collaboration, key)
    return collaboration


async def test_it_is_a_store(store: Store) -> None:
    assert await store.recent("local") == []


async def test_a_collaboration_comes_back_as_it_was_kept(store: SqlStore) -> None:
    asked = await kept(store, context=(Document(name="a.txt", text="näive 🦊"),), parent="abcdabcdabcd")
    assert await store.collaboration("local", asked.id) == asked


async def test_what_was_asked_in_private_is_there_for_its_asker_and_for_dexter_alone(store: SqlStore) -> None:
    secret = await kept(store, "s", id="abcd22222222", private=True)
    said_openly = await kept(store, "o", id="abcd33333333")
    for reader, sees in ((None, [said_openly, secret]), ("local:ada", [said_openly, secret]), ("bob", [said_openly])):
        assert await store.recent("local", reader=reader) == sees
        assert await store.recent("local", asker="local:ada", reader=reader) == sees
        assert {c.id for c in await store.search("local", "move", reader=reader)} == {c.id for c in sees}
    assert await store.collaboration("local", secret.id, reader="local:ada") == secret
    with pytest.raises(NotFound) as hidden:
        await store.collaboration("local", secret.id, reader="bob")
    with pytest.raises(NotFound) as missing:
        await store.collaboration("local", "nosuchrun", reader="bob")
    assert str(hidden.value).replace(secret.id, "nosuchrun") == str(missing.value)
    assert await store.collaboration("local", "abcd", reader="bob") == said_openly  # nothing that it could be instead


async def test_lists_are_as_long_as_wanted_however_much_of_it_is_private(store: SqlStore) -> None:
    for index in range(12):
        await kept(store, f"k{index}", question=f"move {index}", private=index % 4 != 0)
    assert [c.question for c in await store.recent("local", reader="bob", limit=2)] == ["move 8", "move 4"]
    assert len(await store.search("local", "move", reader="bob", limit=3)) == 3


async def test_an_image_is_kept_as_it_is_and_lists_leave_files_out(store):
    picture = Image(media="image/png", data="iVBORw0KGgo" + "A" * 1_400_000, width=1568, height=900)
    shown = Document(name="photo.png", text="", kind="image, 1568 x 900 pixels", image=picture)
    asked = await kept(store, question="What does the photo show?", context=(shown,))
    assert (await store.collaboration(asked.tenant, asked.id)).context == (shown,)
    listed = [*await store.recent(asked.tenant), *await store.search(asked.tenant, "photo")]
    assert [(each.id, each.question, each.context) for each in listed] == [(asked.id, asked.question, ())] * 2
    assert await store.search(asked.tenant, "iVBORw0KGgo") == []


async def test_a_redelivered_event_starts_nothing(store: SqlStore) -> None:
    begun: list[object] = []
    assert await store.accept(question(), "Ev1", begun.append)
    assert not await store.accept(question(), "Ev1", begun.append)
    assert not await store.accept(question("other"), "Ev1", begun.append)
    assert len(begun) == 1
    assert len(await store.recent("local")) == 1


async def test_the_same_key_in_another_tenant_is_another_event(store: SqlStore) -> None:
    assert await store.accept(question(tenant="slack:T1"), "Ev1")
    assert await store.accept(question(tenant="slack:T2"), "Ev1")


async def test_nothing_is_accepted_when_what_goes_with_it_fails(store: SqlStore) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.accept(question(), "Ev1", fail)
    assert await store.recent("local") == []
    assert await store.accept(question(), "Ev1")


async def test_a_hundred_deliveries_at_once_are_accepted_once(store: SqlStore) -> None:
    begun: list[object] = []
    answers = await asyncio.gather(*(store.accept(question(), "Ev1", begun.append) for _ in range(100)))
    assert answers.count(True) == len(begun) == 1


async def test_a_prefix_of_four_characters_finds_it(store: SqlStore) -> None:
    asked = await kept(store, id="abcdefghijkl")
    assert await store.collaboration("local", "abcd") == asked
    assert await store.collaboration("local", " ABCDE ") == asked
    for wrong in ("", "abc", "abce", "abc%", "abc_", "%%%%", "abcdefghijklm", "ÄÖÜß", "😀😀😀😀", "a' OR 1=1 --"):
        with pytest.raises(NotFound):
            await store.collaboration("local", wrong)


async def test_an_ambiguous_prefix_is_not_guessed(store: SqlStore) -> None:
    await kept(store, "k1", id="abcd22222222")
    await kept(store, "k2", id="abcd33333333")
    with pytest.raises(NotFound, match="More than one"):
        await store.collaboration("local", "abcd")
    assert (await store.collaboration("local", "abcd3")).id == "abcd33333333"


async def test_a_whole_id_is_found_beside_a_longer_one(store: SqlStore) -> None:
    await kept(store, "k1", id="abcd2222")
    await kept(store, "k2", id="abcd22223333")
    assert (await store.collaboration("local", "abcd2222")).id == "abcd2222"


async def test_the_newest_come_first_and_of_one_person_where_asked(store: SqlStore) -> None:
    for index in range(4):
        await kept(store, f"k{index}", asker=f"local:{index % 2}", question=str(index))
    assert [c.question for c in await store.recent("local")] == ["3", "2", "1", "0"]
    assert [c.question for c in await store.recent("local", limit=2)] == ["3", "2"]
    assert [c.question for c in await store.recent("local", asker="local:0")] == ["2", "0"]


async def test_what_is_over_is_never_opened_again(store: SqlStore) -> None:
    asked = await kept(store)
    await store.settle(asked.id, Status.RUNNING)
    assert (await store.collaboration("local", asked.id)).status is Status.RUNNING
    await store.settle(asked.id, Status.ANSWERED, "Yes.")
    over = await store.collaboration("local", asked.id)
    assert (over.status, over.answer) == (Status.ANSWERED, "Yes.")
    assert over.ended_at is not None
    assert abs(over.ended_at - now()) < timedelta(minutes=1)
    for late in (Status.RUNNING, Status.QUEUED, Status.STOPPED):
        await store.settle(asked.id, late, "No.")
    assert await store.collaboration("local", asked.id) == over


async def test_whoever_reads_the_end_of_a_run_finds_it_over(store: SqlStore) -> None:
    asked = await kept(store)
    await store.settle(asked.id, Status.RUNNING)
    await store.append(said(asked, "answer", ANSWER))
    over = await store.collaboration("local", asked.id)
    assert (over.status, over.answer) == (ANSWER.status, ANSWER.text)
    assert over.ended_at is not None
    late = await kept(store, "k2")
    await store.append(said(late, "answer", ANSWER.but(status=Status.RUNNING)))  # as if it had not been settled
    assert not await store.append(said(late, "answer", ANSWER))
    assert (await store.collaboration("local", late.id)).status is ANSWER.status, "on a replay, if not before"


async def test_an_event_said_again_changes_nothing(store: SqlStore) -> None:
    asked = await kept(store)
    first = said(asked, "propose:analyst", proposal())
    assert await store.append(first)
    assert not await store.append(said(asked, "propose:analyst", Note(text="other")))
    assert await store.history("local", asked.id) == [first]
    assert len(await store.calls("local")) == 1


async def test_the_history_is_in_the_order_it_was_written(store: SqlStore) -> None:
    one, two = await kept(store, "k1"), await kept(store, "k2")
    for index in range(20):
        assert await store.append(said(one, f"{20 - index}"))
        assert await store.append(said(two, f"{index}"))
    assert [event.key for event in await store.history("local", one.id)] == [f"{20 - index}" for index in range(20)]


async def test_many_appends_at_once_are_all_kept(store: SqlStore) -> None:
    runs = [await kept(store, f"k{index}") for index in range(5)]
    events = [said(run, f"e{index}", proposal()) for index in range(40) for run in runs]
    written = await asyncio.gather(*(store.append(event, ("progress",)) for event in [*events, *events]))
    assert written.count(True) == len(events) == len(await store.calls("local"))


async def test_one_bad_write_among_many_spoils_no_other(store: SqlStore) -> None:
    asked = await kept(store)
    stranger = question("never accepted")
    events = [said(stranger if index == 7 else asked, f"e{index}") for index in range(30)]
    outcomes = await asyncio.gather(*map(store.append, events), return_exceptions=True)
    assert isinstance(outcomes.pop(7), NotFound)
    assert outcomes == [True] * 29
    assert len(await store.history("local", asked.id)) == 29


async def test_the_latest_of_some_kinds_come_oldest_first(store: SqlStore) -> None:
    asked = await kept(store)
    for index in range(6):
        await store.append(said(asked, f"n{index}"))
        await store.append(said(asked, f"f{index}", Feedback(person="local:ada", good=True)))
        await store.append(said(asked, f"p{index}", proposal()))
    newest = await store.latest("local", ("note", "feedback"), limit=3)
    assert [event.key for event in newest] == ["f4", "n5", "f5"]
    assert await store.latest("local", ()) == []
    assert await store.latest("local", ("tally", "no such kind")) == []


async def test_calls_are_charged_to_who_asked_on_the_day(store: SqlStore) -> None:
    ada, bob = await kept(store, "k1"), await kept(store, "k2", asker="local:bob")
    today = now()
    await store.append(said(ada, "p", proposal()))
    await store.append(said(ada, "v", Ballot(member="analyst", calls=(call(), call(model="other")))))
    await store.append(said(bob, "p", proposal(seconds=2.0)))
    await store.append(said(bob, "old", proposal(), at=today - timedelta(days=1)))
    spent = await store.spent("local", asker="local:ada", day=today.date())
    assert (spent.models, spent.calls, spent.tokens, spent.cost, spent.seconds) == (2, 3, 45, 0.75, 4.5)
    assert (await store.spent("local", asker=None, day=today.date())).calls == 4
    nothing = await store.spent("local", asker="local:eve", day=today.date())
    assert (nothing.models, nothing.calls, nothing.tokens, nothing.cost, nothing.seconds) == (0, 0, 0, 0.0, 0.0)


async def test_one_unknown_price_makes_the_sum_unknown(store: SqlStore) -> None:
    asked = await kept(store)
    await store.append(said(asked, "1", proposal()))
    await store.append(said(asked, "2", proposal(cost=None)))
    assert (await store.spent("local", asker=None, day=now().date())).cost is None


async def test_figures_that_make_no_sense_stop_nothing(store: SqlStore) -> None:
    asked = await kept(store)
    absurd = proposal(prompt_tokens=10**30, retries=-(10**30), seconds=math.inf, cost=math.nan)
    await store.append(said(asked, "1", absurd))
    spent = await store.spent("local", asker=None, day=now().date())
    assert (spent.cost, spent.seconds) == (None, 0.0)
    [event] = await store.history("local", asked.id)
    assert repr(event.body) == repr(absurd), "the journal has what was said"
    await store.append(said(asked, "2", absurd))
    await store.append(said(asked, "answer", ANSWER.but(usage=ANSWER.usage.but(seconds=math.nan))))
    assert (await store.collaboration("local", asked.id)).status is ANSWER.status, "and it comes to its end"


async def test_an_absence_with_a_call_is_charged_and_one_without_is_not(store: SqlStore) -> None:
    asked = await kept(store)
    absent = Absence(
        member="analyst", phase="vote", reason="garbage", detail="No ballot.", call=call(outcome="garbage")
    )
    await store.append(said(asked, "1", absent))
    await store.append(said(asked, "2", absent.but(reason="spared", call=None)))
    assert await store.calls("local") == [call(outcome="garbage")]


async def test_calls_come_newest_first(store: SqlStore) -> None:
    asked = await kept(store)
    for index in range(5):
        await store.append(said(asked, str(index), proposal(retries=index)))
    assert [each.retries for each in await store.calls("local", limit=3)] == [4, 3, 2]


async def test_search_finds_words_of_question_and_answer(store: SqlStore) -> None:
    moving = await kept(store, "k1", question="Should we move to example.com/path?")
    await kept(store, "k2", question="What is for lunch?")
    await store.settle(moving.id, Status.ANSWERED, "Нет, lieber später: 東京")
    for words in ("move", "MOV", "example", "path should", "later später", "нет", "東京", "answer: нет", "move 😀"):
        expected = [] if words.startswith(("later", "answer")) else [moving.id]
        assert [c.id for c in await store.search("local", words)] == expected, words


async def test_search_puts_the_best_match_first(store: SqlStore) -> None:
    await kept(store, "k1", question="cats and " + "other things " * 50)
    best = await kept(store, "k2", question="cats cats cats")
    await kept(store, "k3", question="dogs")
    found = await store.search("local", "cats")
    assert len(found) == 2
    assert found[0].id == best.id
    assert len(await store.search("local", "cats", limit=1)) == 1


async def test_an_event_of_a_run_that_is_not_there_is_refused(store: SqlStore) -> None:
    with pytest.raises(NotFound):
        await store.append(said(question(), "e", Asked(
            question="?", asker_name="Ada", committee="default", pattern="quick", seats=(), phases=()
        )))  # fmt: skip


async def test_text_that_no_database_holds_is_kept_without_it(store: SqlStore) -> None:
    asked = await kept(store, question="a\0b \ud800? \ud83e\udd8a", context=(Document(name="n\0", text="\0t"),))
    back = await store.collaboration("local", asked.id)
    assert (back.question, back.context) == ("ab \ufffd? 🦊", (Document(name="n", text="t"),))
    await store.append(said(asked, "e", Note(text='a\0b \udfff "\\u0000" \\\0')))
    await store.settle(asked.id, Status.ANSWERED, "yes\0")
    [event] = await store.history("local", asked.id)
    assert event.body == Note(text='ab \ufffd "\\u0000" \\')
    assert (await store.collaboration("local", asked.id)).answer == "yes"


async def test_a_megabyte_is_kept_and_found(store: SqlStore) -> None:
    asked = await kept(store, question="needle " + "häy stäck " * 100_000)
    assert await store.collaboration("local", asked.id) == asked
    assert [c.id for c in await store.search("local", "needle")] == [asked.id]
    long = await kept(store, "k2", question="".join(map(chr, range(0x4E00, 0x9FFF))) * 10)
    assert (await store.collaboration("local", long.id)) == long


async def test_a_channel_has_the_defaults_until_somebody_sets_something(store: SqlStore) -> None:
    assert await store.channel("slack:T1", "slack:T1:C1") == Channel(tenant="slack:T1", address="slack:T1:C1")


async def test_what_is_set_for_a_channel_replaces_what_was_set_before(store: SqlStore) -> None:
    first = Channel(tenant="slack:T1", address="slack:T1:C1", committee="ops", listen="every", thread_only=False)
    await store.keep_channel(first)
    assert await store.channel("slack:T1", "slack:T1:C1") == first
    second = first.but(committee="", language="de", quiet="22:00-07:00 Europe/Berlin", reaction="scales")
    await store.keep_channel(second)
    assert await store.channel("slack:T1", "slack:T1:C1") == second
    assert await store.channel("slack:T1", "slack:T1:C2") != second


async def test_two_who_set_the_same_channel_at_once_do_not_fail(store: SqlStore) -> None:
    channels = [Channel(tenant="slack:T1", address="slack:T1:C1", committee=f"c{n}") for n in range(20)]
    await asyncio.gather(*map(store.keep_channel, channels))
    assert await store.channel("slack:T1", "slack:T1:C1") in channels


async def test_what_started_a_run_is_told_where_it_has_the_prefix(store: SqlStore) -> None:
    steps = [await kept(store, f"step:Fx{n}") for n in range(3)]
    other = await kept(store, "Ev1")
    assert await store.started_by("local", steps[1].id, "step:") == "step:Fx1"
    assert await store.started_by("local", other.id, "step:") == ""
    assert await store.started_by("slack:T9", steps[1].id, "step:") == ""
    assert await store.started_by("local", "nothingnothing", "step:") == ""
