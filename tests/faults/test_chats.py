"""What goes wrong between people and Dexter: files that are refused, and platforms that limit, fail and hang up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, running
from bot.books import DeskBooks
from bot.commands.table import COMMANDS
from bot.discord.chat import DiscordChat
from bot.examined import examined
from bot.settings import Settings
from core.sentences import Sentence
from tests.doubles.committee_world import plays
from tests.doubles.discord_desk import ANNA, text
from tests.doubles.discord_server import BOT, CHANNEL, GUILD, DiscordServer
from tests.doubles.hostile_files import archive, zip_bomb
from tests.doubles.slack_walk import SAYS, TRANSPORTS, VOTES, walking

LOCKED = (Path(__file__).parents[1] / "data" / "documents" / "locked.pdf").read_bytes()
REFUSED: dict[str, tuple[bytes, str]] = {
    "huge.txt": (b"x" * 50_000_000, "huge.txt has 50,000,000 bytes; a file may have 20,000,000."),
    "bomb.docx": (zip_bomb(100), "bomb.docx would be 100 MB once unpacked, as no real document is"),
    "files.zip": (archive(("a.md", b"x")), "files.zip is an archive: attach the files in it that matter."),
    "locked.pdf": (LOCKED, "locked.pdf is protected by a password: attach a copy without one."),
}
Kept = Callable[[], Awaitable[Sentence]]
GOOD = b"The old office costs 4200."


@asynccontextmanager
async def in_discord(home: Path) -> AsyncIterator[tuple[DiscordServer, App]]:
    """Run Dexter in front of a Discord server."""
    members = [{"name": name, "model": f"scripted/{name}", "role": name} for name in SAYS]
    settings = Settings(home=home, committees={"default": {"members": members}})
    async with DiscordServer().running() as server:
        chat = DiscordChat(server.settings(), COMMANDS)
        async with running(settings, chats={"discord": chat}, model=plays(dict(SAYS), VOTES)) as app:
            await chat.start(app.handle, app.desk.store.channel, DeskBooks(app.desk))
            yield server, app


async def read_of(app: App, tenant: str) -> list[str]:
    """Return the names of the files that reached the one question."""
    (run,) = await app.desk.store.recent(tenant)
    return [document.name for document in (await app.desk.store.collaboration(tenant, run.id)).context]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_files_that_do_harm_are_refused_in_slack_each_with_its_reason_and_the_question_goes_on(
    tmp_path: Path, transport: str
) -> None:
    async with walking(tmp_path, over=transport) as walk:
        walk.model.gate.set()
        files = [walk.server.file(name, content).row for name, (content, _) in REFUSED.items()]
        files.append(walk.server.file("rent.md", GOOD).row)
        sent = await walk.acked(walk.server.say("<@UDEXTER> Should we move?", files=files))
        told = await walk.said("About your files:")
        assert told["only"] == "U1"
        for _, sentence in REFUSED.values():
            assert sentence in told["text"]
        await walk.answered(sent.ts)
        assert await read_of(walk.app, "slack:T1") == ["rent.md"]


async def test_files_that_do_harm_are_refused_in_discord_each_with_its_reason_and_the_question_goes_on(
    tmp_path: Path,
) -> None:
    async with in_discord(tmp_path) as (server, app):
        files = (*((name, content) for name, (content, _) in REFUSED.items()), ("rent.md", GOOD))
        said = await server.say(ANNA, f"<@{BOT}> Should we move?", files=files)
        (told,) = await server.until(lambda: server.posts(CHANNEL))
        for _, sentence in REFUSED.values():
            assert sentence in text(told)
        await server.until(lambda: any("Dissent" in text(post) for post in server.posts(said)))
        assert await read_of(app, f"discord:{GUILD}") == ["rent.md"]


async def doctor_says(settings: Settings, sentence: str) -> None:
    """Return once the doctor says this of the database and the posts in it."""

    async def look(_settings: object, _weights: object, _seats: object, kept: Kept, *_more: object) -> str:
        return str(await kept())

    async with asyncio.timeout(20):
        while sentence not in await examined(settings, look):
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"error": "ratelimited", "status": 429, "retry_after": 0.5}, "Slack is limiting Dexter."),
        ({"status": 503}, "Slack failed (503)."),
        ({"error": "fatal_error"}, "Slack failed (fatal_error)."),
        ({"broken": True}, "Slack does not answer"),
    ],
)
async def test_a_slack_that_takes_no_posts_is_asked_again_patiently_and_the_post_waits_where_one_can_see_it(
    tmp_path: Path, fault: dict[str, Any], why: str
) -> None:
    async with walking(tmp_path) as walk:
        walk.model.gate.set()
        walk.server.fault("chat.postMessage", times=1000, **fault)
        walk.server.fault("chat.startStream", times=1000, error="unknown_method")
        began = asyncio.get_running_loop().time()
        sent = await walk.acked(walk.server.say("<@UDEXTER> Should we move?"))
        (run,) = await walk.runs()
        await walk.app.desk.runs.wait(run.id)
        await doctor_says(walk.app.settings, why)
        await walk.acked(walk.server.command("status"))  # the reply has a way of its own
        assert "waiting, the oldest since" in (await walk.said("waiting, the oldest"))["text"]
        spent = asyncio.get_running_loop().time() - began
        assert [method for method, _ in walk.server.api.calls].count("chat.postMessage") <= 2 + 2 * spent / 0.5
        walk.server.api.faults.clear()
        await walk.answered(sent.ts)
        await doctor_says(walk.app.settings, "no post waits")
        assert len([post for post in walk.posts(sent.ts) if "3 of 3 voted" in post["text"]]) == 1


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"status": 429, "retry_after": 0.5}, "Discord asks to wait."),
        ({"status": 503}, "Discord has trouble (status 503)."),
    ],
)
async def test_a_discord_that_takes_no_posts_is_asked_again_patiently_and_the_post_waits_where_one_can_see_it(
    tmp_path: Path, fault: dict[str, Any], why: str
) -> None:
    async with in_discord(tmp_path) as (server, app):
        trouble = server.fault("POST", "/messages", times=1000, **fault)
        said = await server.say(ANNA, f"<@{BOT}> Should we move?")
        await doctor_says(app.settings, why)
        trouble.times = 0
        await server.until(lambda: any("Dissent" in text(post) for post in server.posts(said)))
        assert sum("Dissent" in text(post) for post in server.posts(said)) == 1
