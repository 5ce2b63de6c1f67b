"""Slack, asked for real: does it take the tokens, do they belong together, and may Dexter do what it needs to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.probes.finding import NOTHING, Finding
from bot.settings import Slack
from bot.slack import manifest
from bot.slack.seal import MAKE_ONE, Seal
from core.errors import Misconfigured
from core.sentences import Sentence, said

_TIMEOUT = 5.0
_APP = re.compile(r"xapp-\d+-(A\w+)-")
_WHERE = {
    "SLACK_BOT_TOKEN": said("Copy the Bot User OAuth Token (Install App; it begins with xoxb-) into SLACK_BOT_TOKEN."),
    "SLACK_APP_TOKEN": said(
        "Under Basic Information, App-Level Tokens, generate one with the scope connections:write, and "
        "put it into SLACK_APP_TOKEN."
    ),
    "SLACK_SIGNING_SECRET": said(
        "Copy the Signing Secret (Basic Information, App Credentials) into SLACK_SIGNING_SECRET."
    ),
    "SLACK_CLIENT_ID": said("Copy the Client ID (Basic Information, App Credentials) into SLACK_CLIENT_ID."),
    "SLACK_CLIENT_SECRET": said(
        "Copy the Client Secret (Basic Information, App Credentials) into SLACK_CLIENT_SECRET."
    ),
    "DEXTER_SLACK__ENCRYPTION_KEY": said(
        "Make one with `{command}`, and put it into DEXTER_SLACK__ENCRYPTION_KEY.", command=MAKE_ONE
    ),
}
_SWAPPED = said("SLACK_BOT_TOKEN is the one that begins with xoxb-, SLACK_APP_TOKEN the one with xapp-.")
_AGAIN = said("Paste manifest.yml under App Manifest, save, and reinstall the app under Install App.")


@dataclass(frozen=True, slots=True)
class _Said:
    """What Slack said, or why it said nothing that can be read."""

    body: dict[str, Any] = field(default_factory=dict)
    scopes: frozenset[str] | None = None
    silent: Finding | None = None


async def slack(settings: Slack) -> list[Finding]:
    """Check what is set, in the order in which it is set up; each finding names the one next thing to do."""
    if settings.lacking:
        given = await _bot(settings) if settings.lacking == "SLACK_APP_TOKEN" else []
        half = said("half set up: {lacking} is not set", lacking=settings.lacking)
        return [*given, Finding("Slack", "broken", half, _WHERE[settings.lacking])]
    if not settings.transport:
        return [
            Finding(
                "Slack",
                "missing",
                said("no tokens"),
                said("To use it, follow docs/slack.md: five minutes, two tokens."),
            )
        ]
    if settings.many:
        return [_seal(settings), await _listening(settings)]
    if settings.transport == "http":
        return [*await _bot(settings), await _listening(settings)]
    if _swapped(settings):
        return [Finding("Slack tokens", "broken", said("the two are swapped"), _SWAPPED)]
    bot = await _bot(settings)
    return [*bot, await _app(settings, ready=all(each.state == "ok" for each in bot))]


def _swapped(settings: Slack) -> bool:
    bot, app = settings.bot_token.get_secret_value(), settings.app_token.get_secret_value()
    return bot.startswith("xapp-") and app.startswith("xoxb-")


async def _bot(settings: Slack) -> list[Finding]:
    token = settings.bot_token.get_secret_value()
    if not token.startswith("xoxb-"):
        what = said("SLACK_BOT_TOKEN does not begin with xoxb-")
        return [Finding("Slack bot token", "broken", what, _WHERE["SLACK_BOT_TOKEN"])]
    heard = await _ask(settings, "auth.test", token)
    if (wrong := _refused(heard, "Slack bot token", "SLACK_BOT_TOKEN")) is not None:
        return [wrong]
    works = said("works in {team} as @{user}", team=_text(heard.body.get("team")), user=_text(heard.body.get("user")))
    found = [Finding("Slack bot token", "ok", works), *_permissions(heard.scopes)]
    if (mixed := await _mixed(settings, heard.body)) is not None:
        found.append(mixed)
    return found


def _permissions(granted: frozenset[str] | None) -> Sequence[Finding]:
    """Compare what the token may do with the manifest; events need permissions too, so some show here."""
    if granted is None:
        return []
    try:
        needed = manifest.scopes()
    except Misconfigured as error:
        return [Finding("Slack permissions", "broken", error.sentence)]
    lacking = [scope for scope in needed if scope not in granted]
    if lacking:
        return [Finding("Slack permissions", "broken", said("missing: {names}", names=", ".join(lacking)), _AGAIN)]
    more = sorted(granted - set(needed))
    what = said("all {count} that Dexter needs", count=len(needed))
    if more:
        text = "all {count} that Dexter needs, and more than it needs: {names}"
        what = said(text, count=len(needed), names=_text(", ".join(more)))
    return [Finding("Slack permissions", "ok", what)]


async def _mixed(settings: Slack, who: dict[str, Any]) -> Finding | None:
    """Tell whether both tokens are of one app, where Slack lets that be seen."""
    wanted = _APP.match(settings.app_token.get_secret_value())
    if wanted is None or not who.get("bot_id"):
        return None
    token = settings.bot_token.get_secret_value()
    heard = await _ask(settings, "bots.info", token, bot=str(who["bot_id"]))
    app = (heard.body.get("bot") or {}).get("app_id")
    if not app or app == wanted[1]:
        return None
    what = said("the bot token is of the app {app}, the app token of {wanted}", app=_text(app), wanted=wanted[1])
    return Finding("Slack tokens", "broken", what, said("Take both from the same app at https://api.slack.com/apps."))


async def _app(settings: Slack, *, ready: bool) -> Finding:
    """Ask about the app token; where all else is `ready`, say what comes next."""
    token = settings.app_token.get_secret_value()
    if not token.startswith("xapp-"):
        what = said("SLACK_APP_TOKEN does not begin with xapp-")
        return Finding("Slack app token", "broken", what, _WHERE["SLACK_APP_TOKEN"])
    heard = await _ask(settings, "apps.connections.open", token)  # gives an address, and opens nothing
    if (wrong := _refused(heard, "Slack app token", "SLACK_APP_TOKEN")) is not None:
        return wrong
    return Finding("Slack app token", "ok", said("opens connections (Socket Mode)"), _next() if ready else NOTHING)


def _next() -> Sentence:
    """Say what comes after the tokens. Which events Slack sends cannot be asked; the manifest has them all."""
    return said("Start `dexter run`, type /invite @Dexter in a channel, and ask: @Dexter Should we …?")


def _seal(settings: Slack) -> Finding:
    try:
        Seal(settings.encryption_key.get_secret_value())
    except Misconfigured as error:
        return Finding("Slack encryption key", "broken", error.sentence, _WHERE["DEXTER_SLACK__ENCRYPTION_KEY"])
    return Finding("Slack encryption key", "ok", said("seals the tokens of installations"))


async def _listening(settings: Slack) -> Finding:
    """Ask the Dexter that runs here, if one does, how it gets on with Slack's requests."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.http.host, settings.http.host)  # noqa: S104
    url = f"http://{f'[{host}]' if ':' in host else host}:{settings.http.port}"
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client:
            told = (await client.get(f"{url}/readyz")).json()
        refused = {str(why): int(count) for why, count in told["refused"].items()}
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError, AttributeError):
        page = "/slack/install" if settings.many else "/slack/events"
        remedy = said(
            "Start `dexter run`; your proxy with TLS leads https://…{page} to {url}{page}.", page=page, url=url
        )
        return Finding("Slack over HTTP", "missing", said("no Dexter listens at {url}", url=url), remedy)
    what = said(
        "{count} requests answered at {url}, refused: {refused}",
        count=int(told.get("answered", 0)),
        url=url,
        refused=", ".join(f"{count} {why}" for why, count in refused.items()),
    )
    if not told.get("ready"):
        return Finding("Slack over HTTP", "broken", what, said("The database does not answer: see above."))
    if refused.get("signature") and not told.get("answered"):
        return Finding("Slack over HTTP", "broken", what, _WHERE["SLACK_SIGNING_SECRET"])
    return Finding("Slack over HTTP", "ok", what)


def _refused(heard: _Said, name: str, variable: str) -> Finding | None:
    if heard.silent is not None:
        return Finding(name, heard.silent.state, heard.silent.found, heard.silent.advice)
    if heard.body.get("ok"):
        return None
    code = _text(heard.body.get("error") or "no reason given")
    if code in ("ratelimited", "rate_limited"):
        return Finding(name, "broken", said("Slack is limiting calls"), said("Try again in a minute."))
    return Finding(name, "broken", said("Slack refuses it ({code})", code=code), _WHERE[variable])


async def _ask(settings: Slack, method: str, token: str, **sent: str) -> _Said:
    host = httpx.URL(settings.base_url).host if settings.base_url.startswith("http") else settings.base_url
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
            headers = {"Authorization": f"Bearer {token}"}
            reply = await client.post(f"{settings.base_url}{method}", headers=headers, data=sent)
        heard = reply.json()
    except UnicodeEncodeError:
        return _Said({"error": "invalid_auth"})
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        what = said("{host} does not answer ({name})", host=host, name=type(error).__name__)
        return _Said(silent=Finding("", "broken", what, said("Check network, HTTPS_PROXY and slack.base_url.")))
    except ValueError:
        what = said("{host} answers, but not as it should", host=host)
        return _Said(silent=Finding("", "broken", what, said("Check slack.base_url; it ends with /api/.")))
    listed = reply.headers.get("x-oauth-scopes")
    scopes = frozenset(each.strip() for each in listed.split(",") if each.strip()) if listed is not None else None
    return _Said(heard if isinstance(heard, dict) else {}, scopes)


def _text(value: object) -> str:
    """Return a word of Slack's, short and on one line."""
    return " ".join(str(value).split())[:80]
