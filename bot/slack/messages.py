"""Messages of people: mentions, direct messages, and everything that is said where Dexter takes every message."""

import re
from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.overview import Books
from bot.slack.agent import Agent
from bot.slack.arrival import FRESH, Arrival, Body, Entrance
from bot.slack.changes import Changes
from bot.slack.context import message_key, with_context
from bot.slack.place import Place
from bot.slack.remembered import Remembered
from core.entities import now
from core.quiet import quiet_now

SPOKEN = {None, "file_share", "thread_broadcast"}
"""Subtypes of a message that a person has just written; joins and the like are none."""


class Messages:
    """Takes messages as questions."""

    def __init__(self, entrance: Entrance, agent: Agent, changes: Changes, books: Books | None) -> None:
        self._in, self._agent, self._changes, self._books = entrance, agent, changes, books
        self._campaigns: Remembered[bool] = Remembered(fresh=FRESH)
        self._mention = re.compile(rf"<@{re.escape(entrance.me.user)}(?:\|[^>]*)?>")

    async def on_mention(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take a mention in a channel; in a direct message it comes as a message too, and that one counts."""
        if not body["event"].get("channel", "").startswith("D"):
            await self._heard(body)
        await ack()

    async def on_message(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take a direct message, or any message where that is set; note edits and deletions."""
        event = body["event"]
        if event.get("subtype") == "message_changed":
            await self._changes.edited(body)
        elif event.get("subtype") == "message_deleted":
            await self._changes.deleted(event)
        elif event.get("subtype") in SPOKEN:
            self._in.threads.heard(event)
            if event.get("channel_type") == "im" or await self._listens(event):
                await self._heard(body)
            elif await self._for_a_campaign(event):
                await self._heard(body, overheard=True)
        await ack()

    async def _listens(self, event: Body) -> bool:
        """Tell whether every message counts here and now; one that names Dexter comes as a mention besides."""
        if event.get("bot_id") or self._mention.search(event.get("text") or ""):
            return False
        channel = await self._in.channel(str(event.get("channel")))
        return channel.listen == "every" and not quiet_now(channel, now())

    async def _for_a_campaign(self, event: Body) -> bool:
        """Tell whether a message that names nobody stands in the thread of a campaign."""
        thread = event.get("thread_ts")
        if self._books is None or not thread or thread == event["ts"] or "<@" in (event.get("text") or ""):
            return False
        if event.get("bot_id") or not event.get("user"):
            return False
        address = self._in.me.address(Place(str(event.get("channel")), str(thread)))
        known = self._campaigns.get(address)
        if known is None:
            known = await self._books.campaign_at(self._in.me.tenant, address)
            self._campaigns.put(address, known)
        return known

    async def _heard(self, body: Body, *, overheard: bool = False) -> None:
        event = body["event"]
        person = event.get("user")
        if person and person != self._in.me.user and not event.get("bot_id"):
            # Files may take longer than Slack waits. It then sends the message again, which is harmless; a message
            # acknowledged before it is written down could be lost.
            slow = self._in.files.limits.seconds if event.get("files") or event.get("thread_ts") else 0.0
            await self._in.take(lambda: self._message(event, overheard), slow)

    async def _message(self, event: Body, overheard: bool) -> Arrival:
        place = Place(event["channel"], event.get("thread_ts") or event["ts"])
        text = self._mention.sub("", event.get("text") or "")
        made = await self._in.arrival(message_key(place.channel, event["ts"]), event["user"], place, text)
        request = made.request if overheard else await with_context(self._in, made.request, place, event)
        direct = place.channel.startswith("D")
        reply = bool(event.get("thread_ts")) and event["thread_ts"] != event["ts"]
        request = replace(request, reply=reply, overheard=overheard)
        return replace(made, request=request, after=self._agent.watch(place, request) if direct else None)
