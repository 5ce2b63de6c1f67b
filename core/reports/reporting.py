"""The task `report`: the data is read, a committee sums it up, and it goes where it was asked to go."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.campaigns.campaign import Campaign
from core.campaigns.store import CampaignStore
from core.committee.patterns import Pattern
from core.entities import Collaboration, Noun, Status
from core.errors import BadRequest, DexterError, Misconfigured, Unavailable
from core.events import Answer
from core.ports import Steps
from core.reports.chart import Say
from core.reports.files import Files
from core.reports.frame import Assumed, Frame
from core.reports.kinds.adoption import adoption
from core.reports.kinds.campaign import MOST, campaign, campaign_report, lasting
from core.reports.kinds.collaborations import collaborations
from core.reports.kinds.models import models
from core.reports.kinds.service import service
from core.reports.kinds.skills import skills
from core.reports.kinds.usage import usage
from core.reports.letter import Mail
from core.reports.period import read_period
from core.reports.report import Kind, Report, bounded
from core.reports.sending import Shelf, mailed, shelved
from core.reports.store import ReportStore
from core.reports.summary import summarised
from core.reports.wanted import Wanted, wanted_of
from core.sentences import Sentence, joined, said
from core.skills.bench import Bench
from core.skills.job import Job, ended
from core.skills.results import Done

Make = Callable[[ReportStore, Frame], Awaitable[Report]]
MAKERS: Mapping[Kind, Make] = {
    "collaborations": collaborations,
    "models": models,
    "skills": skills,
    "usage": usage,
    "adoption": adoption,
    "service": service,
}
"""Those over a period; `campaign` is of one campaign."""
Aside = Callable[[str, Collaboration, Pattern, Steps], Awaitable[Answer]]
"""Has a committee answer a question inside a run; see `core.committee.collaborations.Collaborations.aside`."""


class Sent(Noun):
    """What came of sending a report somewhere."""

    sentence: Sentence
    good: bool


@dataclass(frozen=True, slots=True)
class Places:
    """Where a report can go besides the chat."""

    mail: Mail
    shelf: Shelf
    files: Files


class Reports:
    """Makes reports from what is kept."""

    def __init__(
        self, store: ReportStore, campaigns: CampaignStore, language: Callable[[str], Say], assumed: Assumed
    ) -> None:
        """`language` gives what says sentences in a language."""
        self._store, self._campaigns, self.language, self._assumed = store, campaigns, language, assumed

    async def make(self, wanted: Wanted, asked: Collaboration) -> Report:
        """Return the report that a run asks for, without a summary. Raises `BadRequest` and `NotFound`.

        What its asker asked in private is in it only where they alone read it.
        """
        today = asked.created_at.date()
        frame = Frame(
            tenant=asked.tenant,
            period=read_period(wanted.period, today),
            at=asked.created_at,
            say=self.language(asked.language),
            language=asked.language,
            reader=asked.asker if asked.private and not (wanted.mail or wanted.folder) else "",
            only=None if wanted.whole else asked.asker,
            assumed=self._assumed,
        )
        made = await self._made(wanted, frame)
        return bounded(made.but(formats=wanted.formats))

    async def final(self, of: Campaign) -> Report:
        """Return the report of a campaign that is over, to go with its end: charts, and all of it as a document."""
        at, say = of.ended_at or of.created_at, self.language(of.language)
        frame = Frame(tenant=of.tenant, period=lasting(of, at), at=at, say=say, language=of.language)
        log = await self._campaigns.log(of.tenant, of.id, limit=MOST)
        return bounded(campaign_report(of, log, frame).but(formats=("pdf",)))

    async def _made(self, wanted: Wanted, frame: Frame) -> Report:
        if wanted.kind != "campaign":
            return await MAKERS[wanted.kind](self._store, frame)
        if not wanted.campaign:
            raise BadRequest("Which campaign? Type it like this: `report campaign k3f9x2mqabcd`.")
        return await campaign(self._campaigns, wanted.campaign, frame)


class Reporting:
    """Does the tasks of the kind `report`."""

    def __init__(self, reports: Reports, aside: Aside, places: Places) -> None:
        self._reports, self._aside, self._places = reports, aside, places

    async def __call__(self, job: Job, bench: Bench) -> Done:
        """Make a report, have it summed up, and send it. Each of these is done once, whatever happens on the way."""
        wanted = wanted_of(job.task.input)
        report = await job.steps.once("data", lambda: self._reports.make(wanted, job.asked), Report)
        if wanted.committee:
            asked = job.asked.but(committee=wanted.committee)
            ask = partial(_ask, self._aside, job.steps)
            report = await summarised(report, asked, ask, self._reports.language(report.language))
        sent = [await self._sent(job, report, each) for each in _places(wanted)]
        told = joined([said("{title}", title=report.title), *(each.sentence for each in sent)])
        done = ended(job.asked, Status.DONE, told)
        return done.but(report=report, passed=all(each.good for each in sent) if sent else None)

    async def _sent(self, job: Job, report: Report, place: tuple[str, str]) -> Sent:
        """Send a report somewhere, once; what cannot be done is said, and keeps nothing else from being done."""
        kind, where = place

        async def work() -> Sent:
            try:
                return Sent(sentence=await self._send(job, report, kind, where), good=True)
            except (Unavailable, Misconfigured, DexterError) as error:
                return Sent(sentence=error.sentence, good=False)

        return await job.steps.once(f"{kind}:{where}", work, Sent)

    async def _send(self, job: Job, report: Report, kind: str, where: str) -> Sentence:
        say, places = self._reports.language(report.language), self._places
        if kind == "mail":
            await mailed(report, f"{job.asked.id}.{where}", where, places.mail, places.files, say)
            return said("It was sent to {address}.", address=where)
        path = await shelved(report, where, places.shelf, places.files, say)
        return said("It is in {folder}.", folder=path)


async def _ask(aside: Aside, steps: Steps, key: str, asked: Collaboration, pattern: Pattern) -> Answer:
    return await aside(key, asked, pattern, steps)


def _places(wanted: Wanted) -> Sequence[tuple[str, str]]:
    folders = (("folder", wanted.folder),) if wanted.folder else ()
    return (*(("mail", address) for address in dict.fromkeys(wanted.mail)), *folders)
