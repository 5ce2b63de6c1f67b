"""What the doctor finds of Slack, against the fake server: each state names one next thing, and no secret."""

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.doctor import report
from bot.probes.finding import Finding
from bot.probes.slack import slack as examined
from bot.settings import Settings
from bot.settings import Slack as Set
from tests.doubles.slack_server import SlackServer

BOT, APP = "xoxb-1-planted-bot", "xapp-1-A1-planted-app"


def settings(slack: SlackServer | str, **more: object) -> Set:
    base = slack if isinstance(slack, str) else slack.base_url
    return Settings.model_validate({"slack": {"base_url": base, **more}}).slack


async def found(slack: SlackServer | str, **more: object) -> dict[str, Finding]:
    findings = await examined(settings(slack, **more))
    shown = repr(findings) + repr(report(findings)) + json.dumps(report(findings).data)
    for secret in (value for value in more.values() if isinstance(value, str) and len(value) > 8):
        assert secret not in shown
    return {finding.name: finding for finding in findings}


async def test_all_is_well_and_the_next_thing_is_to_start(slack: SlackServer) -> None:
    said = await found(slack, bot_token=BOT, app_token=APP)
    assert {name: it.state for name, it in said.items()} == {
        "Slack bot token": "ok", "Slack permissions": "ok", "Slack app token": "ok",
    }  # fmt: skip
    assert said["Slack bot token"].what == "works in Analytical Engines as @dexter"
    assert "dexter run" in said["Slack app token"].remedy


async def test_nothing_set_is_where_one_begins(slack: SlackServer) -> None:
    said = (await found(slack))["Slack"]
    assert (said.state, "docs/slack.md" in said.remedy) == ("missing", True)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"bot_token": BOT}, "SLACK_APP_TOKEN"),
        ({"app_token": APP}, "SLACK_BOT_TOKEN"),
        ({"signing_secret": "planted-secret"}, "SLACK_BOT_TOKEN"),
        ({"client_id": "1.2"}, "SLACK_CLIENT_SECRET"),
        ({"client_id": "1.2", "client_secret": "planted-secret"}, "SLACK_SIGNING_SECRET"),
        (
            {"client_id": "1.2", "client_secret": "planted-secret", "signing_secret": "planted-too"},
            "DEXTER_SLACK__ENCRYPTION_KEY",
        ),
    ],
)
async def test_what_is_missing_is_named_with_where_to_find_it(
    slack: SlackServer, given: dict[str, str], missing: str
) -> None:
    said = (await found(slack, **given))["Slack"]
    assert (said.state, said.what) == ("broken", f"half set up: {missing} is not set")
    assert missing in said.remedy


async def test_a_bot_token_is_tried_while_the_app_token_is_missing(slack: SlackServer) -> None:
    said = await found(slack, bot_token=BOT)
    assert said["Slack bot token"].state == "ok"


async def test_swapped_tokens_are_told_apart(slack: SlackServer) -> None:
    said = (await found(slack, bot_token=APP, app_token=BOT))["Slack tokens"]
    assert (said.state, said.what) == ("broken", "the two are swapped")


async def test_other_words_are_no_tokens(slack: SlackServer) -> None:
    said = await found(slack, bot_token="xoxp-planted-token", app_token="xoxb-planted-too")
    assert said["Slack bot token"].what == "SLACK_BOT_TOKEN does not begin with xoxb-"
    assert said["Slack app token"].what == "SLACK_APP_TOKEN does not begin with xapp-"


async def test_blanks_that_were_copied_along_do_no_harm(slack: SlackServer) -> None:
    said = await found(slack, bot_token=f"{BOT} ", app_token=f"\t{APP}\n")
    assert {it.state for it in said.values()} == {"ok"}


async def test_what_comes_next_is_said_once_all_works(slack: SlackServer) -> None:
    said = await found(slack, bot_token="xoxb-old-planted", app_token=APP)
    assert (said["Slack app token"].state, said["Slack app token"].remedy) == ("ok", "")


@pytest.mark.parametrize(("bot", "app", "name"), [("xoxb-old-planted", APP, "bot"), (BOT, "xapp-old-planted", "app")])
async def test_a_token_that_slack_refuses_has_its_remedy(slack: SlackServer, bot: str, app: str, name: str) -> None:
    said = (await found(slack, bot_token=bot, app_token=app))[f"Slack {name} token"]
    assert (said.state, said.what) == ("broken", "Slack refuses it (invalid_auth)")
    assert f"SLACK_{name.upper()}_TOKEN" in said.remedy


async def test_missing_permissions_are_listed_and_mended_by_the_manifest(slack: SlackServer) -> None:
    slack.api.granted -= {"files:read", "users:read"}
    said = (await found(slack, bot_token=BOT, app_token=APP))["Slack permissions"]
    assert (said.state, said.what) == ("broken", "missing: users:read, files:read")
    assert "manifest.yml" in said.remedy


async def test_more_permissions_than_needed_are_mentioned(slack: SlackServer) -> None:
    slack.api.granted |= {"admin.teams:write"}
    said = (await found(slack, bot_token=BOT, app_token=APP))["Slack permissions"]
    assert (said.state, "more than it needs: admin.teams:write" in said.what) == ("ok", True)


async def test_tokens_of_two_apps_are_found_out(slack: SlackServer) -> None:
    said = (await found(slack, bot_token=BOT, app_token="xapp-1-A2-planted-app"))["Slack tokens"]
    assert (said.state, said.what) == ("broken", "the bot token is of the app A1, the app token of A2")


async def test_limits_and_silence_are_said(slack: SlackServer, unused_tcp_port: int) -> None:
    slack.fault("auth.test", error="ratelimited", status=429, retry_after=30)
    assert "limiting" in (await found(slack, bot_token=BOT, app_token=APP))["Slack bot token"].what
    dead = await found(f"http://127.0.0.1:{unused_tcp_port}/api/", bot_token=BOT, app_token=APP)
    assert "does not answer" in dead["Slack bot token"].what


@pytest.fixture
async def running() -> AsyncIterator[tuple[dict[str, object], int]]:
    """A Dexter that tells how it gets on with Slack's requests."""
    told: dict[str, object] = {"ready": True, "answered": 7, "refused": {"signature": 0, "old": 0, "replayed": 2}}

    async def how(_: web.Request) -> web.Response:
        return web.json_response(told)

    app = web.Application()
    app.add_routes([web.get("/readyz", how)])
    async with TestServer(app) as server:
        assert server.port
        yield told, server.port


async def test_over_http_the_running_dexter_is_asked_what_it_refused(
    slack: SlackServer, running: tuple[dict[str, object], int]
) -> None:
    told, port = running
    set_up = {"bot_token": BOT, "signing_secret": "planted-secret", "http": {"port": port}}
    said = (await found(slack, **set_up))["Slack over HTTP"]
    assert said.state == "ok"
    assert "7 requests answered" in said.what
    assert "2 replayed" in said.what
    told |= {"answered": 0, "refused": {"signature": 5, "old": 0, "replayed": 0}}
    said = (await found(slack, **set_up))["Slack over HTTP"]
    assert (said.state, "SLACK_SIGNING_SECRET" in said.remedy) == ("broken", True)


async def test_over_http_without_a_running_dexter_the_next_thing_is_to_start_it(
    slack: SlackServer, unused_tcp_port: int
) -> None:
    said = (await found(slack, bot_token=BOT, signing_secret="planted-secret", http={"port": unused_tcp_port}))[
        "Slack over HTTP"
    ]
    assert (said.state, "dexter run" in said.remedy, "/slack/events" in said.remedy) == ("missing", True, True)


async def test_a_bad_encryption_key_is_found_before_the_start(slack: SlackServer, unused_tcp_port: int) -> None:
    said = await found(
        slack,
        client_id="1.2",
        client_secret="planted-secret",
        signing_secret="planted-too",
        encryption_key="planted-key-that-is-none",
        http={"port": unused_tcp_port},
    )
    assert said["Slack encryption key"].state == "broken"
    assert "openssl" in said["Slack encryption key"].remedy
