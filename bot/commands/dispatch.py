"""From a request to its command: find it, check the permission, run it, and turn every error into a sentence."""

from collections import OrderedDict
from dataclasses import replace

import structlog

from bot.attachments import beside
from bot.attachments.words import why
from bot.commands.command import Asking, Desk
from bot.commands.parse import parse
from bot.shapes import Post, Request, channel_of, plain
from bot.words import Words, words_for
from core.access import require
from core.entities import Channel
from core.errors import DexterError

REMEMBERED = 10_000
"""Requests whose key is remembered, so that a redelivery is not answered again."""

log = structlog.get_logger("dexter.commands")


class Commands:
    """Handles every request, from every chat.

    A question is deduplicated by its inbox row, for ever. The other commands only read, or write under a key of
    their own; for them the memory of this process is enough: after a crash a redelivery is answered once more,
    which is better than never.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._seen: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def __call__(self, request: Request) -> Post | None:
        """Return what to say at once, `None` where the answer comes through the outbox or was given before."""
        seen = (request.tenant, request.key)
        if seen in self._seen:
            return None
        self._seen[seen] = None
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        words = words_for(request.locale)
        try:
            channel = await self._desk.store.channel(request.tenant, channel_of(request.address))
            words = words_for(channel.language or request.locale)
            post, request = await self._run(request, channel, words)
        except DexterError as error:
            log.info("refused", tenant=request.tenant, person=request.person, why=type(error).__name__)
            post = plain(words.error(error), private=True, failed=True)
        except BaseException:
            del self._seen[seen]
            raise
        post = beside(post, request.unread, words)
        return replace(post, language=words.language) if post else None

    async def _run(self, request: Request, channel: Channel, words: Words) -> tuple[Post | None, Request]:
        """Return what to say, and the request as the command was given it."""
        command, args = parse(request.text, self._desk.commands)
        person = await self._desk.directory.find(request.tenant, request.person, request.name)
        require(person, command.permission)
        log.info("command", name=command.name, tenant=request.tenant, person=request.person, address=request.address)
        request = request if command.takes_archives else without_archives(request)
        return await command.run(Asking(self._desk, request, person, args, channel, words)), request


def without_archives(request: Request) -> Request:
    """Return a request without the archives that came along, and with a sentence about each."""
    refused = tuple(why("archive", each.name) for each in request.attachments if each.content)
    kept = tuple(each for each in request.attachments if not each.content)
    return replace(request, attachments=kept, unread=(*request.unread, *refused)) if refused else request
