"""Files on their way to Slack: their content sent to its file host, then shown in a thread."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.shapes import Attached, TryLater, Undeliverable
from bot.slack.api import SECONDS, TRY_AGAIN, TooLong, Vanished, call
from bot.slack.pace import Pace
from bot.slack.place import Place
from bot.slack.seen import Seen

LONGEST_ALT = 1000
"""Characters of the words for a picture."""
REFUSED = (Undeliverable, TooLong, Vanished)

log = structlog.get_logger("dexter.slack")


async def uploaded(web: AsyncWebClient, name: str, content: bytes, alt: str = "") -> str:
    """Send a file that is shown nowhere yet, and return its id; `alt` says what a picture shows."""
    alt_txt = {"alt_txt": alt[:LONGEST_ALT]} if alt else {}
    ticket = await call(web.files_getUploadURLExternal(filename=name, length=len(content), **alt_txt))
    await _send(web, str(ticket["upload_url"]), content)
    return str(ticket["file_id"])


async def share(web: AsyncWebClient, id: str, title: str, place: Place) -> None:
    """Show an uploaded file in a thread."""
    files: list[dict[str, str | None]] = [{"id": id, "title": title}]
    await call(web.files_completeUploadExternal(files=files, channel_id=place.channel, thread_ts=place.thread))


async def share_all(
    web: AsyncWebClient, pace: Pace, place: Place, files: Sequence[Attached], run: str, earlier: Seen
) -> None:
    """Show the files of a post in its thread, but for those that an earlier try has shown.

    A file that Slack refuses is logged: the post itself says that there is one. Raises `TryLater`.
    """
    for file in files:
        name = f"{run}-{file.name}"
        if f"file:{name}" in earlier:
            continue
        try:
            id = await uploaded(web, name, file.content or b"\n", file.alt)
            await pace.turn(place.channel)
            await share(web, id, file.name, place)
        except REFUSED as error:
            log.warning("slack does not take a file", tenant=place.team, run=run, why=str(error))


def under(place: Place, ts: str) -> Place:
    """Return the thread in which a message stands or that it opens."""
    return replace(place, thread=place.thread or ts)


async def _send(web: AsyncWebClient, url: str, content: bytes) -> None:
    """Send a file's content to the address that Slack gave for it, which needs no token."""
    if web.session is None:
        raise TryLater("Slack is not connected.", TRY_AGAIN)
    try:
        async with asyncio.timeout(SECONDS), web.session.post(url, data=content, proxy=web.proxy) as answer:
            if answer.status >= 400:
                raise TryLater("Slack's file host failed ({code}).", TRY_AGAIN, code=answer.status)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        name = type(error).__name__
        raise TryLater("Slack's file host does not answer ({name}).", TRY_AGAIN, name=name) from error
