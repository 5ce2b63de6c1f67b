"""A campaign at the terminal: its card moves, what happens is a line above it, and it stops where a person is asked."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live as Screen

from bot.campaign_card import card
from bot.campaign_posts import SIGNS, ended, number_of, request
from bot.commands.campaign_acts import open_waits
from bot.commands.command import Desk
from bot.console.kept import keep, tell
from bot.console.show import rendered, safe, show
from bot.shapes import Foot
from bot.words import Words
from core.campaigns.campaign import Campaign, Course
from core.campaigns.moment import Moment
from core.entities import now

POLL = 0.4
"""Seconds between two looks at it: it may be worked on in another process."""
EXIT = {Course.MET: 0, Course.STOPPED: 130}
"""A campaign's end as an exit code; every other end is 1, and 0 where it goes on."""
MOST = 50
"""Things that happened since the last look that are told."""


class Watch:
    """Shows one campaign until it ends, asks a person, or the person leaves; it goes on without being watched."""

    def __init__(
        self, desk: Desk, console: Console, words: Words, campaign: tuple[str, str], since: datetime, results: Path
    ) -> None:
        """`campaign` is its tenant and its id; what happened `since` then is told. Its report is kept in `results`."""
        self._campaigns, self._foresees, self._console, self._words = desk.campaigns, desk.foresees, console, words
        self._concluded, self._results = desk.bureau.concluded, results
        self._tenant, self._id = campaign
        self._since = since
        self._told = 0
        self._foreseen: Sequence[str] = ()
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """Look no longer."""
        self._leaving.set()

    async def run(self) -> int:
        """Watch, and return the exit code."""
        campaign = await self._campaigns.find(self._tenant, self._id)
        self._foreseen = await self._foresees(campaign, now(), self._words)
        with self._screen(campaign) as moved:
            while True:
                await self._tell(campaign)
                if campaign.course.over or self._leaving.is_set() or _asks(campaign):
                    break
                await self._pause()
                before, campaign = campaign, await self._campaigns.find(self._tenant, self._id)
                if before.revision != campaign.revision:
                    self._foreseen = await self._foresees(campaign, now(), self._words)
                moved(campaign)
        return await self._end(campaign)

    @contextlib.contextmanager
    def _screen(self, campaign: Campaign) -> Iterator[Callable[[Campaign], None]]:
        """Show the card for as long as the body runs, and hand it what moves it."""
        if not self._console.is_terminal:
            yield _nothing
            return
        with Screen(self._drawn(campaign), console=self._console, refresh_per_second=8, transient=True) as screen:
            yield lambda moved: screen.update(self._drawn(moved))

    def _drawn(self, campaign: Campaign) -> Group:
        shown = card(campaign, self._words, now(), self._foreseen)
        leave = Foot(self._words("Ctrl-C leaves it, and it goes on."))
        return Group(*rendered((*shown.parts[:-1], leave), self._words))

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL):
                await self._leaving.wait()

    async def _tell(self, campaign: Campaign) -> None:
        """Print what has happened since the last look."""
        if campaign.told == self._told:
            return
        new = min(campaign.told - self._told, MOST)
        events = await self._campaigns.log(self._tenant, self._id, before=campaign.told + 1, limit=new)
        self._told = campaign.told
        for event in events:
            if (
                event.at >= self._since
                and isinstance(event.body, Moment)
                and number_of(event.body.slot)[0] not in ("request", "answer")
            ):
                said = f"{SIGNS[event.body.what]} {safe(' '.join(self._words.say(event.body.sentence).split()))}"
                self._console.print(said, highlight=False, markup=False)

    async def _end(self, campaign: Campaign) -> int:
        """Print where it is now, and what is asked."""
        words = self._words
        if campaign.course.over:
            post = ended(campaign, await self._moments("answer"), words)
            show(post, self._console, unfolded=True)
            whole = await self._concluded(post, campaign, words)
            tell(keep(whole.parts, self._results / f"{campaign.id}-{campaign.revision}"), self._console, words)
            return EXIT.get(campaign.course, 1)
        shown = card(campaign, words, now(), self._foreseen)
        asked = [] if campaign.course is Course.PAUSED else open_waits(campaign)
        show(replace(shown, parts=shown.parts[:-1]) if asked else shown, self._console)
        for wait in asked:
            if moments := await self._moments(f"request:{wait.number}"):
                show(request(campaign, wait.number, moments, words), self._console)
        if self._leaving.is_set():
            left = words("It goes on while Dexter runs. `campaign watch {id}` shows it again.", id=campaign.id)
            self._console.print(left, style="dim", highlight=False)
        return 0

    async def _moments(self, slot: str) -> list[Moment]:
        events = await self._campaigns.moments(self._tenant, self._id, slot)
        return [event.body for event in events if isinstance(event.body, Moment)]


def _asks(campaign: Campaign) -> bool:
    """Tell whether it can do nothing more before a person has said something."""
    stands = campaign.course is Course.PAUSED or bool(open_waits(campaign))
    return stands and not campaign.steps


def _nothing(_campaign: Campaign) -> None:
    """Show nothing that moves: this is no terminal."""
