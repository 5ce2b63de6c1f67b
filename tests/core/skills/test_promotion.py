"""What people decide: nothing comes into force but what was tested and approved, by those alone who may."""

import asyncio

import pytest

from core.entities import Role, Status
from core.errors import BadRequest, NotAllowed, NotFound
from core.sandbox import Tier
from core.skills.job import event
from core.skills.promoting import reviewed
from core.skills.results import Approval, Done, Review, TestResult, TestRun
from core.skills.skill import SkillVersion, Stage
from storage.skills import SqlSkills
from storage.store import SqlStore
from storage.transactions import Transactions
from tests.contracts.test_skill_store import move
from tests.core.skills.test_tasks import Broken
from tests.doubles.workshop import Kept, Workshop, person, words

ADMINISTRATOR, OPERATOR, MEMBER = person(Role.ADMINISTRATOR), person(), person(Role.MEMBER)
REACH = "dexter-permissions: network:api.example.com secret:API_TOKEN"


@pytest.fixture
def dry(on_sqlite: Transactions) -> Workshop:
    """A workshop whose tests are made up."""
    return Workshop(SqlStore(on_sqlite), SqlSkills(on_sqlite), Broken())


async def ready(workshop: Workshop, version: SkillVersion, *, passed: bool = True, tier: Tier = Tier.LIMITED) -> str:
    """Return a run that ends as a real one does whose tests went so."""
    asked = await workshop.asked(kind="promote", skill=version.skill, version=version.version)
    result = TestResult(name="t", outcome="passed" if passed else "failed")
    tests = TestRun(subject=f"{version.skill} {version.version}", results=(result,), tier=tier)
    review = await reviewed(workshop.bench, version) if passed else None
    done = Done(
        task="promote", skill=version.skill, version=version.version, status=Status.DONE, passed=passed,
        tests=(tests, tests), review=review,
    )  # fmt: skip
    await workshop.store.append(event(asked, "done", done))
    await workshop.store.settle(asked.id, Status.DONE)
    if passed and version.stage is Stage.DRAFT:
        await workshop.kept.move("local", version.skill, version.version, move(Stage.TESTED))
    return asked.id


async def stage(workshop: Workshop, number: str = "1.0.0", name: str = "word-count") -> Stage:
    return (await workshop.skills.version("local", name, number)).stage


async def in_force(workshop: Workshop, name: str = "word-count") -> str:
    found = await workshop.skills.in_force("local", name)
    return found.version if found else ""


async def test_from_draft_to_promoted_and_the_next_version_with_what_differs(workshop: Workshop) -> None:
    first = await workshop.bring(words())
    run, done = await workshop.done(kind="promote", skill="word-count", version="1.0.0")
    assert done.review == Review(content=first.content, lines=done.review.lines if done.review else ())
    assert done.review
    assert "+    return len(text.split())" in done.review.lines
    assert (await stage(workshop), await in_force(workshop)) == (Stage.TESTED, "")
    after = await workshop.promotions.approve(OPERATOR, run, yes=True, why="for the team")
    last = after.moves[-1]
    assert (after.stage, last.by, last.why, last.run) == (Stage.PROMOTED, OPERATOR.id, "for the team", run)
    approval = (await workshop.store.history("local", run))[-1].body
    assert isinstance(approval, Approval)
    assert (approval.yes, approval.what, approval.person) == (True, "promote word-count 1.0.0", OPERATOR.id)
    assert await in_force(workshop) == "1.0.0"

    await workshop.bring(words(version="1.1.0", code="def run(text):\n    return sum(1 for _ in text.split())\n"))
    run, done = await workshop.done(kind="promote", skill="word-count", version="1.1.0")
    assert done.review
    assert done.review.before == "1.0.0"
    assert {"-    return len(text.split())", "+    return sum(1 for _ in text.split())"} <= set(done.review.lines)
    assert await in_force(workshop) == "1.0.0"
    await workshop.promotions.approve(OPERATOR, run, yes=True)
    assert await in_force(workshop) == "1.1.0"
    taken, before = await workshop.promotions.rollback(OPERATOR, "word-count", "too slow")
    assert before
    assert (taken.version, taken.stage, taken.moves[-1].why) == ("1.1.0", Stage.TESTED, "too slow")
    assert before.version == await in_force(workshop) == "1.0.0"


async def test_a_no_stands_and_moves_nothing(dry: Workshop) -> None:
    run = await ready(dry, await dry.bring(words()))
    assert (await dry.promotions.approve(OPERATOR, run, yes=False, why="no")).stage is Stage.TESTED
    with pytest.raises(BadRequest, match="That was turned down before, by Ada"):
        await dry.promotions.approve(OPERATOR, run, yes=True)
    assert await in_force(dry) == ""


async def test_a_yes_counts_once_also_after_a_rollback(dry: Workshop) -> None:
    run = await ready(dry, await dry.bring(words()))
    answers = await asyncio.gather(
        *(dry.promotions.approve(OPERATOR, run, yes=True) for _ in range(5)), return_exceptions=True
    )
    assert [type(answer) for answer in answers].count(SkillVersion) == 1
    _, before = await dry.promotions.rollback(OPERATOR, "word-count")
    assert before is None
    with pytest.raises(BadRequest, match="That was approved before, by Ada"):
        await dry.promotions.approve(OPERATOR, run, yes=True)
    with pytest.raises(BadRequest, match="No version of word-count is promoted"):
        await dry.promotions.rollback(OPERATOR, "word-count")
    assert await in_force(dry) == ""


async def test_members_decide_nothing_and_reach_is_for_administrators(dry: Workshop) -> None:
    run = await ready(dry, await dry.bring(words(more=REACH)))
    for yes in (True, False):
        with pytest.raises(NotAllowed, match="promote or retire them: your role here is member"):
            await dry.promotions.approve(MEMBER, run, yes=yes)
    with pytest.raises(NotAllowed, match="reaches the network or a secret: your role here is operator"):
        await dry.promotions.approve(OPERATOR, run, yes=True)
    with pytest.raises(NotAllowed):
        await dry.promotions.rollback(MEMBER, "word-count")
    assert await stage(dry) is Stage.TESTED
    await dry.promotions.approve(ADMINISTRATOR, run, yes=True)
    approval = (await dry.store.history("local", run))[-1].body
    assert isinstance(approval, Approval)
    assert approval.permissions == ("network:api.example.com", "secret:API_TOKEN")
    second = await dry.bring(words(version="1.1.0", more=REACH, code="def run(text):\n    return 0\n"))
    await dry.promotions.approve(OPERATOR, await ready(dry, second), yes=True)  # nothing is added to what was approved
    assert await in_force(dry) == "1.1.0"


async def test_what_a_needed_skill_asks_for_is_asked_for(dry: Workshop) -> None:
    await dry.bring(words("base", more=REACH))
    version = await dry.bring(words(more="dexter-skills: base\ndexter-permissions: secret:MINE"))
    review = await reviewed(dry.bench, version)
    assert review.permissions == review.added == ("secret:MINE", "network:api.example.com", "secret:API_TOKEN")
    with pytest.raises(NotAllowed):
        await dry.promotions.approve(OPERATOR, await ready(dry, version), yes=True)


async def test_an_operator_cannot_promote_reach_by_way_of_a_version_that_is_gone(dry: Workshop) -> None:
    first = await ready(dry, await dry.bring(words(more=REACH)))
    await dry.promotions.approve(ADMINISTRATOR, first, yes=True)
    second = await ready(dry, await dry.bring(words(version="1.1.0", more=REACH, tests="x = 1\n")))
    await dry.skills.retire(ADMINISTRATOR, await dry.skills.version("local", "word-count", "1.0.0"), "", anyway=True)
    with pytest.raises(BadRequest, match="No version of word-count is in force any more: have it promoted anew"):
        await dry.promotions.approve(OPERATOR, second, yes=True)


async def test_a_review_of_before_another_version_came_into_force_is_stale(dry: Workshop) -> None:
    old = await ready(dry, await dry.bring(words()))
    new = await ready(dry, await dry.bring(words(version="1.1.0", tests="x = 1\n")))
    await dry.promotions.approve(OPERATOR, new, yes=True)
    with pytest.raises(BadRequest, match=r"word-count 1\.1\.0 is in force by now: have it promoted anew"):
        await dry.promotions.approve(OPERATOR, old, yes=True)


async def test_what_failed_since_or_was_retired_is_not_promoted(dry: Workshop) -> None:
    run = await ready(dry, await dry.bring(words()))
    await dry.kept.move("local", "word-count", "1.0.0", move(Stage.DRAFT))
    with pytest.raises(BadRequest, match="is draft, and cannot become promoted"):
        await dry.promotions.approve(OPERATOR, run, yes=True)
    await dry.skills.retire(OPERATOR, await dry.skills.version("local", "word-count"), "", anyway=False)
    with pytest.raises(BadRequest, match="is retired, and cannot become promoted"):
        await dry.promotions.approve(OPERATOR, run, yes=True)
    assert not [e for e in await dry.store.history("local", run) if isinstance(e.body, Approval)]


async def test_tests_that_were_kept_apart_too_little_for_today_are_not_enough(
    dry: Workshop, on_sqlite: Transactions
) -> None:
    run = await ready(dry, await dry.bring(words()))
    stricter = Workshop(SqlStore(on_sqlite), SqlSkills(on_sqlite), Broken(), Tier.KERNEL)
    with pytest.raises(BadRequest, match="by the tier “kernel” or a stronger one, and these were not"):
        await stricter.promotions.approve(OPERATOR, run, yes=True)
    assert await stage(dry) is Stage.TESTED


async def test_only_what_a_run_has_made_ready_can_be_approved(dry: Workshop) -> None:
    version = await dry.bring(words())
    failed = await ready(dry, version, passed=False)
    tested = (await dry.asked(kind="test", skill="word-count", version="1.0.0")).id
    for run in (failed, tested):
        with pytest.raises(BadRequest, match="ends in nothing that could be approved"):
            await dry.promotions.approve(OPERATOR, run, yes=True)
    going = await dry.asked(kind="promote", skill="word-count", version="1.0.0")
    with pytest.raises(BadRequest, match="is still at work"):
        await dry.promotions.approve(OPERATOR, going.id, yes=True)
    with pytest.raises(NotFound):
        await dry.promotions.approve(OPERATOR, "nothing", yes=True)
    run = await ready(dry, version)
    with pytest.raises(NotFound):
        await dry.promotions.approve(person(tenant="slack:T2"), run, yes=True)
    assert await in_force(dry) == ""


async def test_what_is_promoted_is_not_promoted_again(dry: Workshop) -> None:
    await dry.promotions.approve(OPERATOR, await ready(dry, await dry.bring(words())), yes=True)
    done = await dry.carried(await dry.asked(kind="promote", skill="word-count", version="1.0.0"), Kept())
    assert (done.status, done.text) == (Status.FAILED, "word-count 1.0.0 is promoted already.")
