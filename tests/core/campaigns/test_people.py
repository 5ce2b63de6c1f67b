"""What people do to a campaign: the first answer counts, a pause is at the next step, a stop at once."""

import pytest

from core.campaigns.campaign import Course, Stage
from core.campaigns.rules import Rules
from core.campaigns.sums import Sums
from core.entities import Status
from core.errors import BadRequest
from tests.doubles.campaign_world import NOON, lacking, objective, purpose, stages, well, world


def test_a_pause_lets_steps_end_and_begins_none() -> None:
    it = world()
    it.do("pause")
    assert (it.campaign.course, it.turn.stops) == (Course.PAUSED, ())
    it.end(text="Facts")
    assert (it.turn.starts, it.campaign.objectives[0].claims) == ((), True)
    it.tick(86400)
    assert it.turn.starts == ()
    with pytest.raises(BadRequest, match="paused already"):
        it.do("pause")
    it.do("resume")
    assert purpose(it) == "judge"
    with pytest.raises(BadRequest, match="not paused"):
        it.do("resume")


def test_a_pause_at_once_stops_what_runs_and_that_is_no_attempt() -> None:
    it = world()
    run = it.going[0]
    it.do("pause", at_once=True)
    assert it.turn.stops == (run,)
    it.end(status=Status.STOPPED, text="A person stopped this run.", spent=Sums(tokens=5))
    assert (stages(it)[0], it.campaign.objectives[0].attempts) == ("ready", 0)
    it.do("resume")
    assert it.going != [run]
    assert it.campaign.spent.tokens == 5


def test_stopping_is_at_once_and_the_ledger_is_settled_after_it() -> None:
    it = world()
    run = it.going[0]
    it.do("stop")
    assert (it.campaign.course, it.turn.stops, stages(it)) == (Course.STOPPED, (run,), ["skipped", "skipped"])
    assert it.turn.due is not None
    it.end(status=Status.STOPPED, spent=Sums(tokens=9))
    assert (it.campaign.spent.tokens, it.campaign.objectives[0].spent.tokens, it.turn.due) == (9, 9, None)
    with pytest.raises(BadRequest, match="is over"):
        it.do("resume")
    with pytest.raises(BadRequest, match="is over"):
        it.change(title="New")


def test_a_note_is_read_at_the_next_step() -> None:
    it = world()
    it.do("note", "bob", text="Use metric units.\x00")
    assert not it.campaign.remarks[0].read
    it.end(text="Facts")
    assert "metric" not in it.turn.starts[0].collaboration.question
    it.end(text="Answer: yes")
    assert "> bob: Use metric units." in it.turn.starts[0].collaboration.question
    assert it.campaign.remarks[0].read
    with pytest.raises(BadRequest):
        it.do("note", text=" ")


def test_of_two_who_press_approve_and_reject_at_once_the_second_is_told_who_was_first() -> None:
    it = world(mode="guided")
    it.do("approve", "ann", request=1)
    with pytest.raises(BadRequest, match="ann was first, and said yes"):
        it.do("reject", "bob", request=1)
    with pytest.raises(BadRequest, match="ann was first, and said yes"):
        it.do("reject", "bob")
    it = world(mode="guided")
    it.do("reject", "bob", request=1, text="Too long.")
    with pytest.raises(BadRequest, match="bob was first, and said no"):
        it.do("approve", "ann", request=1)


def test_a_plan_rejected_with_words_is_made_anew_and_without_words_it_is_the_end() -> None:
    it = world(mode="guided")
    it.do("reject", text="Begin with the risks.")
    assert (it.campaign.course, purpose(it)) == (Course.PLANNING, "plan")
    assert "Begin with the risks." in it.started[it.going[0]].collaboration.question
    it.end(**well(it.started[it.going[0]]))
    assert (it.campaign.course, [each.id for each in it.campaign.objectives]) == (Course.PROPOSED, ["3", "4"])
    it.do("reject")
    assert it.campaign.course is Course.STOPPED


def test_several_who_are_asked_are_told_apart() -> None:
    it = world(objective("1", means="person"), objective("2", means="person"))
    with pytest.raises(BadRequest, match="Several objectives wait for an answer: 1, 2"):
        it.do("answer", text="Yes")
    it.do("answer", objective="2", text="Yes")
    it.do("answer", request=1, yes=False, text="No way")
    assert stages(it)[:2] == ["failed", "met"]
    with pytest.raises(BadRequest, match="Nobody is asked anything about 2"):
        it.do("answer", objective="2")


def test_a_person_leaves_out_tries_again_and_plans_anew() -> None:
    it = world(
        objective("1"), objective("2", needs=("1",)), objective("3"), rules=Rules(depth=1, replans=0, attempts=1)
    )
    run = it.going[0]
    it.do("skip", objective="1")
    assert (it.turn.stops, stages(it)) == ((run,), ["skipped", "ready", "running"])
    it.end(run, status=Status.STOPPED, text="Stopped.")
    assert stages(it) == ["skipped", "running", "running"]
    with pytest.raises(BadRequest, match="is over already"):
        it.do("skip", objective="1")
    with pytest.raises(BadRequest, match="There are 1, 2, 3"):
        it.do("skip", objective="9")
    while it.campaign.course is not Course.HELD:
        it.end(**lacking(it.started[it.going[0]]))
    failed = next(each.id for each in it.campaign.objectives if each.stage is Stage.FAILED)
    it.do("retry", objective=failed)
    assert it.campaign.course is Course.RUNNING
    it.do("replan", text="Another way.")
    assert it.campaign.course is Course.PLANNING
    assert it.play().course is Course.MET


def test_a_person_changes_the_plan_and_what_was_begun_keeps_its_results() -> None:
    it = world(objective("1"), objective("2", needs=("1",)), objective("3", needs=("2",)))
    it.end(text="Facts")
    it.end(text="Answer: yes")
    first, _, third = it.campaign.objectives
    it.change(objectives=(first.but(result="Forged", title="One"), third.but(needs=("1",)), objective("", title="New")))
    kept = it.campaign.objective("1")
    assert kept
    assert (kept.result, kept.title, kept.stage) == ("Facts", "One", Stage.MET)
    assert [(each.id, each.stage.value) for each in it.campaign.objectives] == [
        ("2", "skipped"), ("1", "met"), ("3", "running"), ("4", "ready"),
    ]  # fmt: skip
    with pytest.raises(BadRequest, match="is met already, and stays"):
        it.change(objectives=(third,))
    with pytest.raises(BadRequest, match="circle"):
        it.change(objectives=(*it.campaign.objectives, objective("5", title="Five", needs=("5",))))
    with pytest.raises(BadRequest, match="already: give one"):
        it.change(deadline=NOON)
    assert it.play().course is Course.MET
