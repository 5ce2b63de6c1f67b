"""How a campaign will probably end, in sentences for its card: from its own pace, from others like it, from answers."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime

from bot.campaign_words import moment, money
from bot.words import Words
from core.campaigns.campaign import Campaign
from core.campaigns.foreseen import Forecast, Range
from core.campaigns.pace import Pace, Tempo, learnt, measured
from core.campaigns.rules import Rules
from core.campaigns.store import CampaignStore
from core.events import Answer, Asked
from core.ports import Store

FRESH = 600.0
"""Seconds for which what others teach is remembered."""
KEPT, EARLIER, ANSWERS = 500, 100, 400
"""Sorts of campaigns that are remembered; campaigns, and events, that are looked through."""
DONE = 0.98
"""From this share on there is nothing left to foresee."""


class Foresight:
    """Foresees campaigns."""

    def __init__(self, campaigns: CampaignStore, store: Store, rules: Rules) -> None:
        self._campaigns, self._store, self._rules = campaigns, store, rules
        self._known: OrderedDict[tuple[str, str, str], tuple[float, Pace]] = OrderedDict()

    async def __call__(self, campaign: Campaign, at: datetime, words: Words) -> Sequence[str]:
        """Return when it will be done and what it will have cost; nothing where that cannot be said."""
        if campaign.course.over or not campaign.started_at:
            return ()
        found = await self.forecast(campaign, at)
        return said(found, words, campaign.deadline) if found.done < DONE else ()

    async def forecast(self, campaign: Campaign, at: datetime) -> Forecast:
        """Return the forecast itself."""
        return await asyncio.to_thread(foreseen, campaign, at, await self._pace(campaign), self._rules)

    async def _pace(self, campaign: Campaign) -> Pace:
        sort = (campaign.tenant, campaign.template, campaign.committee)
        since, pace = self._known.get(sort, (0.0, Pace()))
        if not since or time.monotonic() - since > FRESH:
            pace = await self._learn(campaign)
            self._known[sort] = (time.monotonic(), pace)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return pace

    async def _learn(self, campaign: Campaign) -> Pace:
        """Return what ended campaigns of the same template teach, and how fast the same committee answers."""
        over = await self._campaigns.campaigns(campaign.tenant, going=False, limit=EARLIER)
        like = [each for each in over if each.template == campaign.template and each.template]
        return learnt(like, await self._latency(campaign))

    async def _latency(self, campaign: Campaign) -> Tempo:
        events = await self._store.latest(campaign.tenant, ("asked", "answer"), limit=ANSWERS)
        asked = {
            event.run
            for event in events
            if isinstance(event.body, Asked) and event.body.committee == campaign.committee
        }
        ends = (event.body for event in events if isinstance(event.body, Answer) and event.run in asked)
        return measured(end.usage.seconds for end in ends)


def foreseen(campaign: Campaign, at: datetime, pace: Pace, rules: Rules | None = None) -> Forecast:
    """Return `core.campaigns.forecast.forecast`; to be called in a thread."""
    from core.campaigns.forecast import forecast  # numpy, which a Dexter without campaigns does without

    return forecast(campaign, at, pace, rules)


def said(found: Forecast, words: Words, deadline: datetime | None = None) -> Sequence[str]:
    """Return a forecast in sentences; with a deadline, how likely it is kept."""
    lines = []
    if found.end and found.earliest and found.latest:
        text = "Done by {end}; with 80 % probability between {earliest} and {latest}."
        end, earliest, latest = (moment(each, words) for each in (found.end, found.earliest, found.latest))
        lines.append(words(text, end=end, earliest=earliest, latest=latest))
    if deadline and (chance := found.chance(deadline)) is not None:
        lines.append(words("The deadline is kept with {chance:.0%} probability.", chance=chance))
    ranges = ((found.dollars, "$"), (found.tokens, "tokens"))
    costs = [_range(each, words, unit) for each, unit in ranges if each and each.high]  # local models cost nothing
    if costs:
        lines.append(words("In all {costs}.", costs=words.listed(costs)))
    return [" ".join(lines)] if lines else []


def _range(found: Range, words: Words, unit: str) -> str:
    if unit == "$":
        median, low, high = (money(each, words) for each in (found.median, found.low, found.high))
        return words("about {median} ({low} to {high})", median=median, low=low, high=high)
    median, low, high = (words.number(round(each)) for each in (found.median, found.low, found.high))
    return words("about {median} tokens ({low} to {high})", median=median, low=low, high=high)
