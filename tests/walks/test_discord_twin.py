"""The walk once more in somebody else's Discord: npm's `discord-digital-twin`, over its own REST and gateway."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import running
from bot.books import DeskBooks
from bot.commands.table import COMMANDS
from bot.discord.chat import DiscordChat
from bot.settings import Settings
from tests.doubles.committee_world import plays, prefers
from tests.doubles.discord_checks import walk
from tests.doubles.discord_desk import text
from tests.doubles.discord_twin_server import Twin, discord_twin, missing
from tests.doubles.discord_world import CHANNEL

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

SAYS = {"ann": "Move, because it is cheaper.", "bob": "Stay, because it works.", "cat": "Wait, and ask again."}
VOTES = {"ann": prefers("Move", "Stay", "Wait"), "bob": prefers("Stay", "Move", "Wait"), "cat": prefers("Move", "Stay")}


@pytest.fixture
async def twin(tmp_path: Path) -> AsyncIterator[Twin]:
    members = [{"name": name, "model": f"scripted/{name}", "role": name} for name in SAYS]
    settings = Settings(home=tmp_path, committees={"default": {"members": members}})
    async with discord_twin() as twin:
        chat = DiscordChat(twin.settings(), COMMANDS)
        async with running(settings, chats={"discord": chat}, model=plays(SAYS, VOTES)) as app:
            await chat.start(app.handle, app.desk.store.channel, DeskBooks(app.desk))
            yield twin


async def answered(twin: Twin, thread: int) -> dict[str, Any]:
    """The answer in a thread, once it is there."""
    async with asyncio.timeout(60):
        while True:
            for post in await twin.posts(thread):
                if "show" in str([part.get("custom_id") for part in walk(post["components"])]) and "Move" in text(post):
                    return post
            await asyncio.sleep(0.1)


async def test_a_mention_is_answered_in_the_thread_under_it(twin: Twin) -> None:
    said = await twin.say("<@100> Should we move?")
    answer = await answered(twin, said)
    assert "Dissent" in text(answer)
    assert await twin.posts(CHANNEL) == []
    (thread,) = await twin.do("threads", channel=str(CHANNEL))
    assert (thread["id"], thread["name"]) == (str(said), "Should we move?")


async def test_a_slash_question_is_acknowledged_and_answered_in_the_thread_of_its_question(twin: Twin) -> None:
    interaction = await twin.slash("ask", question="Should we move?", pattern="panel")
    async with asyncio.timeout(60):
        while not (threads := await twin.do("threads", channel=str(CHANNEL))):
            await asyncio.sleep(0.1)
    acknowledged = await twin.do("acknowledged", interaction=interaction)
    assert (acknowledged["acknowledged"], acknowledged["type"]) == (True, 4)
    answer = await answered(twin, int(threads[0]["id"]))
    button = next(part for part in walk(answer["components"]) if part.get("label") == "Details")
    pressed = await twin.press(int(threads[0]["id"]), answer, button["custom_id"])
    async with asyncio.timeout(20):
        while not (await twin.do("acknowledged", interaction=pressed))["acknowledged"]:
            await asyncio.sleep(0.1)
