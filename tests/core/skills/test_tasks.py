"""Tasks on skills as durable runs, under a real sandbox: what they give, and what is left of them after a crash."""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any

import psutil
import pytest

from core.entities import Role, Status
from core.errors import DexterError, Misconfigured, NotFound, Unavailable
from core.sandbox import Follow, Isolation, Limits, Program, Ran, Tier
from core.sentences import said
from core.skills.job import Job
from core.skills.results import Done, Started, TestRun
from core.skills.skill import SkillVersion, Stage
from storage.skills import SqlSkills
from storage.store import SqlStore
from storage.transactions import Transactions
from tests.contracts.test_skill_store import move, trial
from tests.doubles.workshop import Kept, Workshop, person, words

WRONG = "def run(text):\n    return len(text)\n"
SLOW = "import time\n\n\ndef run(text):\n    time.sleep(60)\n"


class Broken:
    """A sandbox that holds, or does not, and runs nothing."""

    def __init__(self, tier: Tier | None = Tier.GROUPED, error: DexterError | None = None) -> None:
        self.tier, self.error = tier, error or Unavailable("The sandbox broke.")

    async def run(self, program: Program, limits: Limits, follow: Follow | None = None) -> Ran:
        raise self.error

    async def check(self) -> Isolation:
        return Isolation("broken", self.tier, said("It was tried."), said("Install it."))

    async def aclose(self) -> None:
        """Nothing is open."""


async def put_in_force(workshop: Workshop, version: SkillVersion) -> None:
    """Promote a version without its tests, as if they had passed one day."""
    for stage in (Stage.TESTED, Stage.PROMOTED):
        await workshop.kept.move("local", version.skill, version.version, move(stage))


async def test_a_version_that_passes_its_tests_is_tested_and_one_that_no_longer_does_is_a_draft_again(
    workshop: Workshop,
) -> None:
    version = await workshop.bring(words())
    run, done = await workshop.done(kind="test", skill="word-count", version="1.0.0", input={"times": 2})
    assert (done.status, done.passed, done.text) == (Status.DONE, True, "All tests passed in each of 2 fresh runs: 2.")
    after = await workshop.skills.version("local", "word-count")
    assert (after.stage, after.moves[-1].run, after.content) == (Stage.TESTED, run, version.content)
    record = await workshop.skills.record(after)
    assert (record.tests, record.passed, record.tier, record.failing_since) == (2, 2, done.tests[0].tier, None)
    bodies = [event.body for event in await workshop.store.history("local", run)]
    assert [type(body) for body in bodies] == [Started, TestRun, TestRun, Done]

    await workshop.bring(words(version="1.1.0", code=WRONG))
    await workshop.kept.move("local", "word-count", "1.1.0", move(Stage.TESTED))
    run, done = await workshop.done(kind="test", skill="word-count", version="1.1.0")
    assert (done.passed, done.text) == (False, "1 of 2 tests failed: test_main.py::test_words_are_counted.")
    after = await workshop.skills.version("local", "word-count", "1.1.0")
    record = await workshop.skills.record(after)
    assert (after.stage, record.passed, record.failing_since is None) == (Stage.DRAFT, 1, False)


async def test_tests_that_would_notice_nothing_are_no_proof(workshop: Workshop) -> None:
    await workshop.bring(words(tests="from main import run\n\n\ndef test_it_runs():\n    run('a')\n"))
    _, done = await workshop.done(kind="promote", skill="word-count", version="1.0.0")
    assert (done.passed, done.review) == (False, None)
    assert "broken cop" in done.text
    assert (await workshop.skills.version("local", "word-count")).stage is Stage.DRAFT


async def test_what_runs_is_counted_and_gives_what_it_promises(workshop: Workshop) -> None:
    version = await workshop.bring(words())
    await put_in_force(workshop, version)
    of: dict[str, Any] = {"kind": "run", "skill": "word-count", "version": "1.0.0"}
    _, done = await workshop.done(**of, input={"text": "one two"})
    assert done.produced
    assert (done.status, done.produced.value, done.text) == (Status.DONE, 2, "word-count 1.0.0 is done.")
    assert done.produced.tier is Tier.LIMITED
    _, done = await workshop.done(**of, input={"txt": 1})
    assert (done.status, done.text) == (Status.FAILED, "The input does not fit: `text` is missing.")
    record = await workshop.skills.record(version)
    assert (record.runs, record.succeeded) == (1, 1)


async def test_a_skill_that_breaks_counts_against_it(workshop: Workshop) -> None:
    version = await workshop.bring(words(code="def run(text):\n    return 1 / 0\n"))
    await put_in_force(workshop, version)
    _, done = await workshop.done(kind="run", skill="word-count", version="1.0.0", input={"text": "a"})
    assert done.status is Status.FAILED
    assert "ZeroDivisionError" in done.text
    record = await workshop.skills.record(version)
    assert (record.runs, record.succeeded) == (1, 0)


async def test_a_skill_runs_with_exactly_what_it_was_locked_to_and_not_once_that_is_retired(workshop: Workshop) -> None:
    await workshop.bring(words("base", "1.0.0"))
    using = "from skills import base\n\n\ndef run(text):\n    return 100 + base.run(text=text)\n"
    more = "dexter-skills: base>=1\ndexter-permissions: network:example.com"
    version = await workshop.bring(words(more=more, code=using))
    await workshop.bring(words("base", "2.0.0", code=WRONG))
    await put_in_force(workshop, version)
    of: dict[str, Any] = {"kind": "run", "skill": "word-count", "version": "1.0.0", "input": {"text": "one two"}}
    _, done = await workshop.done(**of)
    assert done.produced
    assert (done.produced.value, done.produced.problem) == (102, None)
    base = await workshop.skills.version("local", "base", "1.0.0")
    await workshop.skills.retire(person(), base, "", anyway=True)
    _, done = await workshop.done(**of)
    assert (done.status, done.produced) == (Status.FAILED, None)
    assert done.text == (
        "word-count 1.0.0 needs base 1.0.0, which is retired: bring in a version that needs another."
    )  # fmt: skip


CRASHES = ("tests:1", "tests:2", "weaknesses", "review")


async def test_a_task_goes_on_after_every_crash_and_neither_runs_nor_says_anything_twice(workshop: Workshop) -> None:
    await workshop.bring(words())
    asked = await workshop.asked(kind="promote", skill="word-count", version="1.0.0")
    steps = Kept()
    for crash in CRASHES:
        steps.crash_at = crash
        with pytest.raises(KeyboardInterrupt):
            await workshop.tasks.carry("local", asked.id, steps)
        assert (await workshop.store.collaboration("local", asked.id)).status is Status.RUNNING
    done = await workshop.carried(asked, steps)
    assert (done.passed, steps.done) == (True, list(CRASHES))
    kinds = Counter(type(body) for body in await workshop.said(asked))
    assert kinds == {Started: 1, TestRun: 2, Done: 1}
    version = await workshop.skills.version("local", "word-count")
    assert [each.stage for each in version.moves] == [Stage.DRAFT, Stage.TESTED]
    await workshop.tasks.carry("local", asked.id, Kept())
    assert await workshop.carried(asked, Kept()) == done


async def test_a_crash_between_the_run_and_its_count_counts_it_once(workshop: Workshop) -> None:
    version = await workshop.bring(words())
    await put_in_force(workshop, version)
    asked = await workshop.asked(kind="run", skill="word-count", version="1.0.0", input={"text": "a"})
    steps = Kept()
    steps.crash_at = "run"
    with pytest.raises(KeyboardInterrupt):
        await workshop.tasks.carry("local", asked.id, steps)
    await workshop.kept.note(trial(asked.id, skill="word-count", kind="use"))  # as if it had died a little later
    await workshop.carried(asked, steps)
    assert (await workshop.skills.record(version)).runs == 1
    assert steps.done == ["run"]


async def test_a_person_who_stops_a_run_ends_the_program_too(workshop: Workshop) -> None:
    version = await workshop.bring(words(code=SLOW))
    await put_in_force(workshop, version)
    await workshop.pool.proved()
    asked = await workshop.asked(kind="run", skill="word-count", version="1.0.0", input={"text": "a"})
    steps = Kept()
    carried = asyncio.ensure_future(workshop.carried(asked, steps))

    async def at_work() -> bool:
        with suppress(psutil.NoSuchProcess):  # what ends while it is looked at
            return any(each.name() == "bwrap" for each in psutil.Process().children(recursive=True))
        return False

    async with asyncio.timeout(30):
        while not await at_work():
            await asyncio.sleep(0.05)
    steps.stopped = True
    async with asyncio.timeout(30):
        done = await carried
    assert (done.status, done.text) == (Status.STOPPED, "A person stopped this run.")
    assert not await at_work()
    assert (await workshop.skills.record(version)).runs == 0


@pytest.fixture
def on(on_sqlite: Transactions) -> tuple[SqlStore, SqlSkills]:
    return SqlStore(on_sqlite), SqlSkills(on_sqlite)


@pytest.mark.parametrize("kind", ["run", "test", "promote", "check"])
@pytest.mark.parametrize(
    ("sandbox", "least", "said"),
    [
        (Broken(), Tier.LIMITED, "The sandbox broke."),
        (Broken(error=Misconfigured("Install bubblewrap.")), Tier.LIMITED, "Install bubblewrap."),
        (Broken(tier=None), Tier.LIMITED, "reaches none. It was tried. Install it."),
        (Broken(), Tier.MACHINE, "the tier “machine” is wanted, and the sandbox broken reaches grouped. It was tried."),
    ],
)
async def test_without_a_sandbox_that_holds_nothing_runs_and_it_is_said_why(
    on: tuple[SqlStore, SqlSkills], kind: str, sandbox: Broken, least: Tier, said: str
) -> None:
    workshop = Workshop(*on, sandbox, least)
    version = await workshop.bring(words())
    if kind in ("run", "check"):
        await put_in_force(workshop, version)
    named: dict[str, Any] = {} if kind == "check" else {"skill": "word-count", "version": "1.0.0"}
    _, done = await workshop.done(kind=kind, **named, input={"text": "a"} if kind == "run" else {})
    assert done.status is Status.FAILED
    assert said in done.text
    after = await workshop.skills.version("local", "word-count")
    assert after.stage is version.stage or kind in ("run", "check")
    assert (await workshop.skills.record(after)).tested_at is None


async def test_what_is_not_promoted_runs_for_those_alone_who_may(on: tuple[SqlStore, SqlSkills]) -> None:
    workshop = Workshop(*on, Broken())
    version = await workshop.bring(words())
    of: dict[str, Any] = {"kind": "run", "skill": "word-count", "version": "1.0.0", "input": {"text": "a"}}
    _, done = await workshop.done(person(Role.MEMBER), **of)
    assert done.text.startswith("word-count 1.0.0 is draft, not promoted")
    _, done = await workshop.done(**of, unpromoted=True)
    assert done.text == "The sandbox broke."
    await workshop.skills.retire(person(), version, "", anyway=False)
    _, done = await workshop.done(**of, unpromoted=True)
    assert done.text == "word-count 1.0.0 is retired, and never runs again."
    for kind in ("test", "promote"):
        _, done = await workshop.done(kind=kind, skill="word-count", version="1.0.0")
        assert done.text == "word-count 1.0.0 is retired, and never runs again."


async def test_a_fault_of_dexters_own_ends_in_words_and_so_does_what_the_engine_gives_up(
    on: tuple[SqlStore, SqlSkills],
) -> None:
    async def fault(job: Job, bench: object) -> Done:
        raise ValueError("secret")

    workshop = Workshop(*on, Broken(), more={"install": fault})
    run, done = await workshop.done(kind="install", source="https://example.com")
    assert done.text == f"Something went wrong inside Dexter; its log has the details under run {run}."
    bare = Workshop(*on, Broken())
    bare._count = 1
    _, done = await bare.done(kind="install")
    assert (done.status, done.text) == (Status.FAILED, "Dexter does not know how to install a skill here.")
    asked = await bare.asked(kind="check")
    await bare.tasks.fail("local", asked.id, Unavailable("The database is gone."))
    await bare.tasks.fail("local", asked.id, Unavailable("Again."))
    assert (await bare.carried(asked, Kept())).text == "The database is gone."


async def test_a_store_that_does_not_answer_is_waited_for(on: tuple[SqlStore, SqlSkills]) -> None:
    async def away(job: Job, bench: object) -> Done:
        raise Unavailable("The database does not answer.")

    workshop = Workshop(*on, Broken(), more={"install": away})
    asked = await workshop.asked(kind="install")
    with pytest.raises(Unavailable):
        await workshop.tasks.carry("local", asked.id, Kept())
    assert (await workshop.store.collaboration("local", asked.id)).status is Status.RUNNING


async def test_a_check_tells_what_passed_before_and_fails_now_and_moves_nothing(workshop: Workshop) -> None:
    for name, code in (("good", None), ("fresh", WRONG), ("old", WRONG)):
        await put_in_force(workshop, await workshop.bring(words(name, **{"code": code} if code else {})))
    await workshop.kept.note(trial("r", skill="fresh"))
    await workshop.kept.note(trial("r", skill="old", held=False))
    await workshop.bring(words("draft", code=WRONG))
    steps = Kept()
    run, done = await workshop.done(kind="check", steps=steps)
    assert done.passed is False
    assert done.text == (
        "Of 3 promoted versions, 1 hold. These passed before and fail now: fresh 1.0.0. "
        "These still fail: old 1.0.0."
    )  # fmt: skip
    assert [tests.subject for tests in done.tests] == ["fresh 1.0.0", "old 1.0.0"]
    keys = {f"check:{name}:1.0.0" for name in ("good", "fresh", "old")}
    assert set(steps.done) == keys | {"due"}
    for name, failing in (("good", False), ("fresh", True), ("old", True)):
        version = await workshop.skills.version("local", name)
        record = await workshop.skills.record(version)
        assert (version.stage, record.failing_since is not None) == (Stage.PROMOTED, failing)
    again = Kept()
    again.pages = steps.pages
    asked = await workshop.asked(kind="check")
    assert (await workshop.carried(asked, again)).text == done.text  # a replay says the same, whatever the records say
    assert again.done == []
    assert run != asked.id


async def test_a_promoted_version_whose_need_is_retired_fails_the_check_and_what_is_gone_is_passed_over(
    on: tuple[SqlStore, SqlSkills],
) -> None:
    workshop = Workshop(*on, Broken())
    base = await workshop.bring(words("base"))
    await put_in_force(workshop, await workshop.bring(words(more="dexter-skills: base")))
    await workshop.skills.retire(person(), base, "", anyway=True)
    _, done = await workshop.done(kind="check")
    assert (done.status, done.passed) == (Status.DONE, False)
    (tests,) = done.tests
    assert str(tests.problem).startswith("word-count 1.0.0 needs base 1.0.0, which is retired")
    steps = Kept()
    steps.pages["due"] = '[{"skill": "base", "version": "1.0.0", "failing": false}]'
    _, done = await workshop.done(kind="check", steps=steps)
    assert (done.passed, done.tests) == (True, ())


async def test_packages_that_cannot_be_had_end_a_task_in_words_and_fail_a_check(on: tuple[SqlStore, SqlSkills]) -> None:
    error: DexterError = Unavailable("The index does not answer.")

    class Without(Workshop):
        async def _libraries(self, version: SkillVersion) -> tuple[Any, ...]:
            raise error

    workshop = Without(*on, Broken())
    await put_in_force(workshop, await workshop.bring(words()))
    _, done = await workshop.done(kind="run", skill="word-count", version="1.0.0", input={"text": "a"})
    assert (done.status, done.text) == (Status.FAILED, "The index does not answer.")
    error = NotFound("The wheel has vanished.")
    _, done = await workshop.done(kind="check")
    assert [str(tests.problem) for tests in done.tests] == ["The wheel has vanished."]
