"""The posts of a campaign's slots, each from what it shows: the campaign itself, or the moments of that slot."""

from collections.abc import Awaitable, Callable, Sequence

from bot.campaign_card import Foresees, card
from bot.campaign_posts import DIGEST, POST, REQUEST, digest, ended, number_of, post, request
from bot.posts import QUESTION
from bot.shapes import Post, TryLater
from bot.words import Words, words_for
from core.campaigns.campaign import Campaign
from core.campaigns.moment import Moment
from core.campaigns.store import CampaignStore
from core.entities import Channel, Due, now
from core.errors import NotFound
from core.quiet import quiet_for

TRIES = 5
"""Of an end with its report; then it is told without."""
Concluded = Callable[[Post, Campaign, Words], Awaitable[Post]]
"""Puts a campaign's final report to the post of its end."""


class CampaignSlots:
    """`bot.posting.Campaigning`, from the store."""

    def __init__(self, campaigns: CampaignStore, foresees: Foresees, concluded: Concluded) -> None:
        self._campaigns, self._foresees, self._concluded = campaigns, foresees, concluded

    async def slot(self, due: Due, rules: Channel) -> Post | None:
        """Return the post of a slot; `None` for one that is no campaign's.

        In quiet hours what a campaign posts of its own accord waits; what a person is asked does not, as it may be all
        that a campaign waits for. The card changes without a sound, at any time. Raises `TryLater`.
        """
        kind, number = number_of(due.slot)
        if kind == QUESTION:
            return await self._card(due)
        if kind not in (POST, REQUEST, DIGEST):
            return None
        if kind != REQUEST and (seconds := quiet_for(rules, now())):
            raise TryLater("The channel has its quiet hours.", seconds)
        campaign, moments = await self._campaigns.campaign(due.tenant, due.run), await self._moments(due)
        words = words_for(campaign.language)
        if kind == REQUEST:
            return request(campaign, number, moments, words)
        return digest(campaign.id, moments, words) if kind == DIGEST else post(moments, words)

    async def end(self, due: Due) -> Post:
        """Return the end of a campaign, with its final report."""
        campaign = await self._campaigns.campaign(due.tenant, due.run)
        words = words_for(campaign.language)
        post = ended(campaign, await self._moments(due), words)
        return post if due.attempts > TRIES else await self._concluded(post, campaign, words)

    async def _card(self, due: Due) -> Post | None:
        try:
            campaign = await self._campaigns.campaign(due.tenant, due.run)
        except NotFound:
            return None  # the question of an ordinary run
        words, at = words_for(campaign.language), now()
        return card(campaign, words, at, await self._foresees(campaign, at, words))

    async def _moments(self, due: Due) -> Sequence[Moment]:
        events = await self._campaigns.moments(due.tenant, due.run, due.slot)
        return [event.body for event in events if isinstance(event.body, Moment)]
