"""PostgreSQL's bell: what another process did to a run is heard at once, at no cost while nothing happens."""

import threading
from collections.abc import Callable
from contextlib import closing

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from core.adapters.durable.line import CHANNEL

HEAR_SECONDS = 0.5
"""How long the bell's thread takes to notice that it should end."""
LOST_SECONDS = 1.0
"""How long it waits before it connects again."""


class Bell:
    """Calls `heard` with each message, from a thread of its own. Missed messages are the poll's business."""

    def __init__(self, engine: Engine, heard: Callable[[str], object]) -> None:
        self._engine = engine
        self._heard = heard
        self._log = structlog.get_logger(__name__)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="dexter-bell", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; blocks for up to a second or two."""
        self._ending.set()
        self._thread.join(10 * HEAR_SECONDS)

    def _listen(self) -> None:
        while not self._ending.is_set():
            try:
                self._hear()
            except (psycopg.Error, DBAPIError) as error:
                self._log.warning("run_bell_lost", error=type(error).__name__)
                self._ending.wait(LOST_SECONDS)

    def _hear(self) -> None:
        with closing(self._engine.raw_connection()) as pooled:
            connection = pooled.driver_connection
            pooled.detach()  # it listens for ever: the pool must not hand it to anyone else
            assert isinstance(connection, psycopg.Connection)  # noqa: S101 - the engine's driver is psycopg
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
            while not self._ending.is_set():
                for notice in connection.notifies(timeout=HEAR_SECONDS):
                    self._heard(notice.payload)
                    if self._ending.is_set():
                        return
