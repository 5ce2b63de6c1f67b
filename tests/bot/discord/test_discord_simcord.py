"""The same chat inside simcord, a second opinion on Discord's rules: permissions, visibility, synced commands."""

import discord
import pytest
import simcord
from pydantic import SecretStr

from bot.commands.table import COMMANDS
from bot.discord.chat import DiscordChat
from bot.discord.threads import read
from bot.settings import Discord
from bot.shapes import Button, Buttons, Foot, Heading, Line, Lines, Post, Prose, Request, plain
from tests.doubles.discord_checks import texts


class Desk:
    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def __call__(self, request: Request) -> Post | None:
        self.requests.append(request)
        if "status" in request.text:
            return plain("All well.")
        return plain("Only for you.", private=True) if request.text.startswith("show") else None


@pytest.fixture
def chat() -> DiscordChat:
    return DiscordChat(Discord(token=SecretStr("token"), shards=1), COMMANDS)


@pytest.fixture
def desk(chat: DiscordChat) -> Desk:
    chat._intake.handle = desk = Desk()
    return desk


@pytest.fixture
def simcord_bot(chat: DiscordChat) -> discord.Client:
    return chat.client


async def test_every_command_of_the_table_is_offered(simcord_env: simcord.Env, desk: Desk) -> None:
    guild = simcord_env.create_guild()
    anna = guild.add_member(simcord_env.create_user("anna"))
    offered = anna.available_commands(guild.create_text_channel("general"))
    assert set(offered) == {f"dexter {command.name}" for command in COMMANDS}


async def test_a_slash_question_is_acknowledged_to_the_person_alone(simcord_env: simcord.Env, desk: Desk) -> None:
    guild = simcord_env.create_guild()
    channel = guild.create_text_channel("general")
    anna = guild.add_member(simcord_env.create_user("anna"))
    result = await anna.slash(channel, "dexter ask", question="Should we?", pattern="quick")
    assert result.ephemeral
    assert [request.text for request in desk.requests] == ['ask --pattern "quick" -- Should we?']
    assert desk.requests[0].name == "anna"
    status = await anna.slash(channel, "dexter status")
    assert status.response is not None
    assert texts({"components": status.response.components}) == ["All well."]
    assert not status.ephemeral


async def test_progress_moves_in_a_thread_under_the_question_and_its_button_works(
    simcord_env: simcord.Env, chat: DiscordChat, desk: Desk
) -> None:
    guild = simcord_env.create_guild()
    channel = guild.create_text_channel("general")
    anna = guild.add_member(simcord_env.create_user("anna"))
    asked = await anna.send(channel, f"<@{chat.client.user.id}> Should we move?")  # type: ignore[union-attr]
    (request,) = desk.requests
    working = Post((Heading("Proposing"), Lines((Line("working", "ada"),)), Buttons((Button("Stop", "stop k3f9"),))))
    message = await chat.show(request.address, working, "k3f9:progress", None, False)
    done = Post((Prose("Yes. @everyone"), Foot("3 calls"), Buttons((Button("Details", "show k3f9"),))))
    await chat.show(request.address, done, "k3f9:progress", message, False)
    await simcord_env.settle()
    thread = chat.client.get_channel(asked.id)
    assert isinstance(thread, discord.Thread)
    assert thread.name == "Should we move?"
    shown = await thread.fetch_message(int(message))
    assert "@everyone" not in read(shown)
    assert not shown.mention_everyone
    pressed = await anna.click(shown, label="Details")
    assert pressed.ephemeral
    assert [request.text for request in desk.requests][-1] == "show k3f9"
