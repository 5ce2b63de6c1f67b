"""A report in Discord: asked for as a command, shown in a thread with its chart and the words for it."""

import json

import pytest

from tests.doubles.discord_desk import ANNA, text
from tests.doubles.discord_server import CHANNEL
from tests.walks.test_discord import SAYS, Opened, opened

__all__ = ["opened"]
pytestmark = pytest.mark.timeout(110)


async def test_a_report_comes_in_its_thread_with_its_picture_and_the_words_for_it(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        walk.model.gate.set()
        first = await walk.server.slash(ANNA, "ask", question="Should we move?", pattern="quick")
        await first.acked.wait()
        thread = await walk.thread()
        await walk.answer(thread)
        await walk.server.slash(ANNA, "report", what="show collaborations today", plain=True)
        (other,) = await walk.server.until(lambda: [each for each in walk.server.threads() if each != thread])
        found = await walk.server.until(
            lambda: [p for p in walk.server.posts(other) if "What was asked" in text(p) and p["components"]]
        )
        post = found[-1]
        assert "Questions asked: 1. Answered: 1" in text(post)
        written = json.dumps(post)
        assert "attachment://collaborations-1.png" in written or "collaborations-1.png" in written
        assert "Questions by day." in written
        root = next(p for p in walk.server.posts(CHANNEL) if int(p["id"]) == other)
        await walk.server.until(
            lambda: "in the thread" in text(next(p for p in walk.server.posts(CHANNEL) if p["id"] == root["id"]))
        )
