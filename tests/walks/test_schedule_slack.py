"""A scheduled question arrives in Slack at the right minute in the right zone, once, however many workers there are."""

from datetime import UTC, datetime, timedelta

from core.schedules.schedule import State
from tests.doubles.slack_walk import SAYS, Opened
from tests.doubles.timetables import HandClock

SUNDAY = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
NINE_IN_NEW_YORK = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
TENANT = "slack:T1"


async def test_a_scheduled_question_arrives_at_nine_by_the_clock_of_who_asked_for_it(opened: Opened) -> None:
    clock = HandClock(SUNDAY)
    async with opened(SAYS, clock=clock) as walk:
        walk.model.gate.set()
        walk.server.space.zones["U1"] = "America/New_York"
        await walk.acked(walk.server.command('schedule add "every Monday 9:00" ask "Should we move?"'))
        store = walk.app.desk.schedules.store
        [made] = await store.schedules(TENANT)
        assert made.next_at == NINE_IN_NEW_YORK
        clock.set(NINE_IN_NEW_YORK - timedelta(minutes=1))
        await clock.waiting.wait()
        assert "Scheduled by" not in walk.server.transcript()
        clock.set(NINE_IN_NEW_YORK)
        root = await walk.said("asks: Should we move?")
        assert root.get("thread_ts") is None
        assert "Scheduled by Ada Lovelace: every Monday at 09:00, America/New_York time" in str(root)
        answer = await walk.answered(root["ts"])
        assert "Move" in answer["text"]
        assert len([each for each in await walk.runs() if each.question == "Should we move?"]) == 1


async def test_a_schedule_is_paused_run_and_removed_by_its_buttons(opened: Opened) -> None:
    async with opened(SAYS, clock=HandClock(SUNDAY)) as walk:
        walk.model.gate.set()
        await walk.acked(walk.server.say('<@UDEXTER> schedule add "daily 9" ask "Should we move?"'))
        await walk.said("I have understood: every day at 09:00, Europe/London time.")
        store = walk.app.desk.schedules.store
        await walk.acked(walk.server.press("Run now"))
        root = await walk.said("run by hand by Ada Lovelace")
        await walk.answered(root["ts"])
        await walk.acked(walk.server.press("Pause"))
        [made] = await store.schedules(TENANT)
        assert made.state is State.PAUSED
        await walk.acked(walk.server.press("Remove"))
        assert await store.schedules(TENANT) == []
