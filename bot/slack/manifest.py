"""The manifest that an administrator pastes at Slack, as what Dexter must be allowed and be told."""

from pathlib import Path
from typing import Any

import yaml

from core.errors import Misconfigured

FILE = Path(__file__).parents[2] / "manifest.yml"


def scopes() -> tuple[str, ...]:
    """Return the bot's permissions. Raises `Misconfigured` where the file is not there."""
    return tuple(_read()["oauth_config"]["scopes"]["bot"])


def events() -> tuple[str, ...]:
    """Return the events that are sent to Dexter. Raises `Misconfigured` where the file is not there."""
    return tuple(_read()["settings"]["event_subscriptions"]["bot_events"])


def _read() -> dict[str, Any]:
    try:
        read: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    except (OSError, yaml.YAMLError):
        raise Misconfigured("{file} is missing or not YAML: put it back.", file=str(FILE)) from None
    return read
