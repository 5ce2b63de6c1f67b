"""The health check of all skills: what passed its tests and now fails."""

from collections.abc import Sequence

from core.entities import Noun, Status
from core.errors import BadRequest, NotFound
from core.sentences import Sentence, all_of, joined, said
from core.skills.bench import Bench
from core.skills.job import Job
from core.skills.results import Done, TestRun
from core.skills.skill import Stage
from core.skills.trying import MOST_NAMED, count, once

MOST_CHECKED = 500
"""Versions that one check tries; those whose last test is the longest ago come first."""


class Due(Noun):
    """A promoted version that is to be tried, and whether its last tests failed."""

    skill: str
    version: str
    failing: bool

    @property
    def subject(self) -> str:
        """Return its name and number."""
        return f"{self.skill} {self.version}"


async def check(job: Job, bench: Bench) -> Done:
    """Try every promoted version, one after the other, and name those that fail; none of them is moved."""

    async def listed() -> tuple[Due, ...]:
        found = await bench.kept.stalest(job.asked.tenant, limit=MOST_CHECKED)
        return tuple(Due(skill=skill, version=version, failing=failing) for skill, version, failing in found)

    await bench.proved()
    due = await job.steps.once("due", listed, tuple[Due, ...])
    tried = [(each, await _tried(job, bench, each)) for each in due]
    failed = [(each, tests) for each, tests in tried if tests and not tests.passed]
    fresh = [tests for each, tests in failed if not each.failing]
    still = [tests for each, tests in failed if each.failing]
    return job.done(Status.DONE, _said(len(due), fresh, still)).but(passed=not fresh, tests=(*fresh, *still))


async def _tried(job: Job, bench: Bench, due: Due) -> TestRun | None:
    """Return how the tests of a version went; nothing of one that is no longer promoted."""
    version = await bench.skills.version(job.asked.tenant, due.skill, due.version)
    if version.stage is not Stage.PROMOTED:
        return None
    key = f"check:{due.skill}:{due.version}"
    try:
        tests = await once(job, bench, await bench.loaded(version), key)
    except (
        BadRequest,
        NotFound,
    ) as error:  # what it needs is retired or vanished: it runs no more, which is to be known
        tests = TestRun(subject=due.subject, problem=error.sentence)
    await job.tell(key, tests)
    await count(job, bench, version, tests, held=tests.passed)
    return tests


def _said(count: int, fresh: Sequence[TestRun], still: Sequence[TestRun]) -> Sentence:
    if not count:
        return said("No skill is promoted: there is nothing to check.")
    held = count - len(fresh) - len(still)
    parts = [said("Of {count} promoted versions, {held} hold.", count=count, held=held)]
    if fresh:
        parts.append(said("These passed before and fail now: {names}.", names=_names(fresh)))
    if still:
        parts.append(said("These still fail: {names}.", names=_names(still)))
    return joined(parts)


def _names(tests: Sequence[TestRun]) -> Sentence:
    return all_of([each.subject for each in tests][:MOST_NAMED])
