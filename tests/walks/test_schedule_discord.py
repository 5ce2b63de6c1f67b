"""A scheduled question arrives in Discord at the right minute in the right zone, in a thread of its own."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import running
from bot.books import DeskBooks
from bot.commands.table import COMMANDS
from bot.discord.chat import DiscordChat
from bot.settings import Settings
from tests.doubles.committee_world import plays
from tests.doubles.discord_desk import ANNA, text
from tests.doubles.discord_server import CHANNEL, GUILD, DiscordServer
from tests.doubles.timetables import HandClock

SUNDAY = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
EIGHT_ON_LORD_HOWE = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
SAYS = {"ann": "Move.", "bob": "Move.", "cat": "Stay."}


async def test_a_scheduled_question_arrives_at_eight_on_lord_howe(tmp_path: Path) -> None:
    members = [{"name": name, "model": f"scripted/{name}", "role": name} for name in SAYS]
    settings = Settings(home=tmp_path, committees={"default": {"members": members, "pattern": "quick"}})
    clock = HandClock(SUNDAY)
    async with DiscordServer().running() as server:
        chat = DiscordChat(server.settings(), COMMANDS)
        async with running(settings, chats={"discord": chat}, model=plays(SAYS), clock=clock) as app:
            await chat.start(app.handle, app.desk.store.channel, DeskBooks(app.desk))
            what = 'add "every weekday at 8 in Lord Howe" ask "Should we move?"'
            asked = await server.slash(ANNA, "schedule", what=what)
            await server.until(lambda: "on every day from Monday to Friday at 08:00" in str(asked.said))
            [made] = await app.desk.schedules.store.schedules(f"discord:{GUILD}")
            assert made.next_at == EIGHT_ON_LORD_HOWE - timedelta(days=1)
            clock.set(EIGHT_ON_LORD_HOWE - timedelta(days=1, minutes=1))
            await clock.waiting.wait()
            assert server.threads() == []
            clock.set(EIGHT_ON_LORD_HOWE - timedelta(days=1))
            async with asyncio.timeout(30):
                await server.until(server.threads)
            root = next(post for post in server.posts(CHANNEL) if "Scheduled by" in text(post))
            assert "Scheduled by" in text(root)
            assert "Lord\\_Howe time" in text(root)
            (thread,) = server.threads()
            assert int(root["id"]) == thread
            await server.until(lambda: any("Move." in text(post) for post in server.posts(thread)))
