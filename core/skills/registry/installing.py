"""Installing: a task that verifies, brings in as drafts, tests in the sandbox here, and asks a person.

What a skill needs and is not here comes from the same registry, verified and tested in the same way.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from core.entities import Noun, Principal, Role, Status
from core.errors import BadRequest, NotFound
from core.ports import Registry
from core.sentences import Sentence, all_of, joined, said
from core.skills.bench import Bench
from core.skills.job import Job, ended
from core.skills.promoting import ROUNDS, reviewed
from core.skills.registry.index import Release
from core.skills.registry.sharing import Sharing
from core.skills.registry.signing import fingerprint
from core.skills.registry.statement import Statement
from core.skills.resolve import Candidate, Catalogue, resolve
from core.skills.results import Done, Review, TestRun
from core.skills.skill import Locked, Need, Stage
from core.skills.skills import Skills
from core.skills.trying import attempts, settle


class Wanted(Noun):
    """A package that is to be fetched."""

    name: str
    version: str


class Plan(Noun):
    """What is to be fetched, each behind all that it needs; the last is what was asked for."""

    packages: tuple[Wanted, ...]


class Brought(Noun):
    """A version that came in."""

    statement: Statement
    key: str
    known: bool
    """Its publisher was known here before."""
    version: str
    """The number that it has here."""


class Installing:
    """Does the tasks of the kind `install`; `Task.source` names the registry."""

    def __init__(self, sharing: Sharing, skills: Skills) -> None:
        self._sharing, self._skills = sharing, skills

    async def __call__(self, job: Job, bench: Bench) -> Done:
        """Install a version as far as a machine may, and ask a person to approve it."""
        registry = self._sharing.registry(job.task.source)
        await bench.proved(anew=True)
        plan = await job.apart("plan", partial(self._plan, job, registry), Plan)
        brought = []
        for each in plan.packages:
            fetch = partial(self._fetch, job, registry, each)
            brought.append(await job.apart(f"fetch:{each.name}", fetch, Brought))
        rounds: list[TestRun] = []
        for one in brought:
            tests, problem = await _tried(job, bench, one)
            rounds += tests
            if problem:
                return _done(job, one, problem).but(passed=False, tests=tuple(rounds))
        main = brought[-1]
        version = await bench.skills.version(job.asked.tenant, main.statement.name, main.version)
        review = await job.steps.once("review", lambda: reviewed(bench, version), Review)
        return _done(job, main, _told(brought)).but(passed=True, tests=tuple(rounds), review=review)

    async def _plan(self, job: Job, registry: Registry) -> Plan:
        tenant, name = job.asked.tenant, job.task.skill
        release = await self._sharing.offered(tenant, registry, name, job.task.version)
        needed = await self._needed(tenant, registry, name, release) if release.needs else ()
        return Plan(packages=(*needed, Wanted(name=name, version=release.version)))

    async def _needed(self, tenant: str, registry: Registry, name: str, release: Release) -> Sequence[Wanted]:
        """Return what has to be fetched beside a version; nothing where what is here will do."""
        here = await self._skills.catalogue(tenant, release.needs)
        try:
            await asyncio.to_thread(resolve, name, release.needs, here)
        except BadRequest:
            all_ = await self._skills.catalogue(tenant, release.needs, partial(_offered, registry))
            chosen = await asyncio.to_thread(_chosen, name, release.needs, all_, registry.name)
            return _missing(chosen, all_, here)
        return ()

    async def _fetch(self, job: Job, registry: Registry, wanted: Wanted) -> Brought:
        asked = job.asked
        who = Principal(tenant=asked.tenant, id=asked.asker, name=asked.asker_name, role=Role.GUEST)
        found, known = await self._sharing.vetting.fetched(who, registry, wanted.name, wanted.version)
        source = f"{registry.name}: {found.statement.publisher}"
        version, _ = await self._skills.receive(found.folder, who, source=source, number=wanted.version)
        return Brought(statement=found.statement, key=found.key, known=known, version=version.version)


async def _offered(registry: Registry, name: str) -> Sequence[Candidate]:
    """Return the versions of a skill that could be fetched; what is here and promoted comes before them."""
    try:
        entry = await registry.entry(name)
    except NotFound:
        return ()
    standing = [each for each in entry.listing.releases if each.yanked is None and each.version not in entry.changed]
    return [Candidate(name, each.version, each.content, Stage.DRAFT, each.needs) for each in standing]


def _chosen(name: str, needs: Sequence[Need], all_: Catalogue, registry: str) -> Sequence[Locked]:
    """Return one version of each skill that is needed. Blocks. Raises `BadRequest`, and says what has vanished."""
    try:
        return resolve(name, needs, all_)
    except BadRequest as error:
        gone = sorted(each for each, there in all_.items() if not there)
        if not gone:
            raise
        text = "{name} needs {gone}: neither here nor in the registry {registry} is there such a skill any more."
        why = said(text, name=name, gone=all_of(gone), registry=registry)
        raise BadRequest(joined([why, error.sentence])) from None


def _missing(chosen: Sequence[Locked], all_: Catalogue, here: Catalogue) -> Sequence[Wanted]:
    """Return what of the choice is not here, each behind all that it needs."""
    needs = {c.name: [n.name for each in all_[c.name] if each.version == c.version for n in each.needs] for c in chosen}
    there = {(each.name, each.version) for versions in here.values() for each in versions}
    waiting = {each.name: each for each in chosen}
    found: list[Wanted] = []
    while waiting:  # what was resolved has no circles, so that one is ready each time
        ready = [each for each in waiting.values() if not waiting.keys() & needs[each.name]]
        for each in ready:
            del waiting[each.name]
            if (each.name, each.version) not in there:
                found.append(Wanted(name=each.name, version=each.version))
    return found


async def _tried(job: Job, bench: Bench, one: Brought) -> tuple[tuple[TestRun, ...], Sentence | None]:
    """Return how the tests of a version went here, and why that is no proof, if it is none."""
    version = await bench.skills.version(job.asked.tenant, one.statement.name, one.version)
    if version.stage is Stage.PROMOTED and one.statement.name != job.task.skill:
        return (), None
    tried = await attempts(job, bench, await bench.loaded(version), ROUNDS, f"{version.skill}:")
    await settle(job, bench, version, tried)
    if tried.problem:
        text = "{name} {version} is a draft here and nothing more: {problem}"
        return tried.rounds, said(text, name=version.skill, version=version.version, problem=tried.problem)
    return tried.rounds, None


def _told(brought: Sequence[Brought]) -> Sentence:
    """Return what a person should know before they approve: whose it is, how it came to be, what came with it."""
    *needed, main = brought
    statement, made = main.statement, main.statement.provenance
    text = "{name} {version} is from {publisher}, published on {at} under the key {key}."
    where = {"name": statement.name, "version": statement.version, "publisher": statement.publisher}
    parts = [said(text, at=f"{statement.at:%Y-%m-%d}", key=fingerprint(main.key), **where)]
    if not main.known:
        parts.append(said("Nothing was installed from them before: compare the key with what they say."))
    if made.committee:
        parts.append(said("By their word, it was written by {members}.", members=all_of(made.committee[:10])))
    if made.passed and made.tier:
        text = "By their word, it passed {count} tests, kept apart by the tier “{tier}”."
        parts.append(said(text, count=made.passed, tier=said(made.tier.value)))
    parts.append(said("Its tests passed here in {rounds} fresh runs.", rounds=ROUNDS))
    if needed:
        names = all_of([f"{each.statement.name} {each.statement.version}" for each in needed])
        parts.append(said("With it came, verified and tested as well: {names}.", names=names))
    parts.append(said("It comes into force once a person who may approves it."))
    return joined(parts)


def _done(job: Job, one: Brought, end: Sentence) -> Done:
    """Return the end of the task, which tells of the version as it is numbered here."""
    return ended(job.asked, Status.DONE, end).but(skill=one.statement.name, version=one.version)
