"""The engine that carries runs through crashes: `core.ports.Runs` on DBOS, on SQLite and PostgreSQL."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Literal, Protocol
from weakref import WeakValueDictionary

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from core.adapters.durable import line, reaper
from core.adapters.durable.bell import Bell
from core.adapters.durable.body import Failed, Hands, Transactions, Work
from core.adapters.durable.carrier import THREADS, Carrier
from core.adapters.durable.heart import Heart
from core.entities import Collaboration
from core.errors import Unavailable

POLL_SECONDS = 2.0
"""How often the line is looked at although nothing was heard, for the case that a message was lost."""
SWEEP_SECONDS = 3600.0
FIXED_WORKER = "dexter"
"""SQLite has one process, which finds its own runs again by this name."""


class Accept(Protocol):
    """Writes a question down: inbox row, collaboration and `also` in one transaction; False where it was there."""

    async def __call__(
        self, collaboration: Collaboration, inbox_key: str, also: Callable[[Connection], object]
    ) -> bool:
        """Raises what `also` raises, having changed nothing."""


class DurableRuns:
    """Accepts runs, carries them through crashes, and stops them.

    A process whose role is `client` accepts and stops; the runs are carried by others (PostgreSQL alone). Any other
    carries runs as well: the only one on SQLite, one of many on PostgreSQL, each with a fresh name.
    """

    def __init__(
        self,
        transactions: Transactions,
        *,
        accept: Accept,
        work: Work,
        failed: Failed,
        role: Literal["all", "worker", "client"] = "all",
        limits: tuple[int, int] = (16, 1000),
    ) -> None:
        """`limits`: how many runs this process carries at a time, and how many may wait at the door in all."""
        self._transactions = transactions
        self._accept = accept
        self._role = role
        self._most_waiting = limits[1]
        self._shared = transactions.engine.dialect.name == "postgresql"
        self._worker = uuid.uuid4().hex if self._shared else FIXED_WORKER
        self._hands = Hands(self._worker, transactions, work, failed, limits[0])
        self._carrier = Carrier(transactions.engine, self._worker)
        self._heart = Heart(transactions.engine, self._worker)
        self._reaper = reaper.Reaper(self._worker, transactions, self._carrier, self._hands)
        self._woken = asyncio.Event()
        self._served: set[str] = set()
        self._over: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()
        self._tasks: list[asyncio.Task[None]] = []
        self._bell: Bell | None = None
        self._log = structlog.get_logger(__name__)

    async def open(self) -> None:
        """Begin to carry runs, those first that a crash interrupted. Raises `Unavailable`."""
        try:
            await self._open()
        except SQLAlchemyError as error:
            with suppress(SQLAlchemyError):
                await self.close()
            shown = self._transactions.engine.url.render_as_string(hide_password=True)
            raise Unavailable(
                "The database {url} does not take the notes on runs: make sure that its disk has room and that its "
                "user may create tables.",
                url=shown,
            ) from error

    async def _open(self) -> None:
        engine = self._transactions.engine
        await asyncio.to_thread(line.make_tables, engine)
        if self._shared:
            await asyncio.to_thread(line.make_tables, engine, reaper.TABLES)
            loop = asyncio.get_running_loop()
            self._bell = Bell(engine, lambda said: loop.call_soon_threadsafe(partial(self.hear, said)))
            self._bell.start()
        if self._role == "client":
            return
        if self._shared:
            await asyncio.to_thread(self._heart.start)
        self._carrier.open(self._carry)
        if not self._shared:
            await self._reaper.put_back(self._worker)
        rounds = [self._dispatch(), self._every(SWEEP_SECONDS, self._carrier.sweep)]
        if self._shared:
            rounds.append(self._every(reaper.BEAT_SECONDS, self._watch))
        self._tasks = [asyncio.create_task(each) for each in rounds]

    async def close(self) -> None:
        """Let go of all runs, which go on elsewhere or at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._hands.drop()
        # DBOS made its own threads the loop's, and they end with it; a run that begins just now does so once more.
        loop, threads = asyncio.get_running_loop(), ThreadPoolExecutor(THREADS, "dexter")
        loop.set_default_executor(threads)
        if self._role != "client":
            await asyncio.to_thread(self._carrier.close)
            loop.set_default_executor(threads)
            if self._shared:
                await asyncio.to_thread(self._heart.stop)
        if self._bell:
            await asyncio.to_thread(self._bell.stop)

    async def start(self, collaboration: Collaboration, inbox_key: str) -> bool:
        """Accept a question; see `core.ports.Runs`."""

        def enter(connection: Connection) -> None:
            if line.waiting(connection) >= self._most_waiting:
                raise Unavailable(
                    "{count} questions are waiting already: ask again in a few minutes.",
                    count=self._most_waiting,
                )
            line.enter(connection, collaboration.id, collaboration.tenant)

        fresh = await self._accept(collaboration, inbox_key, enter)
        if fresh:
            self._woken.set()
        return fresh

    def hear(self, said: str) -> None:
        """Take in what was done to the line elsewhere: `enter {run}`, `stop {run}` or `over {run}`."""
        match said.split(" ", 1):
            case ["stop", run]:
                self._hands.stop(run)
                self._woken.set()
            case ["over", run] if over := self._over.get(run):
                over.set()
            case ["enter", _]:
                self._woken.set()

    async def stop(self, run: str) -> bool:
        """Ask a run to stop, wherever it is; True if it was still going."""
        found = await self._transactions.write(lambda c: line.ask_to_stop(c, run))
        if found:
            self.hear(f"stop {run}")
        return found

    async def wait(self, run: str) -> None:
        """Return once the run is over."""
        over = self._over.setdefault(run, asyncio.Event())
        while await self._transactions.read(lambda c: line.going(c, run)):
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await over.wait()

    async def _carry(self, tenant: str, run: str) -> None:
        try:
            await self._hands.carry(tenant, run)
        finally:
            self.hear(f"over {run}")
            self._woken.set()

    async def _watch(self) -> None:
        self._heart.alive()
        await self._reaper.round()

    async def _dispatch(self) -> None:
        """Start what is first in the line, as long as there are hands."""
        while True:
            self._woken.clear()
            await self._survive(self._begin)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._woken.wait()

    async def _begin(self) -> None:
        free = self._hands.free
        places = await self._transactions.write(lambda c: line.claim(c, self._worker, free, self._served))
        self._served = {place.tenant for place in places} or self._served
        begun = [self._carrier.begin(place.tenant, place.run) for place in places]
        outcomes = await asyncio.gather(*begun, return_exceptions=True)
        failures = {place.run: out for place, out in zip(places, outcomes, strict=True) if out}
        if failures:
            await self._transactions.write(lambda c: line.give_back(c, failures))
            raise next(iter(failures.values()))

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._survive(work)
            await asyncio.sleep(seconds)

    async def _survive(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception as error:  # the next round is the remedy  # noqa: BLE001
            self._log.warning("runs_round_failed", work=work.__name__, error=type(error).__name__)
            await asyncio.sleep(1)
