"""From a request to its command: find it, check the permission, run it, and turn every error into a sentence."""

from collections import OrderedDict
from dataclasses import dataclass, replace

import structlog

from bot.attachments import beside
from bot.attachments.words import why
from bot.commands.campaign_acts import heard
from bot.commands.command import Args, Asking, Desk
from bot.commands.parse import clean, parse
from bot.shapes import Post, Request, channel_of, plain
from bot.words import Words, words_for
from core.access import require
from core.entities import Channel
from core.errors import BadRequest, DexterError

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
        if request.reply and (told := await self._heard(request, channel, words)):
            return told.post, request
        command, args = parse(request.text, self._desk.commands)
        person = await self._desk.directory.find(request.tenant, request.person, request.name)
        require(person, command.permission)
        log.info("command", name=command.name, tenant=request.tenant, person=request.person, address=request.address)
        request = request if command.takes_archives else without_archives(request)
        return await command.run(Asking(self._desk, request, person, args, channel, words)), request

    async def _heard(self, request: Request, channel: Channel, words: Words) -> "Heard | None":
        """Return what a campaign says to a reply in its thread; `None` where the reply is for nobody's campaign.

        Who names Dexter there and types a command means the command. To who does not, nothing is said at once: what
        they said shows where they were asked, or in the next step.
        """
        campaign = await self._desk.campaigns.at(request.tenant, request.address)
        if campaign is None or not (request.overheard or self._is_no_command(request.text)):
            return None
        person = await self._desk.directory.find(request.tenant, request.person, request.name)
        asking = Asking(self._desk, request, person, Args(), channel, words)
        log.info("to a campaign", campaign=campaign.id, tenant=request.tenant, person=request.person)
        try:
            post = await heard(asking, campaign, clean(request.text))
        except DexterError:
            if not request.overheard:
                raise
            return Heard(None)
        return Heard(None if request.overheard else post)

    def _is_no_command(self, text: str) -> bool:
        """Tell whether a text begins with no command's name; what only looks like one is said to a campaign."""
        try:
            command, _ = parse(text, self._desk.commands)
        except BadRequest:
            return True
        return command.name == "ask" and clean(text).split(maxsplit=1)[:1] not in (["ask"], ["/ask"])


@dataclass(frozen=True, slots=True)
class Heard:
    """What a campaign says to what it heard."""

    post: Post | None


def without_archives(request: Request) -> Request:
    """Return a request without the archives that came along, and with a sentence about each."""
    refused = tuple(why("archive", each.name) for each in request.attachments if each.content)
    kept = tuple(each for each in request.attachments if not each.content)
    return replace(request, attachments=kept, unread=(*request.unread, *refused)) if refused else request
