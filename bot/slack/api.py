"""Every call to Slack's Web API goes through here: it waits as told, tries again what may be said twice, and ends."""

import asyncio
import functools
import logging
import random
import re
from collections.abc import Awaitable, Mapping
from typing import Any

import aiohttp
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.shapes import TryLater, Undeliverable
from bot.words import key
from core.sentences import said

SECONDS = 10
"""For one call, from first byte to last."""

TRY_AGAIN = 2.0
"""Seconds to wait, more or less, where Slack does not say how long."""

TRIES = 3
"""Of a call that only reads, or that says the same when it is made twice."""

FIRST_WAIT = 0.1
"""Seconds before the second try, more or less; before the third it is twice that."""

_SAFE = re.compile(
    r".*\.(?:info|list|history|replies|members|test|set[A-Z]\w*)|chat\.(?:update|delete)|conversations\.open|views\.publish"
)
"""Methods that may be called twice. A post may not: the outbox looks first whether it is there."""

_LATER = {
    *("internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"),
    *("external_service_unavailable", "ekm_access_denied_temporarily"),
}
_LIMITED = {"ratelimited", "rate_limited", "message_limit_exceeded"}
_TOO_LONG = {"msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format"}
_VANISHED = {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}
LIMITING = key("Slack is limiting Dexter.")
_GONE = {
    "channel_not_found": key("Dexter cannot see that channel: it is gone or private. Invite Dexter to it."),
    "is_archived": key("The channel is archived."),
    "not_in_channel": key("Dexter is not in that channel. Invite it with /invite @Dexter."),
    "invalid_auth": key("Slack does not accept Dexter's bot token: check SLACK_BOT_TOKEN."),
    "not_authed": key("There is no bot token: set SLACK_BOT_TOKEN."),
    "missing_scope": key("Dexter's Slack app lacks a permission: paste manifest.yml again and reinstall the app."),
    "restricted_action": key("The workspace's settings do not let Dexter post there."),
    "restricted_action_read_only_channel": key("That channel is read-only."),
    "user_not_in_channel": key("That person is not in the channel."),
    "cannot_reply_to_message": key("That message takes no replies."),
}
_OVER = {
    "account_inactive": key("Slack has switched off Dexter's account: install the app again."),
    "token_revoked": key("Slack has revoked Dexter's bot token: install the app again and set the new token."),
    "token_expired": key("Dexter's bot token has expired: install the app again and set the new token."),
    "app_uninstalled": key("Dexter has been removed from this workspace: install the app again."),
}
_SECRET = re.compile(r"xox[a-z.]+-[\w.-]+|xapp-[\w-]+|(?:ticket|app_id|token)=[^&\s'\"]+|(?<=with code: )\S+")


class TooLong(Exception):
    """Slack found the message too long, or too much for its blocks."""


class Vanished(Exception):
    """The message to change, or the thread to answer in, is no longer there."""


class Revoked(Undeliverable):
    """The workspace has taken its token back: nothing will ever be taken from it again."""


FAILURES = (TryLater, Undeliverable, TooLong, Vanished)
"""All that `call` raises."""


class Web(AsyncWebClient):
    """A workspace's client. A method that Slack has limited is not called again before its time has come.

    Slack limits by method and workspace: https://docs.slack.dev/apis/web-api/rate-limits
    """

    async def api_call(self, api_method: str, **sent: Any) -> AsyncSlackResponse:
        """Call a method. Raises `TryLater` at once while it is limited, else what the SDK raises."""
        if auth := sent.pop("auth", None):  # the SDK's own way is deprecated in aiohttp
            sent["headers"] = {"Authorization": aiohttp.encode_basic_auth(auth["client_id"], auth["client_secret"])}
        for attempt in range(1, TRIES + 1):
            self._may(api_method)
            try:
                return await super().api_call(api_method, **sent)
            except SlackApiError as error:
                self._learn(api_method, error)
                passing = reason(error) in _LATER or status(error) >= 500
                if not passing or attempt == TRIES or not _SAFE.fullmatch(api_method):
                    raise
            except (aiohttp.ClientError, OSError):
                if attempt == TRIES or not _SAFE.fullmatch(api_method):
                    raise
            await asyncio.sleep(random.uniform(0.5, 1.5) * FIRST_WAIT * attempt)
        raise AssertionError("The last try has returned or raised.")

    def _may(self, method: str) -> None:
        left = self._limits.get(method, 0.0) - asyncio.get_running_loop().time()
        if left > 0:
            raise TryLater(LIMITING, spread(left))

    def _learn(self, method: str, error: SlackApiError) -> None:
        if status(error) == 429 or reason(error) in _LIMITED:
            self._limits[method] = asyncio.get_running_loop().time() + retry_after(error.response.headers)

    @functools.cached_property
    def _limits(self) -> dict[str, float]:
        """When each method may be called again, on the event loop's clock."""
        return {}


def client(token: str | None, base_url: str) -> Web:
    """Return a client for the Web API at `base_url` that logs nothing of what it sends.

    The SDK's own retries would send a post again after a broken connection, that is, twice; the outbox knows better.
    """
    return Web(token=token, base_url=base_url, timeout=SECONDS, retry_handlers=[], logger=wire_log())


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
        raise TryLater("Slack does not answer ({name}).", soon(), name=type(error).__name__) from error
    data = response.data
    return data if isinstance(data, dict) else {}


def soon() -> float:
    """Return the seconds to wait where Slack does not say; spread, or what failed together would come back together."""
    return TRY_AGAIN * random.uniform(0.75, 1.5)


def spread(seconds: float) -> float:
    """Return a little more: those who were told to wait together would be limited together again."""
    return seconds * random.uniform(1.0, 1.1)


def retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds that an answer asks to wait."""
    found = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        return max(float(found), 0.1)
    except ValueError:
        return TRY_AGAIN


def _meaning(error: SlackApiError) -> Exception:
    code, http = reason(error), status(error)
    if http == 429 or code in _LIMITED:
        return TryLater(LIMITING, spread(retry_after(error.response.headers)))
    if code in _TOO_LONG:
        return TooLong(code)
    if code in _VANISHED:
        return Vanished(code)
    if code in _LATER or not code or http >= 500:
        return TryLater("Slack failed ({code}).", soon(), code=code or http or said("no answer"))
    if code in _OVER:
        return Revoked(_OVER[code])
    if code in _GONE:
        return Undeliverable(_GONE[code])
    return Undeliverable("Slack refused the post: {code}.", code=code)


def reason(error: SlackApiError) -> str:
    """Return Slack's own word for an error, or nothing where the answer was not Slack's."""
    data = getattr(error.response, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def status(error: SlackApiError) -> int:
    """Return the HTTP status that came with an error; 0 where there was none."""
    return int(getattr(error.response, "status_code", None) or getattr(error.response, "status", None) or 0)
