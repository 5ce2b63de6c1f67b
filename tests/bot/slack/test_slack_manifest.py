"""The manifest gives the app what the code uses, and no more."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands.table import COMMANDS
from tests.doubles.slack_web import WebApi

ROOT = Path(__file__).parents[3]
EVENT_SCOPES = {"app_mention": "app_mentions:read", "message.im": "im:history"}
FREE = {"auth.test", "apps.connections.open"}
"""Methods that need no bot scope."""


@pytest.fixture
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())
    return loaded


def methods() -> set[str]:
    """Return the Web API methods that the code calls, as Slack writes them."""
    source = "\n".join(file.read_text() for file in (ROOT / "bot" / "slack").glob("*.py"))
    return {name.replace("_", ".") for name in re.findall(r"_web\.([a-z]+_[a-zA-Z_]+)\(", source)}


def test_every_method_that_the_code_calls_is_known_to_this_test() -> None:
    assert "chat.postMessage" in methods()
    assert methods() - FREE <= set(WebApi.scopes)


def test_the_scopes_are_those_that_the_code_needs_and_no_more(manifest: dict[str, Any]) -> None:
    needed = {scope for method in methods() - FREE for scope in WebApi.scopes[method].split()}
    needed |= {EVENT_SCOPES[event] for event in manifest["settings"]["event_subscriptions"]["bot_events"]} | {
        "commands"
    }
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed


def test_the_events_that_the_code_listens_for_are_subscribed(manifest: dict[str, Any]) -> None:
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == ["app_mention", "message.im"]
    source = (ROOT / "bot" / "slack" / "incoming.py").read_text()
    assert re.findall(r'app\.event\("(\w+)"\)', source) == ["app_mention", "message"]


def test_the_command_is_there_and_its_hint_names_every_command(manifest: dict[str, Any]) -> None:
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == "/dexter"
    assert command["should_escape"] is True
    hint = command["usage_hint"]
    assert [c.name for c in COMMANDS if not re.search(rf"\b{c.name}\b", hint)] == []


def test_buttons_and_sockets_work_and_people_can_write_to_it(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"]["is_enabled"] is True
    assert settings["org_deploy_enabled"] is False
    assert manifest["features"]["app_home"]["messages_tab_enabled"] is True
    assert manifest["features"]["app_home"]["messages_tab_read_only_enabled"] is False


def test_slacks_lengths_are_kept(manifest: dict[str, Any]) -> None:
    assert len(manifest["display_information"]["name"]) <= 35
    assert len(manifest["display_information"]["description"]) <= 140
    (command,) = manifest["features"]["slash_commands"]
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000
