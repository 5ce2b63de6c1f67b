"""Installations that are under way, and the threads in which everything about installations asks the database."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.slack.api import wire_log
from core.errors import Unavailable

T = TypeVar("T")

THREADS = 4
SECONDS = 10.0
"""For one question to the database."""

STATE_SECONDS = 600
"""That an administrator has between the start of an installation and its end."""

MOST = 1000
"""Installations under way at one time: anybody may begin one, and each is a row."""


class DatabaseThreads:
    """Runs what blocks on the database, off the event loop."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, "slack-installs")

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns. Raises `Unavailable` where the database does not answer."""
        try:
            async with asyncio.timeout(SECONDS):
                return await asyncio.wrap_future(self._pool.submit(work))
        except (SQLAlchemyError, TimeoutError) as error:
            raise Unavailable("The database does not answer: try again in a moment.") from error

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class States(AsyncOAuthStateStore):
    """The SDK's states, off the event loop, with those that have run out deleted."""

    def __init__(self, engine: Engine, threads: DatabaseThreads) -> None:
        self._store = SQLAlchemyOAuthStateStore(STATE_SECONDS, engine, logger=wire_log())
        self._engine, self._threads = engine, threads

    async def async_issue(self, *_args: Any, **_kwargs: Any) -> str:
        """Return a new state. Raises `Unavailable` where very many installations are under way."""
        return await self._threads.run(self._issue)

    async def async_consume(self, state: str) -> bool:
        """Tell whether a state was given out, not long ago and not used yet."""
        return await self._threads.run(lambda: self._store.consume(state))

    def _issue(self) -> str:
        states = self._store.oauth_states
        with self._engine.begin() as connection:
            connection.execute(delete(states).where(states.c.expire_at < datetime.now(UTC).replace(tzinfo=None)))
            waiting = connection.execute(select(func.count()).select_from(states)).scalar_one()
        if waiting >= MOST:
            raise Unavailable("Too many installations are under way: try again in ten minutes.")
        return self._store.issue()
