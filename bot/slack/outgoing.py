"""Posts on their way out: streamed or laid on pages, posted or edited, found again after a crash."""

from asyncio import to_thread
from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient

from bot.shapes import Attached, Post, Undeliverable
from bot.slack.api import TooLong, Vanished, call
from bot.slack.blocks import Page, Room, aloud, pages
from bot.slack.long import Long
from bot.slack.pace import PACE, Pace
from bot.slack.place import Place
from bot.slack.seen import EVENT, Seen, seen
from bot.slack.streams import STREAM, Streams, code
from bot.slack.uploads import share_all, under
from bot.words import key

ROOMS = (Room(9000, 12000, native=True), Room(9000, 12000), Room(9000, 3900), Room(3800, 3900), Room(1500, 1900))
"""Tried in this order: Slack publishes no limit on the whole of a message and has changed it before."""

MOST_WORDS = 40_000
"""Plain text beyond which Slack cuts a message without a word."""

EDIT_WORDS = 3900
"""Plain text that `chat.update` takes; `chat.postMessage` takes more."""

TOO_LONG = key("Slack finds this post too long, however it is divided.")
NO_THREAD = key("The thread's first message is gone.")


class Outgoing:
    """Shows posts in the channels and threads of one workspace."""

    def __init__(self, web: AsyncWebClient, pace: float = PACE) -> None:
        self._web = web
        self._pace = Pace(pace)
        self._streams = Streams(web, self._pace)
        self._long = Long(web)

    async def show(self, place: Place, post: Post, key: str, message: str | None, again: bool) -> str:
        """Show a post as `Chat.show` says; an id is a time stamp, behind `STREAM` while the message streams."""
        earlier = await seen(self._web, place) if again and message is None else {}
        if (said := earlier.get(key)) and said.streams:
            message = STREAM + said.ts
        if streamed := await self._streams.show(place, post, key, message):
            return streamed
        message = message.removeprefix(STREAM) if message else None
        shown = await self._shortened(place, post, key, earlier) if message is None else None
        shown = shown or await self._fitted(place, post, key, message, earlier if again else None)
        files = [part for part in post.parts if isinstance(part, Attached)] if message is None else []
        await share_all(self._web, self._pace, under(place, shown), files, key.partition(":")[0], earlier)
        return shown

    async def say(self, place: Place, message: str, words: str) -> bool:
        """Add words of the answer to a message that streams; False where it takes no more."""
        return await self._streams.say(place, message, words)

    async def whisper(self, place: Place, user: str, post: Post) -> None:
        """Show a post to one person alone; Slack keeps it until they reload."""
        for page in await to_thread(pages, post, ROOMS[1], EVENT):
            await self._pace.turn(place.channel)
            await call(
                self._web.chat_postEphemeral(
                    channel=place.channel, user=user, thread_ts=place.thread, text=page.text, blocks=page.blocks
                )
            )

    async def _shortened(self, place: Place, post: Post, key: str, earlier: Seen) -> str | None:
        """Show a long answer as a summary with a document; `None` where it is not long, or Slack takes no document."""
        document = await self._long.document(place, post, key)
        if document is None:
            return None
        said = earlier.get(key)
        ts = said.ts if said else await self._fitted(place, document.summary, key, None, None, whole=document.whole)
        if document.name and f"file:{document.name}" not in earlier:
            await self._pace.turn(place.channel)
            await self._long.share(document, replace(place, thread=place.thread or ts))
        return ts

    async def _fitted(
        self, place: Place, post: Post, key: str, message: str | None, earlier: Seen | None, whole: Post | None = None
    ) -> str:
        """Show a post, in smaller parts where Slack finds it too long.

        `earlier` is what an earlier try may have left, `None` where there was none; `whole` is what the plain text
        beside the blocks tells, where the post is its summary.
        """
        look = message is not None or earlier is not None
        for room in ROOMS:
            words = min(room.words, EDIT_WORDS) if look else room.words
            first, *rest = await to_thread(pages, post, replace(room, words=words), f"{EVENT}/{key}")
            if whole and room is ROOMS[0]:
                first = replace(first, text=await to_thread(aloud, whole, MOST_WORDS))
            try:
                message = await self._once(place, first, key, earlier or {}, message, broadcast=post.broadcast)
                await self._rest(replace(place, thread=place.thread or message), rest, key, look=look)
            except TooLong:
                look = look or message is not None  # parts of it are there now
            else:
                return message
        raise Undeliverable(TOO_LONG)

    async def _rest(self, thread: Place, rest: list[Page], key: str, *, look: bool) -> None:
        """Show the pages after the first; `look` for those that an earlier try left."""
        earlier = await seen(self._web, thread) if rest and look else {}
        for number, page in enumerate(rest, 2):
            await self._once(thread, page, f"{key}/{number}", earlier)

    async def _once(
        self, place: Place, page: Page, key: str, earlier: Seen, message: str | None = None, *, broadcast: bool = False
    ) -> str:
        """Post a page, or edit what is there of it; what reads the same already is left as it is."""
        there = earlier.get(key)
        if message is None and there is not None and there.text == page.text:
            return there.ts
        message = message or (there.ts if there else None)
        if message is not None:
            try:
                return await self._edit(place, page, key, message)
            except Vanished:
                pass  # someone deleted it: the post itself still has to be said
        return await self._post(place, page, key, broadcast=broadcast)

    async def _edit(self, place: Place, page: Page, key: str, ts: str) -> str:
        for last in (False, True):
            await self._pace.turn(place.channel)
            changed = self._web.chat_update(
                channel=place.channel, ts=ts, text=page.text, blocks=page.blocks, metadata=_metadata(key)
            )
            try:
                return str((await call(changed)).get("ts") or ts)
            except Undeliverable as error:
                if last or code(error) != "streaming_state_conflict":
                    raise
                await self._streams.end(place, ts)
        raise AssertionError("The last try has returned or raised.")

    async def _post(self, place: Place, page: Page, key: str, *, broadcast: bool) -> str:
        await self._pace.turn(place.channel)
        posted = self._web.chat_postMessage(
            channel=place.channel,
            thread_ts=place.thread,
            reply_broadcast=True if broadcast and place.thread else None,
            text=page.text,
            blocks=page.blocks,
            metadata=_metadata(key),
            mrkdwn=False,
            unfurl_links=False,
            unfurl_media=False,
        )
        try:
            return str((await call(posted))["ts"])
        except Vanished as error:
            raise Undeliverable(NO_THREAD) from error


def _metadata(key: str) -> dict[str, object]:
    return {"event_type": EVENT, "event_payload": {"key": key}}
