"""What commands and posts need of reports: who makes them, where they go, and the files that go with them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.shapes import Attached, Foot, Post
from bot.words import Words, words_for
from core.campaigns.campaign import Campaign
from core.events import Event
from core.reports.chart import Say
from core.reports.report import Report
from core.reports.reporting import Places, Reports
from core.sentences import Sentence
from core.skills.results import Done


@dataclass(frozen=True, slots=True)
class Bureau:
    """What commands and posts need of reports."""

    reports: Reports
    places: Places
    summaries: str
    """Which committee writes summaries where nobody says."""

    async def illustrated(self, post: Post, events: Sequence[Event], words: Words) -> Post:
        """Return the post of a run with the files of its report, if it made one, and what could not be made."""
        done = next((event.body for event in events if isinstance(event.body, Done)), None)
        if done is None or done.report is None:
            return post
        return await self._with(post, done.report, words)

    async def concluded(self, post: Post, campaign: Campaign, words: Words) -> Post:
        """Return the post of a campaign's end with its final report: charts, and all of it as a document."""
        if not campaign.objectives:
            return post
        return await self._with(post, await self.reports.final(campaign), words)

    async def _with(self, post: Post, report: Report, words: Words) -> Post:
        files, lacking = await self.attached(report, words)
        return replace(post, parts=(*post.parts, *(Foot(words.say(why)) for why in lacking), *files))

    async def attached(self, report: Report, words: Words) -> tuple[list[Attached], list[Sentence]]:
        """Return the files of a report, and a sentence for each that could not be made."""
        made = [await make(report, words.say) for make in (self.places.files.pictures, self.places.files.wanted)]
        files = [Attached(file.name, file.media, file.content, file.alt) for each in made for file in each.files]
        return files, [why for each in made for why in each.lacking]


def language(name: str) -> Say:
    """Return what says sentences in a language."""
    return words_for(name).say
