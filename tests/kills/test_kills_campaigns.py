"""A Dexter is killed with -9 while campaigns go on: no step is lost or done for twice, and every sum is exact."""

import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from tests.kills.campaigns_judge import Judge
from tests.kills.campaigns_worker import SOCKET_TENANT, asked
from tests.kills.chat import ChatServer
from tests.kills.driver import Workers, torment

pytestmark = pytest.mark.timeout(300)
OBJECTIVES = 3
STEPS = 2 * OBJECTIVES + 2
"""Of one campaign: its plan, each objective worked on and judged, and its report."""


@pytest.fixture
async def chat() -> AsyncIterator[ChatServer]:
    server = ChatServer()
    await server.start()
    yield server
    await server.stop()


@pytest.mark.parametrize(
    ("kills", "campaigns", "seconds"),
    [
        pytest.param(3, 4, 0.1, id="a few"),
        pytest.param(30, 12, 0.4, id="many", marks=[pytest.mark.kill, pytest.mark.timeout(900)]),
    ],
)
async def test_campaigns_lose_and_double_nothing_however_often_their_dexter_is_killed(
    database_url: str, engine: Engine, chat: ChatServer, tmp_path: Path, kills: int, campaigns: int, seconds: float
) -> None:
    random.seed(kills)
    options = [
        f"--home={tmp_path}", f"--chat={chat.port}", f"--campaigns={campaigns}", f"--objectives={OBJECTIVES}",
        f"--seconds={seconds}",
    ]  # fmt: skip
    workers = Workers([sys.executable, "-m", "tests.kills.campaigns_worker", database_url, *options], tmp_path)
    ids = [asked(number, slack=False)[0].id for number in range(campaigns)]
    judge = Judge(engine, SOCKET_TENANT, ids)

    async def finished() -> bool:
        try:
            return judge.settled()
        except SQLAlchemyError:
            return False  # the first worker has not made its tables yet

    try:
        await torment(workers, kills, 2.0, finished)
    finally:
        await workers.stop()
    found = await judge.look()
    assert (found.campaigns, found.steps) == (campaigns, campaigns * STEPS)
    assert (found.lost, found.doubled, found.ledger) == (0, 0, 0)
    assert not chat.doubled
    posted = {key for key in chat.keys.values() if key.endswith((":question", ":answer"))}
    assert posted == {f"{id}:{slot}" for id in ids for slot in ("question", "answer")}
    assert {key.partition(":")[0] for key in chat.keys.values()} == set(ids), "steps post nothing"
