"""Every call to Slack's Web API goes through here: a bound on its time, and failures told apart by what helps."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Mapping
from typing import Any

import aiohttp
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.shapes import TryLater, Undeliverable

SECONDS = 10
"""For one call, from first byte to last."""

TRY_AGAIN = 2.0
"""Seconds to wait where Slack does not say how long."""

_LATER = {
    *("internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"),
    *("external_service_unavailable", "ekm_access_denied_temporarily"),
}
_LIMITED = {"ratelimited", "rate_limited", "message_limit_exceeded"}
_TOO_LONG = {"msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format"}
_VANISHED = {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}
_GONE = {
    "channel_not_found": "Dexter cannot see that channel: it is gone or private. Invite Dexter to it.",
    "is_archived": "The channel is archived.",
    "not_in_channel": "Dexter is not in that channel. Invite it with /invite @Dexter.",
    "account_inactive": "Slack has switched off Dexter's account: install the app again.",
    "token_revoked": "Slack has revoked Dexter's bot token: install the app again and set the new token.",
    "token_expired": "Dexter's bot token has expired: install the app again and set the new token.",
    "invalid_auth": "Slack does not accept Dexter's bot token: check SLACK_BOT_TOKEN.",
    "not_authed": "There is no bot token: set SLACK_BOT_TOKEN.",
    "missing_scope": "Dexter's Slack app lacks a permission: paste manifest.yml again and reinstall the app.",
    "restricted_action": "The workspace's settings do not let Dexter post there.",
    "restricted_action_read_only_channel": "That channel is read-only.",
    "user_not_in_channel": "That person is not in the channel.",
    "cannot_reply_to_message": "That message takes no replies.",
}
_SECRET = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|(ticket|app_id|token)=[^&\s'\"]+")


class TooLong(Exception):
    """Slack found the message too long, or too much for its blocks."""


class Vanished(Exception):
    """The message to change, or the thread to answer in, is no longer there."""


def client(token: str | None, base_url: str) -> AsyncWebClient:
    """Return a client for the Web API at `base_url` that neither retries by itself nor logs what it sends.

    The SDK would send a post again after a broken connection, that is, twice; the outbox knows better.
    """
    return AsyncWebClient(token=token, base_url=base_url, timeout=SECONDS, retry_handlers=[], logger=wire_log())


def wire_log() -> logging.Logger:
    """Return the logger for the SDK: it never gets to debug level, where whole messages are logged."""
    log = logging.getLogger("bot.slack.wire")
    log.setLevel(logging.WARNING)
    if not log.filters:
        log.addFilter(_Redact())
    return log


class _Redact(logging.Filter):
    """Takes tokens and one-time tickets out of what the SDK says about its errors, and leaves out what is no error.

    bolt finds SLACK_BOT_TOKEN in the environment by itself, and warns that it does not use it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _SECRET.sub("[hidden]", record.getMessage()), ()
        record.exc_info = record.exc_text = None
        return record.msg != warning_client_prioritized_and_token_skipped()


async def call(request: Awaitable[AsyncSlackResponse], seconds: float = SECONDS) -> Mapping[str, Any]:
    """Await one Web API call and return its answer.

    Raises `TryLater` (limits, Slack's own errors, the network), `TooLong`, `Vanished`, or `Undeliverable`.
    """
    try:
        async with asyncio.timeout(seconds):
            response = await request
    except SlackApiError as error:
        raise _meaning(error) from error
    except (aiohttp.ClientError, SlackClientError, OSError, TimeoutError) as error:
        raise TryLater(f"Slack does not answer ({type(error).__name__}).", TRY_AGAIN) from error
    data = response.data
    return data if isinstance(data, dict) else {}


def _meaning(error: SlackApiError) -> Exception:
    code, status = reason(error), int(getattr(error.response, "status_code", 0) or 0)
    if status == 429 or code in _LIMITED:
        return TryLater("Slack is limiting Dexter.", _retry_after(error))
    if code in _TOO_LONG:
        return TooLong(code)
    if code in _VANISHED:
        return Vanished(code)
    if code in _LATER or not code or status >= 500:
        return TryLater(f"Slack failed ({code or status or 'no answer'}).", TRY_AGAIN)
    return Undeliverable(_GONE.get(code, f"Slack refused the post: {code}."))


def reason(error: SlackApiError) -> str:
    """Return Slack's own word for an error, or nothing where the answer was not Slack's."""
    data = getattr(error.response, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def _retry_after(error: SlackApiError) -> float:
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        return max(float(found), 0.1)
    except ValueError:
        return TRY_AGAIN
