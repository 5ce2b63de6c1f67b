"""A desk behind Discord that says what a test told it to, and books with what a test put into them."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.forms import Form, form_of
from bot.overview import Overview
from bot.shapes import Post, Request
from bot.words import ENGLISH, Words
from core.committee.catalog import default_committee
from core.committee.committee import Committee
from core.committee.patterns import Pattern, load_patterns
from core.entities import Channel, Collaboration, now
from core.errors import NotFound
from core.events import Event
from tests.doubles.discord_checks import texts

ANNA, BOB = 1001, 2002
_MARK = re.compile(r"((^|\n)-# | · )\\?#[a-z2-7]{8}$")


def text(message: dict[str, Any]) -> str:
    """What a reader sees of a message, its mark left out."""
    return _MARK.sub("", "\n".join(texts(message)))


def hidden(message: dict[str, Any]) -> bool:
    """Whether one person alone sees it."""
    return bool(message["flags"] & 64)


class Desk:
    """Takes requests, and says what a test told it to say."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.says: Post | Exception | None = None
        self.gate: asyncio.Event | None = None
        self._news = asyncio.Condition()

    async def __call__(self, request: Request) -> Post | None:
        self.requests.append(request)
        async with self._news:
            self._news.notify_all()
        if self.gate:
            await self.gate.wait()
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    async def heard(self, many: int = 1) -> Request:
        """The newest request, once there are so many."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: len(self.requests) >= many)
        return self.requests[-1]


@dataclass
class Shelf:
    """`bot.overview.Books` of a test."""

    asked: list[Collaboration] = field(default_factory=list)
    refuses: Exception | None = None
    slow: bool = False
    stopped: list[str] = field(default_factory=list)
    committees: dict[str, Committee] = field(default_factory=lambda: {"default": default_committee()})
    patterns: dict[str, Pattern] = field(default_factory=load_patterns)

    def __post_init__(self) -> None:
        self.looked: list[tuple[str, str]] = []
        self.skills: dict[str, dict[str, Any]] = {}
        """The input schemas of skills by their names."""
        self._news = asyncio.Condition()

    def ask(self, id: str, question: str, address: str = "discord:200:300", asker: int = ANNA) -> Collaboration:
        """Put a question into the books."""
        made = Collaboration(
            id=id, tenant=":".join(address.split(":")[:2]), asker=f"discord:{asker}", asker_name="Anna",
            address=address, question=question, created_at=now(),
        )  # fmt: skip
        self.asked.insert(0, made)
        return made

    async def recent(self, tenant: str, person: str, name: str, asker: str | None = None) -> Sequence[Collaboration]:
        self.looked.append((tenant, person))
        if self.slow:
            await asyncio.Event().wait()
        if self.refuses:
            raise self.refuses
        return [each for each in self.asked if each.tenant == tenant and asker in (None, each.asker)]

    async def going(self, tenant: str, address: str) -> Sequence[Collaboration]:
        here = [each for each in self.asked if each.tenant == tenant and f"{each.address}:".startswith(f"{address}:")]
        return [each for each in here if each.id not in self.stopped]

    async def stop(self, tenant: str, run: str) -> bool:
        if not any(each.tenant == tenant and each.id == run for each in self.asked):
            return False
        self.stopped.append(run)
        async with self._news:
            self._news.notify_all()
        return True

    async def until_stopped(self, many: int = 1) -> list[str]:
        """The runs that were stopped, once there are so many."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: len(self.stopped) >= many)
        return self.stopped

    async def find(self, tenant: str, run: str) -> Collaboration:
        found = next((each for each in self.asked if each.tenant == tenant and each.id == run), None)
        if found is None:
            raise NotFound("There is no such question.")
        return found

    async def whole(self, tenant: str, person: str, name: str, run: str) -> tuple[Collaboration, Sequence[Event]]:
        return await self.find(tenant, run), []

    async def form(self, tenant: str, person: str, name: str, skill: str, version: str = "") -> Form:
        if skill not in self.skills:
            raise NotFound("There is no such skill.")
        return form_of(skill, version or "1.0.0", "Does a thing.", self.skills[skill])

    async def opened(self, tenant: str, person: str, name: str, command: str, words: Words = ENGLISH) -> Form:
        _, _, skill, *version = command.split()
        return await self.form(tenant, person, name, skill, *version)

    async def campaign_at(self, tenant: str, address: str) -> bool:
        return False

    async def skill_names(self, tenant: str, person: str, name: str, typed: str) -> Sequence[str]:
        return [each for each in self.skills if each.startswith(typed)]

    async def overview(self, tenant: str, person: str, name: str, words: Words = ENGLISH) -> Overview:
        return Overview()

    async def channel(self, tenant: str, person: str, name: str, address: str) -> Channel:
        return Channel(tenant=tenant, address=address)

    async def started_by(self, tenant: str, run: str, prefix: str) -> str:
        return ""
