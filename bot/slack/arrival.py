"""What every way in of one workspace shares: who Dexter is there, and how an arrival is made of what Slack sends."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.attachments import Attachments
from bot.shapes import Post, Request, Rules, plain
from bot.slack.files import Files
from bot.slack.names import Names
from bot.slack.place import Place
from bot.slack.reach import Reach
from bot.slack.remembered import Remembered
from bot.slack.thread import Threads
from bot.words import Words, words_for
from core.entities import Channel

Body = Mapping[str, Any]
"""What Slack sends, as it documents it."""

FRESH = 5.0
"""Seconds for which a channel's settings are remembered: where Dexter hears everything they are asked for often."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request, and how to answer the one who made it."""

    request: Request
    user: str
    place: Place
    response_url: str = ""
    elsewhere: bool = False
    """Dexter may not post where this was typed, so the answer goes to the person's direct messages."""
    said: Post | None = None
    """What to say without asking anybody: the request cannot be understood, or its subject is gone."""
    after: Callable[[Post | None], Coroutine[Any, Any, None]] | None = None
    """What to do once the request has been handled, with what is said at once."""
    mute: bool = False
    """There is nobody to whom something could be said at once: a workflow asked."""


Read = Callable[[], Awaitable[Arrival | None]]
Take = Callable[[Read, float], Awaitable[None]]
"""Reads an arrival and has it handled, within the time that Slack gives and so many seconds more; returns when it is
safe to acknowledge."""


@dataclass(frozen=True, slots=True)
class Me:
    """Dexter in this workspace."""

    team: str
    user: str

    @property
    def tenant(self) -> str:
        """Return the workspace as a tenant."""
        return f"slack:{self.team}"

    def address(self, place: Place) -> str:
        """Return the address of a channel or thread here."""
        return f"slack:{self.team}:{place.channel}" + (f":{place.thread}" if place.thread else "")


class Entrance:
    """One workspace, as its ways in see it."""

    def __init__(
        self, me: Me, web: AsyncWebClient, take: Take, rules: Rules, attachments: Attachments | None = None
    ) -> None:
        self.me, self.web, self.take = me, web, take
        self.names, self.reach, self.files = Names(web), Reach(web), Files(web, attachments)
        self.threads = Threads(web, me.user, self.names)
        self._rules = rules
        self._channels: Remembered[Channel] = Remembered(fresh=FRESH)

    async def arrival(self, key: str, user: str, place: Place, text: str, name: str = "") -> Arrival:
        """Return what a person said at a place, its ids turned into names."""
        person, read = await asyncio.gather(self.names.person(user, name), self.names.read(text))
        request = Request(
            key=key,
            tenant=self.me.tenant,
            person=f"slack:{user}",
            name=person.name,
            address=self.me.address(place),
            text=read.strip(),
            locale=person.locale,
            zone=person.zone,
            channels=await self._public(text) if "<#" in text else {},
        )
        return Arrival(request, user, place)

    async def _public(self, text: str) -> dict[str, str]:
        """Return the channels that a text names and everybody may read, with their addresses."""
        named = self.names.channels(text).items()
        return {name: self.me.address(Place(channel)) for name, channel in named if await self.reach.public(channel)}

    async def words(self, user: str) -> Words:
        """Return Dexter's words in a person's language."""
        return words_for((await self.names.person(user)).locale)

    async def sentence(self, key: str, user: str, place: Place | None, text: str, url: str = "") -> Arrival | None:
        """Return an arrival that says a sentence to a person alone; in direct messages where no place is known."""
        there = place or await self.private(user)
        if there is None:
            return None
        made = await self.arrival(key, user, there, "")
        words = words_for(made.request.locale)
        return Arrival(made.request, user, there, url, said=plain(words(text), private=True, failed=True))

    async def private(self, user: str) -> Place | None:
        """Return the direct messages with a person; nothing where Slack gives none."""
        channel = await self.reach.direct(user)
        return Place(channel) if channel else None

    async def channel(self, channel: str) -> Channel:
        """Return what is set for a channel."""
        known = self._channels.get(channel)
        if known is None:
            known = await self._rules(self.me.tenant, self.me.address(Place(channel)))
            self._channels.put(channel, known)
        return known
