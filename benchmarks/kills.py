"""The whole of Dexter, killed with -9 again and again while people ask it things in Slack.

    python -m benchmarks.kills [--kills 50] [--questions 100] [--database sqlite|postgresql]
    python -m benchmarks.kills --takeover

`dexter run` talks to a Slack server and to a model provider that outlive it, both on real sockets. At the end it is
counted what the people in Slack see: answers that are lost, questions answered twice, posts doubled. `--takeover` runs
two of them on PostgreSQL, kills one for good, and measures until the other carries on what it had in hand.
"""

import argparse
import asyncio
import contextlib
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from storage.engine import connect
from tests.doubles import postgres
from tests.doubles.model_server import ModelServer
from tests.doubles.slack_server import SlackServer
from tests.doubles.slack_workspace import Channel
from tests.kills.driver import Workers, torment, until

CHANNELS = 25
"""Slack takes one message a second in a channel, so the questions are spread."""
CONFIG = """
home = "{home}"
[database]
url = "{database}"
[slack]
base_url = "{slack}"
[models.bases]
"openai/" = "{models}"
[committees.default]
pattern = "panel"
chair = "ada"
{members}
[log]
format = "json"
"""
MEMBER = """
[[committees.default.members]]
name = "{name}"
model = "openai/{name}"
role = "analyst"
timeout = 20.0
"""


@dataclass
class Stage:
    """Everything that outlives the workers."""

    slack: SlackServer
    models: ModelServer
    workers: Workers
    engine: Engine
    questions: int
    channels: tuple[str, ...] = ()

    async def ask(self, kills: int) -> None:
        """Let people ask, spread over the channels and over the kills, so that each kill comes in the midst of work."""
        self.channels = tuple(f"C9{number:02}" for number in range(CHANNELS))
        for channel in self.channels:
            self.slack.space.channels[channel] = Channel(channel, channel.lower())
        for number in range(self.questions):
            while number * kills > self.questions * self.workers.kills + self.questions:
                await asyncio.sleep(0.05)
            channel = self.channels[number % CHANNELS]
            self.slack.say(f"<@{self.slack.space.bot_user}> ask Is {number} a good number?", channel)

    def posts(self) -> Counter[str]:
        """How often each post is there, by its key."""
        found: Counter[str] = Counter()
        for channel in self.channels:
            for message in self.slack.space.posts(channel):
                found[message.get("metadata", {}).get("event_payload", {}).get("key", "?")] += 1
        return found

    async def finished(self) -> bool:
        """Tell whether every question has its answer and nothing waits to be posted."""
        try:
            answered = self.number("SELECT count(*) FROM collaboration WHERE status NOT IN ('queued', 'running')")
            waits = self.number("SELECT count(*) FROM outbox WHERE upto > shown AND buried IS NULL")
        except SQLAlchemyError:
            return False  # the first worker has not made its tables yet
        return answered >= self.questions and not waits

    def number(self, query: str) -> int:
        """Return the one number that a query gives."""
        with self.engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())

    def told(self) -> str:
        """Return the figures."""
        posts = self.posts()
        answers = {key: times for key, times in posts.items() if ":answer" in key and "/" not in key}
        lost = self.questions - len(answers)
        answered_twice = sum(times > 1 for times in answers.values())
        doubled = sum(times > 1 for times in posts.values())
        kept = self.number("SELECT count(*) FROM call")
        states = Counter(status for (status,) in self.rows("SELECT status FROM collaboration"))
        return (
            f"{self.workers.kills} kills over {self.questions} questions: "
            f"{lost} lost, {answered_twice} answered twice, {doubled} of {len(posts)} posts doubled; {dict(states)}; "
            f"{self.models.served} model calls answered, {kept} kept (the rest were cut short by a kill)"
        )

    def rows(self, query: str) -> list[tuple[str]]:
        """Return the first column of what a query gives."""
        with self.engine.connect() as connection:
            return [(row[0],) for row in connection.execute(text(query))]


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of a fresh database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/dexter.db"
        return
    with postgres.shared(folder / "meeting") as server, server.database() as url:
        yield url


@contextlib.asynccontextmanager
async def stage(options: argparse.Namespace, kind: str, folder: Path):
    """Open everything that outlives the workers."""
    with database(kind, folder) as url:
        slack, models = SlackServer(retry_seconds=3.0, retries=100), ModelServer(latency=options.latency_ms / 1000)
        await slack.start()
        await models.start()
        members = "".join(MEMBER.format(name=name) for name in ("ada", "bob", "cleo"))
        config = folder / "dexter.toml"
        config.write_text(
            CONFIG.format(home=folder, database=url, slack=slack.base_url, models=models.openai, members=members)
        )
        environment = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "OPENAI_API_KEY": "none"}
        command = [sys.executable, "-m", "bot", "run", f"--config={config}"]
        workers = Workers(command, folder, ready="listening", environment=environment)
        engine = connect(url)
        try:
            yield Stage(slack, models, workers, engine, options.questions)
        finally:
            await workers.stop()
            engine.dispose()
            await slack.stop()
            await models.stop()


async def kills(options: argparse.Namespace, kind: str, folder: Path) -> None:
    """Kill one worker again and again."""
    async with stage(options, kind, folder) as play:
        began = time.monotonic()
        asking = asyncio.create_task(play.ask(options.kills))
        await torment(play.workers, options.kills, options.longest, play.finished, patience=600)
        await asking
        print(f"{kind}: {play.told()}; {time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}")


async def takeover(options: argparse.Namespace, folder: Path) -> None:
    """Kill one of two workers for good."""
    async with stage(options, "postgresql", folder) as play:
        victim = await play.workers.start()
        name = play.rows("SELECT id FROM run_worker")[0][0]
        await play.workers.start()
        await play.ask(0)
        pending = f"SELECT count(*) FROM dbos.workflow_status WHERE status = 'PENDING' AND executor_id = '{name}'"  # noqa: S608 -- a hex name of our own
        workers = "SELECT count(DISTINCT executor_id) FROM dbos.workflow_status WHERE status = 'SUCCESS'"
        await until(_is(lambda: play.number(workers) == 2 and play.number(pending) >= 4), 120)
        await play.workers.kill(victim)
        held = play.number(pending)
        took = await until(_is(lambda: not play.number(pending)), 60)
        await until(play.finished, 600)
        print(f"postgresql: {held} runs of the dead were taken over {took:.1f} s after the kill; {play.told()}")


def _is(true: Callable[[], object]) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return bool(true())

    return check


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description="Dexter, killed again and again.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--longest", type=float, default=4.0, help="seconds that a worker lives at most")
    parser.add_argument("--latency-ms", type=float, default=200)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--takeover", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory(prefix="dexter-kills-") as name:
        if options.takeover:
            asyncio.run(takeover(options, Path(name)))
            return
        for kind in options.database or ("sqlite", "postgresql"):
            folder = Path(name) / kind
            folder.mkdir()
            asyncio.run(kills(options, kind, folder))


if __name__ == "__main__":
    main()
