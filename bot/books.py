"""What chats look up, from the desk: `bot.overview.Books`."""

from collections.abc import Sequence

from bot.commands.command import Desk
from bot.overview import Overview
from core.access import Permission, may, require
from core.entities import Channel, Collaboration, now
from core.errors import NotFound
from core.events import Event

RECENT = 20
"""Collaborations of a person that are looked through for their page."""
NEWEST = 200
"""Collaborations of a tenant among which those still going are looked for."""


class DeskBooks:
    """Reads the store with the rights of the person who looks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.committees, self.patterns = desk.committees, desk.patterns

    async def overview(self, tenant: str, person: str, name: str) -> Overview:
        """Return a person's own page."""
        desk, day = self._desk, now().date()
        who = await desk.directory.find(tenant, person, name)
        asked = await desk.store.recent(tenant, asker=who.id, limit=RECENT)
        operates = may(who, Permission.OPERATE)
        return Overview(
            running=tuple(c for c in asked if not c.status.over),
            recent=tuple(c for c in asked if c.status.over),
            committees=tuple(self.committees.values()),
            spent=await desk.store.spent(tenant, asker=who.id, day=day),
            spent_by_all=await desk.store.spent(tenant, asker=None, day=day) if operates else None,
            health=await desk.health(tenant) if operates else {},
            may_ask=may(who, Permission.ASK),
            may_configure=may(who, Permission.CONFIGURE),
        )

    async def whole(self, tenant: str, person: str, name: str, run: str) -> tuple[Collaboration, Sequence[Event]]:
        """Return a collaboration and its journal. Raises `NotAllowed` or `NotFound`."""
        require(await self._desk.directory.find(tenant, person, name), Permission.READ)
        found = await self.find(tenant, run)
        return found, await self.history(tenant, found.id)

    async def recent(self, tenant: str, person: str, name: str, asker: str | None = None) -> Sequence[Collaboration]:
        """Return the newest questions first, all or those of `asker`. Raises `NotAllowed`."""
        require(await self._desk.directory.find(tenant, person, name), Permission.READ)
        return await self._desk.store.recent(tenant, asker=asker, limit=NEWEST if asker is None else RECENT)

    async def channel(self, tenant: str, person: str, name: str, address: str) -> Channel:
        """Return what is set for a channel. Raises `NotAllowed` where this person may not change it."""
        require(await self._desk.directory.find(tenant, person, name), Permission.CONFIGURE)
        return await self._desk.store.channel(tenant, address)

    async def find(self, tenant: str, run: str) -> Collaboration:
        """Return a collaboration for Dexter's own use. Raises `NotFound`."""
        return await self._desk.store.collaboration(tenant, run)

    async def history(self, tenant: str, run: str) -> Sequence[Event]:
        """Return a collaboration's journal for Dexter's own use."""
        return await self._desk.store.history(tenant, run)

    async def started_by(self, tenant: str, run: str, prefix: str) -> str:
        """Return the platform's key that started a run, where it begins with `prefix`; else nothing."""
        return await self._desk.store.started_by(tenant, run, prefix)

    async def going(self, tenant: str, address: str) -> Sequence[Collaboration]:
        """Return what Dexter still works on at an address, a channel with all its threads."""
        newest = await self._desk.store.recent(tenant, limit=NEWEST)
        here = (address, f"{address}:")
        return [c for c in newest if not c.status.over and (c.address == here[0] or c.address.startswith(here[1]))]

    async def stop(self, tenant: str, run: str) -> bool:
        """Stop a run of this tenant; True if it was still going."""
        try:
            found = await self._desk.store.collaboration(tenant, run)
        except NotFound:
            return False
        return await self._desk.runs.stop(found.id)
