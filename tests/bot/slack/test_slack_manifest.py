"""The manifest gives the app what the code uses, and no more."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.__main__ import main
from bot.commands.table import COMMANDS
from bot.slack import shortcuts, workflow, workspaces
from bot.slack.changes import GONE
from bot.slack.manifest import EVENTS, REDIRECT, over_http, printed
from core.entities import Status
from core.errors import BadRequest
from core.events import Answer, Usage
from tests.doubles.questions import question
from tests.doubles.slack_web import WebApi

ROOT = Path(__file__).parents[3]
EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "member_left_channel": "channels:read",
    "agent_session_stopped": "assistant:write",
    "app_home_opened": "",
    "app_uninstalled": "",
    "tokens_revoked": "",
    "function_executed": "",
}
"""What Slack wants for each event; empty: nothing."""
FREE = {"auth.test", "auth.teams.list", "apps.connections.open"}
"""Methods that need no bot scope."""


@pytest.fixture
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text())
    return loaded


def methods() -> set[str]:
    """Return the Web API methods that the code calls, as Slack writes them."""
    source = "\n".join(file.read_text() for file in (ROOT / "bot" / "slack").glob("*.py"))
    return {
        name.replace("_", ".") for name in re.findall(r"\bweb\.([a-z]+_[a-zA-Z_]+)\(", source.replace("_web.", "web."))
    }


def test_every_method_that_the_code_calls_is_known_to_this_test() -> None:
    assert "chat.postMessage" in methods()
    assert methods() - FREE <= set(WebApi.scopes)


def test_the_scopes_are_those_that_the_code_needs_and_no_more(manifest: dict[str, Any]) -> None:
    needed = {scope for method in methods() - FREE for scope in WebApi.scopes[method].split()}
    needed |= {EVENT_SCOPES[event] for event in manifest["settings"]["event_subscriptions"]["bot_events"]}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == (needed | {"commands"}) - {""}


def test_the_events_that_the_code_listens_for_are_subscribed_and_no_others(manifest: dict[str, Any]) -> None:
    source = (ROOT / "bot" / "slack" / "incoming.py").read_text()
    farewells = re.findall(r'get\("type"\) == "(\w+)"', inspect.getsource(workspaces))
    heard = {*re.findall(r'app\.event\("(\w+)"\)', source), *GONE, *farewells}
    subscribed = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert {event.split(".")[0] for event in subscribed} == heard
    assert [event for event in subscribed if event.startswith("message.")] == [
        f"message.{kind}" for kind in ("channels", "groups", "im", "mpim")
    ]


def test_the_shortcuts_are_those_that_the_code_knows(manifest: dict[str, Any]) -> None:
    listed = {(each["type"], each["callback_id"]) for each in manifest["features"]["shortcuts"]}
    assert listed == {("message", shortcuts.ON_MESSAGE), ("global", shortcuts.ANYWHERE)}
    assert all(len(each["name"]) <= 24 for each in manifest["features"]["shortcuts"])


def test_the_workflow_step_has_the_inputs_that_are_read_and_the_outputs_that_are_written(
    manifest: dict[str, Any],
) -> None:
    (name,) = manifest["functions"]
    step, source = manifest["functions"][name], inspect.getsource(workflow)
    assert name == workflow.STEP
    assert set(step["input_parameters"]) == {*re.findall(r'inputs\.get\("(\w+)"\)', source), "committee", "pattern"}
    collaboration = question("k1")
    said = Answer(status=Status.ANSWERED, text="Yes.", how="solo", usage=Usage())
    assert set(step["output_parameters"]) == set(workflow.outputs(collaboration, said))
    # Slack offers a step only of an app that is ready for an organisation and says where its code runs.
    assert manifest["settings"]["org_deploy_enabled"] is True
    assert manifest["settings"]["function_runtime"] == "remote"


def test_an_answer_that_is_too_long_for_a_step_says_where_the_rest_of_it_is() -> None:
    collaboration = question("k1", language="de")
    said = Answer(status=Status.ANSWERED, text="word " * 5000, how="solo", usage=Usage())
    answer = workflow.outputs(collaboration, said)["answer"]
    assert len(answer) <= workflow.MOST
    assert answer.endswith(f"word … (`/dexter show {collaboration.id}` hat den Rest)")


def test_the_agent_view_and_the_home_tab_are_on_and_its_prompts_are_commands(manifest: dict[str, Any]) -> None:
    view = manifest["features"]["agent_view"]
    assert "assistant_view" not in manifest["features"]
    assert len(view["agent_description"]) <= 300
    assert {prompt["message"] for prompt in view["suggested_prompts"]} <= {command.name for command in COMMANDS}
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True


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
    assert manifest["features"]["app_home"]["messages_tab_enabled"] is True
    assert manifest["features"]["app_home"]["messages_tab_read_only_enabled"] is False


def test_the_manifest_for_http_differs_in_the_addresses_alone(
    manifest: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["slack", "manifest", "--url", "https://dexter.example.com/"]) == 0
    made = yaml.safe_load(capsys.readouterr().out)
    root = "https://dexter.example.com"
    manifest["features"]["slash_commands"][0]["url"] = root + EVENTS
    manifest["settings"]["event_subscriptions"]["request_url"] = root + EVENTS
    manifest["settings"]["interactivity"]["request_url"] = root + EVENTS
    manifest["settings"]["interactivity"]["message_menu_options_url"] = root + EVENTS
    manifest["settings"]["socket_mode_enabled"] = False
    manifest["oauth_config"]["redirect_urls"] = [root + REDIRECT]
    assert made == manifest
    assert "Should we …?" in over_http(root)  # written as people read it


@pytest.mark.parametrize(
    "typed",
    [(), ("manifest",), ("manifest", "--url"), ("token", "--url", "https://a.example")]
    + [("manifest", "--url", url) for url in ("", "dexter.example.com", "http://a.example", "https://", "https://a?b")],
)
def test_without_an_address_that_slack_reaches_there_is_no_manifest(typed: tuple[str, ...]) -> None:
    with pytest.raises(BadRequest, match="https://"):
        printed(typed)
    assert printed(("manifest", "--url=https://a.example")) == over_http("https://a.example")


def test_slacks_lengths_are_kept(manifest: dict[str, Any]) -> None:
    assert len(manifest["display_information"]["name"]) <= 35
    assert len(manifest["display_information"]["description"]) <= 140
    (command,) = manifest["features"]["slash_commands"]
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000
