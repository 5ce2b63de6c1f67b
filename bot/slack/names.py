"""Names of people and channels: asked of Slack once, remembered for a while, never waited for long."""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.shapes import TryLater, Undeliverable
from bot.slack.api import TooLong, Vanished, call
from bot.slack.mrkdwn import mentions, one_line, plain

SECONDS = 1.0
"""For all names of one message; a name that comes later is remembered for the next."""

KEPT, FRESH = 2000, 3600.0
"""How many of each kind are remembered, and for how many seconds."""

MOST = 25
"""Names looked up for one message; the rest stay unknown."""

SOMEONE = "someone"
"""Whom Slack does not name: an id or a mail address is never put in a prompt."""

_MAIL = re.compile(r"@[\w-]+\.[\w.-]+\Z")

FAILURES = (TryLater, Undeliverable, TooLong, Vanished)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone as Slack shows them."""

    name: str
    locale: str


class Remembered:
    """A bounded memory of values that grow old."""

    def __init__(self, most: int = KEPT, fresh: float = FRESH) -> None:
        self._kept: OrderedDict[str, tuple[float, Any]] = OrderedDict()
        self._most, self._fresh = most, fresh

    def get(self, key: str) -> Any:
        """Return what is known and not too old, else `None`."""
        at, value = self._kept.get(key, (0.0, None))
        return value if value is not None and time.monotonic() - at < self._fresh else None

    def put(self, key: str, value: Any) -> None:
        """Remember `value`, and forget the oldest where there are too many."""
        self._kept[key] = (time.monotonic(), value)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget one value."""
        self._kept.pop(key, None)


class Names:
    """Turns ids in texts into names."""

    def __init__(self, web: AsyncWebClient) -> None:
        self._web = web
        self._people, self._channels = Remembered(), Remembered()
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def person(self, user: str, otherwise: str = "") -> Person:
        """Return someone's display name and language; `otherwise`, or a word for anybody, where Slack does not say."""
        await self._learn([user], ())
        known = self._people.get(user)
        return known if isinstance(known, Person) else Person(otherwise or SOMEONE, "en")

    async def read(self, text: str) -> str:
        """Return an incoming text as a person reads it, with names for people and channels."""
        people, channels = mentions(text)
        await self._learn(people[:MOST], channels[:MOST])
        return plain(text, self._name, lambda channel: str(self._channels.get(channel) or "a-channel"))

    def _name(self, user: str) -> str:
        known = self._people.get(user)
        return known.name if isinstance(known, Person) else SOMEONE

    async def _learn(self, people: Iterable[str], channels: Iterable[str]) -> None:
        tasks = [self._task(user, self._ask_person) for user in people if self._people.get(user) is None]
        tasks += [self._task(channel, self._ask_channel) for channel in channels if self._channels.get(channel) is None]
        if tasks:
            await asyncio.wait(tasks, timeout=SECONDS)

    def _task(self, key: str, ask: Callable[[str], Awaitable[None]]) -> asyncio.Task[None]:
        if key not in self._asking:
            self._asking[key] = asyncio.ensure_future(self._asked(key, ask))
        return self._asking[key]

    async def _asked(self, key: str, ask: Callable[[str], Awaitable[None]]) -> None:
        try:
            await ask(key)
        except FAILURES:
            return  # the next message asks again
        finally:
            self._asking.pop(key, None)

    async def _ask_person(self, user: str) -> None:
        answer = await call(self._web.users_info(user=user, include_locale=True))
        self._people.put(user, _person(answer.get("user") or {}))

    async def _ask_channel(self, channel: str) -> None:
        answer = await call(self._web.conversations_info(channel=channel))
        self._channels.put(channel, one_line(str((answer.get("channel") or {}).get("name") or channel), 80))


def _person(user: Mapping[str, Any]) -> Person:
    profile = user.get("profile") or {}
    candidates = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    name = one_line(_MAIL.sub("", next((str(name) for name in candidates if name), "")), 80) or SOMEONE
    return Person(name, str(user.get("locale") or "en"))
