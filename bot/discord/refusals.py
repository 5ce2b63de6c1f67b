"""What Discord's refusals mean for a post: try it later, or never, with a sentence for a person."""

import contextlib
from collections.abc import AsyncIterator

import aiohttp
import discord

from bot.shapes import TryLater, Undeliverable
from bot.words import key

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, ARCHIVED, THREAD_THERE, SLOW_MODE = 10003, 10008, 50083, 160004, 20016
SLOW_MODE_SECONDS = 30.0
_SENTENCES = {
    UNKNOWN_CHANNEL: key("The channel or thread is gone from Discord, or Dexter may no longer see it."),
    10004: key("Dexter is no longer on that Discord server."),
    UNKNOWN_MESSAGE: key("The message was deleted in Discord."),
    10013: key("That person is gone from Discord."),
    50001: key("Dexter may not see that Discord channel: give its role View Channel."),
    50007: key("That person takes no direct messages from Dexter."),
    50013: key(
        "Dexter lacks a permission in that Discord channel: it needs Send Messages, Create Public Threads, "
        "Send Messages in Threads, Embed Links, Attach Files and Read Message History."
    ),
    50278: key("That person shares no Discord server with Dexter, so that it cannot write to them."),
    40067: key(
        "That Discord forum wants a tag on each post, and Dexter cannot choose one: ask inside a post, or make "
        "tags optional in the forum's settings."
    ),
    160005: key("The thread is locked in Discord."),
    160006: key("That Discord server has as many open threads as it may: archive some."),
}


@contextlib.asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turn whatever the library raises into `TryLater` or `Undeliverable`."""
    try:
        yield
    except discord.RateLimited as error:
        raise TryLater("Discord asks to wait.", error.retry_after) from error
    except discord.HTTPException as error:
        raise _meaning(error) from error
    except (OSError, aiohttp.ClientError, TimeoutError) as error:
        raise TryLater("Discord does not answer ({name}).", 3.0, name=type(error).__name__) from error


def _meaning(error: discord.HTTPException) -> TryLater | Undeliverable:
    """Return what a refusal means for the post."""
    if error.status == 429:
        return TryLater("Discord asks to wait.", _seconds(error.response.headers.get("Retry-After")))
    if error.status >= 500:
        waits = _seconds(error.response.headers.get("Retry-After"), 3.0)
        return TryLater("Discord has trouble (status {status}).", waits, status=error.status)
    if error.status == 401:
        return TryLater("Discord refuses the token; put a new one into the settings.", 60.0)
    if error.code == SLOW_MODE:
        return TryLater("That Discord channel is in slow mode.", SLOW_MODE_SECONDS)
    if error.code in _SENTENCES:
        return Undeliverable(_SENTENCES[error.code])
    text = "Discord refuses the message (status {status}, code {code})."
    return Undeliverable(text, status=error.status, code=error.code)


def _seconds(header: str | None, otherwise: float = 5.0) -> float:
    try:
        return max(float(header or ""), 0.1)
    except ValueError:
        return otherwise
