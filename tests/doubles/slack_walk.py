"""The whole of Dexter in front of a Slack server: a real store, a scripted committee that waits for a sign."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, running
from bot.attachments import Attachments
from bot.books import DeskBooks
from bot.posts import ANSWER, PROGRESS
from bot.server import Server
from bot.settings import Settings
from bot.slack.chat import Door, Slack
from bot.slack.http import HttpDoor
from bot.slack.installs import OneToken
from bot.slack.intake import Intake
from bot.slack.manifest import EVENTS
from bot.slack.socket import SocketDoor
from bot.slack.thread import slot_of
from bot.slack.workspaces import Workspaces
from core.adapters.scripted_model import ScriptedModel
from core.entities import Channel
from core.ports import Completion, Prompt
from tests.doubles.committee_world import plays, prefers
from tests.doubles.slack_events import People
from tests.doubles.slack_http import SlackOverHttp, slack_over_http
from tests.doubles.slack_server import Envelope, SlackServer, slack_server

TRANSPORTS: Mapping[str, Callable[..., AbstractAsyncContextManager[SlackServer]]] = {
    "socket": slack_server,
    "http": partial(slack_over_http, "8f742231b10e8888abcd99yyyzzz85a5"),
}
"""The ways in which Slack can deliver."""

SAYS = {
    "ann": "**Move**, because it is cheaper:\n\n1. less to run\n2. less to pay",
    "bob": "Stay, because it works.",
    "cat": "Wait, and ask again.",
}
VOTES = {
    "ann": prefers("Move", "Stay", "Wait"),
    "bob": prefers("Stay", "Move", "Wait"),
    "cat": prefers("Move", "Stay", "Wait"),
}


class Gated:
    """A model whose members wait for a sign before they speak."""

    def __init__(self, inner: ScriptedModel) -> None:
        self._inner = inner
        self.gate = asyncio.Event()

    def read(self) -> list[str]:
        """All that its members were told in their prompts, one prompt after the other."""
        return ["\n".join(message.content for message in prompt.messages) for prompt in self._inner.asked]

    async def quote(self, prompt: Prompt) -> float | None:
        return await self._inner.quote(prompt)

    async def sees(self, model: str) -> bool:
        return await self._inner.sees(model)

    async def complete(self, prompt: Prompt, words: Callable[[str], None] | None = None) -> Completion:
        await self.gate.wait()
        return await self._inner.complete(prompt, words)


class Walk:
    """Dexter in front of a Slack server."""

    def __init__(self, server: SlackServer, model: Gated, app: App) -> None:
        self.server, self.model, self.app, self.people = server, model, app, People(server)

    async def acked(self, envelope: Envelope) -> Envelope:
        await asyncio.wait_for(envelope.acked.wait(), 10)
        return envelope

    async def until(self, true: Callable[[], Any], seconds: float = 40) -> Any:
        async with asyncio.timeout(seconds):
            while not (found := true()):
                await asyncio.sleep(0.01)
        return found

    async def said(self, text: str, channel: str = "C1") -> dict[str, Any]:
        """The first post of Dexter's that has `text` in it, once it is there."""
        try:
            posts = await self.until(lambda: [p for p in self.server.space.posts(channel) if text in p["text"]], 20)
        except TimeoutError:
            pytest.fail(f"Nobody said {text!r}:\n{self.server.transcript(channel)}")
        return dict(posts[0])

    async def more(self, before: int, channel: str = "C1") -> dict[str, Any]:
        """The next post of Dexter's after so many."""
        return dict((await self.until(lambda: self.server.space.posts(channel)[before:]))[0])

    def posts(self, thread: str, channel: str = "C1") -> list[dict[str, Any]]:
        """Dexter's replies in a thread."""
        return [p for p in self.server.space.posts(channel) if p.get("thread_ts") == thread]

    async def answered(self, thread: str, channel: str = "C1") -> dict[str, Any]:
        """The answer, once it is there and the progress, if any was shown, says that it is over."""

        def over() -> dict[str, Any] | None:
            shown = {slot_of(post)[1]: post for post in self.posts(thread, channel)}
            return None if "'Stop'" in str(shown.get(PROGRESS)) else shown.get(ANSWER)

        try:
            return dict(await self.until(over, 20))
        except TimeoutError:
            pytest.fail(f"No answer after a long wait:\n{self.server.transcript(channel)}")

    async def sets(self, channel: str = "C1", **settings: Any) -> None:
        """Set something for a channel."""
        here = Channel(tenant="slack:T1", address=f"slack:T1:{channel}", **settings)
        await self.app.desk.store.keep_channel(here)

    async def runs(self) -> list[Any]:
        """Everything that was ever asked, newest first."""
        store = self.app.desk.store
        return [await store.collaboration("slack:T1", run.id) for run in await store.recent("slack:T1")]


Opened = Callable[..., AbstractAsyncContextManager[Walk]]


@asynccontextmanager
async def dexter(home: Path, server: SlackServer, says: Mapping[str, str] = SAYS, **more: Any) -> AsyncIterator[Walk]:
    """Run Dexter with a home folder of its own in front of `server`; the same home is the same Dexter again.

    What is in `more` are settings, but for a `player`, who speaks for all members, and a `clock` that fires schedules.
    """
    player, clock = more.pop("player", None), more.pop("clock", None)
    script = ScriptedModel(player) if player else plays(dict(says), VOTES)
    members = [{"name": name, "model": f"scripted/{name}", "role": name} for name in SAYS]
    more = {"committees": {"default": {"members": members}, "ops": {"members": members}}, **more}
    settings, model, http = Settings(home=home, **more), Gated(script), Server("127.0.0.1", 0, "slack.http", most=100)
    workspaces = Workspaces(OneToken("xoxb-1"), server.base_url)
    chat = Slack(_door(server, http), workspaces, Intake(attachments=Attachments(settings.documents)), pace=0.05)
    async with running(settings, chats={"slack": chat}, model=model, clock=clock) as app:
        await chat.start(app.handle, app.desk.store.channel, DeskBooks(app.desk))
        if isinstance(server, SlackOverHttp):
            server.url = f"http://127.0.0.1:{http.port}{EVENTS}"
        yield Walk(server, model, app)


def _door(server: SlackServer, http: Server) -> Door:
    """Return the way in that fits how `server` delivers."""
    if isinstance(server, SlackOverHttp):
        return HttpDoor(server.signer.secret, http, _ready)
    return SocketDoor("xapp-1")


async def _ready() -> None:
    """Say nothing: all is well."""


@asynccontextmanager
async def walking(
    home: Path, says: Mapping[str, str] = SAYS, *, over: str = "socket", **settings: Any
) -> AsyncIterator[Walk]:
    """Run a server that delivers over a socket or `over` HTTP, and Dexter in front of it."""
    async with TRANSPORTS[over]() as server, dexter(home, server, says, **settings) as walk:
        yield walk
