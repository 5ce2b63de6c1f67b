"""What the doctor finds, against real sockets."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.doctor import Finding, better, examine, report
from bot.probes import machine
from bot.probes.chats import discord
from bot.probes.documents import documents
from bot.probes.ollama import address, ollama
from bot.probes.providers import PROVIDERS, providers
from bot.probes.reports import reports
from bot.settings import Discord, Models, Settings, Slack
from bot.shapes import Foot, Table
from core.errors import Misconfigured
from core.sandbox import Isolation, Tier
from core.sentences import said
from tests.doubles.discord_server import DiscordServer

DISCORD_TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GaBcDe.abcdefghijklmnopqrstuvwxyz0123456789AB"
BOT, APP = "xoxb-planted-bot", "xapp-planted-app"


class Shelf:
    """Weights, some of which are there."""

    def __init__(self, there: Path | None, size: int = 491_400_064) -> None:
        self._there, self._size = there, size

    def size(self, name: str) -> int:
        return self._size

    def present(self, name: str) -> Path | None:
        return self._there


@pytest.fixture
async def platform() -> AsyncIterator[str]:
    """A server that answers as Ollama, Slack and Discord do."""

    async def tags(_: web.Request) -> web.Response:
        return web.json_response({"models": [{"name": f"m{number}:latest"} for number in range(8)]})

    async def slack_says(request: web.Request) -> web.Response:
        known = request.headers["Authorization"] in (f"Bearer {BOT}", f"Bearer {APP}")
        return web.json_response({"ok": True, "team": "Acme"} if known else {"ok": False, "error": "invalid_auth"})

    async def me(request: web.Request) -> web.Response:
        known = request.headers["Authorization"] == f"Bot {DISCORD_TOKEN}"
        said = {"id": "1", "username": "dexter"} if known else {"message": "401: Unauthorized", "code": 0}
        return web.json_response(said, status=200 if known else 401)

    async def nonsense(_: web.Request) -> web.Response:
        return web.Response(text="<html>")

    app = web.Application()
    app.add_routes([web.get("/api/tags", tags), web.get("/users/@me", me)])
    app.add_routes([web.post(f"/slack/{method}", slack_says) for method in ("auth.test", "apps.connections.open")])
    app.add_routes([web.route("*", "/bad/{rest:.*}", nonsense)])
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def no_sandbox() -> list[Isolation]:
    return [Isolation("none", None, said("not installed"), said("Install it."), installed=False)]


def settings(**parts: object) -> Settings:
    return Settings(**{"slack": Slack(), "discord": Discord(), **parts})  # type: ignore[arg-type]


async def test_a_running_ollama_shows_its_models(platform: str) -> None:
    found = await ollama({"OLLAMA_HOST": platform})
    assert found.state == "ok"
    assert found.what == "m0:latest, m1:latest, m2:latest, m3:latest, m4:latest, m5:latest and 2 more"
    assert "ollama/m0:latest" in found.remedy


async def test_no_ollama_is_missing_and_something_else_in_its_place_is_broken(unused_tcp_port: int) -> None:
    assert (await ollama({"OLLAMA_HOST": f"127.0.0.1:{unused_tcp_port}"})).state == "missing"

    async def other(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.add_routes([web.get("/api/tags", other)])
    async with TestServer(app) as server:
        found = await ollama({"OLLAMA_HOST": str(server.make_url("")).rstrip("/")})
    assert (found.state, found.remedy) == ("broken", "Correct OLLAMA_HOST.")


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:9000", "http://127.0.0.1:9000"),
        ("[::]:9000", "http://[::1]:9000"),
        ("gpu.lan", "http://gpu.lan:11434"),
        ("http://gpu.lan", "http://gpu.lan:80"),
        ("https://user:secret@gpu.lan", "https://gpu.lan:443"),
        ("gpu.lan:port", "http://127.0.0.1:11434"),
        ("[", "http://127.0.0.1:11434"),
    ],
)
def test_ollamas_address_is_read_as_ollama_reads_it(told: str, meant: str) -> None:
    assert address({"OLLAMA_HOST": told}) == meant


async def test_a_discord_token_that_works_is_said_to(platform: str) -> None:
    found = await discord(Discord(token=SecretStr(DISCORD_TOKEN), base_url=platform))
    assert (found.state, found.what) == ("ok", "signed in as dexter")


@pytest.mark.parametrize(
    ("left", "content", "state", "found"),
    [
        (998, False, "ok", "signed in as Dexter; 998 of 1,000 new connections left today"),
        (0, False, "broken", "signed in as Dexter, but Discord lets it begin no more connections today"),
        (5, True, "broken", "discord.message_content is on, but Discord gives the bot no text of messages"),
    ],
)
async def test_the_doctor_says_whether_the_bot_may_connect(left: int, content: bool, state: str, found: str) -> None:
    async with DiscordServer().running() as server:
        server.rest.token = DISCORD_TOKEN
        server.gateway.allowance.remaining, server.gateway.allowance.reset_after = left, 0.05
        said = await discord(server.settings(DISCORD_TOKEN, message_content=content))
    assert (said.state, said.what) == (state, found)


async def test_each_wrong_discord_token_has_its_own_remedy(platform: str) -> None:
    other = f"{DISCORD_TOKEN[:-1]}x"
    assert (await discord(Discord(token=SecretStr(other), base_url=platform))).what == "the token is refused"
    assert "look like" in (await discord(Discord(token=SecretStr("nope"), base_url=platform))).what


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_a_providers_key_is_found_and_never_shown(provider: object) -> None:
    for way in provider.ways:  # type: ignore[attr-defined]
        names = [*way, *(group.split("|")[0] for group in provider.also)]  # type: ignore[attr-defined]
        found = {it.name: it for it in providers(dict.fromkeys(names, "sk-planted"), {})}
        assert found[provider.name].state == "ok"  # type: ignore[attr-defined]
        assert "planted" not in repr(found)
    assert {it.state for it in providers({}, {})} == {"missing"}


def test_half_a_key_is_broken_and_the_other_half_named() -> None:
    found = {it.name: it for it in providers({"AWS_ACCESS_KEY_ID": "x", "AZURE_API_KEY": "y"}, {})}
    assert found["Bedrock"].remedy == "Set AWS_SECRET_ACCESS_KEY."
    assert found["Azure"].remedy == "Set AZURE_API_BASE."


def test_a_compatible_server_is_found_in_the_settings_and_in_the_environment() -> None:
    assert providers({}, {"mine/": "https://secret.lan/v1"})[-1].remedy == "Seat its models as mine/<model>."
    assert providers({"OPENAI_BASE_URL": "https://secret.lan/v1"}, {})[-1].state == "ok"


async def test_what_reads_files_is_tried_and_its_walls_are_told() -> None:
    found = await documents()
    assert (found.name, found.state) == ("Documents", "ok")
    assert found.what == "read in a process that reaches no file, no network and no other program"


def test_what_draws_reports_is_looked_for_without_being_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (reports().name, reports().state) == ("Reports", "ok")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "matplotlib" else name)
    assert reports().what == "words, tables and CSV alone; not installed: matplotlib"
    assert "make setup" in reports().remedy


@pytest.mark.parametrize(
    ("isolation", "state"),
    [
        (Isolation("b", Tier.GROUPED, said("nothing got out")), "ok"),
        (Isolation("b", Tier.LIMITED, said("nothing got out"), said("More with a cgroup.")), "ok"),
        (Isolation("b", None, said("not installed"), said("Install it."), installed=False), "missing"),
        (Isolation("b", None, said("isolation has holes: a port of the host"), said("Update it.")), "broken"),
    ],
)
async def test_a_sandbox_is_what_its_own_check_proves(isolation: Isolation, state: str) -> None:
    async def survey() -> list[Isolation]:
        return [isolation]

    (found,) = await machine.sandboxes(survey)
    told = f"{isolation.tier}: {isolation.found}" if isolation.tier else str(isolation.found)
    assert (found.name, found.state, found.what) == ("Sandbox b", state, told)
    assert found.remedy == str(isolation.remedy or "")


async def test_one_sandbox_that_holds_is_enough() -> None:
    async def survey() -> list[Isolation]:
        return [Isolation("a", None, said("isolation has holes: x")), Isolation("b", Tier.KERNEL, said("gVisor"))]

    assert [(found.name, found.state) for found in await machine.sandboxes(survey)] == [
        ("Sandbox a", "missing"),
        ("Sandbox b", "ok"),
    ]


def test_weights_are_there_or_to_fetch_or_named_wrongly(tmp_path: Path) -> None:
    def state(shelf: Shelf) -> tuple[str, str]:
        (found,) = machine.local_models(shelf, ["small"])
        return found.state, found.what

    assert state(Shelf(tmp_path / "w.gguf")) == ("ok", f"0.5 GB in {tmp_path / 'w.gguf'}")
    assert state(Shelf(None)) == ("missing", "0.5 GB to fetch")
    assert state(Shelf(None, size=0)) == ("broken", "the file named in the settings is not there")


def test_a_disk_is_judged_where_the_folder_will_be(tmp_path: Path) -> None:
    assert str(tmp_path) in machine.disk(tmp_path / "not" / "yet").what


async def test_the_whole_report_names_every_part_and_no_secret(platform: str, tmp_path: Path) -> None:
    async def database() -> str:
        raise Misconfigured("The database is of a newer Dexter: update this one.")

    findings = await examine(
        settings(
            slack=Slack(bot_token=SecretStr(BOT), app_token=SecretStr(APP), base_url=f"{platform}/slack/"),
            discord=Discord(token=SecretStr(DISCORD_TOKEN), base_url=platform),
            models=Models(cache=tmp_path),
        ),
        weights=Shelf(tmp_path / "w.gguf"),
        seats=["small"],
        database=database,
        survey=no_sandbox,
        environ={"OPENAI_API_KEY": "sk-planted", "OLLAMA_HOST": platform, "PATH": ""},
    )
    post = report(findings)
    assert post.failed
    assert findings[0] == Finding("Database", "broken", said("The database is of a newer Dexter: update this one."))
    table = next(part for part in post.parts if isinstance(part, Table))
    names = {row[0] for row in table.rows}
    assert names >= {
        "Database",
        "Ollama",
        "OpenAI",
        "Bedrock",
        "Vertex",
        "Slack bot token",
        "Discord",
        "Sandbox none",
        "Disk",
    }
    assert "Weights small" in names
    whole = repr(post) + json.dumps(post.data)
    for secret in (BOT, APP, DISCORD_TOKEN, "sk-planted"):
        assert secret not in whole


async def test_missing_things_alone_are_no_failure(tmp_path: Path, unused_tcp_port: int) -> None:
    async def database() -> str:
        return "SQLite, schema up to date"

    findings = await examine(
        settings(models=Models(cache=tmp_path)),
        weights=Shelf(None),
        seats=["small"],
        database=database,
        survey=no_sandbox,
        environ={"OLLAMA_HOST": f"127.0.0.1:{unused_tcp_port}", "PATH": ""},
    )
    states = {found.name: found.state for found in findings}
    assert (states["Database"], states["Slack"], states["Discord"], states["Ollama"]) == ("ok", *["missing"] * 3)
    assert all(found.remedy for found in findings if found.state == "missing")


async def test_what_is_better_than_the_local_models_is_named(platform: str, unused_tcp_port: int) -> None:
    there = await better(settings(), {"OLLAMA_HOST": platform, "ANTHROPIC_API_KEY": "sk-planted"})
    assert there == ["Ollama", "Anthropic"]
    assert await better(settings(), {"OLLAMA_HOST": f"http://127.0.0.1:{unused_tcp_port}"}) == []


def test_where_a_chat_is_connected_the_end_names_what_serves_it() -> None:
    here = [Finding("Weights small", "ok", said("there"))]
    chat = Finding("Slack app token", "ok", said("opens connections"))

    def end(findings: list[Finding]) -> str:
        return next(part.text for part in report(findings).parts if isinstance(part, Foot))

    assert end(here).endswith("Ready: `dexter chat`.")
    assert end([*here, chat]).endswith("Ready: `dexter chat` here, `dexter run` for the chats.")
