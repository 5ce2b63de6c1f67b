"""How Dexter itself is doing, for `status`."""

from collections.abc import Mapping
from typing import Protocol

from bot.shapes import Chat
from core.entities import Backlog


class Backlogged(Protocol):
    """Knows which posts wait."""

    async def backlog(self, tenant: str) -> Backlog:
        """Return how many posts wait, and which were given up and why."""


class Health:
    """Asked by `status`; says nothing that another tenant should not know."""

    def __init__(self, database: str, outbox: Backlogged, chats: Mapping[str, Chat], role: str) -> None:
        self._database, self._outbox, self._chats, self._role = database, outbox, chats, role

    async def __call__(self, tenant: str) -> Mapping[str, str]:
        """Return each part with its state in words."""
        backlog = await self._outbox.backlog(tenant)
        waiting = (
            f"{backlog.waiting} waiting, the oldest since {backlog.oldest:%H:%M:%S} UTC" if backlog.oldest else "none"
        )
        state = {
            "database": self._database,
            "role": self._role,
            "chats": ", ".join(self._chats) or "none (this terminal)",
            "posts": waiting if backlog.waiting else "all delivered",
        }
        if backlog.buried:
            state["posts given up"] = f"{backlog.buried}; the newest: " + "; ".join(backlog.reasons)
        return state
