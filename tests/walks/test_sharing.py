"""Two teams and a registry between them: one publishes, the other searches, installs, approves, runs and rates."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest

from bot.app import App, running
from bot.settings import Settings, load
from bot.shapes import Post, Request
from core.adapters.scripted_model import ScriptedModel
from core.entities import run_id
from core.events import Event
from core.skills.disk import write_folder
from core.skills.results import Done
from tests.bot.commands.conftest import written
from tests.doubles.registries import TOKEN, TOKENS
from tests.doubles.sandboxes import lacking
from tests.doubles.workshop import words

SECONDS = 60


class Team:
    """A person at one Dexter's terminal."""

    def __init__(self, app: App) -> None:
        self.app, self._keys = app, count(1)

    async def types(self, text: str) -> Post | Done:
        """Return what comes of a line: a reply at once, or the end of the task that it starts."""
        key = f"k{next(self._keys)}"
        post = await self.app.handle(Request(key, "local", "local:me", "Me", f"terminal:local:{key}", text))
        if post is not None:
            return post
        self.run = run_id("local", key)
        async for item in self.app.live.follow(self.app.desk.store, "local", self.run):
            if isinstance(item, Event) and isinstance(item.body, Done):
                return item.body
        raise AssertionError("a task ends")

    async def reads(self, text: str) -> str:
        """Return a reply as a person reads it."""
        post = await self.types(text)
        assert isinstance(post, Post)
        return written(post)

    async def has_done(self, text: str) -> Done:
        """Return the end of a task."""
        done = await self.types(text)
        assert isinstance(done, Done), written(done) if isinstance(done, Post) else done
        return done


@asynccontextmanager
async def team(home: Path, **registry: object) -> AsyncIterator[Team]:
    people = {"roles": {"local:me": "administrator"}}
    settings = Settings(home=home, people=people, registry=registry)  # type: ignore[arg-type]
    async with running(settings, model=ScriptedModel({})) as app:
        yield Team(app)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """`dexter registry serve`, as a process of its own; gives its address."""
    if missing := lacking("bubblewrap"):
        pytest.skip(missing)
    config = tmp_path / "registry.toml"
    tokens = "".join(f'"{name}" = "{sha256}"\n' for name, sha256 in TOKENS.items())
    config.write_text(f'home = "{tmp_path / "served"}"\n[registry.serve]\nport = 0\n[registry.serve.tokens]\n{tokens}')
    assert load(config, {}).registry.serve.port == 0
    command = [sys.executable, "-m", "bot", "registry", "serve", "--config", str(config)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DEXTER_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**kept, "COLUMNS": "500"}) as process:
        assert process.stdout
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert found
        yield found[0]
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


async def test_one_team_publishes_and_another_installs_runs_and_rates(served: str, tmp_path: Path) -> None:
    write_folder(words(more="tags: counting, texts"), tmp_path / "word-count")
    async with team(tmp_path / "acme", url=served, publisher="acme", tokens={"shared": TOKEN}) as acme:
        assert "It is a draft, version 1.0.0." in await acme.reads(f"skill import {tmp_path / 'word-count'}")
        assert "only what was tested and promoted here" in await acme.reads("skill publish word-count")
        assert (await acme.has_done("skill promote word-count")).passed
        assert "is promoted" in await acme.reads(f"skill approve {acme.run}")
        assert "word-count 1.0.0 is in the registry shared, published as acme." in await acme.reads(
            "skill publish word-count"
        )
        mine = await acme.app.desk.sharing.fingerprint()

        async with team(
            tmp_path / "other", url=served, tokens={"shared": "token-of-other"}, publisher="other"
        ) as other:
            assert "No skill in the registry shared fits that." in await other.reads("skill search unheard")
            found = await other.reads("skill search counting words")
            assert "word-count | 1.0.0 | acme | – | – | Counts the words of a text." in found
            assert "There is no skill “nothing” in the registry" in await other.reads("skill install nothing")
            done = await other.has_done("skill install word-count")
            assert done.passed, done.text
            for told in ("is from acme", mine, "passed 2 tests"):
                assert told in done.text
            assert "No version of word-count is promoted" in await other.reads("skill run word-count text=one")
            assert "is promoted" in await other.reads(f"skill approve {other.run}")
            ran = await other.has_done('skill run word-count text="one two three"')
            assert ran.produced
            assert ran.produced.value == 3
            rated = await other.reads("skill rate word-count 5 counts well")
            assert "5 of 5 for word-count" in rated
            assert "as it was" in await other.reads("skill installed")

            assert "| 5.0 (1) |" in await acme.reads("skill search word-count")
            assert "5 of 5 from other: counts well" in await acme.reads("skill search word-count")
            assert "is withdrawn from the registry" in await acme.reads('skill yank word-count 1.0.0 --why "slow"')
            assert "was withdrawn by its publisher: slow" in await other.reads("skill installed")
            assert "was withdrawn by its publisher: slow" in await other.reads("skill install word-count")
            assert "No skill in the registry shared fits that." in await other.reads("skill search counting")


async def test_two_registries_are_told_apart_by_their_names(tmp_path: Path) -> None:
    if missing := lacking("bubblewrap"):
        pytest.skip(missing)
    write_folder(words(), tmp_path / "word-count")
    async with team(tmp_path / "home", more={"friends": str(tmp_path / "friends")}) as us:
        await us.reads(f"skill import {tmp_path / 'word-count'}")
        assert (await us.has_done("skill promote word-count")).passed
        await us.reads(f"skill approve {us.run}")
        assert "is in the registry friends" in await us.reads("skill publish word-count --to friends")
        assert "There is no skill in the registry shared yet." in await us.reads("skill search")
        assert "word-count | 1.0.0" in await us.reads("skill search --from friends")
        assert "There is no registry “foes”: there is shared or friends." in await us.reads("skill search --from foes")
        head = json.loads(await asyncio.to_thread((tmp_path / "friends" / "index.json").read_bytes))
        assert head["skills"] == 1
