"""What chats look up, from the desk: `bot.overview.Books`."""

from collections.abc import Sequence

from bot.commands.campaign_opened import campaign_form
from bot.commands.command import Desk
from bot.commands.skill_tasks import runnable
from bot.forms import Form, form_of
from bot.overview import Overview
from bot.words import ENGLISH, Words
from core.access import Permission, may, require
from core.campaigns.incidents import Done
from core.entities import Channel, Collaboration, now
from core.errors import BadRequest, NotFound
from core.events import Event

RECENT = 20
"""Collaborations of a person that are looked through for their page."""
CAMPAIGNS = 10
"""Campaigns of a person on their page."""
NAMES = 25
"""Skills that are offered to complete a name."""
NEWEST = 200
"""Collaborations of a tenant among which those still going are looked for."""


class DeskBooks:
    """Reads the store with the rights of the person who looks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.committees, self.patterns = desk.committees, desk.patterns

    async def overview(self, tenant: str, person: str, name: str, words: Words = ENGLISH) -> Overview:
        """Return a person's own page."""
        desk, day = self._desk, now().date()
        who = await desk.directory.find(tenant, person, name)
        asked = await desk.store.recent(tenant, asker=who.id, limit=RECENT)
        operates = may(who, Permission.OPERATE)
        asked = [c for c in asked if c.task is None or c.task.kind != "campaign"]
        return Overview(
            running=tuple(c for c in asked if not c.status.over),
            recent=tuple(c for c in asked if c.status.over),
            campaigns=tuple(
                await desk.campaigns.list(tenant, owner=who.id, going=True, reader=who.id, limit=CAMPAIGNS)
            ),
            committees=tuple(self.committees.values()),
            spent=await desk.store.spent(tenant, asker=who.id, day=day),
            spent_by_all=await desk.store.spent(tenant, asker=None, day=day) if operates else None,
            health=await desk.health(tenant, words, whole=True) if operates else {},
            may_ask=may(who, Permission.ASK),
            may_configure=may(who, Permission.CONFIGURE),
        )

    async def whole(self, tenant: str, person: str, name: str, run: str) -> tuple[Collaboration, Sequence[Event]]:
        """Return a collaboration and its journal. Raises `NotAllowed` or `NotFound`."""
        who = await self._desk.directory.find(tenant, person, name)
        require(who, Permission.READ)
        found = await self._desk.store.collaboration(tenant, run, reader=who.id)
        return found, await self.history(tenant, found.id)

    async def recent(self, tenant: str, person: str, name: str, asker: str | None = None) -> Sequence[Collaboration]:
        """Return the newest questions first, all or those of `asker`. Raises `NotAllowed`."""
        who = await self._desk.directory.find(tenant, person, name)
        require(who, Permission.READ)
        most = NEWEST if asker is None else RECENT
        return await self._desk.store.recent(tenant, asker=asker, reader=who.id, limit=most)

    async def channel(self, tenant: str, person: str, name: str, address: str) -> Channel:
        """Return what is set for a channel. Raises `NotAllowed` where this person may not change it."""
        require(await self._desk.directory.find(tenant, person, name), Permission.CONFIGURE)
        return await self._desk.store.channel(tenant, address)

    async def form(self, tenant: str, person: str, name: str, skill: str, version: str = "") -> Form:
        """Return what a version of a skill takes. Raises `NotAllowed`, `NotFound` or `BadRequest`."""
        skills, who = self._desk.skills, await self._desk.directory.find(tenant, person, name)
        require(who, Permission.RUN_SKILLS)
        found, _ = await runnable(skills, who, skill, version)
        contract = (await skills.manifest(found)).contract
        if not contract.entry:
            raise BadRequest("{name} is instructions alone: there is nothing in it to run.", name=found.skill)
        return form_of(found.skill, found.version, found.description, contract.input)

    async def opened(self, tenant: str, person: str, name: str, command: str, words: Words = ENGLISH) -> Form:
        """Return the form that a command opens. Raises `NotAllowed`, `NotFound` or `BadRequest`."""
        noun, _, rest = command.partition(" ")
        if noun == "skill":
            _, skill, *version = rest.split()
            return await self.form(tenant, person, name, skill, "".join(version[:1]))
        who = await self._desk.directory.find(tenant, person, name)
        return await campaign_form(self._desk, who, rest, words)

    async def campaign_at(self, tenant: str, address: str) -> bool:
        """Tell whether a campaign goes on in a thread."""
        return await self._desk.campaigns.at(tenant, address) is not None

    async def skill_names(self, tenant: str, person: str, name: str, typed: str) -> Sequence[str]:
        """Return the names of skills that go on with what was typed, or are found by it. Raises `NotAllowed`."""
        require(await self._desk.directory.find(tenant, person, name), Permission.READ)
        found, _ = await self._desk.skills.page(tenant, 1, NAMES, typed.replace("-", " "))
        return [each.name for each in found]

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
        if found.task and found.task.kind == "campaign":
            return await self._pause(tenant, found.id)
        return await self._desk.runs.stop(found.id)

    async def _pause(self, tenant: str, campaign: str) -> bool:
        """Pause a campaign that nobody can read any more: its owner may resume it from elsewhere."""
        gone = Done(act="pause", person="", name="Dexter", at_once=True)
        try:
            await self._desk.campaigns.act(tenant, campaign, gone)
        except BadRequest:
            return False  # it is over, or paused already
        return True
