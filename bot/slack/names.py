"""Names of people and channels: asked of Slack once, remembered for a while, never waited for long."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api import FAILURES, call
from bot.slack.mrkdwn import mentions, one_line, plain
from bot.slack.remembered import Remembered

SECONDS = 1.0
"""For all names of one message; a name that comes later is remembered for the next."""

MOST = 25
"""Names looked up for one message; the rest stay unknown."""

SOMEONE = "someone"
"""Whom Slack does not name: an id or a mail address is never put in a prompt."""

_MAIL = re.compile(r"@[\w-]+\.[\w.-]+\Z")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone as Slack shows them."""

    name: str
    locale: str
    zone: str = ""


class Names:
    """Turns ids in texts into names."""

    def __init__(self, web: AsyncWebClient) -> None:
        self._web = web
        self._people: Remembered[Person] = Remembered()
        self._channels: Remembered[str] = Remembered()
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def person(self, user: str, otherwise: str = "") -> Person:
        """Return someone's display name and language; `otherwise`, or a word for anybody, where Slack does not say."""
        await self._learn([user], ())
        return self._people.get(user) or Person(otherwise or SOMEONE, "en")

    async def read(self, text: str) -> str:
        """Return an incoming text as a person reads it, with names for people and channels."""
        people, channels = mentions(text)
        await self._learn(people[:MOST], channels[:MOST])
        return plain(text, self._name, lambda channel: self._channels.get(channel) or "a-channel")

    def channels(self, text: str) -> dict[str, str]:
        """Return the channels that an incoming text names: how `read` has written each, and its id."""
        return {f"#{self._channels.get(channel) or 'a-channel'}": channel for channel in mentions(text)[1][:MOST]}

    def _name(self, user: str) -> str:
        known = self._people.get(user)
        return known.name if known else SOMEONE

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
    return Person(name, str(user.get("locale") or "en"), str(user.get("tz") or ""))
