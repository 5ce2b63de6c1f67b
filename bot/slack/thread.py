"""The thread in which Dexter is named, read as context: cached, and within what Slack lets an app read.

An app that is distributed outside Slack's marketplace may read one page of 15 messages a minute; others 200 at a time:
https://docs.slack.dev/reference/methods/conversations.replies. Which of both this app is, Slack's answers show.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.posts import PROGRESS
from bot.shapes import TryLater
from bot.slack.api import FAILURES, call
from bot.slack.names import Names
from bot.slack.place import Place
from bot.slack.seen import key_of

Message = Mapping[str, Any]

PAGE, SMALL_PAGE = 200, 15
MOST_PAGES = 3
"""Pages read for one question where Slack sets no narrow limit."""
SECONDS = 1.5
"""For one page: an acknowledgement waits for it."""
MINUTE = 60.0
"""Seconds between two pages where the limit is narrow."""
KEPT, MOST_MESSAGES = 200, 500
"""Threads that are remembered, and messages of each."""
MOST_CHARACTERS = 30_000
"""Of a thread: it goes into the prompt of every member."""


@dataclass(slots=True)
class Known:
    """What is known of one thread."""

    messages: dict[str, Message] = field(default_factory=dict)
    """By time stamp."""
    read_to: str = ""
    """The newest message up to which all has been read from Slack."""

    def put(self, message: Message) -> None:
        """Keep a message; the root and the newest are kept longest."""
        self.messages[str(message["ts"])] = message
        if len(self.messages) > MOST_MESSAGES:
            del self.messages[sorted(self.messages)[1]]


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread as the committee reads it."""

    text: str = ""
    files: tuple[Mapping[str, Any], ...] = ()
    """Attached in it, as Slack describes them, newest first."""


class Threads:
    """Reads threads of one workspace."""

    def __init__(self, web: AsyncWebClient, me: str, names: Names, minute: float = MINUTE) -> None:
        self._web, self._me, self._names, self._minute = web, me, names, minute
        self._known: OrderedDict[Place, Known] = OrderedDict()
        self._narrow = False
        self._free_at = 0.0

    async def read(self, place: Place, before: str) -> Thread:
        """Return what was said in the thread `place` before the message `before`; empty where nothing can be read."""
        known = self._known.setdefault(place, Known())
        self._known.move_to_end(place)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        whole = await self._catch_up(place, known, before)
        earlier = [known.messages[ts] for ts in sorted(known.messages) if ts < before]
        said = [message for message in earlier if slot_of(message)[1] != PROGRESS]
        text = await self._written(said, whole=whole)
        files = tuple(f for message in reversed(said) for f in message.get("files") or () if isinstance(f, Mapping))
        return Thread(text, files)

    async def message(self, place: Place, ts: str) -> Message | None:
        """Return one message, for a reaction on it. Raises `TryLater` where Slack lets nothing be read just now."""
        known = next((k.messages[ts] for k in self._known.values() if ts in k.messages), None)
        if known is not None:
            return known
        answer = await self._page(place.channel, {"ts": ts, "latest": ts, "inclusive": True, "limit": 1})
        return next((m for m in answer.get("messages", ()) if m.get("ts") == ts), None)

    def heard(self, event: Message) -> None:
        """Keep a message that Slack has brought by itself, where its thread is known: it need not be read again."""
        known = self._known.get(Place(str(event.get("channel")), str(event.get("thread_ts"))))
        if known is not None and event.get("ts"):
            known.put(event)

    def changed(self, channel: str, ts: str, message: Message | None) -> None:
        """Take over an edit; without a message, a deletion."""
        for place, known in self._known.items():
            if place.channel == channel and ts in known.messages:
                if message is None:
                    del known.messages[ts]
                else:
                    known.put(message)

    async def _catch_up(self, place: Place, known: Known, before: str) -> bool:
        """Read what is new in a thread, as far as Slack allows; tell whether that is all of it."""
        for _ in range(MOST_PAGES):
            asked: dict[str, Any] = {"ts": place.thread, "latest": before}
            try:
                answer = await self._page(place.channel, asked | ({"oldest": known.read_to} if known.read_to else {}))
            except FAILURES:
                return False
            messages = sorted(answer.get("messages", ()), key=lambda m: str(m.get("ts")))
            for message in messages:
                known.put(message)
                known.read_to = max(known.read_to, str(message["ts"]))
            if not answer.get("has_more"):
                return True
            if len(messages) <= SMALL_PAGE:  # more was asked for
                self._narrow, self._free_at = True, time.monotonic() + self._minute
                break
        return False

    async def _page(self, channel: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if time.monotonic() < self._free_at:
            raise TryLater("Slack lets Dexter read one page a minute.", self._free_at - time.monotonic())
        limits = {"limit": SMALL_PAGE if self._narrow else PAGE, **asked}
        try:
            answer = await call(self._web.conversations_replies(channel=channel, **limits), SECONDS)
        except TryLater as later:
            self._narrow = self._narrow or later.seconds > SMALL_PAGE
            self._free_at = time.monotonic() + later.seconds
            raise
        if self._narrow:
            self._free_at = time.monotonic() + self._minute
        return answer

    async def _written(self, messages: Sequence[Message], *, whole: bool) -> str:
        """Return messages as people read them, within bounds: the newest are kept, and what is left out is said."""
        lines: list[str] = []
        left = MOST_CHARACTERS
        for message in reversed(messages):
            line = await self._line(message)
            if line and len(line) > left:
                whole = False
                break
            lines += [line] if line else []
            left -= len(line)
        if lines and not whole:
            lines.append("(Some of the thread is left out: it is long, or Slack does not let Dexter read all of it.)")
        return "\n\n".join(reversed(lines))

    async def _line(self, message: Message) -> str:
        text = (await self._names.read(str(message.get("text") or ""))).strip()
        names = ", ".join(str(f.get("name") or "file") for f in message.get("files") or () if isinstance(f, Mapping))
        said = f"{text} [{names}]".strip() if names else text
        return f"{await self._who(message)}: {said}" if said else ""

    async def _who(self, message: Message) -> str:
        user = str(message.get("user") or "")
        if user == self._me:
            return "Dexter"
        if message.get("bot_id"):
            profile = message.get("bot_profile") or {}
            return str(message.get("username") or profile.get("name") or "an app")
        return (await self._names.person(user)).name if user else "someone"


def slot_of(message: Message) -> tuple[str, str]:
    """Return the run and the slot that a message of Dexter's shows, by the marks that it carries; else nothing."""
    run, _, slot = key_of(message).partition("/")[0].partition(":")
    return (run, slot) if slot else ("", "")
