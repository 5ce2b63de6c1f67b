"""A report in Slack: asked for in a channel, summed up by a committee, with its charts; and one sent elsewhere."""

import json
from typing import Any

import pytest

from core.ports import Prompt
from tests.doubles.committee_world import ballot, shown
from tests.doubles.slack_walk import Opened, Walk

pytestmark = pytest.mark.timeout(110)
SUMMARY = "Dexter was asked little, and *all* of it went well <!channel>."


def plays(prompt: Prompt) -> str:
    """What a member says to a question, and of a report."""
    if prompt.reply_schema is not None:
        return ballot(*shown(prompt))
    return SUMMARY if "Summarise the report" in prompt.messages[1].content else "Move."


async def settled(walk: Walk, thread: str, text: str, channel: str = "C1") -> dict[str, Any]:
    """The post in a thread that says `text`, once it is there."""
    found = await walk.until(lambda: [post for post in walk.posts(thread, channel) if text in json.dumps(post)], 60)
    return dict(found[0])


async def test_a_report_is_asked_for_in_a_thread_and_comes_with_its_words_and_its_chart(opened: Opened) -> None:
    async with opened(player=plays) as walk:
        walk.model.gate.set()
        question = await walk.acked(walk.server.say("<@UDEXTER> Should we move?"))
        await walk.answered(question.ts)
        asked = await walk.acked(walk.server.say("<@UDEXTER> report show collaborations today --as csv"))
        post = await settled(walk, asked.ts, "What was asked, ")
        said = json.dumps(post)
        assert "every number in it was compared with the data" in said
        assert "<!channel>" not in said
        assert "Should we move?" in said
        await walk.until(lambda: len([f for f in walk.server.api.documents.uploads.values() if f["content"]]) >= 3, 60)
        kept = {each["name"].partition("-")[2]: each for each in walk.server.api.documents.uploads.values()}
        assert kept["collaborations-1.png"]["content"].startswith("\ufffdPNG")
        assert kept["collaborations-1.png"]["alt"].startswith("Questions by day.")
        assert "Should we move?" in kept["collaborations-questions.csv"]["content"]


async def test_a_report_typed_as_a_command_opens_a_thread_whose_first_message_has_its_words(opened: Opened) -> None:
    async with opened(player=plays) as walk:
        walk.model.gate.set()
        await walk.acked(walk.server.command("report show service this month --plain"))
        root = await walk.said("Service level, ")
        assert "are in the thread" in json.dumps(root)
        await settled(walk, root["ts"], "How this is measured")


async def test_a_preview_is_seen_by_nobody_else(opened: Opened) -> None:
    async with opened(player=plays) as walk:
        await walk.acked(walk.server.command("report preview usage today"))
        await walk.until(lambda: "Use and spending" in walk.server.transcript("C1"))
        seen = [post for post in walk.server.space.posts("C1") if "Use and spending" in json.dumps(post)]
        assert [post["only"] for post in seen] == ["U1"] * len(seen)
