"""What a person asks Dexter alone stays theirs: not in lists, not by its id, not for those who run Dexter either."""

import pytest

from bot.books import DeskBooks
from bot.discord.places import Whisper, address_of, whisper_to
from bot.shapes import between_two
from bot.slack.place import Place
from core.entities import Status
from core.errors import NotFound
from core.events import Feedback
from tests.bot.commands.conftest import CHANNEL, TENANT
from tests.doubles.questions import question

DIRECT = "slack:T1:D7"
ANN, BOB, OPERATOR, ADMINISTRATOR = "slack:ANN", "slack:BOB", "slack:OPS", "slack:ADM"
OTHERS = (BOB, OPERATOR, ADMINISTRATOR)
SECRET = "Should I leave the company?"


@pytest.mark.parametrize(
    ("address", "alone"),
    [
        (DIRECT, True),
        (f"{DIRECT}:1700.5", True),
        (CHANNEL, False),
        (f"{CHANNEL}:1700.5", False),
        ("slack:D1:G1", False),
        (address_of(None, None, 5), True),
        (address_of(7, None, 5), False),
        (whisper_to(7, 5, Whisper(1, 2, hidden=True)), True),
        (whisper_to(7, 5, Whisper(1, 2, hidden=False)), False),
        ("terminal:local:D1", False),
        ("", False),
    ],
)
def test_an_address_tells_whether_one_person_alone_sees_what_is_posted_there(address, alone):
    assert between_two(address) is alone
    if address.startswith("slack:"):
        assert Place.of(address).channel.startswith("D") is alone


@pytest.mark.parametrize("other", OTHERS)
async def test_nobody_else_finds_a_private_question_or_is_shown_it(desk, other):
    run = (await desk.ask(SECRET, person=ANN, address=DIRECT))[0].run
    unknown = await desk.reads("show zzzzzzzzzzzz", person=other)
    for typed in ("show {run}", "show {run} --tab ballots", "again {run}", "feedback {run} --good"):
        said = await desk.reads(typed.format(run=run), person=other)
        assert said.replace(run, "zzzzzzzzzzzz") == unknown
    for typed in ("show", "show --find company", "status", "again", f"skill draft --from {run} the same"):
        post = await desk.type(typed, person=other)
        assert "leave" not in str(post)
        assert run not in str(post).replace(f"“{run}”", "")
    assert not [e for e in await desk.app.desk.store.history(TENANT, run) if isinstance(e.body, Feedback)]


async def test_its_asker_has_all_of_it_anywhere(desk):
    run = (await desk.ask(SECRET, person=ANN, address=DIRECT))[0].run
    for typed in ("show", "show --find company", f"show {run}"):
        assert SECRET in await desk.reads(typed, person=ANN)
    await desk.reads(f"feedback {run} --good", person=ANN)
    assert isinstance((await desk.app.desk.store.history(TENANT, run))[-1].body, Feedback)
    again = (await desk.ask(f"again {run}", person=ANN))[0].run  # in the channel, where everybody may see it
    assert SECRET in await desk.reads(f"show {again}", person=BOB)


async def test_lists_stay_full_though_most_is_private(desk):
    store = desk.app.desk.store
    for at in range(70):
        asked = question(f"k{at}", tenant=TENANT, asker=ANN, private=at >= 20, question=f"Number {at}?")
        await store.accept(asked.but(status=Status.ANSWERED), f"k{at}")
    listed = await desk.type("show", person=BOB)
    assert len(listed.parts[1].rows) == 20


@pytest.mark.parametrize("other", OTHERS)
async def test_pages_names_and_details_leave_it_out(desk, other):
    run = (await desk.ask(SECRET, person=ANN, address=DIRECT))[0].run
    books = DeskBooks(desk.app.desk)
    assert await books.recent(TENANT, other, "Other") == []
    assert await books.recent(TENANT, other, "Other", asker=ANN) == []
    assert SECRET not in str(await books.overview(TENANT, other, "Other"))
    with pytest.raises(NotFound):
        await books.whole(TENANT, other, "Other", run)
    assert [c.id for c in await books.recent(TENANT, ANN, "Ann")] == [run]
    found, events = await books.whole(TENANT, ANN, "Ann", run)
    assert (found.question, bool(events)) == (SECRET, True)


async def test_who_may_stop_any_run_may_stop_it_without_seeing_it(desk):
    asked = question("k", tenant=TENANT, asker=ANN, private=True, question=SECRET)
    await desk.app.desk.store.accept(asked, "k")
    member, operator = [await desk.reads(f"stop {asked.id}", person=who) for who in (BOB, OPERATOR)]
    assert member == f"There is no collaboration “{asked.id}” here."
    assert asked.id in operator
    assert "leave" not in operator
