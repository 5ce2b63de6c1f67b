"""A whole Dexter behind `Commands`: a real database, a scripted committee, and a chat that keeps what it is shown."""

from contextlib import asynccontextmanager
from itertools import count

import pytest

from bot.app import running
from bot.settings import Settings
from bot.shapes import Foot, Heading, Prose, Request, Table
from core.entities import run_id
from core.events import Answer, Event
from tests.doubles.committee_world import plays
from tests.doubles.recording_chat import RecordingChat

TENANT, CHANNEL = "slack:T1", "slack:T1:C1"
MEMBERS = [{"name": name, "model": f"scripted/{name}", "role": name} for name in ("ann", "bob", "cat")]
SAYS = {"ann": "Move.", "bob": "Move.", "cat": "Stay."}


class Desk:
    """People at one Dexter: what they type goes in, what they read comes out."""

    def __init__(self, app, chat):
        self.app, self.chat, self._keys = app, chat, count(1)

    async def type(self, text, *, person="slack:OPS", locale="en", address=CHANNEL, **more):
        self.key = f"Ev{next(self._keys)}"
        return await self.app.handle(Request(self.key, TENANT, person, "Ann", address, text, locale=locale, **more))

    async def reads(self, text, **kwargs):
        return written(await self.type(text, **kwargs))

    async def ask(self, text, **kwargs):
        """Put a question and return its events, once the answer has been shown."""
        assert await self.type(text, **kwargs) is None
        run = run_id(TENANT, self.key)
        async for item in self.app.live.follow(self.app.desk.store, TENANT, run):
            if isinstance(item, Event) and isinstance(item.body, Answer):
                break
        await self.chat.until(lambda: any(s.key == f"{run}:answer" for s in self.chat.messages.values()))
        return await self.app.desk.store.history(TENANT, run)

    async def channel(self):
        return await self.app.desk.store.channel(TENANT, CHANNEL)


def written(post):
    """Return what a person reads of a post, a line for each row."""
    lines = []
    for part in post.parts:
        match part:
            case Heading(text=text) | Foot(text=text) | Prose(markdown=text):
                lines.append(text)
            case Table(columns=columns, rows=rows):
                lines += [" | ".join(row) for row in (columns, *rows)]
    return "\n".join(lines)


@pytest.fixture
def opened(tmp_path):
    @asynccontextmanager
    async def open_with(**settings):
        tables = {"default": {"members": MEMBERS, "pattern": "quick"}, "ops": {"members": MEMBERS[:2]}}
        people = {"roles": {"slack:OPS": "operator", "slack:ADM": "administrator"}}
        made = Settings(home=tmp_path, committees=tables, people=people, **settings)
        chat = RecordingChat()
        async with running(made, chats={"slack": chat}, model=plays(SAYS)) as app:
            yield Desk(app, chat)

    return open_with


@pytest.fixture
async def desk(opened):
    async with opened() as desk:
        yield desk
