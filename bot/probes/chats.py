"""Discord's token: its form, whether Discord takes it, and whether the bot may connect."""

import re
from typing import Any

import httpx

from bot.probes.finding import Finding
from bot.settings import Discord
from core.sentences import said

_TIMEOUT = 3.0
_READS = 1 << 18 | 1 << 19
"""Discord's flags of an application that may read messages: as a verified one, or as one on few servers."""
_DISCORD = re.compile(r"[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}")


async def discord(settings: Discord) -> Finding:
    """Check the token with `users/@me`, and whether the bot may connect."""
    token = settings.token.get_secret_value()
    if not token:
        return Finding("Discord", "missing", said("no token"), said("To use it, set DISCORD_TOKEN."))
    if not _DISCORD.fullmatch(token):
        remedy = said("Copy the bot's token again (Developer Portal, Bot, Reset Token) into DISCORD_TOKEN.")
        return Finding("Discord", "broken", said("DISCORD_TOKEN does not look like a bot's token"), remedy)
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
    return await _connectable(settings, str(heard.get("username", "a bot")))


async def _connectable(settings: Discord, name: str) -> Finding:
    """Check that a connection may begin: Discord counts them by the day, and gives text only where allowed."""
    root, authorization = settings.base_url.rstrip("/"), f"Bot {settings.token.get_secret_value()}"
    told = await _ask("GET", f"{root}/gateway/bot", authorization)
    limit = told.get("session_start_limit") if isinstance(told, dict) else None
    if not isinstance(limit, dict):
        return Finding("Discord", "ok", said("signed in as {name}", name=name))
    left, total, minutes = limit.get("remaining", 0), limit.get("total", 0), limit.get("reset_after", 0) / 60_000
    if left < 1:
        used = said("signed in as {name}, but Discord lets it begin no more connections today", name=name)
        wait = said("Wait {minutes:,.0f} minutes: Dexter connects then by itself.", minutes=minutes)
        return Finding("Discord", "broken", used, wait)
    if settings.message_content:
        app = await _ask("GET", f"{root}/oauth2/applications/@me", authorization)
        if isinstance(app, dict) and "flags" in app and not app["flags"] & _READS:
            lacks = said("discord.message_content is on, but Discord gives the bot no text of messages")
            turn = said("Turn the Message Content Intent on in the Developer Portal (Bot), or the setting off.")
            return Finding("Discord", "broken", lacks, turn)
    here = said(
        "signed in as {name}; {left:,} of {total:,} new connections left today", name=name, left=left, total=total
    )
    return Finding("Discord", "ok", here)


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
