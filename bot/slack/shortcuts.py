"""Shortcuts: "Ask the committee" on a message, and from anywhere."""

from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.slack.arrival import Entrance
from bot.slack.asking import Asking
from bot.slack.place import Place
from bot.slack.windows import user_of
from bot.words import key

ON_MESSAGE, ANYWHERE = "ask_about_message", "ask_committee"
UNKNOWN = key("I do not know that shortcut any more. `help` lists what I can do.")


class Shortcuts:
    """Takes shortcuts."""

    def __init__(self, entrance: Entrance, asking: Asking) -> None:
        self._in, self._asking = entrance, asking

    async def on_message(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Open the form about a message; the answer comes in its thread."""
        message, channel = body.get("message") or {}, str((body.get("channel") or {}).get("id") or "")
        place = Place(channel, str(message.get("thread_ts") or message.get("ts") or "") or None) if channel else None
        text = (await self._in.names.read(str(message.get("text") or ""))).strip()
        author = str(message.get("user") or "")
        name = (await self._in.names.person(author)).name if author else str(message.get("username") or "someone")
        await self._asking.open(body, place, f"{name}: {text}" if text else "")
        await ack()

    async def on_anywhere(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Open the form for a question."""
        await self._asking.open(body, None)
        await ack()

    async def on_unknown(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Say that a shortcut means nothing any more."""
        key, url = str(body.get("trigger_id", "")), str(body.get("response_url") or "")
        await self._in.take(lambda: self._in.sentence(key, user_of(body), None, UNKNOWN, url), 0.0)
        await ack()
