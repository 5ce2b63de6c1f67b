"""What happens in Slack when something goes away while Dexter works: each ends with a sentence or without a trace."""

from typing import Any

import pytest

from bot.shapes import Button, Buttons, Post
from core.entities import Status
from tests.doubles.slack_walk import Opened, Walk


async def stopped(walk: Walk) -> None:
    """Let the committee speak, and see that the only run ends as stopped."""
    walk.model.gate.set()
    (run,) = await walk.runs()
    await walk.app.desk.runs.wait(run.id)
    assert (await walk.runs())[0].status is Status.STOPPED


async def works(walk: Walk, text: str = "<@UDEXTER> Should we move?", channel: str = "C1") -> str:
    """Ask, and return the message's time stamp once Dexter works on it."""
    sent = await walk.acked(walk.server.say(text, channel))
    await walk.until(lambda: walk.posts(sent.ts, channel))
    return sent.ts


@pytest.mark.parametrize("channel", ["C1", "DU1"])
async def test_a_question_that_is_deleted_stops(opened: Opened, channel: str) -> None:
    async with opened() as walk:
        ts = await works(walk, channel=channel)
        await walk.acked(walk.people.deletes(ts, channel))
        await stopped(walk)


async def test_a_question_in_a_thread_that_is_deleted_stops_and_others_there_go_on(opened: Opened) -> None:
    async with opened() as walk:
        root = await works(walk)
        reply = await walk.acked(walk.server.say("<@UDEXTER> And then?", thread_ts=root))
        await walk.acked(walk.people.deletes(reply.ts))
        walk.model.gate.set()
        await walk.answered(root)
        for run in await walk.runs():
            await walk.app.desk.runs.wait(run.id)
        assert [run.status for run in await walk.runs()] == [Status.STOPPED, Status.ANSWERED]


async def test_dexters_own_question_that_is_deleted_stops(opened: Opened) -> None:
    async with opened() as walk:
        await walk.acked(walk.server.command("ask Should we move?"))
        question = await walk.said("asks:")
        await walk.acked(walk.people.deletes(question["ts"]))
        await stopped(walk)


async def test_a_question_that_is_edited_goes_on_and_its_author_is_told_so(opened: Opened) -> None:
    async with opened() as walk:
        ts = await works(walk)
        await walk.acked(walk.people.edits(ts, "<@UDEXTER> Should we stay?"))
        told = await walk.said("You have changed your question.")
        assert told["only"] == "U1"
        walk.model.gate.set()
        await walk.answered(ts)
        await walk.acked(walk.people.edits(ts, "<@UDEXTER> Should we go?"))
        assert [run.question for run in await walk.runs()] == ["Should we move?"]
        assert sum("You have changed" in post["text"] for post in walk.server.space.posts()) == 1


async def test_a_channel_that_is_archived_stops_what_is_asked_there(opened: Opened) -> None:
    async with opened() as walk:
        await works(walk)
        await walk.acked(walk.people.archives())
        await stopped(walk)
        await walk.acked(walk.server.say("Are you there?", "DU1"))  # it lives on elsewhere
        await walk.until(lambda: walk.server.space.posts("DU1"))


async def test_dexter_removed_from_a_channel_stops_there_and_answers_the_next_question_privately(
    opened: Opened,
) -> None:
    async with opened() as walk:
        await walk.acked(walk.server.command("ask Should we move?"))
        await walk.said("asks:")
        await walk.acked(walk.people.removes_dexter())
        await stopped(walk)
        await walk.acked(walk.server.command("ask Should we stay?"))
        await walk.said("Should we stay?", "DU1")


async def test_who_leaves_the_channel_is_still_answered_in_its_thread(opened: Opened) -> None:
    async with opened() as walk:
        ts = await works(walk)
        await walk.acked(walk.people.leaves())
        walk.model.gate.set()
        await walk.answered(ts)
        (run,) = await walk.runs()
        assert run.status is Status.ANSWERED


async def test_an_old_button_whose_run_is_gone_says_so(opened: Opened) -> None:
    async with opened() as walk:
        root = walk.server.say("A question")
        for label, command in (("Details", "show zzzzzzzzzzzz"), ("Again with…", "again zzzzzzzzzzzz --choose")):
            post = Post((Buttons((Button(label, command),)),))
            await walk.app.chats["slack"].show(f"slack:T1:C1:{root.ts}", post, label, None, False)
            before = len(walk.server.space.posts())
            await walk.acked(walk.server.press(label))
            told = await walk.more(before)
            assert told["only"] == "U1"
            assert "zzzzzzzzzzzz" in told["text"]
        assert walk.people.views.windows == {}


async def test_a_window_that_slack_opens_no_more_is_a_sentence(opened: Opened) -> None:
    async with opened() as walk:
        walk.server.fault("views.open", error="expired_trigger_id")
        await walk.acked(walk.server.command("ask"))
        told = await walk.said("Slack did not open the window in time.")
        assert told["only"] == "U1"


async def test_a_window_that_was_changed_meanwhile_is_a_sentence(opened: Opened) -> None:
    async with opened() as walk:
        walk.model.gate.set()
        ts = (await walk.acked(walk.server.say("<@UDEXTER> Should we move?"))).ts
        await walk.answered(ts)
        await walk.acked(walk.server.press("Details"))
        stale = dict(walk.people.views.window)
        await walk.acked(walk.people.presses("Cost"))
        button = {"type": "button", "action_id": "dexter:details:ballots:0", "value": (await walk.runs())[0].id}
        await walk.acked(walk.people.acts(button, view=stale))
        await walk.said("Slack did not open the window in time.", "DU1")


@pytest.mark.parametrize("state", [{}, {"state": {}}, {"state": {"values": {}}}])
async def test_a_form_without_what_was_filled_in_is_a_sentence(opened: Opened, state: dict[str, Any]) -> None:
    async with opened() as walk:
        await walk.acked(walk.server.command("ask"))
        view = {key: value for key, value in walk.people.views.window.items() if key != "state"}
        sent = walk.server.interact({"type": "view_submission", "view": view | state, "user": {"id": "U1"}})
        await walk.acked(sent)
        said = sent.acks[-1]["payload"]
        assert said["response_action"] == "update"
        assert "from before Dexter was changed" in str(said["view"])


async def test_whatever_dexter_does_not_know_is_a_sentence(opened: Opened) -> None:
    async with opened() as walk:
        await walk.sets(language="de")
        root = walk.server.say("A question")
        action = {"type": "button", "action_id": "foreign", "block_id": "b", "value": "x"}
        box = {"type": "message", "message_ts": root.ts, "channel_id": "C1"}
        pressed = {"type": "block_actions", "actions": [action], "user": {"id": "U1"}, "container": box}
        await walk.acked(walk.server.interact(pressed | {"trigger_id": "1.1"}))
        assert (await walk.said("I do not know that button any more"))["only"] == "U1"
        await walk.acked(walk.people.shortcut("foreign"))
        await walk.said("I do not know that shortcut any more", "DU1")
        await walk.acked(walk.server.command("x", name="/other"))
        await walk.said("I do not know the command /other")
        form = {"id": "V9", "type": "modal", "callback_id": "foreign", "state": {"values": {"a": {"b": {}}}}}
        sent = await walk.acked(walk.server.interact({"type": "view_submission", "view": form, "user": {"id": "U1"}}))
        assert sent.acks[-1]["payload"]["response_action"] == "update"
        step = {"type": "function_executed", "function": {"callback_id": "foreign"}, "function_execution_id": "Fx9"}
        walk.people.views.steps.add("Fx9")
        await walk.acked(walk.server.event(step | {"inputs": {}}))
        assert "does not know this step" in walk.people.views.outputs["Fx9"]["error"]
        walk.people.views.steps.add("Fx10")
        german = step | {"inputs": {"channel": "C1"}, "function_execution_id": "Fx10"}
        await walk.acked(walk.server.event(german))
        assert "Bitte den Workflow aktualisieren" in walk.people.views.outputs["Fx10"]["error"]
        assert await walk.runs() == []
