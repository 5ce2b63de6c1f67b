"""The lives of versions, whatever people and tests do in whatever order."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from core.access import Permission, may
from core.entities import Role
from core.errors import BadRequest, NotAllowed
from core.sandbox import Tier
from core.sentences import said
from core.skills.job import Job
from core.skills.results import Approval, TestResult, TestRun
from core.skills.skill import NEXT, SkillVersion, Stage
from core.skills.trying import Tried, settle
from storage.engine import connect
from storage.skills import SqlSkills
from storage.store import SqlStore
from storage.transactions import Transactions
from tests.core.skills.test_promotion import ready
from tests.core.skills.test_tasks import Broken
from tests.doubles.workshop import Kept, Workshop, person, words

T = TypeVar("T")
PEOPLE = st.sampled_from([*[person(Role.ADMINISTRATOR)] * 4, person(Role.OPERATOR), person(Role.MEMBER)])
MOSTLY = st.sampled_from([True, True, True, False])
REACH = "dexter-permissions: network:api.example.com"


class Lives(RuleBasedStateMachine):
    """Versions of one skill, some of which reach the network."""

    versions = Bundle[str]("versions")
    reviews = Bundle[tuple[str, str]]("reviews")

    def __init__(self, template: Path) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        file = shutil.copy(template, Path(self.folder.name) / "dexter.db")
        self.engine = connect(f"sqlite:///{file}")
        self.transactions = Transactions(self.engine)
        self.runner = asyncio.Runner()
        self.workshop = Workshop(SqlStore(self.transactions), SqlSkills(self.transactions), Broken())
        self.contents: dict[str, str] = {}
        self.approved: Counter[str] = Counter()
        self.retired: set[str] = set()

    def teardown(self) -> None:
        self.runner.close()
        self.transactions.close()
        self.engine.dispose()
        self.folder.cleanup()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def version(self, number: str) -> SkillVersion:
        return self.do(self.workshop.skills.version("local", "word-count", number))

    def history(self) -> list[SkillVersion]:
        return list(self.do(self.workshop.skills.history("local", "word-count"))) if self.contents else []

    @initialize(target=versions, reaches=st.booleans())
    def bring_the_first(self, reaches: bool) -> Any:
        return self.bring(reaches)

    @rule(target=versions, reaches=st.booleans())
    def bring_another(self, reaches: bool) -> Any:
        return self.bring(reaches)

    def bring(self, reaches: bool) -> Any:
        number = f"1.{len(self.contents)}.0"
        version = self.do(self.workshop.bring(words(version=number, more=REACH if reaches else "")))
        if version.version in self.contents:
            return multiple()
        self.contents[number] = version.content
        return number

    @rule(number=versions, what=st.sampled_from(["test", "fail", *["promote"] * 8]), who=PEOPLE)
    def work(self, number: str, what: str, who: Any) -> None:
        if what == "promote" and self.version(number).stage in (Stage.DRAFT, Stage.TESTED):
            self.decide((number, self.do(ready(self.workshop, self.version(number)))), who, True)
        elif what != "promote":
            self.test(number, what == "test")

    def test(self, number: str, held: bool) -> None:
        version = self.version(number)
        tests = TestRun(subject=number, results=(TestResult(name="t", outcome="passed"),), tier=Tier.LIMITED)
        tried = Tried((tests,), None if held else said("It fails."))
        asked = self.do(self.workshop.asked(kind="test", skill="word-count", version=number))
        assert asked.task
        job = Job(asked, asked.task, Kept(), self.workshop._emit)
        for _ in range(2):  # as on a replay
            self.do(settle(job, self.workshop.bench, version, tried))
        wanted = {(Stage.DRAFT, True): Stage.TESTED, (Stage.TESTED, False): Stage.DRAFT}
        assert self.version(number).stage is wanted.get((version.stage, held), version.stage)

    @rule(target=reviews, number=versions)
    def promote(self, number: str) -> Any:
        version = self.version(number)
        if version.stage not in (Stage.DRAFT, Stage.TESTED):
            return multiple()
        return number, self.do(ready(self.workshop, version))

    @rule(review=reviews, who=PEOPLE, yes=MOSTLY)
    def decide(self, review: tuple[str, str], who: Any, yes: bool) -> None:
        number, run = review
        with suppress(BadRequest, NotAllowed):
            self.do(self.workshop.promotions.approve(who, run, yes=yes))
            assert may(who, Permission.SKILLS)
            self.approved[number] += yes

    @rule(who=PEOPLE)
    def roll_back(self, who: Any) -> None:
        with suppress(BadRequest, NotAllowed):
            before = self.in_force()
            taken, after = self.do(self.workshop.promotions.rollback(who, "word-count"))
            assert (taken.version, after.version if after else "") == (before, self.in_force())
            assert taken.stage is Stage.TESTED

    @rule(number=versions, spared=MOSTLY)
    def retire(self, number: str, spared: bool) -> None:
        if spared:
            return
        with suppress(BadRequest):
            self.do(self.workshop.skills.retire(person(), self.version(number), "", anyway=False))
            self.retired.add(number)

    def in_force(self) -> str:
        found = self.do(self.workshop.skills.in_force("local", "word-count"))
        return found.version if found else ""

    @invariant()
    def nothing_changes_but_the_stage_and_that_only_as_it_may(self) -> None:
        history = self.history()
        assert {each.version: each.content for each in history} == self.contents
        for each in history:
            stages = [move.stage for move in each.moves]
            assert stages[0] is Stage.DRAFT
            assert all(after in NEXT[before] for before, after in pairwise(stages))

    @invariant()
    def at_most_what_was_approved_is_promoted(self) -> None:
        for each in self.history():
            promotions = [move for move in each.moves if move.stage is Stage.PROMOTED]
            assert len(promotions) == self.approved[each.version]
            for move in promotions:
                said = [event.body for event in self.do(self.workshop.store.history("local", move.run))]
                (approval,) = (body for body in said if isinstance(body, Approval))
                assert (approval.yes, approval.person, approval.what) == (
                    True,
                    move.by,
                    f"promote word-count {each.version}",
                )

    @invariant()
    def what_is_retired_never_runs_again(self) -> None:
        for each in self.history():
            assert (each.stage is Stage.RETIRED) == (each.version in self.retired)
            if each.stage is Stage.RETIRED:
                with suppress(BadRequest):
                    self.do(self.workshop.bench.loaded(each))
                    raise AssertionError(each.version)

    @invariant()
    def the_list_says_what_is_in_force(self) -> None:
        if self.contents:
            (skill,) = self.do(self.workshop.kept.skills("local"))
            promoted = [each.version for each in self.history() if each.stage is Stage.PROMOTED]
            assert skill.in_force == self.in_force() == max(promoted, key=lambda n: int(n.split(".")[1]), default="")


def test_whatever_happens_only_what_was_approved_is_in_force_and_what_is_retired_stays_so(
    sqlite_template: Path,
) -> None:
    class Here(Lives):
        def __init__(self) -> None:
            super().__init__(sqlite_template)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
