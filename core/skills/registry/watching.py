"""The health check of all skills, and beside it: what registries say now of what came from them."""

import logging

from core.errors import DexterError
from core.sentences import Sentence, all_of, joined, said
from core.skills.bench import Bench
from core.skills.checking import check
from core.skills.job import Job
from core.skills.registry.sharing import Sharing, Standing
from core.skills.results import Done
from core.skills.trying import MOST_NAMED

log = logging.getLogger(__name__)


class Watching:
    """Does the tasks of the kind `check`; tells registries how skills from there fare, where that is wanted."""

    def __init__(self, sharing: Sharing) -> None:
        self._sharing = sharing

    async def __call__(self, job: Job, bench: Bench) -> Done:
        """Try every promoted version, and name what was withdrawn or exchanged since it was installed."""
        done = await check(job, bench)
        standings = await job.steps.once("standings", lambda: self._looked(job.asked.tenant), tuple[Standing, ...])
        wrong = [f"{each.origin.skill} {each.origin.version}" for each in standings if each.problem and each.reached]
        if not wrong:
            return done
        names = all_of(wrong[:MOST_NAMED])
        text = said("These were withdrawn or exchanged since they were installed: {names}.", names=names)
        end = joined([done.sentence or Sentence(template=done.text), text])
        return done.but(passed=False, text=str(end), sentence=end)

    async def _looked(self, tenant: str) -> tuple[Standing, ...]:
        standings = tuple(await self._sharing.installed(tenant))
        for skill in dict.fromkeys(each.origin.skill for each in standings if each.reached):
            try:
                await self._sharing.report(tenant, skill)
            except DexterError as error:  # it is told the next time
                log.info("not told how %s fares: %s", skill, error)
        return standings
