"""Dexter as an agent in Slack's own view: what it offers to ask, what a session is called, that it works, its stop.

https://docs.slack.dev/ai/agent-sessions; a workspace without agent sessions has the older threads of assistants.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.overview import Books
from bot.shapes import Post, Request
from bot.slack.api import FAILURES, call
from bot.slack.arrival import Arrival, Entrance
from bot.slack.mrkdwn import one_line
from bot.slack.place import Place
from bot.words import Words, key, words_for

log = structlog.get_logger("dexter.slack")

TITLE = 200
"""Characters of a session's title."""

MOST_PROMPTS = 4
CHANNEL = "slack#/types/channel_id"
"""How Slack marks the channel that a person has open beside the agent."""

NOTHING = key("Nothing is being worked on here.")


class Agent:
    """One workspace's agent view."""

    def __init__(self, entrance: Entrance, books: Books | None) -> None:
        self._in, self._books = entrance, books
        self._sessions = Sessions(entrance.web)

    async def offer(self, event: Mapping[str, Any]) -> None:
        """Offer questions that fit the person and the channel beside the agent; Slack shows four at most."""
        user, channel = str(event.get("user")), str(event.get("channel"))
        words = await self._in.words(user)
        beside = [e.get("value") for e in (event.get("context") or {}).get("entities", ()) if e.get("type") == CHANNEL]
        prompts = await self._prompts(user, str(beside[0]) if beside else "", words)
        try:
            # With a thread's time stamp the call would do nothing for an app with an agent view.
            offered = self._in.web.assistant_threads_setSuggestedPrompts(
                channel_id=channel, title=words("What shall the committee think about?"), prompts=prompts
            )
            await call(offered)
        except FAILURES as error:
            log.info("no suggested prompts", tenant=self._in.me.tenant, why=str(error))

    def watch(self, place: Place, request: Request) -> Callable[[Post | None], Coroutine[Any, Any, None]]:
        """Return what shows that Dexter works, once a question has been taken in."""

        async def after(post: Post | None) -> None:
            if post is None:
                title, user = one_line(request.text, TITLE), request.person.removeprefix("slack:")
                await self._sessions.working(place, title, user, words_for(request.locale))

        return after

    async def idle(self, place: Place) -> None:
        """Show that Dexter no longer works in a thread."""
        await self._sessions.idle(place)

    async def on_stopped(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Stop what is worked on in a session, as far as the one who pressed may, and say that it has stopped."""
        event = body["event"]
        place, user = Place(event["channel"], event.get("thread_ts")), event["user"]
        address = self._in.me.address(place)
        going = await self._books.going(self._in.me.tenant, address) if self._books else ()
        for found in going:
            await self._in.take(lambda run=found.id: self._stop(body, user, place, run), 0.0)  # type: ignore[misc]
        if not going:
            await self._in.take(lambda: self._in.sentence(body["event_id"], user, place, NOTHING), 0.0)
        await ack()
        await self.idle(place)

    async def _stop(self, body: Mapping[str, Any], user: str, place: Place, run: str) -> Arrival:
        return await self._in.arrival(f"{body['event_id']}:{run}", user, place, f"stop {run}")

    async def _prompts(self, user: str, channel: str, words: Words) -> list[dict[str, str]]:
        made = [
            (words("What can you do?"), "help"),
            (words("Who sits on the committees?"), "committee"),
            (
                words("Prepare a decision"),
                words("Which questions should a team answer before it makes a decision that is hard to undo?"),
            ),
        ]
        if channel:
            made.insert(0, await self._for_channel(channel, words))
        if self._books:
            mine = await self._books.overview(self._in.me.tenant, f"slack:{user}", "")
            made[1:1] = [
                (words("Again: {question}", question=one_line(c.question, 60)), f"again {c.id}")
                for c in mine.recent[:1]
            ]
        return [{"title": title, "message": message} for title, message in made[:MOST_PROMPTS]]

    async def _for_channel(self, channel: str, words: Words) -> tuple[str, str]:
        """Return a question that fits a channel: its name, and who deliberates there and how."""
        name = (await self._in.names.read(f"<#{channel}>")).removeprefix("#")
        here = await self._in.channel(channel)
        question = words("What should a team that meets in a channel called #{channel} decide first?", channel=name)
        options = (("committee", here.committee), ("pattern", here.pattern))
        given = "".join(f"--{option} {value} " for option, value in options if value)
        return words("Ask for #{channel}", channel=one_line(name, 60)), f"ask {given}-- {question}"


class Sessions:
    """The state of threads, by whichever of Slack's two ways works here."""

    def __init__(self, web: AsyncWebClient) -> None:
        self._web = web
        self._old = False

    async def working(self, place: Place, title: str, user: str, words: Words) -> None:
        """Show in a thread that Dexter works, with a way to stop it, and name the thread."""
        here: dict[str, Any] = {"channel_id": place.channel, "thread_ts": place.thread or ""}
        new = lambda: self._web.agents_sessions_setStatus(  # noqa: E731
            status="processing", title=title, initiator_user_id=user, **here
        )
        old = lambda: self._web.assistant_threads_setStatus(status=words("is asking the committee …"), **here)  # noqa: E731
        await self._say(new, old)
        if self._old:
            await self._try(lambda: self._web.assistant_threads_setTitle(title=title, **here))

    async def idle(self, place: Place) -> None:
        """Show that the work is over."""
        here: dict[str, Any] = {"channel_id": place.channel, "thread_ts": place.thread or ""}
        new = lambda: self._web.agents_sessions_setStatus(status="active", **here)  # noqa: E731
        await self._say(new, lambda: self._web.assistant_threads_setStatus(status="", **here))

    async def _say(self, new: Callable[[], Awaitable[Any]], old: Callable[[], Awaitable[Any]]) -> None:
        if not self._old and not await self._try(new):
            self._old = await self._try(old)
            if self._old:
                log.info("no agent sessions here; the status of assistant threads is used instead")
        elif self._old:
            await self._try(old)

    async def _try(self, act: Callable[[], Awaitable[Any]]) -> bool:
        try:
            await call(act())
        except FAILURES:
            return False
        return True
