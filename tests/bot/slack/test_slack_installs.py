"""Dexter in many workspaces: installed, kept under seal, spoken for by their own tokens, and removed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import structlog
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import Engine, MetaData, Table, inspect, select, text

from bot.server import Server
from bot.settings import Http, Settings
from bot.settings import Slack as SlackSettings
from bot.shapes import TryLater, Undeliverable, plain
from bot.slack.chat import Slack
from bot.slack.join import join
from core.errors import Misconfigured
from storage.engine import connect
from tests.bot.slack.conftest import Desk
from tests.doubles.slack_oauth import CLIENT_ID, CLIENT_SECRET, Market, slack_market

SECRET = "signing-secret"
KEY = Fernet.generate_key().decode()
OTHER = Fernet.generate_key().decode()


async def always() -> None:
    """Everything answers."""


@dataclass
class Scene:
    """Dexter, the market, and an administrator's browser."""

    chat: Slack
    market: Market
    base: str
    engine: Engine
    http: aiohttp.ClientSession

    async def begin(self) -> tuple[str, dict[str, str]]:
        """Open the installation page; return where it sends to, and the cookie."""
        async with self.http.get(f"{self.base}/slack/install", allow_redirects=False) as page:
            assert page.status == 302
            return page.headers["Location"], {"Cookie": page.headers["Set-Cookie"].split(";")[0]}

    async def finish(self, query: dict[str, str], headers: dict[str, str]) -> tuple[int, str]:
        async with self.http.get(f"{self.base}/slack/oauth_redirect", params=query, headers=headers) as page:
            return page.status, await page.text()

    async def install(self, team: str, enterprise: str | None = None, *, org: bool = False) -> None:
        await self.market.workspace(team)
        url, cookie = await self.begin()
        status, page = await self.finish(self.market.approve(url, team, enterprise, org=org), cookie)
        assert (status, "Dexter is installed in" in page) == (200, True)

    def rows(self, table: str) -> list[dict[str, object]]:
        with self.engine.connect() as connection:
            return [
                dict(row)
                for row in connection.execute(select(Table(table, MetaData(), autoload_with=connection))).mappings()
            ]


def settings(market: Market, key: str = KEY) -> SlackSettings:
    return Settings.model_validate(
        {
            "slack": {
                "signing_secret": SECRET,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "encryption_key": key,
                "base_url": market.base_url,
                "http": {"port": 0},
            }
        }
    ).slack


@asynccontextmanager
async def running(market: Market, engine: Engine, desk: Desk, key: str = KEY) -> AsyncIterator[Scene]:
    chat = join(settings(market, key), engine, always)
    await chat.start(desk)
    base = f"http://127.0.0.1:{port_of(chat)}"
    market.url = f"{base}/slack/events"
    for server in market.servers.values():
        server.url = market.url
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            yield Scene(chat, market, base, engine, http)
    finally:
        await chat.stop()


def port_of(chat: Slack) -> int:
    server = chat._door._server  # type: ignore[attr-defined]
    assert isinstance(server, Server)
    return server.port


@pytest.fixture
async def market() -> AsyncIterator[Market]:
    async with slack_market(SECRET) as market:
        yield market


@pytest.fixture
async def scene(market: Market, engine: Engine, desk: Desk) -> AsyncIterator[Scene]:
    async with running(market, engine, desk) as scene:
        yield scene


async def test_two_workspaces_install_dexter_and_each_is_answered_by_its_own_token(scene: Scene, desk: Desk) -> None:
    desk.says(plain("Here."))
    for team in ("T1", "T2"):
        await scene.install(team)
        sent = scene.market.servers[team].say("<@UDEXTER> hello")
        await asyncio.wait_for(sent.acked.wait(), 10)
    assert [request.tenant for request in desk.requests] == ["slack:T1", "slack:T2"]
    for team in ("T1", "T2"):
        server = scene.market.servers[team]
        await scene.chat.show(f"slack:{team}:C1", plain(f"To {team}."), "k", None, False)
        assert f"To {team}." in server.transcript()
    assert "To T1." not in scene.market.servers["T2"].transcript()


async def test_a_post_finds_its_workspace_after_a_restart(scene: Scene, market: Market, desk: Desk) -> None:
    await scene.install("T1")
    await scene.chat.stop()
    async with running(market, scene.engine, desk) as again:
        await again.chat.show("slack:T1:C1", plain("Still here."), "k", None, False)
    assert "Still here." in market.servers["T1"].transcript()


async def test_no_token_is_in_the_database_as_it_is(market: Market, sqlite_url: str, desk: Desk) -> None:
    engine = connect(sqlite_url)
    async with running(market, engine, desk) as scene:
        await scene.install("T1")
        token = market.token("T1")
        with engine.begin() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    kept = b"".join(file.read_bytes() for file in Path(sqlite_url.removeprefix("sqlite:///")).parent.glob("dexter.db*"))
    assert b"Team T1" in kept
    assert token.encode() not in kept
    assert b"xoxb-" not in kept


async def test_the_tables_are_those_that_the_sdk_expects(engine: Engine) -> None:
    metadata = MetaData()
    expected = [
        SQLAlchemyInstallationStore.build_bots_table(metadata, "slack_bots"),
        SQLAlchemyInstallationStore.build_installations_table(metadata, "slack_installations"),
        SQLAlchemyOAuthStateStore.build_oauth_states_table(metadata, "slack_oauth_states"),
    ]
    for table in expected:
        there = {column["name"]: column for column in inspect(engine).get_columns(table.name)}
        assert set(there) == {column.name for column in table.columns}
        assert {n for n, c in there.items() if not c["nullable"]} == {c.name for c in table.columns if not c.nullable}


@pytest.mark.parametrize("reason", ["app_uninstalled", "tokens_revoked"])
async def test_a_workspace_that_removes_dexter_takes_its_tokens_along_and_the_others_go_on(
    scene: Scene, desk: Desk, reason: str
) -> None:
    for team in ("T1", "T2"):
        await scene.install(team)
    one, two = scene.market.servers["T1"], scene.market.servers["T2"]
    await scene.chat.show("slack:T1:C1", plain("Hello."), "k", None, False)
    scene.market.revoke("T1")
    with structlog.testing.capture_logs() as logs:
        tokens = {"tokens": {"oauth": ["U1"], "bot": ["UDEXTER"]}} if reason == "tokens_revoked" else {}
        await asyncio.wait_for(one.event({"type": reason, **tokens}).acked.wait(), 10)
        with pytest.raises(Undeliverable, match="not installed"):
            await scene.chat.show("slack:T1:C1", plain("Too late."), "k2", None, False)
    assert [line["tenant"] for line in logs if line["log_level"] in ("warning", "error")] == ["slack:T1"]
    for table in ("slack_bots", "slack_installations"):
        assert [row["team_id"] for row in scene.rows(table)] == ["T2"]
    await scene.chat.show("slack:T2:C1", plain("Still here."), "k", None, False)
    await asyncio.wait_for(two.say("<@UDEXTER> hello").acked.wait(), 10)
    assert [request.tenant for request in desk.requests] == ["slack:T2"]


async def test_a_persons_own_token_that_is_revoked_changes_nothing(scene: Scene) -> None:
    await scene.install("T1")
    event = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}
    await asyncio.wait_for(scene.market.servers["T1"].event(event).acked.wait(), 10)
    assert len(scene.rows("slack_bots")) == 1


@pytest.mark.parametrize("why", ["token_revoked", "account_inactive"])
async def test_a_token_that_is_revoked_without_a_word_is_noticed_at_the_next_post(scene: Scene, why: str) -> None:
    await scene.install("T1")
    scene.market.revoke("T1", why)
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(Undeliverable):
                await scene.chat.show("slack:T1:C1", plain("x"), "k", None, False)
    assert [line["event"] for line in logs] == ["slack workspace has gone"]
    assert scene.rows("slack_bots") == []


async def test_a_workspace_that_has_installed_dexter_anew_elsewhere_is_spoken_to_with_its_new_token(
    scene: Scene, market: Market, desk: Desk
) -> None:
    await scene.install("T1")
    await scene.chat.show("slack:T1:C1", plain("Old."), "k", None, False)
    market.revoke("T1")
    async with running(market, scene.engine, desk) as other:
        await other.install("T1")
    with pytest.raises(TryLater):
        await scene.chat.show("slack:T1:C1", plain("New."), "k2", None, False)
    await scene.chat.show("slack:T1:C1", plain("New."), "k2", None, True)
    assert "New." in market.servers["T1"].transcript()


async def test_a_cancelled_installation_is_a_sentence_and_changes_nothing(scene: Scene) -> None:
    url, cookie = await scene.begin()
    status, page = await scene.finish(scene.market.cancel(url), cookie)
    assert (status, "The installation was cancelled; nothing has changed." in page) == (200, True)
    assert scene.rows("slack_bots") == []


async def test_only_the_browser_that_began_an_installation_ends_it_and_only_once(scene: Scene) -> None:
    await scene.market.workspace("T1")
    url, cookie = await scene.begin()
    query = scene.market.approve(url, "T1")
    assert (await scene.finish(query, {}))[0] == 400
    forged = {"Cookie": "slack-app-oauth-state=forged"}
    assert (await scene.finish(query | {"state": "forged"}, forged))[0] == 401
    assert (await scene.finish(query, cookie))[0] == 200
    assert (await scene.finish(query, cookie))[0] == 401
    assert len(scene.rows("slack_bots")) == 1


async def test_a_code_that_slack_does_not_know_is_a_sentence(scene: Scene) -> None:
    url, cookie = await scene.begin()
    query = scene.market.approve(url, "T1") | {"code": "<script>alert(1)</script>"}
    with structlog.testing.capture_logs():
        status, page = await scene.finish(query, cookie)
    assert (status, "Slack did not accept the code" in page) == (401, True)
    assert "<script>" not in page


async def test_what_comes_back_is_never_shown_as_it_is(scene: Scene) -> None:
    status, page = await scene.finish({"error": "<script>alert(1)</script>"}, {})
    assert (status, "Slack refused the installation." in page) == (200, True)
    assert "<script>" not in page


async def test_the_page_speaks_the_browsers_language(scene: Scene) -> None:
    url, cookie = await scene.begin()
    _, page = await scene.finish(scene.market.cancel(url), cookie | {"Accept-Language": "de-CH,de;q=0.9"})
    assert 'lang="de"' in page
    assert "abgebrochen" in page


async def test_a_workspace_without_dexter_is_told_so(scene: Scene, desk: Desk) -> None:
    stranger = await scene.market.workspace("T9")
    command, mention = stranger.command("help"), stranger.say("<@UDEXTER> hello")
    for sent in (command, mention):
        await asyncio.wait_for(sent.acked.wait(), 10)
    assert "not installed in this workspace" in command.acks[0]["body"]
    assert desk.requests == []


async def test_one_installation_serves_all_workspaces_of_an_organisation(
    scene: Scene, market: Market, desk: Desk
) -> None:
    await market.workspace("T5")
    await scene.install("T6", "E1", org=True)
    body = {"type": "app_mention", "user": "U1", "channel": "C1", "text": "<@UDEXTER> hi", "ts": "1.1"}
    inside = {"authorizations": [{"enterprise_id": "E1", "team_id": "T5", "is_enterprise_install": True}]}
    payload = {"type": "event_callback", "team_id": "T5", "enterprise_id": "E1", "event_id": "Ev1", "event": body}
    sent = market.servers["T5"]._send("events_api", payload | inside)
    await asyncio.wait_for(sent.acked.wait(), 10)
    assert [request.tenant for request in desk.requests] == ["slack:T5"]
    await scene.chat.stop()
    async with running(market, scene.engine, desk) as again:
        await again.chat.show("slack:T5:C1", plain("All of you."), "k", None, False)
        with pytest.raises(Undeliverable):
            await again.chat.show("slack:T77:C1", plain("Nobody."), "k", None, False)


async def test_a_key_is_exchanged_by_putting_the_new_one_in_front(market: Market, engine: Engine, desk: Desk) -> None:
    async with running(market, engine, desk) as scene:
        await scene.install("T1")
    async with running(market, engine, desk, f"{OTHER}, {KEY}") as scene:
        await scene.chat.show("slack:T1:C1", plain("Both."), "k", None, False)
    async with running(market, engine, desk, OTHER) as scene:
        await scene.chat.show("slack:T1:C1", plain("The new one."), "k2", None, False)
    assert "The new one." in market.servers["T1"].transcript()
    with pytest.raises(Misconfigured, match="sealed with another key"):
        async with running(market, engine, desk, KEY):
            pass


@pytest.mark.parametrize("key", ["short", "é" * 44, ","])
async def test_a_bad_key_is_a_sentence_with_the_command_that_makes_one(
    market: Market, engine: Engine, desk: Desk, key: str
) -> None:
    with pytest.raises(Misconfigured, match="openssl rand -base64 32"):
        async with running(market, engine, desk, key):
            pass


async def test_the_command_makes_a_key(market: Market, engine: Engine, desk: Desk) -> None:
    made = await asyncio.create_subprocess_shell("openssl rand -base64 32 | tr +/ -_", stdout=asyncio.subprocess.PIPE)
    out, _ = await made.communicate()
    async with running(market, engine, desk, out.decode()) as scene:
        await scene.install("T1")


def test_the_address_of_the_server_is_a_setting() -> None:
    assert Http(port=8080).port == 8080


async def test_names_in_the_environment_that_the_sdk_reads_by_itself_change_nothing(
    market: Market, engine: Engine, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN", "SLACK_SCOPES"):
        monkeypatch.setenv(name, "another-value")
    async with running(market, engine, desk) as scene:
        await scene.install("T1")
        await asyncio.wait_for(market.servers["T1"].say("<@UDEXTER> hello").acked.wait(), 10)
    assert [request.tenant for request in desk.requests] == ["slack:T1"]
    assert [path for path in tmp_path.rglob("*") if "bolt" in str(path)] == []
