"""The installation in a workspace: an administrator is sent to Slack and comes back with a code for a token.

https://docs.slack.dev/authentication/installing-with-oauth
"""

import html
from collections.abc import Mapping, Sequence

import structlog
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError

from bot.shapes import TryLater
from bot.slack import manifest
from bot.slack.api import Web, wire_log
from bot.slack.manifest import INSTALL, REDIRECT
from bot.slack.sql_installs import SqlInstalls
from bot.slack.states import STATE_SECONDS
from bot.words import Words, key, words_for
from core.errors import DexterError

log = structlog.get_logger("dexter.slack")

_AGAIN = key("Begin again.")
_STRANGER = key("This installation was not begun in this browser, or more than ten minutes ago.")
_WHY: Mapping[str, str] = {
    "access_denied": key("The installation was cancelled; nothing has changed."),
    "invalid_browser": _STRANGER,
    "invalid_state": _STRANGER,
    "missing_code": key("Slack sent no code along."),
    "invalid_code": key("Slack did not accept the code; each works once, for ten minutes."),
}
_OTHER = key("Slack refused the installation.")


class OAuth:
    """The two routes of an installation; what they say is a page for a person."""

    def __init__(self, client_id: str, client_secret: str, installs: SqlInstalls) -> None:
        self._id, self._secret, self._installs = client_id, client_secret, installs
        self._flow: AsyncOAuthFlow | None = None

    def open(self, web: Web) -> None:
        """Get ready; `web` asks Slack. Raises `Misconfigured` without the manifest, which has the permissions."""
        settings = AsyncOAuthSettings(
            client_id=self._id,
            client_secret=self._secret,
            scopes=manifest.scopes(),
            user_scopes=(),
            install_path=INSTALL,
            install_page_rendering_enabled=False,
            redirect_uri_path=REDIRECT,
            callback_options=AsyncCallbackOptions(_installed, _not_installed),
            authorization_url=web.base_url.removesuffix("api/") + "oauth/v2/authorize",
            installation_store=self._installs,
            state_store=self._installs.states(),
            state_expiration_seconds=STATE_SECONDS,
            logger=wire_log(),
        )
        self._flow = AsyncOAuthFlow(client=web, logger=wire_log(), settings=settings)

    async def begin(self, request: AsyncBoltRequest) -> BoltResponse:
        """Send an administrator to Slack, with a state that only their browser has."""
        if self._flow is None:
            return _failed(request, key("Dexter is starting."), 503)
        try:
            return await self._flow.handle_installation(request)
        except DexterError as error:
            return _page(_words(request), 503, _words(request).error(error))

    async def finish(self, request: AsyncBoltRequest) -> BoltResponse:
        """Change the code that Slack sends along for a token, and keep it."""
        if self._flow is None:
            return _failed(request, key("Dexter is starting."), 503)
        try:
            return await self._flow.handle_callback(request)
        except DexterError as error:
            return _page(_words(request), 503, _words(request).error(error))
        except (SlackClientError, TryLater, OSError, TimeoutError):
            return _failed(request, key("Slack does not answer."), 502)


async def _installed(done: AsyncSuccessArgs) -> BoltResponse:
    words, made = _words(done.request), done.installation
    log.info("slack workspace has installed Dexter", tenant=f"slack:{made.team_id or made.enterprise_id}")
    where = made.team_name or made.enterprise_name or words("your workspace")
    text = words(
        "Dexter is installed in {where}. Invite it to a channel with /invite @Dexter, and ask: @Dexter Should we …?",
        where=where,
    )
    return _page(words, 200, text, again=False)


async def _not_installed(failed: AsyncFailureArgs) -> BoltResponse:
    log.warning("slack installation failed", why=failed.reason if failed.reason in _WHY else "other")
    return _failed(failed.request, _WHY.get(failed.reason, _OTHER), failed.suggested_status_code)


def _failed(request: AsyncBoltRequest, text: str, status: int) -> BoltResponse:
    words = _words(request)
    return _page(words, status, words(text))


def _page(words: Words, status: int, text: str, *, again: bool = True) -> BoltResponse:
    """Return a page; `text` may hold a name that somebody else has chosen."""
    link = f' <a href="{INSTALL}">{html.escape(words(_AGAIN))}</a>' if again else ""
    body = (
        f'<!doctype html><html lang="{words.language}"><meta charset="utf-8"><title>Dexter</title>'
        '<meta name="viewport" content="width=device-width"><body style="font: 1.2em sans-serif; margin: 3em">'
        f"<h1>Dexter</h1><p>{html.escape(text)}{link}</p></body></html>"
    )
    headers: dict[str, str | Sequence[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return BoltResponse(status=status, body=body, headers=headers)


def _words(request: AsyncBoltRequest) -> Words:
    """Return the words for the language that a browser asks for first."""
    return words_for(str(request.headers.get("accept-language", ["en"])[0]))
