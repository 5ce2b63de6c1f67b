"""Secrets planted everywhere, a whole run in front of Slack, and then a search of all that keeps or shows text."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import inspect, text

from core.events import Absence
from storage.engine import connect
from tests.doubles.discord_server import DiscordServer
from tests.doubles.model_server import ModelServer, Turn
from tests.doubles.postgres import Server
from tests.doubles.slack_server import SlackServer, slack_server

SECONDS = 60
PLANTED = {
    "SLACK_BOT_TOKEN": "xoxb-1-planted-bot-token",
    "SLACK_APP_TOKEN": "xapp-1-planted-app-token",
    "DISCORD_TOKEN": "MTplanted.discord.tokenOfNobody",
    "ANN_API_KEY": "ann's planted key",
    "OPENAI_API_KEY": "planted-oa",
    "ANTHROPIC_API_KEY": "planted-anthropic-key-0123456789abcdef",
    "GROQ_API_KEY": "gsk_planted0groq0key0123456789",
}
PASSWORD = "pl@nted/db:passw0rd"
SECRETS = {**PLANTED, "password": PASSWORD, "password in a URL": quote(PASSWORD, safe="")}
FAILING = {
    "bob": ("openai", "OPENAI_API_KEY", 401),
    "eve": ("anthropic", "ANTHROPIC_API_KEY", 400),
    "gil": ("groq", "GROQ_API_KEY", 400),
}
"""Members whose provider refuses them and repeats their key: provider, key, status."""
MARK = "marigold"
"""In the question; what is searched must have it where questions belong."""
SAYS = "the plan keeps one owner per step"
"""In the answers of members whose provider works."""


@dataclass
class Stage:
    """The servers around Dexter, and what was left behind."""

    slack: SlackServer
    models: Mapping[str, ModelServer]
    folder: Path
    database: str

    @property
    def log(self) -> str:
        return "".join(file.read_text("utf-8") for file in sorted(self.folder.glob("dexter.log*")))

    @property
    def output(self) -> str:
        return "".join((self.folder / name).read_text("utf-8") for name in ("stdout", "stderr"))

    @property
    def posts(self) -> str:
        shown = [channel.messages for channel in self.slack.space.channels.values()]
        return json.dumps([shown, self.slack.api.calls], ensure_ascii=False, default=str)

    @property
    def prompts(self) -> str:
        bodies = [body for server in self.models.values() for _, _, body in server.requests]
        return json.dumps(bodies, ensure_ascii=False)

    @property
    def rows(self) -> str:
        """Every column of every row of every table, views and search tables among them."""
        engine = connect(self.database)
        try:
            found = inspect(engine)
            with engine.connect() as connection:
                tables = [
                    (schema, name)
                    for schema in found.get_schema_names()
                    if not schema.startswith(("pg_", "information_schema"))
                    for name in found.get_table_names(schema) + found.get_view_names(schema)
                ]
                dumped = [
                    repr([tuple(map(_text, row)) for row in connection.execute(text(f'SELECT * FROM "{s}"."{name}"'))])  # noqa: S608
                    for s, name in tables
                ]
        finally:
            engine.dispose()
        assert len(tables) > 10
        return "\n".join(dumped)

    @property
    def files(self) -> str:
        """Every other file that Dexter has written, as far as it can be read as text."""
        given = {"dexter.toml", "stdout", "stderr"}
        files = [file for file in self.folder.rglob("*") if file.is_file() and file.name not in given]
        return "\n".join(file.read_bytes().decode(errors="replace") for file in files)


def _text(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def config(folder: Path, database: str, bases: Mapping[str, str], **log: Any) -> Path:
    models = {"ann": "ann/ann", "cat": "ann/cat"} | {name: f"{at[0]}/{name}" for name, at in FAILING.items()}
    members = "".join(
        f'[[committees.default.members]]\nname = "{name}"\nmodel = "{model}"\ntimeout = 10\nretries = 1\n'
        for name, model in models.items()
    )
    lines = [
        f'home = "{folder}"',
        f'[database]\nurl = "{database}"',
        "[models.bases]",
        *(f'"{prefix}" = "{base}"' for prefix, base in bases.items()),
        "[log]",
        *(f"{name} = {json.dumps(value)}" for name, value in log.items()),
        '[committees.default]\npattern = "panel"\nquorum = 0.4',
        members,
    ]
    path = folder / "dexter.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path


async def until(true: Callable[[], Any], process: asyncio.subprocess.Process, folder: Path) -> Any:
    async with asyncio.timeout(SECONDS):
        while not (found := true()):
            assert process.returncode is None, (folder / "stderr").read_text()
            await asyncio.sleep(0.02)
    return found


@asynccontextmanager
async def staged(folder: Path, database: str, **log: Any) -> AsyncIterator[tuple[Stage, asyncio.subprocess.Process]]:
    """Run `dexter run` between a Slack, a Discord that refuses it, and providers of which three repeat the key."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(slack_server())
        discord = await stack.enter_async_context(DiscordServer().running())
        models = {name: await stack.enter_async_context(ModelServer()) for name in ("ann", *FAILING)}
        for name, (_, key, status) in FAILING.items():
            words = f"Incorrect API key provided: {PLANTED[key]} (Authorization: Bearer {PLANTED[key]})"
            models[name].turns.extend([Turn(status=status, message=words)] * 100)
        bases = {"ann/": models["ann"].openai, "openai/": models["bob"].openai}
        bases |= {"anthropic/": models["eve"].anthropic, "groq/": models["gil"].openai}
        file = config(folder, database, bases, level="debug", format="json", file=str(folder / "dexter.log"), **log)
        own = {k: v for k, v in os.environ.items() if not k.startswith(("DEXTER_", "SLACK_", "DISCORD_"))}
        addresses = {
            "DEXTER_SLACK__BASE_URL": slack.base_url,
            "DEXTER_DISCORD__BASE_URL": discord.base_url,
            "DEXTER_DISCORD__GATEWAY_URL": discord.gateway_url,
        }
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run", "--config", str(file)),
                stdout=out, stderr=err, env={**own, **PLANTED, **addresses},
            )  # fmt: skip
        try:
            await until(lambda: slack.connections, process, folder)
            yield Stage(slack, models, folder, database), process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def walk(stage: Stage, process: asyncio.subprocess.Process) -> None:
    """Ask, read the details, judge, look around, and leave."""
    slack = stage.slack
    seen = lambda words: any(words in post["text"] for post in slack.space.posts())  # noqa: E731
    slack.say(f"<@UDEXTER> ask --pattern panel Should we carry out the {MARK} plan?")
    await until(lambda: seen("5 models"), process, stage.folder)
    slack.press("Details")
    await until(lambda: any(method == "views.open" for method, _ in slack.api.calls), process, stage.folder)
    for command in ("status", "models", "committee default", "show nothing9999", "ask --loudly why?"):
        before = len(slack.space.posts())
        slack.command(command)
        await until(lambda before=before: len(slack.space.posts()) > before, process, stage.folder)
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(SECONDS):
        assert await process.wait() == 0


def told(where: str) -> list[str]:
    """Return the names of the secrets that stand in a text, as they are or as JSON writes them."""
    return [name for name, secret in SECRETS.items() if secret in where or json.dumps(secret)[1:-1] in where]


@pytest.fixture
def database(postgres_server: Server) -> Any:
    """A database whose user has the planted password."""
    user = "planted"
    with postgres_server.database() as url:
        name = url.rpartition("/")[2]
        postgres_server.run(f"CREATE ROLE {user} LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
        try:
            yield f"postgresql://{user}:{quote(PASSWORD, safe='')}@127.0.0.1:{postgres_server.port}/{name}"
        finally:
            postgres_server.run(f"REASSIGN OWNED BY {user} TO dexter")
            for each in (name, "postgres"):
                _drop_owned(postgres_server, each, user)
            postgres_server.run(f"DROP ROLE {user}")


def _drop_owned(server: Server, database: str, user: str) -> None:
    engine = connect(server.url(database))
    with engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {user}"))
    engine.dispose()


async def test_no_secret_is_in_the_log_the_database_a_prompt_a_post_or_the_output(
    tmp_path: Path, database: str
) -> None:
    async with staged(tmp_path, database) as (stage, process):
        await walk(stage, process)

    sent = {
        "ANN_API_KEY": stage.models["ann"].requests[0][1]["authorization"],
        "OPENAI_API_KEY": stage.models["bob"].requests[0][1]["authorization"],
        "ANTHROPIC_API_KEY": stage.models["eve"].requests[0][1]["x-api-key"],
        "GROQ_API_KEY": stage.models["gil"].requests[0][1]["authorization"],
    }
    assert {name: PLANTED[name] in header for name, header in sent.items()} == dict.fromkeys(sent, True)
    places = {"rows": stage.rows, "prompts": stage.prompts, "posts": stage.posts}
    assert {name: MARK in where and SAYS in where for name, where in places.items()} == dict.fromkeys(places, True)
    for name in FAILING:
        assert f'"{name}"' in places["rows"] or f"'{name}'" in places["rows"], f"{name} is not in the journal"
    assert Absence.model_fields["kind"].default in places["rows"]
    places |= {"log": stage.log, "output": stage.output, "files": stage.files}
    assert {name: found for name, where in places.items() if (found := told(where))} == {}
    assert '"chat": "discord"' in stage.log  # refused, and said so, without its token

    assert len([json.loads(line) for line in stage.log.splitlines()]) > 20
    assert MARK not in stage.log
    assert SAYS not in stage.log
    assert MARK not in stage.output


async def test_debugging_shows_text_and_still_no_secret(tmp_path: Path) -> None:
    async with staged(tmp_path, f"sqlite:///{tmp_path}/dexter.db", debug_text=True) as (stage, process):
        await walk(stage, process)
    assert MARK in stage.log
    assert SAYS in stage.log
    places = {"log": stage.log, "output": stage.output, "posts": stage.posts, "files": stage.files}
    assert MARK in places["files"]
    assert {name: found for name, where in places.items() if (found := told(where))} == {}
