"""The life of a version: every step that there is, and none that there is not."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.entities import now
from core.errors import BadRequest
from core.skills.skill import NEXT, File, Move, SkillVersion, Stage, moved


def move(stage, why=""):
    return Move(stage=stage, by="local:ada", by_name="Ada", at=now(), why=why)


def draft():
    return SkillVersion(
        tenant="local", skill="csv-tools", version="1.0.0", content="c" * 64, description="d",
        files=(File(path="SKILL.md", sha256="a" * 64, size=1),), moves=(move(Stage.DRAFT),),
    )  # fmt: skip


class Life(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.version = self.first = draft()
        self.taken = [Stage.DRAFT]

    @rule(stage=st.sampled_from(Stage))
    def step(self, stage):
        before = self.version
        if stage in NEXT[before.stage]:
            self.version = moved(before, move(stage))
            self.taken.append(stage)
            return
        with pytest.raises(BadRequest) as refused:
            moved(before, move(stage))
        assert str(refused.value) == f"csv-tools 1.0.0 is {before.stage}, and cannot become {stage} from there."

    @invariant()
    def all_that_was_is_remembered(self):
        assert [each.stage for each in self.version.moves] == self.taken
        assert self.version.made == self.first.made

    @invariant()
    def nothing_but_its_moves_ever_changes(self):
        assert self.version.but(moves=()) == self.first.but(moves=())

    @invariant()
    def what_is_promoted_was_tested_just_before(self):
        for one, other in zip(self.taken, self.taken[1:], strict=False):
            assert other is not Stage.PROMOTED or one is Stage.TESTED
            assert one is not Stage.RETIRED


TestLife = Life.TestCase


def test_every_stage_but_the_first_can_be_reached_and_the_last_not_be_left():
    assert {stage for stages in NEXT.values() for stage in stages} == set(Stage)
    assert set(NEXT) == set(Stage)
    assert not NEXT[Stage.RETIRED]


@pytest.mark.parametrize("stage", [Stage.PROMOTED, Stage.DRAFT])
def test_a_draft_is_not_promoted_untested(stage):
    with pytest.raises(BadRequest, match="is draft, and cannot become"):
        moved(draft(), move(stage))
