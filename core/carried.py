"""Every run's body: a committee deliberates, or a task is done; a campaign is told of the ends of its steps."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from core.entities import Collaboration
from core.errors import DexterError
from core.ports import Steps, Store

Ended = Callable[[str, str], Awaitable[None]]
"""Told, with tenant and run, that a step of a campaign is over; perhaps more than once."""


class Body(Protocol):
    """Carries runs of one sort."""

    async def carry(self, tenant: str, run: str, steps: Steps) -> None:
        """Be the body of a durable run."""

    async def fail(self, tenant: str, run: str, error: DexterError) -> None:
        """End a run that its engine could not carry to the end."""


class Carried:
    """Gives each run to whom it is for."""

    def __init__(self, store: Store, questions: Body, tasks: Body, ended: Ended) -> None:
        self._store, self._questions, self._tasks, self._ended = store, questions, tasks, ended

    async def carry(self, tenant: str, run: str, steps: Steps) -> None:
        """Be the body of a durable run."""
        asked = await self._store.collaboration(tenant, run)
        await self._body(asked).carry(tenant, run, steps)
        await self._tell(asked)

    async def fail(self, tenant: str, run: str, error: DexterError) -> None:
        """End a run that its engine could not carry to the end."""
        asked = await self._store.collaboration(tenant, run)
        await self._body(asked).fail(tenant, run, error)
        await self._tell(asked)

    def _body(self, asked: Collaboration) -> Body:
        return self._tasks if asked.task else self._questions

    async def _tell(self, asked: Collaboration) -> None:
        """Tell the campaign of its step's end: on a replay as well, as the first telling may have been cut short."""
        if asked.aim:
            await self._ended(asked.tenant, asked.id)
