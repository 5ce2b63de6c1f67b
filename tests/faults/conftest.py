"""The whole of Dexter with a scripted committee and a chat that keeps what it is shown."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, running
from bot.settings import Settings
from bot.shapes import Attachment, Post, Request
from core.committee.catalog import load_committees
from core.entities import run_id
from core.events import Answer, Event
from core.ports import Model
from tests.doubles.recording_chat import RecordingChat

TENANT = "slack:T1"
SEATS = ("ann", "bob", "cat")
Opened = Callable[..., AbstractAsyncContextManager["Dexter"]]


def seats(*names: str, **more: Any) -> list[dict[str, Any]]:
    """Return a table of members that play the script of their own name."""
    return [{"name": name, "model": f"scripted/{name}", "role": name, "timeout": 20} | more for name in names]


class Dexter:
    """Dexter, running, and one person in front of it."""

    def __init__(self, app: App, chat: RecordingChat) -> None:
        self.app, self.chat = app, chat
        self._keys = count(1)

    async def ask(self, text: str, *files: Attachment) -> Post | Answer:
        """Say something as a person would; return what is said at once, or the answer once it is there."""
        key = f"Ev{next(self._keys)}"
        request = Request(key, TENANT, "slack:U1", "Ada", f"slack:T1:C1:{key}", text, files)
        post = await self.chat.say(request)
        return post or await self.answer(run_id(TENANT, key))

    async def answer(self, run: str) -> Answer:
        """Return the end of a run."""
        async with asyncio.timeout(60):
            async for item in self.app.live.follow(self.app.desk.store, TENANT, run):
                if isinstance(item, Event) and isinstance(item.body, Answer):
                    return item.body
        raise AssertionError("a run ends with its answer")

    async def history(self) -> list[Event]:
        """Return every event of the newest run."""
        (newest,) = await self.app.desk.store.recent(TENANT, limit=1)
        return list(await self.app.desk.store.history(TENANT, newest.id))


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Open Dexter on a database of its own, with the default committee or another."""

    @asynccontextmanager
    async def open_with(
        model: Model | None = None, *, committee: dict[str, Any] | None = None, **settings: Any
    ) -> AsyncIterator[Dexter]:
        tables = {"default": committee or {"members": seats(*SEATS)}}
        load_committees(tables)
        chat = RecordingChat()
        made = Settings(home=tmp_path, committees=tables, **settings)
        async with running(made, chats={"slack": chat}, model=model) as app:
            await chat.start(app.handle)
            yield Dexter(app, chat)

    return open_with
