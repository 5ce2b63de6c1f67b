"""Questions whose message, thread, channel or server is gone: their runs stop, and the person is told."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.discord.places import NAME, Place, tenant_of
from bot.discord.said import key_of
from bot.overview import Books
from bot.posts import ANSWER
from bot.words import words_for
from core.entities import Collaboration, run_id
from core.errors import DexterError
from core.sentences import Sentence

MOST_REMEMBERED = 10_000
"""Direct messages whose sender is remembered: Discord does not say whose message was deleted."""
MOST_TOLD = 20
"""People who are told that a channel is gone."""

Tell = Callable[[int, str], Awaitable[None]]
"""Say a sentence to a person in direct messages, if they take them."""

log = structlog.get_logger("dexter.discord")


class Gone:
    """Stops what nobody waits for any more."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self.books: Books | None = None
        self._tenants: OrderedDict[int, str] = OrderedDict()

    def heard(self, message: int, tenant: str) -> None:
        """Remember whose tenant a direct message belongs to."""
        self._tenants[message] = tenant
        while len(self._tenants) > MOST_REMEMBERED:
            self._tenants.popitem(last=False)

    async def messages(self, guild: int | None, messages: Sequence[int]) -> None:
        """Stop the runs of questions that were deleted."""
        for message in messages:
            tenant = tenant_of(guild, 0) if guild else self._tenants.pop(message, "")
            if tenant and self.books:
                await self._stop(self.books, tenant, run_id(tenant, key_of(message)))

    async def place(self, guild: int, *channels: int) -> None:
        """Stop the runs of a server, of a channel with its threads, or of a thread (its channel, then itself)."""
        if self.books is None:
            return
        tenant = f"{NAME}:{guild}"
        try:
            going = await self.books.going(tenant, ":".join((tenant, *map(str, channels))))
        except DexterError as error:
            log.warning("runs of a place that is gone go on", tenant=tenant, why=str(error))
            return
        stopped = [each for each in going if await self._stop(self.books, tenant, each.id)]
        for each in stopped[:MOST_TOLD] if channels else ():  # without a server in common Discord lets no word through
            words = words_for(each.language)
            text = words("I stopped working on “{question}”: the channel is gone.", question=_short(each))
            await self._say(each, text)

    async def undelivered(self, place: Place, key: str, why: Sentence) -> None:
        """Tell a person that their answer cannot be shown where they asked, and where it is to be found."""
        run, _, slot = key.rpartition(":")
        if slot != ANSWER or self.books is None or not place.guild.isdecimal() or place.whisper:
            return
        try:
            asked = await self.books.find(f"{NAME}:{place.guild}", run)
        except DexterError:
            return
        words = words_for(asked.language)
        text = "I could not show the answer to “{question}” where you asked: {why} `/dexter show {run}` has it."
        await self._say(asked, words(text, question=_short(asked), why=why, run=run))

    async def _stop(self, books: Books, tenant: str, run: str) -> bool:
        try:
            stopped = await books.stop(tenant, run)
        except DexterError as error:
            log.warning("a run whose question is gone goes on", run=run, why=str(error))
            return False
        if stopped:
            log.info("stopped: its question is gone", run=run, tenant=tenant)
        return stopped

    async def _say(self, asked: Collaboration, text: str) -> None:
        person = asked.asker.removeprefix(f"{NAME}:")
        if person.isdecimal():
            await self._tell(int(person), text)


def _short(asked: Collaboration) -> str:
    line = " ".join(asked.question.split())
    return line if len(line) <= 80 else line[:79] + "…"
