"""Trying versions: their tests, in fresh runs and more than once, and whether those tests prove anything."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from core.entities import Status, now
from core.errors import BadRequest
from core.sandbox import Tier
from core.sentences import Sentence, all_of, joined, said
from core.skills.bench import Bench, Loaded
from core.skills.job import Job
from core.skills.record import Trial
from core.skills.results import Done, TestRun
from core.skills.skill import Move, SkillVersion, Stage
from core.skills.testing import tested, weaknesses

MOST_ROUNDS = 10
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying a version."""

    rounds: tuple[TestRun, ...]
    problem: Sentence | None
    """Why that is no proof; `None` where all passed, in every round, and the tests would notice a fault."""

    @property
    def end(self) -> Sentence:
        """Return what there is to say."""
        if self.problem:
            return self.problem
        count, rounds = len(self.rounds[-1].results), len(self.rounds)
        if rounds == 1:
            return said("All tests passed: {count}.", count=count)
        return said("All tests passed in each of {rounds} fresh runs: {count}.", count=count, rounds=rounds)


async def test(job: Job, bench: Bench) -> Done:
    """Try a version: a draft that holds is tested then, and one that was tested and fails is a draft again."""
    version = await bench.version(job)
    asked = job.task.input.get("times", 1)
    times = min(max(asked, 1), MOST_ROUNDS) if isinstance(asked, int) else 1
    it = await bench.loaded(version)
    await bench.proved()
    tried = await attempts(job, bench, it, times)
    await settle(job, bench, version, tried)
    return job.done(Status.DONE, tried.end).but(passed=tried.problem is None, tests=tried.rounds)


async def attempts(job: Job, bench: Bench, it: Loaded, times: int, prefix: str = "") -> Tried:
    """Run the tests of a version `times` times, each apart from the other, and then against broken copies of it.

    A `prefix` keeps the steps of several versions in one run apart.
    """
    rounds = []
    for number in range(1, times + 1):
        tests = await once(job, bench, it, f"{prefix}tests:{number}", number)
        await job.tell(f"{prefix}tests:{number}", tests)
        rounds.append(tests)
    problem = _unproved(rounds, bench.least)
    return Tried(tuple(rounds), problem or await _weakness(job, bench, it, f"{prefix}weaknesses"))


async def once(job: Job, bench: Bench, it: Loaded, key: str, number: int = 1) -> TestRun:
    """Run the tests of a version one time."""
    version = it.version
    subject = f"{version.skill} {version.version}"

    async def work() -> TestRun:
        sandbox, libraries = bench.pool.of(version.tenant), it.libraries
        return await tested(sandbox, it.folder, it.needed, subject=subject, round=number, libraries=libraries)

    return await job.apart(key, work, TestRun)


async def _weakness(job: Job, bench: Bench, it: Loaded, key: str) -> Sentence | None:
    """Return why the tests of a version prove nothing, if that is so."""

    async def work() -> tuple[Sentence, ...]:
        return await weaknesses(bench.pool.of(it.version.tenant), it.folder, it.needed, libraries=it.libraries)

    found = await job.apart(key, work, tuple[Sentence, ...])
    return joined(found[:MOST_NAMED]) if found else None


def _unproved(rounds: Sequence[TestRun], least: Tier) -> Sentence | None:
    """Return what is wrong with some rounds of the same tests, if anything is."""
    if problem := next((tests.problem for tests in rounds if tests.problem), None):
        return problem
    if not all(tests.tier and tests.tier.reaches(least) for tests in rounds):
        return said("The tests were not kept apart by the tier “{least}” or a stronger one.", least=said(least.value))
    outcomes = [{result.name: result.outcome for result in tests.results} for tests in rounds]
    names = list(dict.fromkeys(name for each in outcomes for name in each))
    if moody := [name for name in names if len({each.get(name) for each in outcomes}) > 1]:
        return said("These tests pass at one time and not at another: {names}.", names=all_of(moody[:MOST_NAMED]))
    if failed := [name for name in names if outcomes[0][name] in ("failed", "error")]:
        text = "{failed} of {count} tests failed: {names}."
        return said(text, failed=len(failed), count=len(names), names=all_of(failed[:MOST_NAMED]))
    return None if all(tests.passed for tests in rounds) else said("There is no test that passed.")


async def settle(job: Job, bench: Bench, version: SkillVersion, tried: Tried) -> None:
    """Count a trial, and move the version where that follows from it; a replay changes nothing."""
    held = tried.problem is None
    await count(job, bench, version, tried.rounds[-1], held=held)
    after = {(Stage.DRAFT, True): Stage.TESTED, (Stage.TESTED, False): Stage.DRAFT}.get((version.stage, held))
    if after:
        by = job.asked
        move = Move(stage=after, by=by.asker, by_name=by.asker_name, at=now(), run=by.id)
        with suppress(BadRequest):  # somebody took a step of their own meanwhile, and it stays
            await bench.kept.move(version.tenant, version.skill, version.version, move)


async def count(job: Job, bench: Bench, version: SkillVersion, tests: TestRun, *, held: bool) -> None:
    """Let the record of a version say how its last tests went."""
    trial = Trial(
        tenant=version.tenant,
        run=job.asked.id,
        skill=version.skill,
        version=version.version,
        kind="tests",
        held=held,
        at=now(),
        tests=len(tests.results),
        passed=sum(result.outcome == "passed" for result in tests.results),
        tier=tests.tier,
    )
    await bench.kept.note(trial)
