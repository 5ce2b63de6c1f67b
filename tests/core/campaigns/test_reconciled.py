"""Two people change one plan: what either did is there in the end, or the second is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.campaigns.campaign import Stage
from core.campaigns.objective import Objective
from core.campaigns.reconciled import check_mark, mark, reconciled
from core.errors import BadRequest
from tests.doubles.campaign_world import objective, world

SEEN = [objective("1"), objective("2"), objective("3"), objective("4")]
FRESH = objective("").but(title="Fresh")


def ids(plan):
    return [each.id or each.title for each in plan]


def put(plan, fresh, at):
    return [*plan[:at], fresh, *plan[at:]]


@pytest.mark.parametrize(
    ("now", "wanted", "comes"),
    [
        (put(SEEN, objective("5"), 4), put(SEEN, FRESH, 4), "1 2 3 4 Fresh 5"),
        (put(SEEN, objective("5"), 1), put(SEEN, FRESH, 3), "1 5 2 3 Fresh 4"),
        (SEEN[:3], put(SEEN, FRESH, 4), "1 2 3 Fresh"),
        (put(SEEN, objective("5"), 0), SEEN[1:], "5 2 3 4"),
        (SEEN[::-1], SEEN[:3], "3 2 1"),
        (put(SEEN, objective("5"), 2), [SEEN[3], *SEEN[:3]], "4 1 2 5 3"),
        (SEEN[1:], SEEN[1:], "2 3 4"),
        (SEEN[1:], SEEN[2:], "3 4"),
    ],
)
def test_what_one_adds_moves_or_takes_out_stays_beside_what_another_does(now, wanted, comes):
    assert ids(reconciled(now, SEEN, wanted)) == comes.split()


def test_two_change_two_objectives_and_both_changes_are_there():
    theirs = [SEEN[0].but(title="Theirs"), *SEEN[1:]]
    ours = [SEEN[0], SEEN[1].but(title="Ours"), *SEEN[2:]]
    assert [each.title for each in reconciled(theirs, SEEN, ours)][:2] == ["Theirs", "Ours"]


@pytest.mark.parametrize("wanted", [[SEEN[0].but(title="Ours"), *SEEN[1:]], SEEN[1:]], ids=["changed", "taken out"])
def test_who_changes_what_another_has_just_changed_is_told(wanted):
    with pytest.raises(BadRequest, match="has changed since you looked at it"):
        reconciled([SEEN[0].but(done_when="It is theirs."), *SEEN[1:]], SEEN, wanted)


def test_who_changes_what_another_has_just_taken_out_is_told():
    with pytest.raises(BadRequest, match="has changed since you looked at it"):
        reconciled(SEEN[1:], SEEN, [SEEN[0].but(title="Ours"), *SEEN[1:]])


def test_work_that_goes_on_is_no_change_of_the_plan():
    begun = [SEEN[0].but(stage=Stage.RUNNING, attempts=2, result="Much"), *SEEN[1:]]
    (first, *_) = reconciled(begun, SEEN, [SEEN[0].but(title="Ours"), *SEEN[1:]])
    assert first.title == "Ours"
    check_mark(begun[0], mark(SEEN[0]))
    check_mark(begun[0], "")
    with pytest.raises(BadRequest, match="has changed since you looked at it"):
        check_mark(begun[0], mark(first))


def test_a_skill_that_is_drafted_meanwhile_is_no_change_of_the_plan_and_stays():
    it = world(objective("1", means="skill"), objective("2"))
    seen = it.campaign.objectives
    it.end(text="Drafted.", skill="count", version="1.0.0", passed=True)
    check_mark(it.campaign.objectives[0], mark(seen[0]))
    it.change(objectives=(seen[0].but(title="Count words"), seen[1]), seen=seen)
    first = it.campaign.objectives[0]
    assert (first.title, first.skill, first.version) == ("Count words", "count", "1.0.0")


def test_a_campaign_takes_both_of_two_changes_that_were_made_of_the_same_plan():
    it = world(objective("1"), objective("2"))
    seen = it.campaign.objectives
    it.change(objectives=(seen[0], seen[1].but(title="Bob's")), seen=seen)
    it.change(objectives=(*seen, FRESH), seen=seen)
    assert [each.title for each in it.campaign.objectives] == [seen[0].title, "Bob's", "Fresh"]
    with pytest.raises(BadRequest, match="has changed since you looked at it"):
        it.change(objectives=(seen[0], seen[1].but(title="Ann's")), seen=seen)


@st.composite
def edited(draw: st.DrawFn, name: str) -> list[Objective]:
    plan = draw(st.permutations(draw(st.lists(st.sampled_from(SEEN), unique_by=lambda each: each.id))))
    changed = draw(st.sets(st.sampled_from(["1", "2", "3", "4"])))
    plan = [each.but(title=f"{name} {each.id}") if each.id in changed else each for each in plan]
    return put(plan, objective(name), draw(st.integers(0, len(plan)))) if draw(st.booleans()) else plan


@given(now=edited("5"), wanted=edited(""))
def test_whatever_two_people_do_nothing_of_either_is_undone_unseen(now: list[Objective], wanted: list[Objective]):
    try:
        plan = reconciled(now, SEEN, wanted)
    except BadRequest:
        return
    assert len({each.id for each in plan}) == len(plan), "nothing is there twice"
    by = {each.id: each for each in plan}
    for person in (now, wanted):
        there = {each.id: each for each in person}
        for each in SEEN:
            if each.id not in there:
                assert each.id not in by, "what either took out is gone"
            elif there[each.id].title != each.title:
                assert by[each.id].title == there[each.id].title, "what either changed is as they changed it"
        assert {each.id for each in person if each.id not in {e.id for e in SEEN}} <= by.keys(), "what either added"


@given(wanted=edited(""))
def test_where_nobody_else_did_anything_one_gets_what_one_wants(wanted: list[Objective]):
    assert reconciled(SEEN, SEEN, wanted) == wanted
