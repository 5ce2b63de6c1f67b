"""What may be wrong when Dexter starts: it starts as far as it can, or stops with one sentence and the remedy."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import text

from bot.__main__ import main
from storage.engine import connect
from storage.kept import Database
from tests.doubles import house
from tests.doubles.discord_rest import TOKEN as DISCORD_TOKEN
from tests.doubles.discord_server import DiscordServer
from tests.doubles.postgres import Server
from tests.doubles.slack_server import SlackServer, slack_server

SECONDS = 110
"""For one start, which takes two of CPU; a machine may have ten other things to do."""
SECRET = "hunter2-planted"
pytestmark = pytest.mark.timeout(400)
COMMAND = (sys.executable, "-m", "bot")


def environment(**more: str) -> dict[str, str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith(("DEXTER_", "SLACK_", "DISCORD_"))}
    return {**own, **more}


@dataclass(frozen=True)
class Done:
    """How a process ended."""

    code: int | None
    out: str
    err: str

    def stopped(self, *says: str, code: int = 3) -> None:
        """Check that it stopped with one sentence, and that the sentence says so."""
        assert self.code == code, self.err
        assert self.err.count("\n") == 1, self.err
        assert [words for words in says if words not in self.err] == [], self.err
        assert "Traceback" not in self.out + self.err
        assert SECRET not in self.out + self.err


def dexter(*argv: str, before: str = "", **more: str) -> Done:
    """Run the command; `before` is done first by a shell in a mount namespace of its own."""
    command = [*COMMAND, *argv]
    if before:
        command = ["unshare", *_unshared(), "sh", "-c", f'{before} && exec "$@"', "sh", *command]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS, env=environment(**more), check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def _unshared() -> list[str]:
    return ["--mount"] if os.geteuid() == 0 else ["--mount", "--map-root-user"]


def _may_mount() -> bool:
    able = shutil.which("unshare") and subprocess.run(
        ["unshare", *_unshared(), "sh", "-c", "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False
    )
    return bool(able) and able.returncode == 0  # type: ignore[union-attr]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return house.settings(tmp_path)


@contextmanager
def nobody() -> Iterator[str]:
    """An address at which nobody listens: the port is taken and refuses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


# --- tokens ---


@dataclass
class Service:
    """`dexter run`, under way; everything it says is its log."""

    process: asyncio.subprocess.Process
    file: Path

    @property
    def said(self) -> str:
        return self.file.read_text("utf-8")

    async def until(self, true: Callable[[], Any]) -> None:
        async with asyncio.timeout(SECONDS):
            while not true():
                assert self.process.returncode is None, self.said
                await asyncio.sleep(0.02)

    async def ended(self) -> Done:
        async with asyncio.timeout(SECONDS):
            code = await self.process.wait()
        return Done(code, "", self.said)

    async def leave(self) -> Done:
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()


@asynccontextmanager
async def service(config: Path, **more: str) -> AsyncIterator[Service]:
    said = config.with_name("said.txt")
    with said.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, "run", "--config", str(config), stdout=file, stderr=file, env=environment(**more)
        )
    try:
        yield Service(process, said)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def both(
    config: Path, slack: SlackServer, discord: DiscordServer, tokens: dict[str, str]
) -> AbstractAsyncContextManager[Service]:
    """Run the service between two platforms."""
    addresses = {
        "DEXTER_SLACK__BASE_URL": slack.base_url,
        "DEXTER_DISCORD__BASE_URL": discord.base_url,
        "DEXTER_DISCORD__GATEWAY_URL": discord.gateway_url,
    }
    return service(config, **tokens, **addresses)


SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
WRONG = [
    ({"SLACK_BOT_TOKEN": f"xoxb-{SECRET}"}, "SLACK_BOT_TOKEN"),
    ({"SLACK_APP_TOKEN": f"xapp-{SECRET}"}, "SLACK_APP_TOKEN"),
    ({"SLACK_BOT_TOKEN": f" {SECRET}é\u2028"}, "SLACK_BOT_TOKEN"),
]


@pytest.mark.parametrize(("tokens", "names"), WRONG)
async def test_a_wrong_token_of_the_only_chat_ends_the_service(
    config: Path, tokens: dict[str, str], names: str
) -> None:
    async with (
        slack_server() as slack,
        service(config, **{**SLACK, **tokens}, DEXTER_SLACK__BASE_URL=slack.base_url) as running,
    ):
        (await running.ended()).stopped(names)


async def test_a_wrong_token_of_discord_alone_ends_the_service(config: Path) -> None:
    async with DiscordServer().running() as discord:
        addresses = {"DEXTER_DISCORD__BASE_URL": discord.base_url, "DEXTER_DISCORD__GATEWAY_URL": discord.gateway_url}
        async with service(config, DISCORD_TOKEN=SECRET, **addresses) as running:
            (await running.ended()).stopped("Discord refuses the token", "DISCORD_TOKEN")


async def test_wrong_tokens_of_every_chat_end_the_service(config: Path) -> None:
    tokens = {**SLACK, "SLACK_BOT_TOKEN": f"xoxb-{SECRET}", "DISCORD_TOKEN": SECRET}
    async with (
        slack_server() as slack,
        DiscordServer().running() as discord,
        both(config, slack, discord, tokens) as it,
    ):
        done = await it.ended()
    assert done.code == 3
    assert "SLACK_BOT_TOKEN" in done.err
    assert "DISCORD_TOKEN" in done.err
    assert "Traceback" not in done.err
    assert SECRET not in done.err


@pytest.mark.parametrize(
    "slack_tokens", [{"SLACK_BOT_TOKEN": f"xoxb-{SECRET}", "SLACK_APP_TOKEN": "xapp-1"}, {"SLACK_BOT_TOKEN": "xoxb-1"}]
)
async def test_a_wrong_or_missing_token_of_one_chat_leaves_the_other_at_work(
    config: Path, slack_tokens: dict[str, str]
) -> None:
    tokens = {**slack_tokens, "DISCORD_TOKEN": DISCORD_TOKEN}
    async with (
        slack_server() as slack,
        DiscordServer().running() as discord,
        both(config, slack, discord, tokens) as it,
    ):
        await it.until(lambda: "not connected" in it.said and "listening" in it.said)
        assert len(discord.gateway.identifies) == 1
        assert slack.connections == 0
        done = await it.leave()
    assert done.code == 0
    assert ("SLACK_BOT_TOKEN" if len(slack_tokens) == 2 else "SLACK_APP_TOKEN is not set") in done.err
    assert "Traceback" not in done.err
    assert SECRET not in done.err


async def test_a_platform_that_does_not_answer_is_waited_for(config: Path) -> None:
    with nobody() as address:
        async with service(config, **SLACK, DEXTER_SLACK__BASE_URL=f"http://{address}/api/") as running:
            await running.until(lambda: "does not answer" in running.said)
            done = await running.leave()
    assert done.code == 0
    assert "Traceback" not in done.err


def test_without_any_token_there_is_nothing_to_serve(config: Path) -> None:
    dexter("run", "--config", str(config)).stopped("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "DISCORD_TOKEN")
    dexter("run", "--config", str(config), SLACK_BOT_TOKEN="xoxb-1").stopped("SLACK_APP_TOKEN")


async def test_dexter_listens_nowhere_so_no_port_can_be_taken(config: Path) -> None:
    async with slack_server() as slack, service(config, **SLACK, DEXTER_SLACK__BASE_URL=slack.base_url) as running:
        # The sandbox's self check opens a port that a program must not reach, for as long as it takes to try.
        await running.until(lambda: slack.connections and "remedy=" in running.said)
        process = psutil.Process(running.process.pid)
        mine = [each for one in (process, *process.children(recursive=True)) for each in one.net_connections("all")]
        assert [each.status for each in mine if each.status == psutil.CONN_ESTABLISHED]
        assert [each for each in mine if each.status == psutil.CONN_LISTEN] == []
        assert (await running.leave()).code == 0


# --- providers ---


def test_a_provider_that_cannot_be_reached_leaves_no_quorum_and_says_what_to_do(config: Path) -> None:
    with nobody() as address:
        words = config.read_text().replace("scripted/", "openai/")
        config.write_text(words.replace("[models]", f'[models]\nbases = {{ "openai/" = "http://{address}/v1" }}', 1))
        done = dexter("ask", "--config", str(config), "--json", "Why?", OPENAI_API_KEY=SECRET)
    assert done.code == 1
    assert done.err == ""
    said = json.loads(done.out)
    assert said["status"] == "no quorum"
    assert {gone["reason"] for gone in said["absences"]} == {"error"}
    assert all("cannot be reached" in gone["detail"] for gone in said["absences"])
    assert SECRET not in done.out


# --- the database ---


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"postgresql://nobody:{SECRET}@127.0.0.1:1/dexter", "does not answer"),
        (f"postgresql://nobody:{SECRET}@no-such-host.invalid/dexter", "does not answer"),
        (f"postgresql//nobody:{SECRET}@127.0.0.1/dexter", "not a database URL"),
        ("sqlite:////dev/null/dexter.db", "/dev/null"),
        ("sqlite:////tmp", "/tmp"),
    ],
)
def test_a_wrong_database_url_is_named_without_its_password(tmp_path: Path, url: str, says: str) -> None:
    dexter("ask", "--config", str(house.settings(tmp_path, database=url)), "Why?").stopped(says)


def test_a_database_that_refuses_the_password_or_is_not_there_is_named(tmp_path: Path, postgres_server: Server) -> None:
    refused = house.settings(tmp_path, database=postgres_server.url(password=SECRET))
    dexter("ask", "--config", str(refused), "Why?").stopped("refuses the user or the password", "database.url")
    missing = house.settings(tmp_path, database=postgres_server.url("nosuchdatabase"))
    dexter("ask", "--config", str(missing), "Why?").stopped("does not exist", "createdb")


def test_a_file_that_is_no_database_is_left_alone(config: Path) -> None:
    file = config.with_name("dexter.db")
    file.write_bytes(b"This is a letter and no database. " * 100)
    dexter("ask", "--config", str(config), "Why?").stopped("not an SQLite database", "restore it")
    assert file.read_bytes().startswith(b"This is a letter")


@pytest.mark.parametrize(("kind", "command"), [("sqlite_url", "status"), ("postgresql_url", "run")])
def test_a_schema_newer_than_the_code_is_left_alone(
    tmp_path: Path, kind: str, command: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(kind)
    _write(url, "UPDATE alembic_version SET version_num = '9999'")
    done = dexter(command, "--config", str(house.settings(tmp_path, database=url)), **SLACK)
    done.stopped("made by a newer Dexter", "9999", "upgrade this Dexter, or restore the backup")
    assert _read(url, "SELECT version_num FROM alembic_version") == "9999"


@pytest.mark.parametrize("kind", ["sqlite_url", "postgresql_url"])
def test_an_old_schema_is_brought_up_to_date_by_the_start(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    database = Database(request.getfixturevalue(kind))
    assert database.move("base").pending
    done = dexter("ask", "--config", str(house.settings(tmp_path, database=database.url)), "Why?")
    assert (done.code, done.err) == (0, "")
    assert database.state().pending == ()


def _write(url: str, statement: str) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _read(url: str, statement: str) -> Any:
    engine = connect(url)
    with engine.connect() as connection:
        found = connection.execute(text(statement)).scalar()
    engine.dispose()
    return found


# --- the disk ---


def test_a_home_that_cannot_be_made_stops_the_start(config: Path) -> None:
    done = dexter("ask", "--config", str(config), "Why?", DEXTER_HOME="/proc/nowhere")
    done.stopped("/proc/nowhere", "database.url")


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    if not _may_mount():
        pytest.skip("This test mounts a disk of its own, which this user may not (unshare --mount).")
    folder = tmp_path / "disk"
    folder.mkdir()
    return folder


def test_a_read_only_disk_stops_what_must_write_and_nothing_else(config: Path, disk: Path) -> None:
    read_only = f"mount -t tmpfs -o ro tmpfs {disk}"
    asked = dexter("ask", "--config", str(config), "Why?", before=read_only, DEXTER_HOME=str(disk))
    asked.stopped(str(disk), "Read-only file system", "rights")
    logged = dexter("ask", "--config", str(config), "Why?", before=read_only, DEXTER_LOG__FILE=f"{disk}/log")
    logged.stopped(f"{disk}/log", "Read-only file system", "log.file")
    elsewhere = {"DEXTER_HOME": str(disk), "DEXTER_DATABASE__URL": f"sqlite:///{config.parent}/dexter.db"}
    done = dexter("ask", "--config", str(config), "Why?", before=read_only, **elsewhere)
    assert (done.code, done.err) == (0, "")
    assert "The winning answer" in done.out


def test_a_disk_made_read_only_under_an_old_database_stops_the_start(config: Path, disk: Path) -> None:
    file = disk / "dexter.db"
    where = {"DEXTER_DATABASE__URL": f"sqlite:///{file}"}
    assert dexter("ask", "--config", str(config), "Why?", **where).code == 0
    frozen = f"mount --bind {disk} {disk} && mount -o remount,ro,bind {disk}"
    dexter("ask", "--config", str(config), "Why?", before=frozen, **where).stopped(str(disk), "Read-only file system")


@pytest.mark.parametrize("room", ["64k", "300k"])
def test_a_full_disk_stops_the_start(config: Path, disk: Path, room: str) -> None:
    full = f"mount -t tmpfs -o size={room} tmpfs {disk}"
    dexter("ask", "--config", str(config), "Why?", before=full, DEXTER_HOME=str(disk)).stopped(str(disk), "room")


# --- the settings ---


@dataclass(frozen=True)
class Here:
    """The command in this process: for settings so wrong that nothing is opened and no log is made."""

    capture: pytest.CaptureFixture[str]

    def __call__(self, *argv: str) -> Done:
        code = main(argv)
        said = self.capture.readouterr()
        return Done(code, said.out, said.err)


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Here:
    return Here(capsys)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (b"[log\n", "is not TOML"),
        (b"home = \xff\xfe", "is not TOML"),
        (b'[logg]\nlevel = "info"', "logg"),
        (f'[log]\nlevel = "{SECRET}"'.encode(), "log.level"),
        (f'[slack]\nbot_tokn = "{SECRET}"'.encode(), "slack.bot_tokn"),
        (b"[quotas]\nconcurrent = 0", "quotas.concurrent"),
        (b"committees = 7", "committees"),
    ],
)
def test_broken_settings_are_named_and_their_values_are_not(
    tmp_path: Path, here: Here, words: bytes, says: str
) -> None:
    file = tmp_path / "dexter.toml"
    file.write_bytes(words)
    here("status", "--config", str(file)).stopped(says)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (f'[committees.default]\nquorum = 2.0\nchair = "{SECRET}"', "committees.default.quorum"),
        ('[committees.default]\npattern = "polka"', "polka"),
        ('[models]\nscript = "/nowhere/script.json"', "/nowhere/script.json"),
    ],
)
def test_settings_that_cannot_be_carried_out_are_named(tmp_path: Path, words: str, says: str) -> None:
    file = tmp_path / "dexter.toml"
    file.write_text(words, "utf-8")
    dexter("status", "--config", str(file), DEXTER_HOME=str(tmp_path / "home")).stopped(says)


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("DEXTER_MODELS__SEATS", f"{SECRET}, not JSON", "DEXTER_MODELS"),
        ("DEXTER_LOG__LEVEL", SECRET, "log.level"),
        ("DEXTER_LOG__LEVL", SECRET, "log.levl"),
        ("DEXTER_CONFIG", "/nowhere/dexter.toml", "/nowhere/dexter.toml"),
    ],
)
def test_broken_variables_are_named_and_their_values_are_not(
    here: Here, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value)
    here("status").stopped(says)


def test_a_settings_file_that_is_none_is_named(tmp_path: Path, here: Here) -> None:
    here("status", "--config", str(tmp_path)).stopped(str(tmp_path), "directory")
    here("status", "--config", str(tmp_path / "none.toml")).stopped("none.toml", "No such file")


def test_an_empty_settings_file_is_as_good_as_none(tmp_path: Path) -> None:
    file = tmp_path / "dexter.toml"
    file.touch()
    done = dexter("patterns", "--config", str(file), DEXTER_HOME=str(tmp_path))
    assert (done.code, done.err) == (0, "")
