"""How a campaign's state reads: nothing is called met that was left out."""

import pytest

from bot.campaign_words import state
from bot.words import ENGLISH
from core.campaigns.campaign import Course, Stage
from tests.doubles.campaigns import campaign, objective


@pytest.mark.parametrize(
    ("course", "second", "part", "reads"),
    [
        (Course.MET, Stage.MET, Stage.MET, "The goal is met"),
        (Course.MET, Stage.MET, Stage.SKIPPED, "The goal is met"),
        (Course.MET, Stage.SKIPPED, Stage.MET, "Over; not all of it was met"),
        (Course.RUNNING, Stage.SKIPPED, Stage.MET, "Running"),
        (Course.STOPPED, Stage.SKIPPED, Stage.SKIPPED, "Stopped"),
    ],
)
def test_a_goal_is_met_only_where_every_objective_is(course: Course, second: Stage, part: Stage, reads: str) -> None:
    objectives = (
        objective("1", stage=Stage.MET),
        objective("1.1", stage=part, parent="1"),
        objective("2", stage=second),
    )
    assert state(campaign(course=course, objectives=objectives), ENGLISH) == reads
