"""A Discord on a socket, with Dexter's chat connected to it and a desk behind that."""

from collections.abc import AsyncIterator

import pytest

from bot.commands.table import COMMANDS
from bot.discord.chat import DiscordChat
from tests.doubles.discord_desk import Desk, Shelf
from tests.doubles.discord_server import DiscordServer


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer().running() as server:
        yield server


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def books() -> Shelf:
    return Shelf()


@pytest.fixture
async def chat(server: DiscordServer, desk: Desk, books: Shelf) -> AsyncIterator[DiscordChat]:
    chat = DiscordChat(server.settings(), COMMANDS)
    await chat.start(desk, books=books)
    yield chat
    await chat.stop()
