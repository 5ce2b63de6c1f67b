"""The post of a slot as it is to be shown now: from what a run has said, or from what a campaign has to show."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from bot.posts import ANSWER, PROGRESS, render
from bot.reporting import Bureau
from bot.shapes import Post, channel_of
from bot.words import words_for
from core.entities import Channel, Due, now
from core.events import Answer, Asked, Event
from core.ports import Store
from core.quiet import quiet_now
from core.skills.results import Done, Started

OF_RUNS = (PROGRESS, ANSWER)
"""Slots that are made from what a run has said."""


class Campaigning(Protocol):
    """Knows the posts of campaigns: they are made from what there is to show, never from the whole history."""

    async def slot(self, due: Due, rules: Channel) -> Post | None:
        """Return the post of a slot; `None` for one of any other run, and for `answer`.

        Raises `TryLater` for what waits until quiet hours are over.
        """

    async def end(self, due: Due) -> Post:
        """Return the end of a campaign."""


class Posting:
    """Makes the posts that are due."""

    def __init__(self, store: Store, campaigns: Campaigning | None = None, bureau: Bureau | None = None) -> None:
        """`campaigns` knows their posts, where there are any; `bureau` makes the files that go with reports."""
        self._store, self._campaigns, self._bureau = store, campaigns, bureau

    async def post(self, due: Due) -> Post | None:
        """Return a slot's post; nothing where there is nothing to show. Raises `TryLater` for what is to wait."""
        rules = await self._store.channel(due.tenant, channel_of(due.address))
        post = await self._campaigns.slot(due, rules) if self._campaigns and due.slot not in OF_RUNS else None
        return post or await self._told(due, rules)

    async def _told(self, due: Due, rules: Channel) -> Post | None:
        """Return a slot's post from the history of its run; nothing for progress that nobody needs to see."""
        events = await self._store.history(due.tenant, due.run)
        over = any(isinstance(event.body, Answer | Done) for event in events)
        if due.slot == PROGRESS and not due.message and (over or quiet_now(rules, now())):
            return None  # answered before any progress was shown, or not to be disturbed by it
        if due.slot == ANSWER and not over and self._campaigns:
            return await self._campaigns.end(due)
        return await self._post(due, events, rules)

    async def _post(self, due: Due, events: Sequence[Event], rules: Channel) -> Post:
        """Return the slot's post in the language of its run; one that ended before it began has told no language."""
        language = next((event.body.language for event in events if isinstance(event.body, Asked | Started)), None)
        if language is None:
            language = (await self._store.collaboration(due.tenant, due.run)).language
        post = render(due.slot, events, words_for(language))
        if due.slot == ANSWER and self._bureau:
            post = await self._bureau.illustrated(post, events, words_for(language))
        return replace(post, broadcast=due.slot == ANSWER and not rules.thread_only)
