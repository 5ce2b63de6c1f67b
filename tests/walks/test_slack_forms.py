"""Every form of Dexter's in Slack, opened, filled in and sent, over a socket and over HTTP."""

from typing import Any

from core.entities import Role
from tests.doubles.slack_walk import Opened


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


async def test_files_are_read_within_the_bounds_that_are_set(opened: Opened) -> None:
    async with opened(documents={"count": 2, "bytes": 100, "characters": 1000}) as walk:
        walk.model.gate.set()
        await walk.acked(walk.server.command("ask"))
        (field,) = [block for block in walk.people.views.window["blocks"] if block["block_id"] == "files"]
        assert field["element"]["max_files"] == 2
        files = [walk.server.file(f"{name}.md", b"4200").row for name in "abc"]
        for added, why in ((files, "2 files"), ([walk.server.file("d.md", b"x" * 101).row], "too large")):
            fields = {"question": typed("Should we move?"), "files": {"type": "file_input", "files": added}}
            sent = await walk.acked(walk.people.sends(fields))
            assert why in sent.acks[-1]["payload"]["errors"]["files"]
        root = walk.server.say("The landlord wrote.", files=files)
        await walk.acked(walk.server.say("<@UDEXTER> Should we move?", thread_ts=root.ts, files=files[:1]))
        (run,) = await walk.runs()
        assert [document.name for document in run.context] == ["the thread so far", "a.md", "a.md"]


async def test_where_there_are_many_committees_what_is_typed_suggests_some(opened: Opened) -> None:
    many = {f"team {number}": {"members": [{"name": "ann", "model": "scripted/ann"}]} for number in range(120)}
    async with opened(committees=many) as walk:
        await walk.acked(walk.server.command("ask"))
        sent = await walk.acked(walk.people.types("committee", "team 11"))
        offered = [option["value"] for option in sent.acks[-1]["payload"]["options"]]
        assert offered == ["team 11", *(f"team {number}" for number in range(110, 120))]


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
