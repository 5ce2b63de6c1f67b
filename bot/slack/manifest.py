"""The manifest that an administrator pastes at Slack, as what Dexter must be allowed and be told."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from core.errors import BadRequest, Misconfigured

EVENTS, INSTALL, REDIRECT = "/slack/events", "/slack/install", "/slack/oauth_redirect"
"""Where Slack comes over HTTP."""

FILE = Path(__file__).parents[2] / "manifest.yml"


def scopes() -> tuple[str, ...]:
    """Return the bot's permissions. Raises `Misconfigured` where the file is not there."""
    return tuple(_read()["oauth_config"]["scopes"]["bot"])


def events() -> tuple[str, ...]:
    """Return the events that are sent to Dexter. Raises `Misconfigured` where the file is not there."""
    return tuple(_read()["settings"]["event_subscriptions"]["bot_events"])


def over_http(url: str) -> str:
    """Return the manifest of an app to which Slack comes at `url`, as YAML to paste.

    Raises `BadRequest` for what is no public address, `Misconfigured` where the file is not there.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise BadRequest("Give the address at which Slack reaches Dexter: https://dexter.example.com")
    root, made = url.rstrip("/"), _read()
    for command in made["features"]["slash_commands"]:
        command["url"] = root + EVENTS
    settings = made["settings"]
    settings["socket_mode_enabled"] = False
    settings["event_subscriptions"]["request_url"] = root + EVENTS
    settings["interactivity"] |= {"request_url": root + EVENTS, "message_menu_options_url": root + EVENTS}
    made["oauth_config"]["redirect_urls"] = [root + REDIRECT]
    return yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=1000)


def printed(typed: Sequence[str]) -> str:
    """Do what `dexter slack …` says. Raises `BadRequest` for other words, and as `over_http`."""
    match [part for word in typed for part in (word.split("=", 1) if word.startswith("--url=") else [word])]:
        case ["manifest", "--url", url]:
            return over_http(url)
        case _:
            raise BadRequest("`dexter slack` takes `manifest --url https://…`.")


def _read() -> dict[str, Any]:
    try:
        read: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    except (OSError, yaml.YAMLError):
        raise Misconfigured("{file} is missing or not YAML: put it back.", file=str(FILE)) from None
    return read
