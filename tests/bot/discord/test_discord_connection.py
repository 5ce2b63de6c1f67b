"""The connection: shards, resuming, the day's limit on new sessions, least intents, and telling of commands."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.commands.table import COMMANDS
from bot.discord.chat import DiscordChat
from bot.discord.commands import payloads
from bot.discord.sync import same
from core.errors import Misconfigured
from tests.doubles.discord_desk import ANNA, Desk
from tests.doubles.discord_server import BOT, DiscordServer

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15


async def test_it_asks_for_no_more_than_it_needs(server: DiscordServer, desk: Desk) -> None:
    least = GUILDS | GUILD_MESSAGES | DIRECT_MESSAGES
    for reads, asked in ((False, least), (True, least | CONTENT)):
        chat = DiscordChat(server.settings(message_content=reads), COMMANDS)
        await chat.start(desk)
        await chat.stop()
        assert server.gateway.identifies[-1]["intents"] == asked


async def test_an_intent_that_the_portal_does_not_allow_is_said_with_its_remedy(
    server: DiscordServer, desk: Desk
) -> None:
    server.gateway.refuse_content = True
    chat = DiscordChat(server.settings(message_content=True), COMMANDS)
    with pytest.raises(Misconfigured, match="Message Content Intent"):
        await chat.start(desk)


@pytest.mark.parametrize("code", [4000, 4009, 1000, 1006])
async def test_after_any_break_the_session_goes_on(
    server: DiscordServer, chat: DiscordChat, desk: Desk, code: int
) -> None:
    for number in range(2):
        await server.drop(code)
        await server.say(ANNA, f"<@{BOT}> meanwhile {number}")
        await desk.heard(number + 1)
    assert (len(server.gateway.identifies), server.gateway.resumes) == (1, 2)


async def test_a_gateway_that_is_away_for_a_moment_does_not_cost_the_session(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    server.gateway.reachable = False
    await server.drop()
    await server.say(ANNA, f"<@{BOT}> meanwhile")
    await server.until(lambda: server.gateway.refused)
    server.gateway.reachable = True
    await desk.heard()
    assert (len(server.gateway.identifies), server.gateway.resumes) == (1, 1)


async def test_a_session_that_discord_has_forgotten_begins_anew(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    await server.drop(forget=True)
    await server.until(lambda: len(server.gateway.identifies) == 2)
    await server.until(lambda: server.gateway.connected)
    await server.say(ANNA, f"<@{BOT}> again")
    await desk.heard()
    assert server.gateway.allowance.remaining == 998


async def test_every_shard_of_this_process_connects_and_hears_what_is_its_own(
    server: DiscordServer, desk: Desk
) -> None:
    chat = DiscordChat(server.settings(shards=3, shard_ids=[0, 2]), COMMANDS)
    await chat.start(desk)
    assert [row["shard"] for row in server.gateway.identifies] == [[0, 3], [2, 3]]
    await server.say(ANNA, f"<@{BOT}> mine")  # the server is one of shard 0
    await desk.heard()
    await server.drop()
    await server.say(ANNA, f"<@{BOT}> still mine")
    await desk.heard(2)
    await server.until(lambda: server.gateway.resumes == 2)
    await chat.stop()


async def test_there_are_as_many_shards_as_discord_says(server: DiscordServer, desk: Desk) -> None:
    server.gateway.shards = 2
    chat = DiscordChat(server.settings(), COMMANDS)
    await chat.start(desk)
    await chat.stop()
    assert [row["shard"] for row in server.gateway.identifies] == [[0, 2], [1, 2]]


async def test_where_no_new_session_is_allowed_it_waits_and_says_so_once(server: DiscordServer, desk: Desk) -> None:
    server.gateway.allowance.remaining, server.gateway.allowance.reset_after = 0, 0.5
    chat = DiscordChat(server.settings(), COMMANDS)
    with capture_logs() as logs:
        await chat.start(desk)
    await chat.stop()
    said = [row for row in logs if "no new session" in row["event"]]
    assert [(row["left"], row["wanted"], row["wait_minutes"]) for row in said] == [(0, 1, 1)]
    assert len(server.gateway.identifies) == 1


async def test_a_stop_while_it_waits_for_a_session_ends_the_start(server: DiscordServer, desk: Desk) -> None:
    server.gateway.allowance.remaining = 0
    chat = DiscordChat(server.settings(), COMMANDS)
    starting = asyncio.create_task(chat.start(desk))
    await server.until(lambda: any(call.path == "/gateway/bot" for call in server.rest.calls))
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    await chat.stop()
    assert starting.cancelled()
    assert server.gateway.identifies == []


async def test_an_unchanged_start_does_not_ask_for_commands_for_a_day(
    server: DiscordServer, desk: Desk, tmp_path: Path
) -> None:
    memory = tmp_path / "home" / "discord-commands"

    async def start(commands: int = len(COMMANDS)) -> list[str]:
        server.rest.calls.clear()
        chat = DiscordChat(server.settings(), COMMANDS[:commands], memory)
        await chat.start(desk)
        await chat.stop()
        return [call.method for call in server.rest.calls if call.path.endswith("/commands")]

    assert await start() == ["GET", "PUT"]
    assert await start() == []
    assert await start(3) == ["GET", "PUT"]
    os.utime(memory, (0, 0))
    assert await start(3) == ["GET"]
    memory.write_bytes(b"\xff\xfe")
    assert await start(3) == ["GET"]
    server.fault("PUT", "/commands", status=403)
    assert await start(4) == ["GET", "PUT"]
    assert await start(4) == ["GET", "PUT"]


def test_what_discord_adds_or_leaves_out_makes_no_difference_and_a_changed_word_does() -> None:
    ours = payloads(COMMANDS)
    theirs = [{**row, "id": "1", "version": "2", "nsfw": False, "default_member_permissions": None} for row in ours]
    assert same(ours, theirs[::-1])
    assert not same(ours, theirs[:2])
    theirs[0] = {**theirs[0], "description_localizations": {"de": "Etwas anderes"}}
    assert not same(ours, theirs)


def test_the_command_with_all_its_options_is_no_longer_than_discord_takes() -> None:
    def size(row: dict[str, Any]) -> int:
        longest = sum(
            max(map(len, (row.get(part, ""), *row.get(f"{part}_localizations", {}).values())))
            for part in ("name", "description")
        )
        return longest + sum(map(size, row.get("options", ())))

    assert size(payloads(COMMANDS)[0]) <= 8000
