"""What must be true of campaigns however often workers are killed: nothing lost, nothing doubled, all added up."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, text

from bot.telling import due
from core.adapters.durable import line
from core.campaigns.campaign import Campaign, Stage
from core.campaigns.ledger import taken
from core.campaigns.sums import Sums
from core.entities import Collaboration, now, run_id
from core.errors import NotFound
from core.events import Answer
from storage.campaigns import SqlCampaigns
from storage.rows import calls_in
from storage.store import SqlStore
from storage.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, counted."""

    campaigns: int
    """That reached their goal."""
    steps: int
    lost: int
    """Steps that were begun and have no end, or an end that their campaign did not take in."""
    doubled: int
    """Effects that are there more than once: steps beyond those begun, second answers, moments told twice."""
    ledger: int
    """Campaigns whose sums are not those of their steps' calls, and months that are not those of their campaigns."""

    def __str__(self) -> str:
        return (
            f"{self.campaigns} campaigns met, {self.steps} steps: {self.lost} lost, {self.doubled} effects doubled, "
            f"{self.ledger} sums wrong"
        )


class Judge:
    """Looks at a database that campaigns have run on."""

    def __init__(self, engine: Engine, tenant: str, campaigns: Sequence[str]) -> None:
        self._engine, self._tenant, self._ids = engine, tenant, campaigns

    def settled(self) -> bool:
        """Tell whether all campaigns are over, and nothing waits to be carried or posted."""
        waits = "SELECT count(*) FROM outbox WHERE upto > shown AND buried IS NULL"
        over = "SELECT count(*) FROM campaign WHERE ended_at IS NOT NULL"
        with self._engine.connect() as connection:
            counts = [
                int(connection.execute(text(query)).scalar_one())
                for query in (over, waits, "SELECT count(*) FROM run_line")
            ]
        return counts == [len(self._ids), 0, 0]

    def found(self) -> Found:
        """Count what was lost, doubled or added up wrongly."""
        return asyncio.run(self.look())

    async def look(self) -> Found:
        """Do the same."""
        transactions = Transactions(self._engine)
        self._store, self._kept = SqlStore(transactions), SqlCampaigns(transactions, line, due)
        try:
            campaigns = [await self._kept.campaign(self._tenant, id) for id in self._ids]
            each = [await self._one(campaign) for campaign in campaigns]
            month = await self._kept.month(self._tenant, now().date())
        finally:
            transactions.close()
        added = month == sum((campaign.spent for campaign in campaigns), Sums())
        met = sum(all(o.stage is Stage.MET for o in c.objectives) and c.course == "met" for c in campaigns)
        sums = [sum(counts) for counts in zip(*each, strict=True)]
        return Found(met, sums[0], sums[1], sums[2], sums[3] + (not added))

    async def _one(self, campaign: Campaign) -> tuple[int, int, int, int]:
        """Return of one campaign: steps, lost, doubled, wrong sums."""
        steps = [await self._step(campaign, number) for number in range(1, campaign.number + 1)]
        beyond = await self._step(campaign, campaign.number + 1)
        lost = sum(step is None or not step.status.over for step in steps) + len(campaign.steps)
        doubled, spent = int(beyond is not None), Sums()
        for step in filter(None, steps):
            history = await self._store.history(self._tenant, step.id)
            doubled += max(0, sum(isinstance(event.body, Answer) for event in history) - 1)
            spent += taken((call for event in history for call in calls_in(event.body)), history)
        told = Counter(event.key for event in await self._store.history(self._tenant, campaign.id))
        lost += sum(f"moment:{number}" not in told for number in range(1, campaign.told + 1))
        doubled += len(told) - campaign.told
        worked = sum(objective.attempts for objective in campaign.objectives)
        doubled += worked - len(campaign.objectives)  # every attempt is good, so that a second one repeats it
        return campaign.number, lost, doubled, int(spent != campaign.spent)

    async def _step(self, campaign: Campaign, number: int) -> Collaboration | None:
        try:
            return await self._store.collaboration(self._tenant, run_id(self._tenant, f"{campaign.id}:{number}"))
        except NotFound:
            return None
