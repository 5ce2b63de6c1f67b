"""What a run does in this process: wait for a free hand, work, be patient with the database, tell of a failure."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import Connection, Engine

from core.adapters.durable import line
from core.adapters.durable.steps import PagedSteps
from core.errors import DexterError, Unavailable
from core.ports import Steps

T = TypeVar("T")
Work = Callable[[str, str, Steps], Awaitable[None]]
"""The body of a run, given tenant, run and steps. Done again from its beginning after a crash."""
Failed = Callable[[str, str, DexterError], Awaitable[None]]
"""Told, with tenant and run, that the run cannot be carried to its end, and what to say to the person."""

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0)
"""Seconds between tries while the database does not answer: two minutes in all."""


class Transactions(Protocol):
    """Work on the database, each piece all or nothing, off the event loop."""

    engine: Engine

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads."""

    async def write(self, work: Callable[[Connection], T], *, alone: bool = False) -> T:
        """Return what `work` returns, once it is committed."""


class Hands:
    """Carries runs, at most `most` at a time; it is the body of the DBOS workflow."""

    def __init__(self, worker: str, transactions: Transactions, work: Work, failed: Failed, most: int) -> None:
        self._worker = worker
        self._transactions = transactions
        self._work = work
        self._failed = failed
        self._most = most
        self._slots = asyncio.Semaphore(most)
        self._carried: dict[str, asyncio.Task[None] | None] = {}
        self._stops: set[str] = set()
        self._dropped = False
        self._log = structlog.get_logger(__name__)

    @property
    def free(self) -> int:
        """How many more runs could be carried."""
        return max(0, self._most - len(self._carried))

    @property
    def runs(self) -> set[str]:
        """The runs carried now."""
        return set(self._carried)

    def stop(self, run: str) -> None:
        """Let a run know that it is to stop."""
        if run in self._carried:
            self._stops.add(run)

    async def drop(self) -> None:
        """Let go of every run as if the process had died, and of those that are about to begin."""
        self._dropped = True
        tasks = {task for task in self._carried.values() if task}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=10)

    async def carry(self, tenant: str, run: str) -> None:
        """Carry a run to its end. Only a crash, or losing the run to another worker, keeps it in the line."""
        if self._dropped:
            raise asyncio.CancelledError
        self._carried[run] = asyncio.current_task()
        try:
            place = await patiently(lambda: self._write(lambda c: line.adopt(c, run, self._worker)))
            if place is None:
                return  # it was over when the process died; only DBOS did not know yet
            if place.stop:
                self._stops.add(run)
            async with nullcontext() if place.stop else self._slots:
                await self._finish(tenant, run)
            await patiently(lambda: self._write(lambda c: line.leave(c, run)))
        finally:
            self._carried.pop(run, None)
            self._stops.discard(run)

    async def _finish(self, tenant: str, run: str) -> None:
        steps = PagedSteps(run, lambda: run in self._stops)
        try:
            await beside(steps.keep(), patiently(lambda: self._work(tenant, run, steps)))
        except DexterError as error:
            self._log.warning("run_failed", run=run, tenant=tenant, error=type(error).__name__)
            await self._tell(tenant, run, error)
        except Exception as error:  # a run must end in an answer, whatever happened  # noqa: BLE001
            self._log.exception("run_broke", run=run, tenant=tenant, error=type(error).__name__)
            said = DexterError("Dexter made a mistake and could not finish this; its log says more. Ask again.")
            await self._tell(tenant, run, said)

    async def _tell(self, tenant: str, run: str, error: DexterError) -> None:
        await patiently(lambda: self._failed(tenant, run, error))

    async def _write(self, work: Callable[[Connection], T]) -> T:
        return await self._transactions.write(work)


async def beside(keep: Awaitable[None], work: Awaitable[None]) -> None:
    """Do `work` while `keep` goes on; where `keep` fails there is no use in working on."""
    keeping, working = asyncio.ensure_future(keep), asyncio.ensure_future(work)
    try:
        await asyncio.wait({keeping, working}, return_when=asyncio.FIRST_COMPLETED)
        await (working if working.done() else keeping)
    finally:
        keeping.cancel()
        working.cancel()
        await asyncio.wait({keeping, working})


async def patiently(work: Callable[[], Awaitable[T]], pauses: Sequence[float] = PAUSES) -> T:
    """Return what `work` returns, trying again after each of `pauses` while it raises `Unavailable`."""
    for pause in pauses:
        try:
            return await work()
        except Unavailable as error:
            structlog.get_logger(__name__).warning("run_waits_for_database", error=str(error), seconds=pause)
            await asyncio.sleep(pause)
    return await work()
