"""A Dexter is killed with -9 while skills are at work: all comes to its one end, and nothing is left on the machine."""

import secrets
import sys
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from storage.skills import SqlSkills
from storage.transactions import Transactions
from tests.doubles.sandboxes import lacking, left_behind, processes_with
from tests.kills.chat import ChatServer
from tests.kills.driver import Workers, until
from tests.kills.skills_worker import TASKS, TENANT, asked

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(lacking("bubblewrap")), reason=lacking("bubblewrap")),
]
RUNS = [asked(number)[0].id for number in range(len(TASKS))]


@pytest.fixture
async def chat() -> AsyncIterator[ChatServer]:
    server = ChatServer()
    await server.start()
    yield server
    await server.stop()


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=[pytest.mark.kill, pytest.mark.timeout(900)])])
async def test_a_dexter_that_is_killed_while_skills_are_at_work_loses_doubles_and_leaves_nothing(
    database_url: str, engine: Engine, transactions: Transactions, chat: ChatServer, tmp_path: Path, kills: int
) -> None:
    mark = f"0.4{secrets.randbelow(10**9):09}1"
    options = [f"--home={tmp_path}", f"--chat={chat.port}", f"--mark={mark}"]
    workers = Workers([sys.executable, "-m", "tests.kills.skills_worker", database_url, *options], tmp_path)
    program, pids = f"sleep\0{mark}", list[int]()

    def counted(query: str) -> int:
        with engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())

    async def at_work() -> bool:
        return bool(processes_with(program)) or await finished()

    async def nothing_at_work() -> bool:
        return not processes_with(program)

    async def finished() -> bool:
        answers = sum(key.endswith(":answer") for key in chat.keys.values())
        waits = counted("SELECT count(*) FROM outbox WHERE upto > shown")
        return answers >= len(RUNS) and not waits and not counted("SELECT count(*) FROM run_line")

    try:
        for kill in range(kills):
            worker = await workers.start()
            pids.append(worker.pid)
            await until(at_work, 60)
            if kill % 2:
                await until(nothing_at_work, 60)  # then it is between two steps
            await workers.kill(worker)
            await until(nothing_at_work, 10)
        pids.append((await workers.start()).pid)
        await until(finished, 120)
    finally:
        await workers.stop()
    assert not chat.doubled
    assert {key for key in chat.keys.values() if key.endswith(":answer")} == {f"{run}:answer" for run in RUNS}
    assert counted("SELECT count(*) FROM event WHERE kind = 'done'") == len(RUNS)
    assert counted("SELECT count(*) FROM event WHERE kind = 'started'") == len(RUNS)
    assert counted("SELECT count(*) FROM event WHERE kind = 'tests'") == 3  # one of the test, two of the promotion
    assert counted("SELECT count(*) FROM collaboration WHERE status = 'done'") == len(RUNS)
    (record,) = (await SqlSkills(transactions).records(TENANT, [("word-count", "1.0.0")])).values()
    assert (record.runs, record.succeeded, record.tests, record.passed) == (3, 3, 1, 1)
    (version,) = await SqlSkills(transactions).versions(TENANT, ["word-count"])
    assert Counter(move.stage.value for move in version.moves) == {"draft": 1, "tested": 1}
    assert [left_behind(pid) for pid in pids] == [[]] * len(pids)
