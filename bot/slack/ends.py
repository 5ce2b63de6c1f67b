"""What else an answer means in Slack: a workflow step is completed, an agent is idle again, a home page changes."""

from bot.overview import Books
from bot.posts import ANSWER
from bot.shapes import Address, TryLater
from bot.slack.agent import Agent
from bot.slack.api import TRY_AGAIN
from bot.slack.arrival import Entrance
from bot.slack.home import Home
from bot.slack.place import Place
from bot.slack.workflow import Workflow
from core.errors import DexterError


class Ends:
    """Follows a run to its end, also after a restart: it is told by the outbox."""

    def __init__(self, entrance: Entrance, agent: Agent, home: Home, workflow: Workflow, books: Books | None) -> None:
        self._in, self._agent, self._home, self._workflow, self._books = entrance, agent, home, workflow, books

    async def shown(self, address: Address, key: str) -> None:
        """Note that the post `key` is shown. Raises `TryLater` where a workflow's step could not be told."""
        run, _, slot = key.partition(":")
        if slot != ANSWER or self._books is None:
            return
        try:
            found = await self._books.find(self._in.me.tenant, run)
            await self._workflow.complete(found)
            await self._in.take(lambda: self._after(address, found.asker), 0.0)
        except DexterError as error:
            raise TryLater(error.sentence, TRY_AGAIN) from error

    async def _after(self, address: Address, asker: str) -> None:
        place = Place.of(address)
        if place.channel.startswith("D"):
            await self._agent.idle(place)
        await self._home.renew(asker.removeprefix("slack:"))
