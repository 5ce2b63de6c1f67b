"""What comes in from Slack: mentions, direct messages, `/dexter` and buttons, each turned into a request."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.attachments import SECONDS
from bot.shapes import Request
from bot.slack.files import Files
from bot.slack.names import Names
from bot.slack.outgoing import Place
from bot.slack.reach import Reach

Body = Mapping[str, Any]
ANYTHING = re.compile(".*")
SPOKEN = {None, "file_share", "thread_broadcast"}
"""Subtypes of a message that a person has just written; edits, joins and the like are none."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request, and how to answer the one who made it."""

    request: Request
    user: str
    place: Place
    response_url: str = ""
    elsewhere: bool = False
    """Dexter may not post where this was typed, so the answer goes to the person's direct messages."""


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


class Incoming:
    """Listens on a bolt app and hands every arrival to `take`."""

    def __init__(self, me: Me, names: Names, reach: Reach, files: Files, take: Take) -> None:
        self._me, self._names, self._reach, self._files, self._take = me, names, reach, files, take
        self._mention = re.compile(rf"<@{re.escape(me.user)}(?:\|[^>]*)?>")

    def listen(self, app: AsyncApp) -> None:
        """Register the listeners; what has none is acknowledged all the same, or Slack would send it again."""
        app.event("app_mention")(self.on_mention)
        app.event("message")(self.on_message)
        app.command("/dexter")(self.on_command)
        app.action(re.compile(r"dexter:\d+"))(self.on_button)
        app.event(ANYTHING)(_nothing)
        app.command(ANYTHING)(_nothing)
        app.action(ANYTHING)(_nothing)
        app.shortcut(ANYTHING)(_nothing)
        app.view(ANYTHING)(_nothing)
        app.options(ANYTHING)(_nothing)

    async def on_mention(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take a mention in a channel; in a direct message it comes as a message too, and that one counts."""
        if not body["event"].get("channel", "").startswith("D"):
            await self._heard(body)
        await ack()

    async def on_message(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take a direct message."""
        if body["event"].get("channel_type") == "im" and body["event"].get("subtype") in SPOKEN:
            await self._heard(body)
        await ack()

    async def on_command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take what was typed behind `/dexter`."""
        await self._take(lambda: self._command(body), 0.0)
        await ack()

    async def on_button(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take a press of one of Dexter's buttons: its value is the request."""
        await self._take(lambda: self._button(body), 0.0)
        await ack()

    async def _heard(self, body: Body) -> None:
        event = body["event"]
        person = event.get("user")
        if person and person != self._me.user and not event.get("bot_id"):
            # Files may take longer than Slack waits. It then sends the message again, which is harmless; a message
            # acknowledged before it is written down could be lost.
            await self._take(lambda: self._message(body), SECONDS if event.get("files") else 0.0)

    async def _message(self, body: Body) -> Arrival:
        event = body["event"]
        place = Place(event["channel"], event.get("thread_ts") or event["ts"])
        text = self._mention.sub("", event.get("text") or "")
        made, found = await asyncio.gather(
            self._arrival(body["event_id"], event["user"], place, text), self._files.read(event)
        )
        return replace(made, request=replace(made.request, attachments=found.files, unread=found.unread))

    async def _command(self, body: Body) -> Arrival:
        user, channel = body["user_id"], body["channel_id"]
        home = await self._reach.home(channel, user)
        made = await self._arrival(body["trigger_id"], user, Place(home), body.get("text") or "", body["user_name"])
        return Arrival(made.request, user, Place(channel), body.get("response_url", ""), elsewhere=home != channel)

    async def _button(self, body: Body) -> Arrival | None:
        box, value = body.get("container") or {}, body["actions"][0].get("value")
        channel = box.get("channel_id") or (body.get("channel") or {}).get("id")
        if not value or not channel:
            return None
        thread = box.get("thread_ts") or (body.get("message") or {}).get("thread_ts") or box.get("message_ts")
        user, place = body["user"], Place(channel, thread)
        made = await self._arrival(body["trigger_id"], user["id"], place, "", user.get("username", ""))
        return replace(made, request=replace(made.request, text=value), response_url=body.get("response_url", ""))

    async def _arrival(self, key: str, user: str, place: Place, text: str, name: str = "") -> Arrival:
        person = await self._names.person(user, name)
        request = Request(
            key=key,
            tenant=self._me.tenant,
            person=f"slack:{user}",
            name=person.name,
            address=self._me.address(place),
            text=(await self._names.read(text)).strip(),
            locale=person.locale,
        )
        return Arrival(request, user, place)


async def _nothing(ack: AsyncAck) -> None:
    await ack()
