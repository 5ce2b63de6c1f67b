"""The home tab: a person's own page, made anew when they open it and when something of theirs ends."""

from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck

from bot.home import home
from bot.overview import Books
from bot.shapes import Post
from bot.slack.agent import Agent
from bot.slack.api import FAILURES, call
from bot.slack.arrival import Entrance
from bot.slack.blocks import Room, pages
from bot.slack.remembered import Remembered

log = structlog.get_logger("dexter.slack")

MOST_BLOCKS = 100
ROOM = Room(30_000, 1000)


class Home:
    """One workspace's home pages."""

    def __init__(self, entrance: Entrance, agent: Agent, books: Books | None) -> None:
        self._in, self._agent, self._books = entrance, agent, books
        self._seen: Remembered[bool] = Remembered(fresh=24 * 3600.0)

    async def on_opened(self, ack: AsyncAck, event: dict[str, Any]) -> None:
        """Publish the home page of whoever opens it; beside the messages, offer what to ask."""
        if event.get("tab") == "messages":
            await self._in.take(lambda: self._agent.offer(event), 0.0)
        else:
            self._seen.put(str(event["user"]), True)
            await self._in.take(lambda: self.publish(str(event["user"])), 0.0)
        await ack()

    async def renew(self, user: str) -> None:
        """Publish the page anew where this person has looked at it lately."""
        if self._seen.get(user):
            await self.publish(user)

    def renewing(self, user: str) -> Callable[[Post | None], Coroutine[Any, Any, None]]:
        """Return what renews a person's page once their request has been handled."""

        async def after(post: Post | None) -> None:
            await self.publish(user)

        return after

    async def publish(self, user: str) -> None:
        """Show a person their page as it is now."""
        if self._books is None:
            return
        person, words = await self._in.names.person(user), await self._in.words(user)
        seen = await self._books.overview(self._in.me.tenant, f"slack:{user}", person.name, words)
        blocks = [block for page in pages(home(seen, words), ROOM, "dexter_home") for block in page.blocks]
        view = {"type": "home", "blocks": blocks[:MOST_BLOCKS]}
        try:
            await call(self._in.web.views_publish(user_id=user, view=view))
        except FAILURES as error:
            log.info("no home page", tenant=self._in.me.tenant, why=str(error))
