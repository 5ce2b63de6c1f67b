"""Every way in from Slack, walked to its answer, over a socket and over HTTP."""

from pathlib import Path
from typing import Any

import pytest

from core.entities import Status
from tests.doubles.slack_walk import TRANSPORTS, Opened, Walk, dexter


async def test_slack_is_thanked_in_time_however_long_it_takes_to_read_a_thread(opened: Opened) -> None:
    async with opened() as walk:
        walk.model.gate.set()
        root = walk.server.say("He wants 10 % more.")
        walk.server.fault("conversations.replies", hangs=True)
        sent = await walk.acked(walk.server.say("<@UDEXTER> Should we move?", thread_ts=root.ts))
        assert sent.attempt == 0
        await walk.answered(root.ts)
        assert len(await walk.runs()) == 1


async def test_the_agent_view_offers_questions_shows_that_it_works_and_stops(opened: Opened) -> None:
    async with opened() as walk:
        await walk.sets(committee="ops")
        await walk.acked(walk.people.opens("messages", beside="C1"))
        offered = walk.people.views.prompts["DU1"]
        assert "thread_ts" not in offered
        assert "#general" in offered["prompts"][0]["title"]
        assert "--committee ops" in offered["prompts"][0]["message"]
        sent = await walk.acked(walk.server.say("Should we move?", "DU1"))
        here = ("DU1", sent.ts)
        await walk.until(lambda: walk.people.views.sessions.get(here, {}).get("status") == "processing")
        assert walk.people.views.sessions[here]["title"] == "Should we move?"
        await walk.acked(walk.people.stops("DU1", sent.ts))
        await walk.until(lambda: walk.people.views.sessions[here]["status"] == "active")
        await walk.said("Stopping", "DU1")
        walk.model.gate.set()
        await walk.answered(sent.ts, "DU1")
        (run,) = await walk.runs()
        assert run.status is Status.STOPPED


async def test_a_direct_message_is_shown_to_nobody_else(opened: Opened) -> None:
    async with opened() as walk:
        walk.model.gate.set()
        sent = await walk.acked(walk.server.say("Should I leave?", "DU1"))
        await walk.answered(sent.ts, "DU1")
        (run,) = await walk.runs()
        button = {"type": "button", "action_id": "dexter:details:answer:0", "value": run.id}
        await walk.acked(walk.people.acts(button, user="U2"))
        await walk.said("There is no collaboration", "DU2")
        assert walk.people.views.windows == {}
        await walk.acked(walk.server.say(f"<@UDEXTER> show {run.id}", user="U2"))
        told = await walk.said("There is no collaboration")
        assert run.id in told["text"]
        await walk.acked(walk.server.say("<@UDEXTER> show --find leave", user="U2"))
        await walk.said("nothing")
        assert "Should I leave?" not in walk.server.transcript("C1")


async def test_a_session_is_idle_again_after_its_answer_and_a_stop_with_nothing_to_stop_says_so(opened: Opened) -> None:
    async with opened() as walk:
        walk.model.gate.set()
        sent = await walk.acked(walk.server.say("Should we move?", "DU1"))
        await walk.answered(sent.ts, "DU1")
        session = await walk.until(lambda: walk.people.views.sessions.get(("DU1", sent.ts)))
        await walk.until(lambda: session["history"][-1] == "active")
        await walk.acked(walk.people.stops("DU1", sent.ts))
        await walk.said("Nothing is being worked on here.", "DU1")


async def test_an_app_without_agent_sessions_uses_the_threads_of_assistants(opened: Opened) -> None:
    async with opened() as walk:
        walk.people.views.agent = False
        sent = await walk.acked(walk.server.say("Should we move?", "DU1"))
        await walk.until(lambda: walk.people.views.titles)
        assert walk.people.views.statuses[0]["thread_ts"] == sent.ts
        walk.model.gate.set()
        await walk.answered(sent.ts, "DU1")
        await walk.until(lambda: walk.people.views.statuses[-1]["status"] == "")


async def test_the_home_tab_shows_what_is_running_stops_it_and_is_renewed_when_it_ends(opened: Opened) -> None:
    async with opened() as walk:
        await walk.acked(walk.server.say("<@UDEXTER> Should we move?"))
        await walk.until(walk.server.space.posts)
        await walk.acked(walk.people.opens())
        assert "Should we move?" in str(walk.people.views.homes["U1"])
        assert "Settings of a channel" not in str(walk.people.views.homes["U1"])
        times = len(walk.people.views.published)
        await walk.acked(walk.people.presses("Stop", home=True))
        await walk.said("Stopping", "DU1")
        walk.model.gate.set()
        await walk.until(lambda: len(walk.people.views.published) > times and "(stopped)" in str(_home(walk)))


def _home(walk: Walk) -> Any:
    return walk.people.views.homes["U1"]


async def test_an_emoji_asks_only_where_it_was_set(opened: Opened) -> None:
    async with opened() as walk:
        walk.model.gate.set()
        await walk.sets(reaction="scales")
        root = walk.server.say("Shall we rent the building?")
        await walk.acked(walk.people.reacts("eyes", root.ts))
        await walk.acked(walk.people.reacts("scales::skin-tone-2", root.ts))
        await walk.acked(walk.people.reacts("scales", root.ts))
        elsewhere = walk.server.say("Not here.", "DU1")
        await walk.acked(walk.people.reacts("scales", elsewhere.ts, "DU1"))
        await walk.answered(root.ts)
        asked = [run.question for run in await walk.runs()]
        assert asked.count("Shall we rent the building?") == 1


async def test_a_workflow_step_gets_its_answer_also_after_a_restart(tmp_path: Path, transport: str) -> None:
    async with TRANSPORTS[transport]() as server:
        async with dexter(tmp_path, server) as walk:
            inputs = {"question": "Should we move?", "committee": "ops", "pattern": "quick"}
            sent = await walk.acked(walk.people.runs_step("Fx1", **inputs))
            (run,) = await walk.runs()
            await walk.acked(walk.server.redeliver(sent))
        async with dexter(tmp_path, server) as walk:
            views = walk.people.views
            walk.model.gate.set()
            await walk.until(lambda: "Fx1" in views.outputs)
            outputs = views.outputs["Fx1"]["outputs"]
            assert set(outputs) == {"answer", "tally", "dissent", "run"}
            assert "Move" in outputs["answer"]
            assert outputs["run"] == run.id
            assert len(await walk.runs()) == 1
            assert all(server.space.posts(channel) == [] for channel in ("C1", "DU1"))


async def test_a_workflow_step_with_a_channel_is_answered_there_as_well(opened: Opened) -> None:
    async with opened() as walk:
        walk.model.gate.set()
        await walk.acked(walk.people.runs_step("Fx2", question="Should we move?", channel="C1"))
        question = await walk.said("Should we move?")
        await walk.answered(question["ts"])
        await walk.until(lambda: "outputs" in walk.people.views.outputs.get("Fx2", {}))


@pytest.mark.parametrize("inputs", [{"question": " "}, {"question": "Why?", "committee": "gone"}])
async def test_a_workflow_step_that_cannot_be_asked_ends_with_the_reason(
    opened: Opened, inputs: dict[str, str]
) -> None:
    async with opened() as walk:
        await walk.acked(walk.people.runs_step("Fx3", **inputs))
        await walk.until(lambda: walk.people.views.outputs.get("Fx3", {}).get("error"))
        assert await walk.runs() == []


async def test_where_every_message_counts_people_are_answered_and_bots_edits_and_quiet_hours_are_not(
    opened: Opened,
) -> None:
    async with opened() as walk:
        walk.model.gate.set()
        await walk.sets(listen="every")
        sent = await walk.acked(walk.server.say("Should we move?"))
        named = await walk.acked(walk.server.say("<@UDEXTER> Should we stay?"))
        await walk.acked(walk.server.say("I am a bot", user="U9", bot_id="B9"))
        await walk.acked(walk.people.edits(sent.ts, "Should we go?"))
        await walk.acked(walk.server.redeliver(named))
        await walk.answered(sent.ts)
        await walk.answered(named.ts)
        assert sorted(run.question for run in await walk.runs()) == ["Should we move?", "Should we stay?"]


async def test_in_quiet_hours_only_who_names_dexter_is_answered(opened: Opened) -> None:
    async with opened() as walk:
        await walk.sets(listen="every", quiet="00:00-23:59 UTC")
        await walk.acked(walk.server.say("Should we move?"))
        await walk.acked(walk.server.say("<@UDEXTER> Should we stay?"))
        assert [run.question for run in await walk.runs()] == ["Should we stay?"]


async def test_a_mention_in_a_thread_reads_the_thread_and_its_files(opened: Opened) -> None:
    async with opened() as walk:
        walk.model.gate.set()
        first = walk.server.file("rent.md", b"The old office costs 4200.")
        root = walk.server.say("The landlord wrote, <@U2>.", files=[first.row])
        walk.server.say("He wants 10 % more.", user="U2", thread_ts=root.ts)
        sent = await walk.acked(walk.server.say("<@UDEXTER> Should we move?", thread_ts=root.ts))
        await walk.answered(root.ts)
        (run,) = await walk.runs()
        names = [document.name for document in run.context]
        assert names == ["the thread so far", "rent.md"]
        assert run.context[0].text == (
            "Ada Lovelace: The landlord wrote, @Charles Babbage. [rent.md]\n\nCharles Babbage: He wants 10 % more."
        )
        again = await walk.acked(walk.server.say("<@UDEXTER> And now?", thread_ts=root.ts))
        newest = (await walk.runs())[0]
        assert "Dexter: " in newest.context[0].text
        assert "Should we move?" in newest.context[0].text
        assert sent.ts < again.ts
