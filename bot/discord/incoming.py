"""What comes in from Discord becomes requests: at most so many at a time, and nobody is left without a word."""

from collections.abc import Awaitable, Callable

import discord
import structlog

from bot.attachments import Attachments
from bot.discord.gone import Gone
from bot.discord.places import address_of, tenant_of
from bot.discord.replies import lacking, reply
from bot.discord.said import request_from
from bot.overview import Books
from bot.shapes import Handle, Post, Request, Rules, channel_of, no_rules, plain
from bot.words import Words, words_for
from core.entities import now
from core.errors import DexterError
from core.quiet import quiet_now

MOST_AT_ONCE = 256
"""Requests that are worked on at one time; whoever comes then is asked to come again."""
_SPOKEN = (discord.MessageType.default, discord.MessageType.reply)

log = structlog.get_logger("dexter.discord")

Make = Callable[[], Awaitable[Request]]


class Intake:
    """Takes requests in while it is open."""

    def __init__(
        self,
        gone: Gone,
        *,
        reads_all: bool = False,
        most: int = MOST_AT_ONCE,
        attachments: Attachments | None = None,
    ) -> None:
        self.attachments = attachments or Attachments()
        self._gone, self._reads_all, self._most = gone, reads_all, most
        self.handle: Handle | None = None
        """Where requests go; `None` while nothing is taken in."""
        self.rules: Rules = no_rules
        self.books: Books | None = None
        self._busy = 0

    def open(self, handle: Handle, rules: Rules, books: Books | None) -> None:
        """Take requests in from now on."""
        self.handle, self.rules, self.books = handle, rules, books
        self._gone.books = books

    def close(self) -> None:
        """Take nothing more in."""
        self.handle = None

    async def message(self, message: discord.Message, me: discord.ClientUser) -> None:
        """Take a message that names Dexter, came to it directly, or is in a channel where every message is for it."""
        if message.author.bot or self.handle is None or message.type not in _SPOKEN:
            return
        names = (f"<@{me.id}>", f"<@!{me.id}>")
        named = message.guild is None or any(name in message.content for name in names)
        overheard = not named and not await self._all(message)
        if overheard and not await self._for_a_campaign(message, me):
            return
        guild = message.guild.id if message.guild else None
        words = words_for(str(message.guild.preferred_locale) if message.guild else "en")
        post: Post | None = lacking(_permissions(message), guild, message.channel, words)
        if post is None:
            if guild is None:
                self._gone.heard(message.id, tenant_of(None, message.author.id))
            post = await self.answer(lambda: request_from(message, names, self.attachments, overheard), words)
        if post is not None:
            await reply(message, post)

    async def _all(self, message: discord.Message) -> bool:
        """Tell whether this channel is one where Dexter takes every message for a question."""
        if not self._reads_all or message.guild is None or not message.content.strip():
            return False
        here = channel_of(address_of(message.guild.id, message.channel, message.channel.id, message.id))
        try:
            channel = await self.rules(tenant_of(message.guild.id, 0), here)
        except DexterError as error:
            log.warning("a channel's settings are out of reach", why=str(error))
            return False
        return channel.listen == "every" and not quiet_now(channel, now())

    async def _for_a_campaign(self, message: discord.Message, me: discord.ClientUser) -> bool:
        """Tell whether a message that names nobody else stands in the thread of a campaign.

        Without the right to read all messages Discord shows the text of those alone that answer one of Dexter's.
        """
        others = any(user.id != me.id for user in message.mentions) or message.role_mentions
        if self.books is None or message.guild is None or others or not message.content.strip():
            return False
        if not isinstance(message.channel, discord.Thread):
            return False
        here = address_of(message.guild.id, message.channel, message.channel.id, message.id)
        try:
            return await self.books.campaign_at(tenant_of(message.guild.id, 0), here)
        except DexterError as error:
            log.warning("campaigns are out of reach", why=str(error))
            return False

    async def answer(self, make: Make, words: Words) -> Post | None:
        """Return what is said at once, or a sentence about what went wrong; `None` where the answer comes later."""
        if self.handle is None:
            return plain(words("Dexter is about to restart; please ask again in a minute."), private=True, failed=True)
        if self._busy >= self._most:
            log.warning("too much at once: a request is turned away", at_once=self._most)
            return plain(words("Too many people ask at once. Please try again in a minute."), private=True, failed=True)
        self._busy += 1
        try:
            return await self.handle(await make())
        except DexterError as error:
            return plain(words.error(error), private=True, failed=True)
        except Exception as error:  # the person must hear of it, and the next command must be served
            log.exception("command failed", error=type(error).__name__)
            said = words(
                "Something broke inside Dexter; its log has the details. Please try again, or tell who runs Dexter."
            )
            return plain(said, private=True, failed=True)
        finally:
            self._busy -= 1


def _permissions(message: discord.Message) -> discord.Permissions | None:
    """Return what Dexter may do where a message was written, as far as it knows."""
    if message.guild is None or message.guild.me is None or not hasattr(message.channel, "permissions_for"):
        return None
    try:
        return message.channel.permissions_for(message.guild.me)
    except discord.ClientException:  # a thread whose channel it does not know
        return None
