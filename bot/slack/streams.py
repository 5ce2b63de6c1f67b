"""Progress as a stream: a plan with a task card for each member and phase, and the answer's words as they come.

Where Slack does not stream (the plan, a scope, the kind of channel), progress is one edited message instead. Slack
ends a stream by itself after some minutes without news: from then on its message is edited too.
https://docs.slack.dev/reference/methods/chat.startStream
"""

from collections import OrderedDict
from collections.abc import Sequence

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.shapes import Lines, Post, TryLater, Undeliverable
from bot.slack.api import TooLong, Vanished, call, reason
from bot.slack.chunks import Chunk, Told, frame, news
from bot.slack.pace import Pace
from bot.slack.place import Place
from bot.slack.remembered import Remembered
from bot.slack.seen import EVENT

log = structlog.get_logger("dexter.slack")

STREAM = "stream:"
"""Before the time stamp in the id of a message that streams."""

OPEN = 500
"""Streams whose state is remembered; one that is forgotten is told all its tasks again, which changes nothing."""

AGAIN_AFTER = 3600.0
"""Seconds until streaming is tried again where it was refused."""

NOWHERE = {
    *("missing_scope", "unknown_method", "method_deprecated", "deprecated_endpoint", "not_allowed_token_type"),
    *("enterprise_is_restricted", "access_denied", "feature_not_enabled"),
}
"""Errors that say that this workspace does not stream at all; others are about one channel."""
GONE = {"channel_not_found", "is_archived", "not_in_channel", "restricted_action_read_only_channel"}
"""Errors that an ordinary message would meet too."""
ENDED = {"message_not_in_streaming_state", "streaming_state_conflict"}


class Streams:
    """Starts, continues and ends streams in one workspace."""

    def __init__(self, web: AsyncWebClient, pace: Pace) -> None:
        self._web, self._pace = web, pace
        self._open: OrderedDict[str, Told] = OrderedDict()
        self._refused: Remembered[bool] = Remembered(fresh=AGAIN_AFTER)
        self._told: set[str] = set()

    async def show(self, place: Place, post: Post, key: str, message: str | None) -> str | None:
        """Show progress as a stream and return its id; `None` where it is for an ordinary message to show.

        `message` is the id so far. A stream is ended where `post` is no progress any more.
        """
        lines = next((part for part in post.parts if isinstance(part, Lines)), None)
        if message is not None and message.startswith(STREAM):
            ts = message.removeprefix(STREAM)
            if lines is None:
                await self.end(place, ts)
                return None
            try:
                await self._go_on(place, ts, post, lines, f"{EVENT}/{key}")
            except Vanished:
                return await self._start(place, post, lines, f"{EVENT}/{key}")
            except Undeliverable as error:
                if code(error) in ENDED:
                    return None
                raise
            return message
        if lines is None or message is not None or not self._may(place, post):
            return None
        return await self._start(place, post, lines, f"{EVENT}/{key}")

    async def say(self, place: Place, message: str, words: str) -> bool:
        """Add words of the answer; False where this message takes none, or none any more."""
        ts = message.removeprefix(STREAM)
        if not message.startswith(STREAM) or ts not in self._open:
            return False
        speech = self._open[ts].speech
        if written := speech.hear(words):
            try:
                await self._append(place, ts, [{"type": "markdown_text", "text": written}])
            except TryLater:
                speech.owe(written)
                raise
        return not speech.full

    async def end(self, place: Place, ts: str) -> None:
        """End a stream; one that has ended or vanished is left alone."""
        self._open.pop(ts, None)
        await self._pace.turn(place.channel)
        try:
            await call(self._web.chat_stopStream(channel=place.channel, ts=ts))
        except Vanished:
            return
        except Undeliverable as error:
            if code(error) not in ENDED:
                raise

    def _may(self, place: Place, post: Post) -> bool:
        known = place.thread is not None and post.asker.startswith("slack:")
        return known and not self._refused.get("") and not self._refused.get(place.channel)

    async def _start(self, place: Place, post: Post, lines: Lines, mark: str) -> str | None:
        """Begin a stream; without Dexter's own blocks in it where those are what Slack refuses."""
        state = Told()
        chunks = news(state, post, lines, mark)
        for more in (frame(post), []):
            try:
                ts = await self._begin(place, post, [*chunks, *more])
            except (TooLong, Vanished, Undeliverable) as error:
                if (why := code(error)) in GONE:
                    raise
                if why in ("invalid_chunks", "invalid_blocks", "invalid_arguments") and more:
                    continue
                self._refuse(place, why)
                return None
            self._remember(ts, state)
            return STREAM + ts
        return None

    async def _begin(self, place: Place, post: Post, chunks: Sequence[Chunk]) -> str:
        await self._pace.turn(place.channel)
        started = self._web.chat_startStream(
            channel=place.channel,
            thread_ts=str(place.thread),
            recipient_team_id=place.team,
            recipient_user_id=post.asker.removeprefix("slack:"),
            task_display_mode="plan",
            chunks=chunks,
        )
        return str((await call(started))["ts"])

    async def _go_on(self, place: Place, ts: str, post: Post, lines: Lines, mark: str) -> None:
        state = self._open.get(ts) or Told()
        if chunks := news(state, post, lines, mark):
            await self._append(place, ts, chunks)
        self._remember(ts, state)

    async def _append(self, place: Place, ts: str, chunks: Sequence[Chunk]) -> None:
        await self._pace.turn(place.channel)
        try:
            await call(self._web.chat_appendStream(channel=place.channel, ts=ts, chunks=chunks))
        except (Vanished, Undeliverable):
            self._open.pop(ts, None)
            raise

    def _remember(self, ts: str, state: Told) -> None:
        self._open[ts] = state
        while len(self._open) > OPEN:
            self._open.popitem(last=False)

    def _refuse(self, place: Place, why: str) -> None:
        self._refused.put("" if why in NOWHERE else place.channel, True)
        if why not in self._told:
            self._told.add(why)
            log.warning("slack does not stream here: progress is one edited message", why=why, tenant=place.team)


def code(error: Exception) -> str:
    """Return Slack's own word for what `call` has raised."""
    return reason(error.__cause__) if isinstance(error.__cause__, SlackApiError) else ""
