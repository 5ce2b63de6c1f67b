"""A worker's heartbeat, from a thread of its own: loading a large library may stop the event loop for seconds."""

import threading
import time

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from core.adapters.durable import reaper

STUCK_SECONDS = 60.0
"""An event loop that has done nothing for so long counts as dead, although its process lives."""


class Heart:
    """Beats for `worker` until stopped, as long as somebody calls `alive` now and then."""

    def __init__(self, engine: Engine, worker: str) -> None:
        self._engine = engine
        self._worker = worker
        self._log = structlog.get_logger(__name__)
        self._seen = time.monotonic()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="dexter-heart", daemon=True)

    def start(self) -> None:
        """Beat once, blocking, and go on in a thread. Raises what the database raises."""
        self._once()
        self._thread.start()

    def alive(self) -> None:
        """Say that the event loop turns."""
        self._seen = time.monotonic()

    def stop(self) -> None:
        """Beat no more, and let the others take over at once; blocks."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(10)
        with self._engine.begin() as connection:
            reaper.resign(connection, self._worker)

    def _beat(self) -> None:
        while not self._ending.wait(reaper.BEAT_SECONDS):
            if time.monotonic() - self._seen > STUCK_SECONDS:
                continue
            try:
                self._once()
            except SQLAlchemyError as error:  # the next beat is the remedy
                self._log.warning("beat_failed", error=type(error).__name__)

    def _once(self) -> None:
        with self._engine.begin() as connection:
            reaper.beat(connection, self._worker)
