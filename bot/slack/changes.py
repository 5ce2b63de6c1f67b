"""What becomes of a question whose message, channel or invitation changes while Dexter works on it."""

from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.overview import Books
from bot.posts import QUESTION
from bot.slack.arrival import Arrival, Body, Entrance
from bot.slack.context import message_key
from bot.slack.place import Place
from bot.slack.thread import slot_of
from bot.words import key
from core.entities import run_id

GONE = ("channel_archive", "group_archive", "channel_deleted", "group_deleted", "channel_left", "group_left")
"""Events after which nothing can be posted in a channel."""

EDITED = key(
    "You have changed your question. I go on with what it said first; to have the new one answered, stop this one and "
    "ask again."
)


class Changes:
    """Stops what nobody can read any more, and says what an edit does not do."""

    def __init__(self, entrance: Entrance, books: Books | None) -> None:
        self._in, self._books, self._tenant = entrance, books, entrance.me.tenant

    async def deleted(self, event: Body) -> None:
        """Stop the run of a question whose message was deleted."""
        channel, ts = str(event.get("channel")), str(event.get("deleted_ts"))
        self._in.threads.changed(channel, ts, None)
        await self._stop(run_id(self._tenant, message_key(channel, ts)))
        run, slot = slot_of(event.get("previous_message") or {})
        if slot == QUESTION:
            await self._stop(run)

    async def edited(self, body: Body) -> None:
        """Tell the author of a question under way that it goes on as it was; Slack also says so of mere previews."""
        event = body["event"]
        channel, message, before = str(event.get("channel")), event.get("message") or {}, event.get("previous_message")
        ts, user = str(message.get("ts")), message.get("user")
        if message.get("subtype") == "tombstone":  # a deleted message that has replies
            await self.deleted({"channel": channel, "deleted_ts": ts, "previous_message": before})
            return
        self._in.threads.changed(channel, ts, message)
        if not user or message.get("bot_id") or not before or before.get("text") == message.get("text"):
            return
        place = Place(channel, message.get("thread_ts") or ts)
        going = await self._books.going(self._tenant, self._in.me.address(place)) if self._books else ()
        if run_id(self._tenant, message_key(channel, ts)) in [found.id for found in going]:
            await self._in.take(lambda: self._told(body, user, place), 0.0)

    async def on_gone(self, ack: AsyncAck, event: dict[str, Any]) -> None:
        """Stop everything in a channel that is archived or deleted, or from which Dexter was removed."""
        channel = event.get("channel")
        await self._leave(str(channel.get("id") if isinstance(channel, dict) else channel))
        await ack()

    async def on_left(self, ack: AsyncAck, event: dict[str, Any]) -> None:
        """The same where it is Dexter who left; a person who leaves still gets the answer in the thread."""
        if event.get("user") == self._in.me.user:
            await self._leave(str(event.get("channel")))
        await ack()

    async def _leave(self, channel: str) -> None:
        self._in.reach.forget(channel)
        if self._books is None:
            return
        for found in await self._books.going(self._tenant, self._in.me.address(Place(channel))):
            await self._books.stop(self._tenant, found.id)

    async def _stop(self, run: str) -> None:
        if self._books is not None:
            await self._books.stop(self._tenant, run)

    async def _told(self, body: Body, user: str, place: Place) -> Arrival | None:
        return await self._in.sentence(body["event_id"], user, place, EDITED)
