"""A worker is killed with -9 again and again: nothing is lost, nothing is answered twice, no post is doubled."""

import asyncio
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Engine, text

from storage.engine import connect
from tests.kills.chat import ChatServer
from tests.kills.driver import Workers, torment, until
from tests.kills.worker import MEMBERS, PHASES, question

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def chat() -> AsyncIterator[ChatServer]:
    server = ChatServer()
    await server.start()
    yield server
    await server.stop()


class Done(NamedTuple):
    run: str
    step: str
    pid: str
    at: float


@dataclass
class Scene:
    """The workers and all that outlives them."""

    workers: Workers
    chat: ChatServer
    effects: Path
    engine: Engine
    runs: list[str]

    def counted(self, query: str) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())

    async def finished(self) -> bool:
        answers = sum(key.endswith(":answer") for key in self.chat.keys.values())
        waits = self.counted("SELECT count(*) FROM outbox WHERE upto > shown")
        return answers >= len(self.runs) and not waits and not self.counted("SELECT count(*) FROM run_line")

    def done(self) -> list[Done]:
        """The steps in the order in which they were done."""
        lines = self.effects.read_text().splitlines() if self.effects.exists() else []
        return [Done(run, step, pid, float(at)) for run, step, pid, at in (line.split() for line in lines)]

    async def settled(self) -> bool:
        return not self.counted("SELECT count(*) FROM run_line")

    def judge(self, most_twice: int) -> None:
        """Say what was lost and what was doubled: nothing may be, but steps that a kill cut short."""
        assert not self.chat.doubled
        assert {key for key in self.chat.keys.values() if key.endswith(":answer")} == {f"{r}:answer" for r in self.runs}
        self.judge_journal(most_twice)

    def judge_journal(self, most_twice: int) -> None:
        assert self.counted("SELECT count(*) FROM event WHERE kind = 'answer'") == len(self.runs)
        assert self.counted("SELECT count(*) FROM collaboration WHERE status = 'answered'") == len(self.runs)
        done = Counter((done.run, done.step) for done in self.done())
        assert set(done) == {(run, f"{phase}:{member}") for run in self.runs for phase in PHASES for member in MEMBERS}
        twice = sum(times - 1 for times in done.values())
        assert twice <= most_twice, f"{twice} steps were done again"


def scene(url: str, engine: Engine, chat: ChatServer, folder: Path, runs: int, seconds: float) -> Scene:
    effects = folder / "effects"
    options = [f"--effects={effects}", f"--chat={chat.port}", f"--runs={runs}", f"--seconds={seconds}"]
    workers = Workers([sys.executable, "-m", "tests.kills.worker", url, *options], folder)
    return Scene(workers, chat, effects, engine, [question(number)[0].id for number in range(runs)])


@pytest.mark.parametrize(
    ("kills", "runs", "seconds"),
    [
        pytest.param(5, 12, 0.1, id="a few"),
        pytest.param(50, 100, 0.2, id="many", marks=[pytest.mark.kill, pytest.mark.timeout(900)]),
    ],
)
async def test_a_worker_that_is_killed_again_and_again_loses_and_doubles_nothing(
    database_url: str, engine: Engine, chat: ChatServer, tmp_path: Path, kills: int, runs: int, seconds: float
) -> None:
    random.seed(kills)
    play = scene(database_url, engine, chat, tmp_path, runs, seconds)
    try:
        await torment(play.workers, kills, 1.5, play.finished)
        play.judge(most_twice=kills * 4 * len(MEMBERS))
    finally:
        await play.workers.stop()


async def test_the_runs_of_a_worker_that_never_comes_back_are_taken_over_within_ten_seconds(
    postgresql_url: str, chat: ChatServer, tmp_path: Path
) -> None:
    engine = connect(postgresql_url)
    play = scene(postgresql_url, engine, chat, tmp_path, runs=20, seconds=0.4)
    try:
        victim, _ = await asyncio.gather(play.workers.start(), play.workers.start())
        name = str(victim.pid)
        await until(lambda: both_at_work(play, name), 30)
        orphans = {done.run for done in play.done() if done.pid == name}
        await play.workers.kill(victim)
        killed = time.time()
        await until(play.finished, 90)
        taken = [done.at - killed for done in play.done() if done.run in orphans and done.at > killed]
        assert min(taken) < 10
        play.judge(most_twice=4 * len(MEMBERS))
    finally:
        await play.workers.stop()
        engine.dispose()


@pytest.mark.kill
async def test_a_worker_that_was_only_frozen_lets_go_of_what_was_taken_over(
    postgresql_url: str, chat: ChatServer, tmp_path: Path
) -> None:
    engine = connect(postgresql_url)
    play = scene(postgresql_url, engine, chat, tmp_path, runs=20, seconds=0.4)
    try:
        victim, _ = await asyncio.gather(play.workers.start(), play.workers.start())
        await until(lambda: both_at_work(play, str(victim.pid)), 30)
        victim.send_signal(signal.SIGSTOP)

        async def taken_over() -> bool:
            return (
                not play.counted(
                    "SELECT count(*) FROM run_worker WHERE beat < clock_timestamp() - interval '2 seconds'"
                )
                and play.counted("SELECT count(*) FROM run_worker") == 1
            )

        await until(taken_over, 30)
        victim.send_signal(signal.SIGCONT)
        await until(play.settled, 90)
        play.judge_journal(most_twice=4 * len(MEMBERS) * len(PHASES))
    finally:
        await play.workers.stop()
        engine.dispose()


async def both_at_work(play: Scene, victim: str) -> bool:
    pids = Counter(done.pid for done in play.done())
    return len(pids) == 2 and pids[victim] >= 4
