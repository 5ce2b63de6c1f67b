"""Discord's token: its form, and whether Discord takes it."""

import re
from typing import Any

import httpx

from bot.probes.finding import Finding
from bot.settings import Discord
from core.sentences import said

_TIMEOUT = 3.0
_DISCORD = re.compile(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}")


async def discord(settings: Discord) -> Finding:
    """Check the token with `users/@me`."""
    token = settings.token.get_secret_value()
    if not token:
        return Finding("Discord", "missing", said("no token"), said("To use it, set DISCORD_TOKEN."))
    if not _DISCORD.fullmatch(token):
        remedy = said("Copy the bot's token again (Developer Portal, Bot, Reset Token) into DISCORD_TOKEN.")
        return Finding("Discord", "broken", said("DISCORD_TOKEN has not the form of a bot's token"), remedy)
    heard = await _ask("GET", f"{settings.base_url.rstrip('/')}/users/@me", f"Bot {token}")
    if isinstance(heard, Finding):
        return _renamed(heard, "Discord")
    if "id" not in heard:
        return Finding(
            "Discord",
            "broken",
            said("the token is refused"),
            said("Reset it in the Developer Portal, and set it anew."),
        )
    return Finding("Discord", "ok", said("signed in as {name}", name=heard.get("username", "a bot")))


async def _ask(method: str, url: str, authorization: str) -> dict[str, Any] | Finding:
    """Return what the platform says, or a finding without a name where it says nothing that can be read."""
    host = httpx.URL(url).host if url.startswith("http") else url
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
            reply = await client.request(method, url, headers={"Authorization": authorization})
        heard = reply.json()
    except httpx.HTTPError as error:
        return Finding(
            "",
            "broken",
            said("{host} does not answer ({name})", host=host, name=type(error).__name__),
            said("Check network, proxy and URL."),
        )
    except ValueError:
        return Finding(
            "",
            "broken",
            said("{host} answers, but not as it should", host=host),
            said("Check the base URL in the settings."),
        )
    return heard if isinstance(heard, dict) else {}


def _renamed(finding: Finding, name: str) -> Finding:
    return Finding(name, finding.state, finding.found, finding.advice)
