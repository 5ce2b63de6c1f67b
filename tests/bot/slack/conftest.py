"""A fake Slack server, and Dexter's face connected to it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.shapes import Post, Request
from tests.doubles.slack_chat import SlackChat
from tests.doubles.slack_server import SlackServer, slack_server


class Desk:
    """A handler that keeps what comes in and answers what it is told to."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer: Callable[[Request], Awaitable[Post | None]] | None = None

    async def __call__(self, request: Request) -> Post | None:
        known = request.key in [r.key for r in self.requests]
        self.requests.append(request)
        return None if known or self.answer is None else await self.answer(request)

    def says(self, post: Post) -> None:
        async def answer(_request: Request) -> Post:
            return post

        self.answer = answer


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with slack_server(retry_seconds=0.5) as server:
        yield server


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def chat(slack: SlackServer, desk: Desk) -> AsyncIterator[SlackChat]:
    made = SlackChat("xoxb-1", "xapp-1", slack.base_url, pace=0.01, ping=0.2)
    await made.start(desk)
    yield made
    await made.stop()
