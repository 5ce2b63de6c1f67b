"""Posts on their way out: laid on pages, posted or edited, found again after a crash."""

import asyncio
from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from slack_sdk.web.async_client import AsyncWebClient

from bot.shapes import Address, Post, Undeliverable
from bot.slack.api import TooLong, Vanished, call
from bot.slack.blocks import Page, Room, pages

EVENT = "dexter_post"
PACE = 1.0
"""Seconds between two messages in a channel: https://docs.slack.dev/apis/web-api/rate-limits"""

ROOMS = (Room(9000, 12000, native=True), Room(9000, 12000), Room(9000, 3900), Room(3800, 3900), Room(1500, 1900))
"""Tried in this order: Slack publishes no limit on the whole of a message and has changed it before."""

EDIT_WORDS = 3900
"""Plain text that `chat.update` takes; `chat.postMessage` takes more."""

LOOK_BACK = 5
"""Pages of history, of 200 messages each, in which an earlier try is looked for."""


Seen = dict[str, tuple[str, str]]
"""Messages by their keys: id and plain text."""


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, or a thread in it."""

    channel: str
    thread: str | None = None

    @classmethod
    def of(cls, address: Address) -> Self:
        """Read `slack:TEAM:CHANNEL` or `slack:TEAM:CHANNEL:THREAD`; anything else is `Undeliverable`."""
        parts = address.split(":")
        if len(parts) not in (3, 4) or parts[0] != "slack" or not parts[2]:
            raise Undeliverable(f"This is no address in Slack: {address}.")
        return cls(parts[2], parts[3] if len(parts) == 4 else None)


class Outgoing:
    """Shows posts in channels and threads."""

    def __init__(self, web: AsyncWebClient, pace: float = PACE) -> None:
        self._web = web
        self._pace = pace

    async def show(self, place: Place, post: Post, key: str, message: str | None, again: bool) -> str:
        """Show a post as `Chat.show` says; where Slack finds it too long, in smaller parts."""
        for room in ROOMS:
            words = min(room.words, EDIT_WORDS) if message or again else room.words
            laid = await to_thread(pages, post, Room(room.blocks, words), f"{EVENT}/{key}")
            try:
                return await self._lay(place, laid, key, message, again)
            except TooLong:
                again = True  # parts of it may be there already
        raise Undeliverable("Slack finds this post too long, however it is divided.")

    async def whisper(self, place: Place, user: str, post: Post) -> None:
        """Show a post to one person alone; Slack keeps it until they reload."""
        for page in await to_thread(pages, post, ROOMS[1], EVENT):
            await call(
                self._web.chat_postEphemeral(
                    channel=place.channel, user=user, thread_ts=place.thread, text=page.text, blocks=page.blocks
                )
            )

    async def _lay(self, place: Place, laid: list[Page], key: str, message: str | None, again: bool) -> str:
        seen = await self._seen(place) if again and message is None else {}
        first = await self._once(place, laid[0], key, seen, message)
        thread = Place(place.channel, place.thread or first)
        if len(laid) > 1 and (message or again):
            seen = await self._seen(thread)
        for number, page in enumerate(laid[1:], 2):
            await asyncio.sleep(self._pace)
            await self._once(thread, page, f"{key}/{number}", seen)
        return first

    async def _once(self, place: Place, page: Page, key: str, seen: Seen, message: str | None = None) -> str:
        """Post a page, or edit what is there of it; what reads the same already is left as it is."""
        there, text = seen.get(key, (None, ""))
        if message is None and there is not None and text == page.text:
            return there
        return await self._put(place, page, key, message or there)

    async def _put(self, place: Place, page: Page, key: str, message: str | None) -> str:
        metadata = {"event_type": EVENT, "event_payload": {"key": key}}
        if message is not None:
            try:
                changed = self._web.chat_update(
                    channel=place.channel, ts=message, text=page.text, blocks=page.blocks, metadata=metadata
                )
                return str((await call(changed)).get("ts") or message)
            except Vanished:
                pass  # someone deleted it: the post itself still has to be said
        posted = self._web.chat_postMessage(
            channel=place.channel,
            thread_ts=place.thread,
            text=page.text,
            blocks=page.blocks,
            metadata=metadata,
            mrkdwn=False,
            unfurl_links=False,
            unfurl_media=False,
        )
        try:
            return str((await call(posted))["ts"])
        except Vanished as error:
            raise Undeliverable("The thread's first message is gone.") from error

    async def _seen(self, place: Place) -> Seen:
        """Return what Dexter has said there lately: newest first in a channel, oldest first in a thread."""
        found: Seen = {}
        cursor = ""
        for _ in range(LOOK_BACK):
            answer = await self._page_of(place, cursor)
            for message in answer.get("messages", ()):
                if key := _key(message):
                    found.setdefault(key, (str(message["ts"]), str(message.get("text", ""))))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return found

    async def _page_of(self, place: Place, cursor: str) -> Mapping[str, Any]:
        limits: dict[str, Any] = {"limit": 200, "include_all_metadata": True} | ({"cursor": cursor} if cursor else {})
        if place.thread is None:
            return await call(self._web.conversations_history(channel=place.channel, **limits))
        try:
            return await call(self._web.conversations_replies(channel=place.channel, ts=place.thread, **limits))
        except Vanished:
            return {}


def _key(message: Mapping[str, Any]) -> str:
    """Return the key in a message's metadata, or in its first block's id for an app that may not read metadata."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") == EVENT and (key := (metadata.get("event_payload") or {}).get("key")):
        return str(key)
    first = (message.get("blocks") or [{}])[0].get("block_id", "")
    prefix, _, rest = first.partition("/")
    key, _, number = rest.rpartition("/")
    return "" if prefix != EVENT else key if number == "1" else rest
