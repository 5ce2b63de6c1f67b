"""From a question in Slack to words that come while the chair still writes, and to the answer that follows them."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.app import running
from bot.settings import Settings
from core.ports import Completion, Model, Prompt
from tests.doubles.committee_world import plays
from tests.doubles.slack_chat import SlackChat
from tests.doubles.slack_server import SlackServer, slack_server
from tests.doubles.slack_walk import SAYS, VOTES


class Aloud:
    """A model that says its words and then waits for a sign, where anybody listens."""

    def __init__(self, inner: Model) -> None:
        self._inner = inner
        self.heard, self.gate = asyncio.Event(), asyncio.Event()

    async def quote(self, prompt: Prompt) -> float | None:
        return await self._inner.quote(prompt)

    async def sees(self, model: str) -> bool:
        return False

    async def complete(self, prompt: Prompt, words: Callable[[str], None] | None = None) -> Completion:
        completion = await self._inner.complete(prompt)
        if words:
            words(f"{completion.text}\n\n")
            self.heard.set()
            await self.gate.wait()
        return completion


async def shown(server: SlackServer, text: str) -> None:
    async with asyncio.timeout(30):
        while not any(text in post.get("streamed", "") for post in server.space.posts()):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("pattern", ["chair", "solo"])
async def test_the_words_of_the_answer_are_there_before_the_answer_is(tmp_path: Path, pattern: str) -> None:
    members = [{"name": name, "model": f"scripted/{name}", "role": name} for name in SAYS]
    settings = Settings(home=tmp_path, committees={"default": {"members": members}})
    model = Aloud(plays(dict(SAYS), VOTES))
    async with slack_server() as server:
        chat = SlackChat("xoxb-1", "xapp-1", server.base_url, pace=0.05)
        async with running(settings, chats={"slack": chat}, model=model) as app:
            await chat.start(app.handle, app.desk.store.channel)
            server.say(f"<@UDEXTER> ask --pattern {pattern} Should we move?")
            await asyncio.wait_for(model.heard.wait(), 30)
            await shown(server, "because it is cheaper")
            (progress,) = server.space.posts()
            assert progress["streaming"]
            model.gate.set()
            async with asyncio.timeout(30):
                while len(server.space.posts()) < 2 or not progress["text"].startswith("Done"):
                    await asyncio.sleep(0.01)
        assert not {"streaming", "streamed"} & progress.keys()
        assert len(server.space.posts()) == 2
