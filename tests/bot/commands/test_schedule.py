"""`schedule`: what people type, what is said back, and what happens when the time has come."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import running
from bot.campaign_card import card
from bot.commands.schedule_plan import planned
from bot.firings import request_of
from bot.settings import Settings
from bot.shapes import Buttons, Undeliverable
from bot.words import ENGLISH
from core.entities import Channel
from core.schedules.schedule import State
from tests.bot.commands.conftest import CHANNEL, MEMBERS, SAYS, TENANT, Desk, written
from tests.doubles.committee_world import plays
from tests.doubles.recording_chat import RecordingChat
from tests.doubles.timetables import HandClock

SUNDAY = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ROLES = {"slack:OPS": "operator", "slack:GUEST": "guest"}


class Timed(Desk):
    """A desk with a clock that the test sets."""

    def __init__(self, app, chat, clock):
        super().__init__(app, chat)
        self.clock = clock

    @property
    def store(self):
        return self.app.desk.schedules.store

    async def add(self, text, **kwargs):
        """Type `schedule add …` and return the schedule that came of it."""
        before = {each.id for each in await self.store.schedules(TENANT)}
        said = await self.reads(f"schedule add {text}", **kwargs)
        made = [each for each in await self.store.schedules(TENANT) if each.id not in before]
        assert len(made) == 1, said
        return made[0]

    async def at(self, moment, true):
        """Set the clock, and wait until something is true."""
        self.clock.set(moment)
        async with asyncio.timeout(20):
            while not (found := await true()):
                await asyncio.sleep(0.01)
        return found

    async def fired(self, moment, schedule, times=1):
        async def there():
            found = await self.store.history(TENANT, schedule.id)
            return found if len(found) >= times else None

        return await self.at(moment, there)

    async def posted(self, text):
        """Return the posts that have a text in them, once there is one."""
        found = []

        def there():
            found[:] = [shown for shown in self.chat.messages.values() if text in written(shown.post)]
            return found

        await self.chat.until(there)
        return found


@pytest.fixture
def opened(tmp_path):
    @asynccontextmanager
    async def open_with(clock=None, **settings):
        tables = {"default": {"members": MEMBERS, "pattern": "quick"}}
        usual = {"schedules": {"zone": "Europe/Berlin", "country": "DE"}, "people": {"roles": ROLES}}
        made = Settings(home=tmp_path, committees=tables, **{**usual, **settings})
        chat, clock = RecordingChat(), clock or HandClock(SUNDAY)
        async with running(made, chats={"slack": chat}, model=plays(SAYS), clock=clock) as app:
            yield Timed(app, chat, clock)

    return open_with


@pytest.fixture
async def desk(opened):
    async with opened() as desk:
        yield desk


def buttons(post):
    return [button.command for part in post.parts if isinstance(part, Buttons) for button in part.buttons]


async def test_what_was_understood_is_said_back_with_the_next_three_times(desk) -> None:
    said = await desk.reads('schedule add "every Monday 9:00" ask "What is new?"')
    assert "I have understood: every Monday at 09:00, Europe/Berlin time." in said
    for day in ("Mon 23 November 2026 09:00", "Mon 30 November 2026 09:00", "Mon 7 December 2026 09:00"):
        assert f"- {day}" in said
    german = await desk.reads("schedule add am letzten Werktag des Monats um 10 ask Was ist neu?", locale="de")
    assert "Verstanden: am letzten Arbeitstag jedes Monats um 10:00 Uhr" in german
    assert "- Mo 30. November 2026 10:00" in german


async def test_every_way_of_typing_it_means_the_same(desk) -> None:
    for text in (
        '"every Monday 9:00" ask Is it?', "“every Monday 9:00” ask Is it?", "every Monday 9:00 ask Is it?",
        "'every Monday 9:00' Ask Is it?",
    ):  # fmt: skip
        made = await desk.add(text)
        assert (made.typed, made.what.casefold(), made.address) == ("every Monday 9:00", "ask is it?", CHANNEL)
    bare = await desk.add('"daily 9" Should we move?')
    assert bare.what == "Should we move?"


async def test_a_channel_that_dexter_can_post_in_is_taken_and_any_other_refused(desk) -> None:
    request = {"channels": {"#ops": "slack:T1:C2"}}
    made = await desk.add('"daily 9" ask "Is it?" in #ops', **request)
    assert (made.address, made.where, made.what) == ("slack:T1:C2", "#ops", 'ask "Is it?"')
    made = await desk.add('"daily 10" ask Is it? --in #ops', **request)
    assert made.address == "slack:T1:C2"
    assert "I cannot post in #secret" in await desk.reads('schedule add "daily 9" ask x in #secret', **request)
    assert "From the terminal" in await desk.reads('schedule add "daily 9" ask x in #ops', address="terminal:local:1")


async def test_what_cannot_be_is_refused_with_a_sentence_and_nothing_is_kept(desk) -> None:
    refusals = {
        'schedule add "31 February" ask x': "There is no 31 February",
        'schedule add "today 9:00" ask x': "in the past already",
        'schedule add "every Monday in Atlantis" ask x': "I know no time zone “Atlantis”",
        'schedule add "every fluffy day" ask x': "I do not understand “every fluffy day”",
        'schedule add "daily 9"': "What shall I do then?",
        "schedule add": "When?",
        "schedule add ask x": "When?",
        'schedule add "daily 9" help': "`help` cannot be scheduled",
        'schedule add "daily 9" skill show x': "Of `skill` this cannot be scheduled",
        'schedule add "daily 9" skill run nothing': "There is no skill “nothing” here",
        'schedule add "daily 9" ask x --committee nobody': "I know no committee “nobody”",
        'schedule add "daily 9" schedule add "daily 9" ask x': "`schedule` cannot be scheduled",
        'schedule add "daily 9" ask x --missed never': "`--missed` can be once, all or skip",
        "schedule shw": "I know no “schedule shw”. Did you mean show?",
        "schedule pause": "Which schedule?",
        "schedule pause abcdefghijkl": "There is no schedule “abcdefghijkl” here",
        "schedule zone Atlantis": "I know no time zone",
    }
    said = {text: await desk.reads(text) for text in refusals}
    assert {text: start in said[text] for text, start in refusals.items()} == dict.fromkeys(refusals, True), said
    assert await desk.store.schedules(TENANT) == []
    assert "You may not have Dexter do things" in await desk.reads('schedule add "daily 9" ask x', person="slack:GUEST")


async def test_a_person_may_have_so_many(opened) -> None:
    async with opened(schedules={"zone": "UTC", "person": 1}) as desk:
        await desk.add('"daily 9" ask x')
        assert "You have 1 schedules already" in await desk.reads('schedule add "daily 10" ask x')


async def test_whose_clock_counts(desk) -> None:
    assert (await desk.add('"daily 9" ask 1')).rule.zone == "Europe/Berlin"
    assert (await desk.add('"daily 9" ask 2', zone="Asia/Kathmandu")).rule.zone == "Asia/Kathmandu"
    assert (await desk.add('"daily 9" ask 3', zone="Mars/Olympus")).rule.zone == "Europe/Berlin"
    assert "Australia/Lord_Howe" in await desk.reads("schedule zone lord howe")
    assert (await desk.add('"daily 9" ask 4', zone="Asia/Kathmandu")).rule.zone == "Australia/Lord_Howe"
    await desk.app.desk.store.keep_channel(Channel(tenant=TENANT, address=CHANNEL, zone="America/New_York"))
    assert (await desk.add('"daily 9" ask 5')).rule.zone == "America/New_York"
    assert (await desk.add('"daily 9 in Berlin" ask 6')).rule.zone == "Europe/Berlin"


async def test_the_question_arrives_at_its_minute_and_says_how_it_came_about(desk) -> None:
    made = await desk.add('"every Monday 9:00" ask "Should we move?"')
    desk.clock.set(NINE - timedelta(seconds=1))
    [(occurrence, _)] = await desk.fired(NINE, made)
    assert (occurrence.at, occurrence.fired_at, occurrence.outcome) == (NINE, NINE, "started")
    [root] = await desk.posted("Scheduled by Ann: every Monday at 09:00")
    assert written(root.post).startswith("**Ann** asks: Should we move?")
    await desk.posted("Move.")
    assert (await desk.store.schedule(TENANT, made.id)).next_at == NINE + timedelta(days=7)
    history = await desk.reads(f"schedule history {made.id}")
    assert f"Mon 23 November 2026 09:00 | answered | {occurrence.run}" in history


async def test_what_comes_late_says_so(desk) -> None:
    made = await desk.add('"daily 9" ask "Should we move?"')
    [(occurrence, _)] = await desk.fired(NINE + timedelta(days=2, hours=3), made)
    assert (occurrence.at, occurrence.missed) == (NINE + timedelta(days=2), 2)
    [root] = await desk.posted("It is late by 3 h.")
    assert "Times that were missed and are not made up for: 2." in written(root.post)
    assert "late by 3 h, missed before: 2" in await desk.reads(f"schedule history {made.id}")


async def test_missed_times_are_all_made_up_for_or_skipped_as_was_wanted(desk) -> None:
    each = await desk.add('"daily 9" ask "Each?" --missed all')
    none = await desk.add('"daily 9" ask "None?" --missed skip')
    late = NINE + timedelta(days=2, hours=3)
    found = await desk.fired(late, each, times=3)
    assert [occurrence.at for occurrence, _ in found] == [NINE + timedelta(days=n) for n in (2, 1, 0)]
    [(skipped, status)] = await desk.fired(late, none)
    assert (skipped.outcome, skipped.missed, status) == ("skipped", 2, "")
    assert "missed, not made up for, missed before: 2" in await desk.reads(f"schedule history {none.id}")


async def test_one_who_lost_the_right_has_it_paused_and_that_is_said(opened) -> None:
    async with opened() as desk:
        made = await desk.add('"daily 9" ask "Should we move?"', person="slack:BOB")
    async with opened(HandClock(SUNDAY), people={"roles": {**ROLES, "slack:BOB": "guest"}}) as desk:
        [(occurrence, status)] = await desk.fired(NINE, made)
        assert (occurrence.outcome, status) == ("refused", "failed")
        await desk.posted(f"I have paused the schedule {made.id} of Ann: You may not ask the committee")
        after = await desk.store.schedule(TENANT, made.id)
        assert after.state is State.PAUSED
        shown = await desk.type(f"schedule show {made.id}")
        assert "paused: You may not ask the committee" in written(shown)
        assert f"schedule resume {made.id}" in buttons(shown)


async def test_a_channel_that_took_no_post_has_its_schedule_paused(desk) -> None:
    made = await desk.add('"daily 9" ask "Should we move?"')
    desk.chat.failures[:] = [Undeliverable("The channel is archived.")] * 10
    await desk.fired(NINE, made)
    run = (await desk.store.schedule(TENANT, made.id)).last_run

    async def buried():
        return await desk.store.undelivered(TENANT, run)

    await desk.at(NINE, buried)
    await desk.fired(NINE + timedelta(days=1), made, times=2)
    after = await desk.store.schedule(TENANT, made.id)
    assert (after.state, str(after.why)) == (
        State.PAUSED,
        "The channel did not take my last post: The channel is archived.",
    )


async def test_in_quiet_hours_it_waits_until_they_end(desk) -> None:
    await desk.app.desk.store.keep_channel(Channel(tenant=TENANT, address=CHANNEL, quiet="22:00-09:30 Europe/Berlin"))
    said = await desk.reads('schedule add "daily 9" ask "Should we move?"')
    assert "In the quiet hours of this channel (22:00-09:30 Europe/Berlin) I wait until they end." in said
    [made] = await desk.store.schedules(TENANT)

    async def waits():
        return await desk.store.earliest() == NINE + timedelta(minutes=30)

    await desk.at(NINE, waits)
    assert await desk.store.history(TENANT, made.id) == []
    [(occurrence, _)] = await desk.fired(NINE + timedelta(minutes=30), made)
    assert occurrence.at == NINE
    await desk.posted("It is late by 30 min.")


async def test_a_clock_that_jumps_back_fires_nothing_twice(desk) -> None:
    made = await desk.add('"daily 9" ask "Should we move?"')
    await desk.fired(NINE, made)
    for moment in (NINE - timedelta(hours=2), NINE - timedelta(minutes=1), NINE, NINE + timedelta(seconds=1)):
        desk.clock.set(moment)
        await asyncio.wait_for(desk.clock.waiting.wait(), 10)
    assert len(await desk.store.history(TENANT, made.id)) == 1
    await desk.fired(NINE + timedelta(days=1), made, times=2)


async def test_pause_resume_run_edit_and_remove(desk) -> None:
    made = await desk.add('"daily 9" ask "Should we move?"')
    assert "is paused" in await desk.reads(f"schedule pause {made.id}")
    desk.clock.set(NINE + timedelta(hours=1))
    assert "Tue 24 November 2026 09:00" in await desk.reads(f"schedule resume {made.id}")
    assert await desk.store.history(TENANT, made.id) == []
    assert "runs now, as" in await desk.reads(f"schedule run {made.id}")
    await desk.posted("Scheduled by Ann, run by hand by Ann.")
    assert "by hand" in await desk.reads(f"schedule history {made.id}")
    edited = await desk.reads(f'schedule edit {made.id} "every Friday 17:00" --missed all')
    assert "I have understood: every Friday at 17:00" in edited
    assert (await desk.store.schedule(TENANT, made.id)).missed == "all"
    assert f"{made.id} | Fri 27 November 2026 17:00 | every Friday 17:00" in await desk.reads("schedule list")
    assert "is removed" in await desk.reads(f"schedule remove {made.id}")
    assert "Nothing is scheduled" in await desk.reads("schedule")


async def test_others_may_look_and_only_operators_may_change(desk) -> None:
    made = await desk.add('"daily 9" ask "Should we move?"', person="slack:BOB")
    shown = await desk.type(f"schedule show {made.id}", person="slack:CAT")
    assert buttons(shown) == [f"schedule history {made.id}"]
    for part in ("pause", "remove", "run", "edit"):
        said = await desk.reads(f"schedule {part} {made.id} daily 10", person="slack:CAT")
        assert "This schedule is Ann's" in said, part
    assert "is paused" in await desk.reads(f"schedule pause {made.id}", person="slack:OPS")


async def test_what_is_scheduled_in_private_stays_between_the_two(desk) -> None:
    direct = "slack:T1:D1"
    made = await desk.add('"daily 9" ask "Am I doing well?"', person="slack:BOB", address=direct)
    assert made.private
    assert "Nothing is scheduled" in await desk.reads("schedule list", person="slack:OPS")
    assert "There is no schedule" in await desk.reads(f"schedule show {made.id}", person="slack:OPS")
    await desk.fired(NINE, made)
    run = (await desk.store.schedule(TENANT, made.id)).last_run
    assert (await desk.app.desk.store.collaboration(TENANT, run)).private


async def test_a_redelivered_request_makes_one_schedule(opened) -> None:
    async with opened() as desk:
        await desk.type('schedule add "daily 9" ask x')
    async with opened() as desk:
        desk.key = "again"
        await desk.type('schedule add "daily 9" ask x')  # the same key again, in a process that has forgotten it
        assert len(await desk.store.schedules(TENANT)) == 1


async def test_a_report_and_a_campaign_come_by_schedule_each_once(desk) -> None:
    report = await desk.add('"every Monday 9:00" report usage')
    goal = "Find out whether the new billing service is ready for its launch in May"
    campaign = await desk.add(f'"every Monday 9:00" campaign start "{goal}"', person="slack:OPS")
    tick = await desk.reads('schedule add "daily 9" campaign status')
    assert "Of `campaign` this cannot be scheduled: “status”" in tick
    [(reported, _)] = await desk.fired(NINE, report)
    [(started, _)] = await desk.fired(NINE, campaign)
    assert (reported.outcome, started.outcome) == ("started", "done")
    await desk.posted("Scheduled by Ann: every Monday at 09:00")
    assert [each.goal for each in await desk.app.desk.campaigns.list(TENANT)] == [goal]
    key = f"sched:{campaign.id}:2026-11-23T08:00:00Z"
    [made] = await desk.app.desk.campaigns.list(TENANT)
    said = f"Scheduled by Ann: every Monday at 09:00, Europe/Berlin time (schedule {campaign.id})."
    assert said in written(card(made, ENGLISH, NINE))
    await planned(desk.app.desk, request_of(campaign, key))  # as after a kill between the act and its bookkeeping
    assert len(await desk.app.desk.campaigns.list(TENANT)) == 1
