"""Making a version ready for promotion: proved anew, tried twice, and shown with what differs from the one in force."""

import asyncio

from core.entities import Status
from core.errors import BadRequest
from core.sentences import joined, said
from core.skills.bench import Bench
from core.skills.difference import difference
from core.skills.job import Job
from core.skills.results import Done, Review
from core.skills.skill import SkillVersion, Stage
from core.skills.trying import attempts, settle

ROUNDS = 2
"""Fresh runs that all have to pass."""


async def promote(job: Job, bench: Bench) -> Done:
    """Try a version as promotion wants it, and ask a person to approve it where it holds."""
    version = await bench.version(job)
    if version.stage is Stage.PROMOTED:
        raise BadRequest("{name} {version} is promoted already.", name=version.skill, version=version.version)
    it = await bench.loaded(version)
    await bench.proved(anew=True)
    tried = await attempts(job, bench, it, ROUNDS)
    await settle(job, bench, version, tried)
    if tried.problem:
        return job.done(Status.DONE, tried.problem).but(passed=False, tests=tried.rounds)
    review = await job.steps.once("review", lambda: reviewed(bench, version), Review)
    end = joined([tried.end, said("It comes into force once a person who may approves it.")])
    return job.done(Status.DONE, end).but(passed=True, tests=tried.rounds, review=review)


async def reviewed(bench: Bench, version: SkillVersion) -> Review:
    """Return what a person approves: what it may do, and what differs from the version in force."""
    before = await bench.skills.in_force(version.tenant, version.skill)
    permissions = await bench.permissions(version)
    had = await bench.permissions(before) if before else ()
    old = (await bench.skills.folder(before)).files if before else {}
    new = (await bench.skills.folder(version)).files
    found = await asyncio.to_thread(difference, old, new)
    return Review(
        before=before.version if before else "",
        content=version.content,
        permissions=permissions,
        added=tuple(each for each in permissions if each not in had),
        lines=found.lines,
        whole=found.whole,
    )
