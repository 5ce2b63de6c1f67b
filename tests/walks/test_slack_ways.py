"""Every way in from Slack, walked to its answer over a real socket."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.entities import Role, Status
from tests.doubles.slack_server import slack_server
from tests.doubles.slack_walk import Walk, dexter, walking

Opened = Callable[..., AbstractAsyncContextManager[Walk]]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    return partial(walking, tmp_path)


def typed(text: str) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": text}


def chosen(value: str) -> dict[str, Any]:
    return {"type": "static_select", "selected_option": {"value": value}}


async def test_ask_without_words_opens_a_form_and_its_question_is_answered_in_the_channel(opened: Opened) -> None:
    async with opened() as walk:
        walk.model.gate.set()
        await walk.acked(walk.server.command("ask"))
        assert walk.people.views.window["callback_id"] == "dexter:ask"
        file = walk.server.file("rent.md", b"The old office costs 4200.")
        fields = {
            "question": typed("Should we move?"),
            "committee": chosen("ops"),
            "pattern": chosen("quick"),
            "files": {"type": "file_input", "files": [file.row]},
            "where": chosen("here"),
        }
        sent = await walk.acked(walk.people.sends(fields))
        assert sent.acks[-1].get("payload") in (None, {})
        question = await walk.said("Should we move?")
        await walk.answered(question["ts"])
        (run,) = await walk.runs()
        assert (run.question, run.committee, run.pattern) == ("Should we move?", "ops", "quick")
        assert [(d.name, "4200" in d.text) for d in run.context] == [("rent.md", True)]
        await walk.acked(walk.server.redeliver(sent))
        assert len(await walk.runs()) == 1


async def test_what_is_wrong_in_a_form_is_said_beside_its_field(opened: Opened) -> None:
    async with opened() as walk:
        await walk.acked(walk.people.shortcut("ask_committee"))
        huge = {"id": "F9", "name": "huge.pdf", "size": 50_000_000}
        fields = {
            "question": typed(" … "),
            "committee": chosen("gone"),
            "files": {"type": "file_input", "files": [huge]},
        }
        sent = await walk.acked(walk.people.sends(fields))
        said = sent.acks[-1]["payload"]
        assert said["response_action"] == "errors"
        assert set(said["errors"]) == {"question", "committee", "files"}
        assert await walk.runs() == []


async def test_a_form_sent_privately_is_answered_in_direct_messages(opened: Opened) -> None:
    async with opened() as walk:
        walk.model.gate.set()
        await walk.acked(walk.server.command("ask"))
        await walk.acked(walk.people.sends({"question": typed("Is this private?"), "where": chosen("private")}))
        await walk.said("Is this private?", "DU1")
        assert walk.server.space.posts("C1") == []


async def test_a_shortcut_on_a_message_asks_about_it_in_its_thread(opened: Opened) -> None:
    async with opened() as walk:
        walk.model.gate.set()
        root = walk.server.say("Shall we rent the <@U2> building?", user="U2")
        await walk.acked(walk.people.shortcut_on("ask_about_message", root.ts))
        assert "@Charles Babbage building" in str(walk.people.views.window["blocks"][0])
        await walk.acked(walk.people.sends({"question": typed("What speaks against it?"), "where": chosen("here")}))
        await walk.answered(root.ts)
        (run,) = await walk.runs()
        assert run.address == f"slack:T1:C1:{root.ts}"
        assert run.context[0].name == "the message asked about"
        assert run.context[0].text == "Charles Babbage: Shall we rent the @Charles Babbage building?"


async def test_again_with_opens_a_form_whose_choice_is_asked(opened: Opened) -> None:
    async with opened() as walk:
        walk.model.gate.set()
        sent = await walk.acked(walk.server.say("<@UDEXTER> Should we move?"))
        await walk.answered(sent.ts)
        await walk.acked(walk.server.press("Again with…"))
        assert walk.people.views.window["callback_id"] == "dexter:again"
        await walk.acked(walk.people.sends({"committee": chosen("ops"), "pattern": chosen("quick")}))
        newest, first = await walk.runs()
        assert (newest.parent, newest.committee, newest.pattern) == (first.id, "ops", "quick")
        assert newest.address == first.address


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


async def test_who_may_set_up_a_channel_does_so_from_the_home_tab(opened: Opened) -> None:
    people = {"roles": {"slack:U1": Role.ADMINISTRATOR}}
    async with opened(people=people) as walk:
        await walk.acked(walk.people.opens())
        await walk.acked(walk.people.presses("Settings of a channel", home=True))
        select = {"type": "conversations_select", "action_id": "channel", "block_id": "channel"}
        await walk.acked(walk.people.acts(select | {"selected_conversation": "C1"}, view=walk.people.views.window))
        fields = {
            "channel": {"type": "conversations_select", "selected_conversation": "C1"},
            "committee": chosen("ops"),
            "listen": chosen("every"),
            "quiet": typed("22:00-07:00 Europe/Berlin"),
            "reaction": typed("scales"),
            "threads": chosen("off"),
        }
        await walk.acked(walk.people.sends(fields))
        kept = await walk.app.desk.store.channel("slack:T1", "slack:T1:C1")
        assert (kept.committee, kept.listen, kept.reaction, kept.thread_only) == ("ops", "every", "scales", False)
        assert kept.quiet == "22:00-07:00 Europe/Berlin"


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


async def test_a_workflow_step_gets_its_answer_also_after_a_restart(tmp_path: Path) -> None:
    async with slack_server() as server:
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
