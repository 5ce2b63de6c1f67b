"""A team in Slack has a skill written, watches its tests, promotes and runs it, in the real sandbox."""

from typing import Any

import pytest

from bot.posts import PROGRESS
from bot.slack.thread import slot_of
from core.entities import Role
from core.ports import Prompt
from tests.doubles.committee_world import member_of
from tests.doubles.drafts import REQUEST, replies
from tests.doubles.sandboxes import lacking
from tests.doubles.slack_walk import Opened, Walk

pytestmark = [
    pytest.mark.timeout(110),
    pytest.mark.skipif(bool(lacking("bubblewrap")), reason=lacking("bubblewrap")),
]
PEOPLE = {"roles": {"slack:U1": Role.ADMINISTRATOR, "slack:U2": Role.MEMBER}}


def typed(text: str) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": text}


def plays(prompt: Prompt) -> str:
    """What a member says while a skill is drafted."""
    return replies(prompt.messages[1].content, member_of(prompt))


def table(post: dict[str, Any]) -> list[list[str]]:
    """The rows of the table in a post."""
    rows = next(block["rows"] for block in post["blocks"] if block["type"] == "table")
    return [["".join(e["text"] for s in cell["elements"] for e in s["elements"]) for cell in row] for row in rows]


async def settled(walk: Walk, thread: str, text: str) -> dict[str, Any]:
    """The post in a thread that says `text`, once it is there."""
    return dict((await walk.until(lambda: [post for post in walk.posts(thread) if text in str(post)], 60))[0])


async def test_a_skill_is_drafted_watched_tested_promoted_approved_and_run(opened: Opened) -> None:
    async with opened(people=PEOPLE, player=plays) as walk:
        walk.model.gate.set()
        asked = await walk.acked(walk.server.say(f"<@UDEXTER> skill draft {REQUEST}"))
        answer = await settled(walk, asked.ts, "Draft: double 0.1.0")
        assert "Run its tests" in str(answer)
        await walk.answered(asked.ts)
        progress = next(post for post in walk.posts(asked.ts) if slot_of(post)[1] == PROGRESS)
        assert len(table(progress)) == 3, "two programs that differ, and what the columns are"

        await walk.acked(walk.server.press("Run its tests"))
        await settled(walk, asked.ts, "All tests passed")
        await walk.acked(walk.server.press("Promote"))
        await settled(walk, asked.ts, "It asks for no network and no secret.")
        await walk.acked(walk.server.press("Approve"))
        await settled(walk, asked.ts, "Approved by")

        await walk.acked(walk.server.command("skill run double"))
        assert walk.people.views.window["callback_id"] == "dexter:run"
        wrong = await walk.acked(walk.people.sends({"in:0": typed("four")}))
        assert wrong.acks[-1]["payload"]["errors"] == {"in:0": "write a whole number, such as 3"}
        await walk.acked(walk.people.sends({"in:0": typed("21")}))
        question = await walk.said("runs double 0.1.0")
        await settled(walk, question["ts"], "42")
        assert [run.task.kind for run in await walk.runs() if run.task] == ["run", "promote", "test"]


async def test_a_member_may_press_what_they_may_not_do_and_reads_why(opened: Opened) -> None:
    async with opened(people=PEOPLE, player=plays) as walk:
        walk.model.gate.set()
        asked = await walk.acked(walk.server.say(f"<@UDEXTER> skill draft {REQUEST}", user="U2"))
        await settled(walk, asked.ts, "Draft: double 0.1.0")
        await walk.acked(walk.server.press("Promote", user="U2"))
        await walk.until(lambda: "You may not bring skills in" in walk.server.transcript("C1"))
        assert [run for run in await walk.runs() if run.task] == []


async def test_any_answer_can_be_made_a_skill(opened: Opened) -> None:
    async with opened(people=PEOPLE) as walk:
        walk.model.gate.set()
        asked = await walk.acked(walk.server.say("<@UDEXTER> Should we move?"))
        await walk.answered(asked.ts)
        await walk.acked(walk.server.press("Make this a skill"))
        await walk.until(lambda: any("skill" in str(prompt) for prompt in walk.model.read()))
        newest, first = await walk.runs()
        assert (newest.pattern, newest.parent) == ("skill", first.id)
        assert "Should we move?" in newest.question
