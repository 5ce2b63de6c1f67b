"""What Dexter says at once: to the channel, or to the one who asked alone."""

import asyncio
from asyncio import to_thread
from collections.abc import Awaitable, Callable
from functools import partial

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.shapes import Attached, Post, TryLater, Undeliverable
from bot.slack.api import LIMITING, SECONDS, TooLong, retry_after, soon, wire_log
from bot.slack.arrival import Arrival
from bot.slack.blocks import Page, pages
from bot.slack.outgoing import ROOMS, Outgoing
from bot.slack.seen import EVENT

log = structlog.get_logger("dexter.slack")

TRIES = 3
LONGEST_WAIT = 120.0
"""Seconds; a reply that would have to wait longer is given up."""

USES = 5
"""How often a response URL may be used, within 30 minutes."""


class Replies:
    """Answers a request that needs no run."""

    def __init__(self, out: Outgoing, web: AsyncWebClient) -> None:
        self._out, self._web = out, web

    async def reply(self, arrival: Arrival, post: Post) -> None:
        """Say `post`, trying a few times; what cannot be said is logged."""
        try:
            await self._say(arrival, post)
        except (Undeliverable, TooLong, TryLater) as error:
            log.warning("a reply in slack did not arrive", tenant=arrival.request.tenant, why=str(error))

    async def _say(self, arrival: Arrival, post: Post) -> None:
        private = post.private and not arrival.place.channel.startswith("D")
        carries = any(isinstance(part, Attached) for part in post.parts) and not arrival.elsewhere
        if arrival.response_url and (private or (arrival.place.thread is None and not carries)):
            await self._respond(arrival, post, private=private)
        elif private:
            await _persist(lambda _again: self._out.whisper(arrival.place, arrival.user, post))
        else:
            key = f"reply:{arrival.request.key}"
            await _persist(lambda again: self._out.show(arrival.place, post, key, None, again))

    async def _respond(self, arrival: Arrival, post: Post, *, private: bool) -> None:
        """Answer through the response URL, which works where Dexter is not a member too."""
        hook = AsyncWebhookClient(
            arrival.response_url,
            timeout=SECONDS,
            proxy=self._web.proxy,
            session=self._web.session,
            retry_handlers=[],
            logger=wire_log(),
        )
        laid = await to_thread(pages, post, ROOMS[1], EVENT)
        if len(laid) > USES:
            await self._out.whisper(arrival.place, arrival.user, post)
            return
        for page in laid:
            await _persist(partial(_send, hook, arrival, page, private))


async def _persist(act: Callable[[bool], Awaitable[object]]) -> None:
    """Act, waiting as told between a few tries; `act` is told whether an earlier one may have got through."""
    for attempt in range(1, TRIES + 1):
        try:
            await act(attempt > 1)
        except TryLater as error:
            if attempt == TRIES or error.seconds > LONGEST_WAIT:
                raise
            await asyncio.sleep(error.seconds)
        else:
            return


async def _send(hook: AsyncWebhookClient, arrival: Arrival, page: Page, private: bool, _again: bool) -> None:
    body = {
        "text": page.text,
        "blocks": list(page.blocks),
        "response_type": "ephemeral" if private else "in_channel",
        "replace_original": False,
        "unfurl_links": False,
        "unfurl_media": False,
    } | ({"thread_ts": arrival.place.thread} if arrival.place.thread else {})
    try:
        async with asyncio.timeout(SECONDS):
            answer = await hook.send_dict(body)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise TryLater("Slack does not answer ({name}).", soon(), name=type(error).__name__) from error
    if answer.status_code == 429:
        raise TryLater(LIMITING, retry_after(answer.headers))
    if answer.status_code >= 500:
        raise TryLater("Slack failed ({code}).", soon(), code=answer.status_code)
    if answer.status_code != 200:
        raise Undeliverable("Slack refused the reply: {answer}.", answer=answer.body[:80])
