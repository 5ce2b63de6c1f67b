"""Campaigns through the commands: who may, whose they are, what is refused, what replies in their threads become."""

import pytest

from bot.books import DeskBooks
from bot.campaign_forms import objective_form, start_form, template_form
from bot.forms import REST
from bot.home import home
from bot.opening import opens
from bot.overview import Overview
from bot.shapes import Buttons, Request
from bot.words import ENGLISH, words_for
from core.campaigns.campaign import Course
from core.campaigns.reconciled import mark
from tests.bot.commands.conftest import CHANNEL, TENANT, written
from tests.doubles import campaign_gallery as gallery

START = 'campaign start --template runbook task="Restart the cache" system="cache-1"'
ANN, BOB, DIRECT = "slack:ANN", "slack:BOB", "slack:T1:D7"


async def newest(desk):
    return (await desk.app.desk.campaigns.list(TENANT, limit=1))[0]


@pytest.fixture
async def started(desk):
    """A campaign of ann's whose plan waits for her."""
    assert await desk.type(START, person=ANN) is None
    made = await newest(desk)
    assert made.course is Course.PROPOSED
    desk.id = made.id
    return desk


def pressable(post):
    return [button.command for part in post.parts if isinstance(part, Buttons) for button in part.buttons]


async def test_who_may_ask_may_start_and_the_same_request_twice_starts_one(desk):
    request = Request("Ev-twice", TENANT, ANN, "Ann", CHANNEL, START)
    assert await desk.app.handle(request) is None
    assert await desk.app.handle(request) is None
    assert len(await desk.app.desk.campaigns.list(TENANT)) == 1


@pytest.mark.parametrize(
    "act", ["approve", "reject no", "pause", "resume", "stop", "skip 1", "replan", "remove 1", "edit 1 title=x"]
)
async def test_only_its_owner_and_operators_steer_a_campaign(started, act):
    verb, _, rest = act.partition(" ")
    line = f"campaign {verb} {started.id} {rest}".strip()
    before = await newest(started)
    assert (await started.reads(line, person=BOB)).startswith("You may not steer the campaigns of others")
    assert await newest(started) == before


async def test_an_operator_approves_for_others_and_the_second_answer_hears_who_was_first(started):
    said = await started.reads(f"campaign approve {started.id} --request 1")
    assert said.startswith("Approved: Runbook")
    late = await started.reads(f"campaign reject {started.id} --request 1 too late", person=ANN)
    assert "first" in late or "answered" in late
    assert (await newest(started)).course is not Course.STOPPED


async def test_anybody_may_look_and_note_but_a_guest_only_looks(opened):
    async with opened() as desk:
        await desk.type(START, person=ANN)
        id = (await newest(desk)).id
        assert "Restart the cache" in await desk.reads(f"campaign status {id}", person=BOB)
        assert "Noted" in await desk.reads(f"campaign note {id} mind the proxy", person=BOB)
        assert [each.name for each in (await newest(desk)).remarks] == ["Ann"]


async def test_a_private_campaign_is_there_for_its_owner_alone(desk):
    await desk.type(START, person=ANN, address=DIRECT)
    made = await newest(desk)
    assert made.private
    for line in (
        f"campaign status {made.id}",
        f"campaign log {made.id}",
        f"campaign stop {made.id}",
        f"campaign note {made.id} x",
    ):
        assert await desk.reads(line) == f"There is no campaign “{made.id}” here."
    assert made.id not in await desk.reads("campaign list")
    assert made.id in await desk.reads("campaign list", person=ANN)


async def test_nobody_sees_whats_said_in_the_thread_of_a_private_campaign_of_others(desk):
    await desk.type(START, person=ANN, address=f"{DIRECT}:1.1")
    assert "No campaign of yours goes on" in await desk.reads("campaign status", person=BOB, address=f"{DIRECT}:1.1")


async def overhears(desk, text, person, address):
    desk.key = f"{desk.key}x"
    request = Request(desk.key, TENANT, person, "Bea", address, text, reply=True, overheard=True)
    return await desk.app.handle(request)


async def test_what_is_overheard_is_a_note_never_a_command_and_never_answered(desk):
    thread = f"{CHANNEL}:17.1"
    await desk.type(START, person=ANN, address=thread)
    assert await overhears(desk, "help", BOB, thread) is None
    assert await overhears(desk, "campaign stop", BOB, thread) is None
    made = await newest(desk)
    assert [each.text for each in made.remarks] == ["help", "campaign stop"]
    assert await overhears(desk, "yes", BOB, thread) is None, "bob is not asked: a yes of his is a note"
    assert (await newest(desk)).course is Course.PROPOSED
    assert await overhears(desk, "Ja.", ANN, thread) is None
    assert (await newest(desk)).course is Course.RUNNING


async def test_a_reply_that_names_dexter_is_a_note_unless_it_is_a_command(desk):
    thread = f"{CHANNEL}:17.1"
    await desk.type(START, person=ANN, address=thread)

    async def replies(text):
        desk.key = f"{desk.key}x"
        return await desk.app.handle(Request(desk.key, TENANT, ANN, "Ann", thread, text, reply=True))

    assert "Noted" in written(await replies("mind the proxy"))
    assert "Say when it is used" in written(await replies("campaign status"))
    assert await replies("ask Should we move?") is None
    assert (await desk.app.desk.store.recent(TENANT, limit=1))[0].question == "Should we move?"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("campaign start", "What is the goal?"),
        ("campaign start ???", "What is the goal?"),
        ("campaign start Tea", "a single word"),
        ("campaign start --template nothing", "There is no template “nothing”"),
        (f"{START} colour=red", "has no parameter “colour”"),
        ("campaign start --template runbook task=x", "needs system"),
        ('campaign start Make tea for all --channel "#secret"', "I cannot post in “#secret”"),
        ("campaign start Make tea for all --budget 0$", "zero or less"),
        ("campaign start Make tea for all --budget 5", "do not know the unit"),
        ("campaign start Make tea for all --deadline 31.2.2027", "never comes"),
        ("campaign start Make tea for all --deadline 1.1.2020", "has passed already"),
        ("campaign start Make tea for all --budget -5$", "zero or less"),
        ("campaign start Make tea for all --mode wild", "`--mode` can be"),
        ("campaign start Make tea for all --committee nobody", "I know no committee"),
        ("campaign pause", "No campaign of yours goes on"),
        ("campaign dance", "I know no “campaign dance”"),
        ("campaign template dance", "I know no “campaign template dance”"),
        ("campaign template show", "Which template?"),
        ("campaign status aaaaaaaa", "There is no campaign “aaaaaaaa” here."),
        ("campaign log --before soon", "No campaign of yours"),
    ],
)
async def test_what_cannot_be_is_a_sentence_and_starts_nothing(desk, line, said):
    assert said in await desk.reads(line, person=ANN)
    assert await desk.app.desk.campaigns.list(TENANT) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("campaign move {id} 2 99", "from 1 to 5"), ("campaign move {id}", "from 1 to 5"),
        ("campaign remove {id} 77", "no objective 77"), ("campaign edit {id} 1", "What is to change?"),
        ("campaign edit {id} 1 needs=5", "circle"), ("campaign edit {id} 1 means=magic", "choose"),
        ("campaign edit {id} 1 colour=red", "colour"), ("campaign edit {id} 1 minutes=0", "does not fit"),
        ("campaign add {id} title=x", "done_when"),
        ("campaign add {id} title=x done_when=y needs=88", "not in the plan"),
        ("campaign skip {id}", "Which objective?"), ("campaign status {id} --page 9", "no page “9”"),
        ("campaign status {id} 77", "no objective 77"), ("campaign budget {id} -5 $", "zero or less"),
        ("campaign answer {id}", "What is the answer?"), ("campaign answer {id} --yes --no", "either"),
        ("campaign answer {id} --request 9 --yes", "settled"), ("campaign resume {id}", "not paused"),
        ("campaign pause {id} --request x", "paused"),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_now_is_a_sentence_and_changes_nothing(started, line, said):
    before = await newest(started)
    text = await started.reads(line.format(id=started.id), person=ANN)
    assert said.casefold() in text.casefold()
    after = await newest(started)
    assert after.objectives == before.objectives or "paused" in said.casefold()


async def test_a_plan_is_changed_by_words(started):
    line = 'campaign add {id} title="Tell the others" done_when="They know" needs="1, 4" means=person position=2'
    await started.type(line.format(id=started.id), person=ANN)
    made = await newest(started)
    assert [each.id for each in made.objectives] == ["1", "6", "2", "3", "4", "5"]
    assert made.objective("6").needs == ("1", "4")
    await started.type(f'campaign edit {started.id} 6 minutes=30 brief="By mail." needs=', person=ANN)
    assert (made := await newest(started)).objective("6").estimate.seconds == 1800
    assert made.objective("6").needs == ()
    await started.type(f"campaign remove {started.id} 4", person=ANN)
    made = await newest(started)
    assert all("4" not in each.needs for each in made.objectives), "what needed it no longer does"
    await started.type(f"campaign budget {started.id} +$2, 90k tokens", person=ANN)
    assert (await newest(started)).allowance.model_dump(exclude_none=True) == {"tokens": 90_000, "dollars": 2.0}


async def test_a_form_that_shows_what_has_changed_since_undoes_nothing(started):
    shown = (await newest(started)).objective("2")
    form = await DeskBooks(started.app.desk).opened(TENANT, ANN, "Ann", f"campaign edit {started.id} 2", ENGLISH)
    await started.type(f'campaign edit {started.id} 2 title="Bob was first"', person=ANN)
    filled = form.line({"title": shown.title, "done_when": "Ann was second"})
    assert "has changed since you looked" in await started.reads(filled, person=ANN)
    assert (await newest(started)).objective("2").title == "Bob was first"
    again = await DeskBooks(started.app.desk).opened(TENANT, ANN, "Ann", form.command, ENGLISH)
    await started.type(again.line({"title": "Ann, knowing it", "done_when": "Ann was second"}), person=ANN)
    assert (await newest(started)).objective("2").title == "Ann, knowing it"


async def test_a_campaign_becomes_a_template_and_starts_again(started):
    assert "Kept" in await started.reads(f"campaign template save {started.id} Our Cache", person=ANN)
    assert "our-cache" in await started.reads("campaign template list")
    assert "Say when it is used" in await started.reads("campaign template show our-cache")
    await started.type("campaign start --template our-cache", person=BOB)
    assert (await newest(started)).template == "our-cache"
    await started.type(f"campaign clone {started.id}", person=BOB)
    assert (await newest(started)).owner == BOB
    assert "there for all" in await started.reads(f"campaign template save {started.id} runbook", person=ANN)


async def test_the_list_the_log_and_the_gantt_show_what_there_is(started):
    assert f"{started.id} | Runbook" in await started.reads("campaign list", person=BOB)
    assert "has started a campaign" in await started.reads(f"campaign log {started.id}")
    await started.type(f"campaign stop {started.id}", person=ANN)
    assert "No campaign goes on" in await started.reads("campaign list")
    assert f"{started.id} | Runbook" in await started.reads("campaign list --all")


async def test_where_nobody_can_read_it_any_more_a_campaign_is_paused_and_can_be_resumed(started):
    books = DeskBooks(started.app.desk)
    assert await books.stop(TENANT, started.id)
    assert (await newest(started)).course is Course.PAUSED
    assert not await books.stop(TENANT, started.id)
    assert "goes on" in await started.reads(f"campaign resume {started.id}", person=ANN)


async def test_a_campaign_is_no_question_to_be_stopped_and_has_a_place_of_its_own_on_the_home_page(started):
    assert f"`campaign stop {started.id}`" in await started.reads(f"stop {started.id}", person=ANN)
    seen = await DeskBooks(started.app.desk).overview(TENANT, ANN, "Ann")
    assert [each.id for each in seen.campaigns] == [started.id]
    assert seen.running == seen.recent == ()


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("campaign start", "campaign start"),
        ("campaign  start  --template runbook", "campaign start --template runbook"),
        ("campaign edit k3f7x2mqabcd 2.1", "campaign edit k3f7x2mqabcd 2.1"),
        ("campaign edit k3f7x2mqabcd 2@0a1b2c --", "campaign edit k3f7x2mqabcd 2@0a1b2c"),
        ("campaign answer k3f7x2mqabcd --request 3 --", "campaign answer k3f7x2mqabcd --request 3"),
        ("campaign reject k3f7x2mqabcd", "campaign reject k3f7x2mqabcd"), ("skill run double", "skill run double"),
        ("campaign answer k3f7x2mqabcd --request 3 --yes", ""), ("campaign pause k3f7x2mqabcd", ""),
        ("campaign start Make tea", ""), ("campaign edit k3f7x2mqabcd", ""), ("ask", ""), ("campaign reject", ""),
    ],
)  # fmt: skip
def test_a_form_is_opened_where_something_is_named_and_nothing_given(text, command):
    assert opens(text) == command


def test_forms_ask_in_the_readers_language_and_fit_where_there_is_room_for_five():
    form = objective_form(gallery.PROPOSED, gallery.PLAN[1], words_for("de"))
    assert [field.called for field in form.fields][:4] == ["Titel", "Fertig, wenn", "Nach", "Wie"]
    assert form.within(5).fields[-1].name == REST
    assert form.line({"title": "A", "needs": "", "brief": ""}) == (
        f'campaign edit {gallery.ID} 2@{mark(gallery.PLAN[1])} -- title="A" needs=""'
    ), "what was there and was emptied is said, what never was is not"
    assert start_form(["runbook"], ["default"], ENGLISH).fields[0].name == "goal"


async def test_a_templates_form_asks_for_its_parameters_first(desk):
    runbook = await desk.app.desk.campaigns.templates.named(TENANT, "runbook")
    form = template_form(runbook, ENGLISH)
    assert form.command == "campaign start --template runbook"
    assert [field.name for field in form.fields if field.required] == ["task", "system"]


def test_a_home_without_campaigns_says_nothing_of_them():
    assert "campaigns" not in written(home(Overview(), ENGLISH))
