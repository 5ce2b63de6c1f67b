"""The service: campaigns are started, take in what happens to them, and are found again."""

import logging
import traceback
from collections.abc import Callable, Sequence

from core.campaigns.campaign import Campaign
from core.campaigns.course import after, begun
from core.campaigns.founding import like, wanted
from core.campaigns.incidents import Changed, Done, Incident, Ticked, Turn
from core.campaigns.limits import Limits
from core.campaigns.outcome import ended
from core.campaigns.shelf import Shelf
from core.campaigns.steps import silent
from core.campaigns.store import CampaignStore, Kept
from core.campaigns.wishes import Wishes
from core.entities import Collaboration, now
from core.errors import Unavailable
from core.events import Event
from core.ports import Store

log = logging.getLogger(__name__)

Tell = Callable[[Sequence[Event]], None]
"""Passes on what has been written down."""
Hear = Callable[[str], None]
"""Lets the engine of this process know what was done to its line: `enter {run}` or `stop {run}`."""


class Campaigns:
    """What commands, runs and the clock do with campaigns. Who may do it is for the command to check.

    Whatever happens to a campaign is one transaction, whoever tells of it and however often. What comes after that is
    only to be quicker: the line, the outbox and the clock find all of it by themselves.
    """

    def __init__(self, store: Store, kept: CampaignStore, shelf: Shelf, tell: Tell, hear: Hear, limits: Limits) -> None:
        self.templates = shelf
        self._store, self._kept, self._tell, self._hear, self._limits = store, kept, tell, hear, limits

    async def start(self, collaboration: Collaboration, wishes: Wishes, inbox_key: str) -> Campaign:
        """Start a campaign and its planning; a redelivery returns the one that is there.

        `collaboration` says where, for whom and in which language; its task becomes `campaign`. Raises `BadRequest`
        for wishes that make no sense, among them a template that is not there.
        """
        named = wishes.template
        template = await self.templates.named(collaboration.tenant, named) if named else None
        return await self._begin(collaboration, wanted(collaboration, wishes, template), inbox_key)

    async def clone(self, tenant: str, id: str, collaboration: Collaboration, inbox_key: str) -> Campaign:
        """Start a campaign with the goal and the plan of another one, from its beginning."""
        return await self._begin(collaboration, like(await self._kept.campaign(tenant, id), collaboration), inbox_key)

    async def act(self, tenant: str, id: str, incident: Done | Changed) -> Campaign:
        """Let a person do something, or change the plan or its limits; `id` is a whole one.

        Raises `NotFound`, and `BadRequest` where it makes no sense now.
        """
        return await self._change(tenant, id, incident)

    async def ended(self, tenant: str, run: str) -> None:
        """Take in that a step is over; once, however often it is told. Any other run is none of a campaign's business.

        Raises `Unavailable`, for whoever tells of it to try again. What goes wrong otherwise is logged: the next tick
        tries again.
        """
        asked = await self._store.collaboration(tenant, run)
        if asked.aim is None or not asked.status.over:
            return
        history = await self._store.history(tenant, run)
        end = ended(asked, history, await self._kept.sums(tenant, run))
        try:
            await self._change(tenant, asked.aim.campaign, end)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  a run must not be carried again for what a campaign makes of it
            trace = "".join(traceback.format_tb(error.__traceback__))  # without the message, which may quote anything
            log.error("end of %s not taken in: %s\n%s", run, type(error).__name__, trace)  # noqa: TRY400

    async def tick(self, tenant: str, id: str) -> None:
        """Let time pass: what is due happens, ends that were missed are taken in, runs that are gone are noticed."""
        campaign = await self._kept.campaign(tenant, id)
        runs = [step.run for step in campaign.steps]
        over = await self._kept.over(tenant, runs)
        for run in runs:
            if over.get(run):
                await self.ended(tenant, run)
        gone = tuple(run for run in runs if run not in over)
        month = await self._kept.month(tenant, now().date())
        await self._change(tenant, id, Ticked(gone=gone, month=month))

    async def find(self, tenant: str, id: str, *, reader: str | None = None) -> Campaign:
        """Return it by id or by an unambiguous prefix of at least 4 characters. Raises `NotFound`."""
        return await self._kept.campaign(tenant, id, reader=reader)

    async def list(
        self, tenant: str, *, owner: str | None = None, going: bool | None = None, reader: str | None = None,
        limit: int = 20,
    ) -> Sequence[Campaign]:  # fmt: skip
        """Return the newest first."""
        return await self._kept.campaigns(tenant, owner=owner, going=going, reader=reader, limit=limit)

    async def at(self, tenant: str, address: str) -> Campaign | None:
        """Return the newest campaign that goes on in a thread: begun in it, or whose card is the thread's root."""
        return await self._kept.campaign_at(tenant, address)

    async def log(self, tenant: str, id: str, *, before: int | None = None, limit: int = 50) -> Sequence[Event]:
        """Return the newest moments of a campaign, oldest first; those before the moment of number `before`."""
        return await self._kept.log(tenant, id, before=before, limit=limit)

    async def moments(self, tenant: str, id: str, slot: str) -> Sequence[Event]:
        """Return the events that a slot of a campaign shows, oldest first."""
        return await self._kept.moments(tenant, id, slot)

    async def _begin(self, asked: Collaboration, campaign: Campaign, inbox_key: str) -> Campaign:
        self._limits.check(campaign)
        turn = silent(begun(campaign, now(), self._limits.rules_for(campaign)))
        kept = await self._kept.begin(asked.but(question=campaign.goal), turn, inbox_key)
        return self._heard(kept) if kept else await self._kept.campaign(asked.tenant, campaign.id)

    async def _change(self, tenant: str, id: str, incident: Incident) -> Campaign:
        def work(campaign: Campaign) -> Turn:
            return silent(after(campaign, incident, now(), self._limits.rules_for(campaign)))

        return self._heard(await self._kept.change(tenant, id, work))

    def _heard(self, kept: Kept) -> Campaign:
        """Let those in this process know what was kept, so that they need not find it."""
        self._tell(kept.events)
        for start in kept.turn.starts:
            self._hear(f"enter {start.collaboration.id}")
        for run in kept.turn.stops:
            self._hear(f"stop {run}")
        return kept.turn.campaign
