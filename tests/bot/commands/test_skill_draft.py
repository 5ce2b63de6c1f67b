"""`skill draft` through the whole of Dexter: the answer names a version that is there, tested and ready to be used."""

from bot.app import running
from bot.settings import Settings
from core.events import Answer, Proposal
from core.skills.results import TestRun
from core.skills.skill import Stage
from tests.bot.commands.conftest import MEMBERS, TENANT, Desk, written
from tests.doubles.drafting_world import GOOD, REQUEST, scripted
from tests.doubles.recording_chat import RecordingChat


async def test_a_sentence_becomes_a_tested_version_in_the_thread(tmp_path):
    made = Settings(
        home=tmp_path,
        committees={"default": {"members": MEMBERS}},
        people={"roles": {"slack:OPS": "operator"}},
        sandbox={"kind": "bubblewrap"},
        skills={"tier": "limited"},
    )
    chat = RecordingChat()
    model = scripted({member["name"]: GOOD for member in MEMBERS})
    async with running(made, chats={"slack": chat}, model=model) as app:
        desk = Desk(app, chat)
        history = await desk.ask(f"skill draft {REQUEST}")
        bodies = [event.body for event in history]
        answer = bodies[-1]
        assert isinstance(answer, Answer)
        assert answer.drafted, answer.text
        version = await app.desk.skills.version(TENANT, answer.drafted.skill, answer.drafted.version)
        assert (version.skill, version.stage, version.collaboration) == ("double", Stage.TESTED, history[0].run)
        assert {type(body) for body in bodies} >= {Proposal, TestRun}
        post = next(s.post for s in chat.messages.values() if s.key == f"{history[0].run}:answer")
        assert f"**double {version.version}** is written (tested)." in written(post)
