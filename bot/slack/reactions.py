"""Reactions: an emoji asks the committee about a message, in channels where one was set."""

from dataclasses import replace
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.shapes import TryLater
from bot.slack.api import FAILURES
from bot.slack.arrival import Arrival, Body, Entrance
from bot.slack.context import message_key, with_context
from bot.slack.place import Place
from bot.words import key

LIMITED = key("Slack does not let me read that message just now. Please mention me in its thread instead.")


class Reactions:
    """Takes the one emoji that counts."""

    def __init__(self, entrance: Entrance) -> None:
        self._in = entrance

    async def on_added(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Ask about the message on which a person has put the channel's emoji."""
        event = body["event"]
        item, emoji = event.get("item") or {}, str(event.get("reaction") or "").split("::")[0]
        if item.get("type") == "message" and item.get("channel") and event.get("user") != self._in.me.user:
            wanted = (await self._in.channel(item["channel"])).reaction.strip(":")
            if wanted and wanted == emoji:
                await self._in.take(lambda: self._asked(body["event_id"], event, item), 0.0)
        await ack()

    async def _asked(self, key: str, event: Body, item: Body) -> Arrival | None:
        place = Place(item["channel"], item["ts"])
        try:
            message = await self._in.threads.message(place, item["ts"])
        except (TryLater, *FAILURES):
            return await self._in.sentence(key, event["user"], place, LIMITED)
        if message is None or message.get("user") == self._in.me.user or not message.get("text"):
            return None  # it was deleted meanwhile, or there is nothing in it to ask
        place = Place(item["channel"], message.get("thread_ts") or item["ts"])
        # One question a message, however many people react.
        made = await self._in.arrival(f"{message_key(place.channel, item['ts'])}:reaction", event["user"], place, "")
        text = (await self._in.names.read(str(message["text"]))).strip()
        asked = replace(made.request, text=f"ask -- {text}")
        return replace(made, request=await with_context(self._in, asked, place, message))
