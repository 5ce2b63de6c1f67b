"""Tells Discord of the commands, only where what it knows is not the same."""

import asyncio
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import discord
import structlog
from discord.http import HTTPClient, Route

LOOK_AGAIN = 24 * 3600.0
"""Seconds for which it is believed that Discord still has what it was told."""
_COMPARED = (
    "name", "name_localizations", "description", "description_localizations", "type", "required", "choices",
    "options", "contexts", "integration_types", "value", "autocomplete", "min_length", "max_length",
)  # fmt: skip

Commands = Sequence[Mapping[str, Any]]

log = structlog.get_logger("dexter.discord")


async def sync(http: HTTPClient, application: int, ours: Commands, memory: Path | None) -> None:
    """Bring Discord's commands up to date. An unchanged start asks nothing: `memory` holds what was told last."""
    sign = f"{application} {hashlib.sha256(json.dumps(ours, sort_keys=True).encode()).hexdigest()}"
    if memory and await asyncio.to_thread(_remembered, memory) == sign:
        return
    try:
        route = Route("GET", "/applications/{application_id}/commands", application_id=application)
        theirs = await http.request(route, params={"with_localizations": "true"})
        if not same(ours, theirs):
            await http.bulk_upsert_global_commands(application, list(ours))  # type: ignore[arg-type]  # plain data
            log.info("commands synced", commands=len(ours))
    except discord.HTTPException as error:
        log.warning("commands not synced", status=error.status, code=error.code)
        return
    except discord.RateLimited as error:
        log.warning("commands not synced: Discord asks to wait", seconds=error.retry_after)
        return
    if memory:
        await asyncio.to_thread(_remember, memory, sign)


def same(ours: Commands, theirs: Commands) -> bool:
    """Tell whether Discord has the commands as we want them; what it leaves out or adds by itself does not count."""
    return _sorted(ours) == _sorted(theirs)


def _sorted(commands: Commands) -> list[Any]:
    return sorted((_core(command) for command in commands), key=lambda row: (row.get("type", 1), row["name"]))


def _core(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _told(key, value[key]) for key in _COMPARED if value.get(key)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_core(item) for item in value]
    return value


def _told(key: str, value: Any) -> Any:
    return dict(value) if key.endswith("_localizations") else _core(value)


def _remembered(memory: Path) -> str:
    try:
        young = memory.stat().st_mtime > time.time() - LOOK_AGAIN
        return memory.read_text("utf-8") if young else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _remember(memory: Path, sign: str) -> None:
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(sign, "utf-8")
    except OSError as error:  # the next start asks again
        log.info("commands not remembered", error=type(error).__name__)
