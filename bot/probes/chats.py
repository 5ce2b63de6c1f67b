"""Discord's token: its form, and whether Discord takes it."""

import re
from typing import Any

import httpx

from bot.probes.finding import Finding
from bot.settings import Discord

_TIMEOUT = 3.0
_DISCORD = re.compile(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}")


async def discord(settings: Discord) -> Finding:
    """Check the token with `users/@me`."""
    token = settings.token.get_secret_value()
    if not token:
        return Finding("Discord", "missing", "no token", "To use it, set DISCORD_TOKEN.")
    if not _DISCORD.fullmatch(token):
        remedy = "Copy the bot's token again (Developer Portal, Bot, Reset Token) into DISCORD_TOKEN."
        return Finding("Discord", "broken", "DISCORD_TOKEN has not the form of a bot's token", remedy)
    said = await _ask("GET", f"{settings.base_url.rstrip('/')}/users/@me", f"Bot {token}")
    if isinstance(said, Finding):
        return _renamed(said, "Discord")
    if "id" not in said:
        return Finding(
            "Discord", "broken", "the token is refused", "Reset it in the Developer Portal, and set it anew."
        )
    return Finding("Discord", "ok", f"signed in as {said.get('username', 'a bot')}")


async def _ask(method: str, url: str, authorization: str) -> dict[str, Any] | Finding:
    """Return what the platform says, or a finding without a name where it says nothing that can be read."""
    host = httpx.URL(url).host if url.startswith("http") else url
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
            reply = await client.request(method, url, headers={"Authorization": authorization})
        said = reply.json()
    except httpx.HTTPError as error:
        return Finding(
            "", "broken", f"{host} does not answer ({type(error).__name__})", "Check network, proxy and URL."
        )
    except ValueError:
        return Finding("", "broken", f"{host} answers, but not as it should", "Check the base URL in the settings.")
    return said if isinstance(said, dict) else {}


def _renamed(finding: Finding, name: str) -> Finding:
    return Finding(name, finding.state, finding.what, finding.remedy)
