"""A team in Slack pursues a goal: a plan approved by button, a note in the thread, a pause, a person asked, an end."""

import asyncio
from typing import Any

import pytest

from bot.slack.thread import slot_of
from core.campaigns.campaign import Campaign, Course, Stage
from core.entities import Role
from tests.doubles.campaign_model import plays_along
from tests.doubles.slack_checks import masked_links, pings
from tests.doubles.slack_walk import Opened, Walk

pytestmark = pytest.mark.timeout(110)
PEOPLE = {"roles": {"slack:U1": Role.MEMBER, "slack:U2": Role.MEMBER, "slack:U3": Role.GUEST}}
HOSTILE = "Ship it <!channel> <@U2> [click](https://evil.example) *now* `rm -rf` @here"


async def campaign(walk: Walk) -> Campaign:
    (found,) = await walk.app.desk.campaigns.list("slack:T1", limit=2)
    return found


async def until(walk: Walk, true: Any) -> Campaign:
    """Wait for a state of the one campaign."""
    async with asyncio.timeout(60):
        while not ((found := await walk.app.desk.campaigns.list("slack:T1", limit=2)) and true(found[0])):
            await asyncio.sleep(0.02)
    return found[0]


def slots(walk: Walk, channel: str = "C1") -> list[str]:
    """The slots of what was posted for everybody."""
    return [slot for post in walk.server.space.posts(channel) if (slot := slot_of(post)[1])]


async def shown(walk: Walk, slot: str, text: str, channel: str = "C1") -> dict[str, Any]:
    """The post of a slot, once it says `text`."""

    def there() -> list[dict[str, Any]]:
        posts = walk.server.space.posts(channel)
        return [post for post in posts if slot_of(post)[1] == slot and text in str(post)]

    try:
        return dict((await walk.until(there, 30))[0])
    except TimeoutError:
        pytest.fail(f"No {slot} with {text!r}:\n{walk.server.transcript(channel)}")


async def noted_down(walk: Walk, card: dict[str, Any]) -> None:
    """Wait until Dexter knows its own card: Slack shows it some milliseconds earlier than anybody could reply to it."""
    async with asyncio.timeout(30):
        while not await walk.app.desk.campaigns.at("slack:T1", f"slack:T1:C1:{card['ts']}"):
            await asyncio.sleep(0.02)


async def test_a_goal_is_planned_approved_worked_on_and_met_with_its_card_moving(opened: Opened) -> None:
    async with opened(people=PEOPLE, player=plays_along) as walk:
        walk.model.gate.set()
        await walk.acked(walk.server.command('campaign start "Write a short paper on tea" --budget "$5, 200k tokens"'))
        request = await shown(walk, "request:1", "Approve")
        card = await shown(walk, "question", "The plan waits for approval")
        assert request["thread_ts"] == card["ts"]
        assert pings(request) == ["user"], "who is asked is called, once"
        assert pings(card) == []
        await walk.acked(walk.server.press("Approve"))
        over = await until(walk, lambda c: c.course.over)
        assert over.course is Course.MET
        await shown(walk, "answer", "a page that names them")
        for name in ("campaign-1.png", ".pdf"):
            await walk.until(lambda name=name: name in walk.server.transcript("C1"), 60)
        await shown(walk, "question", "The goal is met")
        await shown(walk, "request:1", "said yes")
        await walk.acked(walk.server.press("Gantt chart"))
        await walk.until(lambda: f"gantt-{over.id}.png" in walk.server.transcript("C1"), 60)
        kinds = slots(walk)
        assert len(kinds) == len(set(kinds)), "nothing is posted twice"
        assert pings(walk.server.space.posts("C1")[1]) == [], "the request that was answered calls nobody"


async def test_a_template_is_started_noted_paused_resumed_and_a_person_answers_in_the_thread(opened: Opened) -> None:
    async with opened(people=PEOPLE, player=plays_along) as walk:
        walk.model.gate.set()
        sent = 'campaign start --template runbook task="Restart the cache" system="cache-1" --mode autonomous'
        await walk.acked(walk.server.command(sent))
        card = await shown(walk, "question", "Restart the cache")
        await until(walk, lambda c: c.course is Course.RUNNING)
        await noted_down(walk, card)
        await walk.acked(walk.server.say("The cache is behind the proxy now.", user="U2", thread_ts=card["ts"]))
        await until(walk, lambda c: [r.text for r in c.remarks] == ["The cache is behind the proxy now."])
        await walk.acked(walk.server.press("Pause"))
        await until(walk, lambda c: c.course is Course.PAUSED)
        await shown(walk, "question", "Paused")
        await walk.acked(walk.server.press("Resume"))
        asked = await until(walk, lambda c: c.objectives[4].stage is Stage.WAITING)
        number = asked.objectives[4].wait.number  # type: ignore[union-attr]
        request = await shown(walk, f"request:{number}", "Try it")
        assert pings(request) == ["user"]
        await walk.acked(walk.server.say("Grace got through in 20 minutes.", thread_ts=card["ts"]))
        over = await until(walk, lambda c: c.course.over)
        assert over.objectives[4].result == "Grace got through in 20 minutes."
        await shown(walk, f"request:{number}", "Grace got through")
        await shown(walk, "answer", "has met its goal")
        assert len(await walk.app.desk.store.recent("slack:T1")) == 1, "no reply in the thread became a question"
        assert len(slots(walk)) == len(set(slots(walk)))


async def test_a_person_who_is_asked_answers_by_a_window_and_no_is_a_no(opened: Opened) -> None:
    plan = "1. Ask around\ndone when: somebody has said yes\nneeds: none\nby: person\n"
    async with opened(people=PEOPLE, player=lambda prompt: plays_along(prompt, plan)) as walk:
        walk.model.gate.set()
        await walk.acked(walk.server.command('campaign start "Find somebody who tries the runbook" --mode autonomous'))
        await until(walk, lambda c: bool(c.objectives) and c.objectives[0].stage is Stage.WAITING)
        await shown(walk, "request:1", "Ask around")
        await walk.acked(walk.server.press("Answer…", user="U2"))
        await walk.until(lambda: "You may not steer the campaigns of others" in walk.server.transcript("C1"))
        await walk.acked(walk.server.press("Answer…"))
        assert walk.people.views.window["callback_id"] == "dexter:run"
        await walk.acked(walk.people.sends({"in:0": {"type": "plain_text_input", "value": "Grace\ndid it"}}))
        over = await until(walk, lambda c: c.course.over)
        assert over.objectives[0].result == "Grace\ndid it"
        await shown(walk, "request:1", "Grace did it")


async def test_the_plan_is_edited_in_a_window_before_it_is_approved(opened: Opened) -> None:
    async with opened(people=PEOPLE, player=plays_along) as walk:
        walk.model.gate.set()
        await walk.acked(walk.server.command('campaign start "Write a short paper on tea"'))
        await shown(walk, "request:1", "Approve")
        await walk.acked(walk.server.press("Edit…"))
        await walk.until(lambda: "Which objective is to change?" in walk.server.transcript("C1"))
        await walk.acked(walk.server.press("2 Write it up"))
        window = walk.people.views.window
        assert window["title"]["text"] == "2 Write it up"
        typed = {"type": "plain_text_input"}
        await walk.acked(
            walk.people.sends({
                "in:0": typed | {"value": "Write it up in German"},
                "in:1": typed | {"value": "it names every fact"},
                "in:2": typed | {"value": ""},
            })
        )  # fmt: skip
        edited = await until(walk, lambda c: c.objectives[1].title == "Write it up in German")
        assert edited.objectives[1].needs == (), "what was emptied is empty"
        await shown(walk, "request:1", "Write it up in German")
        await walk.acked(walk.server.press("Reject…"))
        await walk.acked(walk.people.sends({"in:0": typed | {"value": "Shorter, please"}}))
        again = await until(walk, lambda c: c.plans > 1 or c.requests > 1)
        assert not again.course.over


async def test_who_says_what_in_the_thread_matters_and_a_command_stays_a_command(opened: Opened) -> None:
    async with opened(people=PEOPLE, player=plays_along) as walk:
        walk.model.gate.set()
        asked = await walk.acked(walk.server.say('<@UDEXTER> campaign start "Write a short paper on tea"'))
        await shown(walk, "request:1", "Approve")
        await walk.acked(walk.server.say("What do you think, <@U2>?", thread_ts=asked.ts))
        await walk.acked(walk.server.say("I would not do that", user="U3", thread_ts=asked.ts))
        await walk.acked(walk.server.say("<@UDEXTER> campaign list", thread_ts=asked.ts))
        await walk.until(lambda: "The plan waits for approval" in walk.server.transcript("C1"))
        await walk.acked(walk.server.say("help", user="U2", thread_ts=asked.ts))
        await until(walk, lambda c: [r.text for r in c.remarks] == ["help"])
        await walk.acked(walk.server.say("<@UDEXTER> use green tea as well", thread_ts=asked.ts))
        await until(walk, lambda c: [r.text for r in c.remarks] == ["help", "use green tea as well"])
        await walk.acked(walk.server.say("ok", thread_ts=asked.ts))
        await until(walk, lambda c: c.course in (Course.RUNNING, Course.MET))
        over = await until(walk, lambda c: c.course.over)
        await walk.acked(walk.server.say("<@UDEXTER> And now?", thread_ts=asked.ts))
        await walk.until(lambda: "And now?" in str(walk.model.read()))
        assert "And now?" not in str(over.remarks), "a campaign that is over hears nothing"


async def test_what_people_write_calls_nobody_and_links_nowhere(opened: Opened) -> None:
    async with opened(people=PEOPLE, player=plays_along) as walk:
        walk.model.gate.set()
        sent = walk.server.say(f"<@UDEXTER> campaign start {HOSTILE} --mode autonomous")
        await walk.acked(sent)
        over = await until(walk, lambda c: c.course.over)
        assert "evil.example" in over.goal
        await shown(walk, "answer", "Objectives met")
        for post in walk.server.space.posts("C1"):
            assert pings(post) == []
            assert masked_links(post) == []
