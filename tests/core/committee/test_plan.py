"""Who is asked: the committee, but for those whose work it judges."""

import pytest

from core.committee.plan import make_plan
from core.entities import Aim
from tests.doubles.committee_world import PATTERNS, committee
from tests.doubles.questions import question


def seated(*without: str) -> list[str]:
    aim = Aim(campaign="camp", objective="1", purpose="judge", without=without)
    plan = make_plan(question(aim=aim, pattern="verdict"), {"default": committee(chair="ann")}, PATTERNS)
    assert plan.committee, plan.problem
    return [member.name for member in plan.committee.seated]


@pytest.mark.parametrize(
    ("without", "asked"),
    [
        ((), ["ann", "bob", "cat"]),
        (("bob",), ["ann", "cat"]),
        (("ann", "bob"), ["cat"]),
        (("somebody who left",), ["ann", "bob", "cat"]),
        (("ann", "bob", "cat"), ["ann", "bob", "cat"]),
    ],
)
def test_who_did_the_work_does_not_judge_it_as_long_as_others_can(without: tuple[str, ...], asked: list[str]) -> None:
    assert seated(*without) == asked


def test_the_seats_of_those_who_are_left_out_stay_what_they_are() -> None:
    all_of_them = committee(chair="ann")
    aim = Aim(campaign="camp", purpose="judge", without=("ann",))
    plan = make_plan(question(aim=aim, pattern="verdict"), {"default": all_of_them}, PATTERNS)
    assert plan.committee
    assert [member.but(on=True) for member in plan.committee.members] == list(all_of_them.members)
