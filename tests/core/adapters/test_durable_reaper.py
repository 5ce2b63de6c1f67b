"""Who is dead, and who is to take over: times are moved in the table rather than waited for."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Engine, select, text, update

from core.adapters.durable import line, reaper
from core.adapters.durable.bell import Bell
from core.adapters.durable.heart import Heart
from storage.engine import connect


@pytest.fixture
async def postgres(postgresql_url: str) -> AsyncIterator[Engine]:
    engine = connect(postgresql_url)
    line.make_tables(engine)
    line.make_tables(engine, reaper.TABLES)
    yield engine
    engine.dispose()


def age(engine: Engine, worker: str, column: str = "beat") -> None:
    with engine.begin() as connection:
        past = {column: text("clock_timestamp() - interval '6 seconds'")}
        connection.execute(update(reaper.WORKER).where(reaper.C.id == worker).values(past))


async def test_one_heir_takes_over_from_a_silent_worker_and_another_if_that_one_dies_too(postgres: Engine) -> None:
    for worker in ("old", "heir", "next"):
        with postgres.begin() as connection:
            reaper.beat(connection, worker)
            assert reaper.inherit(connection, worker) == []
    age(postgres, "old")
    with postgres.begin() as connection:
        assert reaper.inherit(connection, "old") == [], "nobody inherits from himself"
        assert reaper.inherit(connection, "heir") == ["old"]
        assert reaper.inherit(connection, "next") == [], "the lease is taken"
    age(postgres, "old", "inherited")
    with postgres.begin() as connection:
        assert reaper.inherit(connection, "next") == ["old"], "the lease ran out"
        reaper.bury(connection, "old")
        assert reaper.inherit(connection, "heir") == []


async def test_a_worker_that_beats_again_is_not_buried(postgres: Engine) -> None:
    with postgres.begin() as connection:
        reaper.beat(connection, "frozen")
    age(postgres, "frozen")
    with postgres.begin() as connection:
        assert reaper.inherit(connection, "heir") == ["frozen"]
        reaper.beat(connection, "frozen")
        reaper.bury(connection, "frozen")
        reaper.resign(connection, "frozen")
    age(postgres, "frozen", "inherited")
    with postgres.begin() as connection:
        assert reaper.inherit(connection, "heir") == ["frozen"], "whoever resigns need not be missed first"


async def test_a_heart_beats_while_the_event_loop_is_busy_and_stops_with_its_worker(postgres: Engine) -> None:
    heart = Heart(postgres, "busy")
    heart.start()
    first = beat_of(postgres, "busy")
    until = time.monotonic() + 30
    while beat_of(postgres, "busy") == first:  # this blocks the event loop, on purpose
        assert time.monotonic() < until
        time.sleep(0.1)
    heart.stop()
    with postgres.begin() as connection:
        assert reaper.inherit(connection, "heir") == ["busy"]


def beat_of(engine: Engine, worker: str) -> object:
    with engine.connect() as connection:
        return connection.execute(select(reaper.C.beat).where(reaper.C.id == worker)).scalar_one()


async def test_the_bell_rings_in_other_processes_and_again_after_its_connection_was_lost(postgres: Engine) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    bell = Bell(postgres, lambda said: loop.call_soon_threadsafe(heard.put_nowait, said))
    bell.start()
    try:
        assert await rung(postgres, heard, "r1") == "enter r1"
        with postgres.begin() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
            )
        assert await rung(postgres, heard, "r2") == "enter r2"
    finally:
        await asyncio.to_thread(bell.stop)


async def rung(engine: Engine, heard: asyncio.Queue[str], run: str) -> str:
    """Put a run into the line again and again until the bell is heard, as its listener may not be there yet."""
    async with asyncio.timeout(30):
        while True:
            with engine.begin() as connection:
                line.enter(connection, run, "t")
            try:
                async with asyncio.timeout(0.3):
                    while (said := await heard.get()) != f"enter {run}":
                        pass
                    return said
            except TimeoutError:
                with engine.begin() as connection:
                    line.leave(connection, run)
