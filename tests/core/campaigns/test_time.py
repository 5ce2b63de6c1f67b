"""Time and campaigns: reminders, digests, deadlines, silent runs, and clocks that jump."""

from datetime import timedelta

import pytest

from core.campaigns.campaign import Course, Stage
from core.campaigns.rules import Rules
from core.errors import BadRequest
from tests.doubles.campaign_world import NOON, broken, objective, world


def test_a_person_who_is_asked_is_named_once_and_reminded_by_rule() -> None:
    it = world(objective("1", means="person", person="local:bob", brief="Is it so?"))
    (asked,) = [moment for moment in it.moments if moment.mention]
    assert (asked.slot, asked.mention) == ("request:1", "local:bob")
    assert str(asked.sentence) == "Part 1\nIs it so?\nIt is done when: part 1 is there"
    hours = []
    while it.turn.due and it.at < NOON + timedelta(days=30):
        it.tick((it.turn.due - it.at).total_seconds())
        hours += [(it.at - NOON).total_seconds() / 3600] * len([m for m in it.turn.moments if m.what == "reminded"])
    assert hours == [4, 24, 48, 72, 96]
    slots = [moment.slot.partition(":")[0] for moment in it.moments if moment.what == "reminded"]
    assert slots == ["post"] * 5  # an edit of the request would tell nobody
    it.do("answer", "bob", text="It is so.")
    assert (it.campaign.objectives[0].stage, it.campaign.objectives[0].result) == (Stage.MET, "It is so.")
    with pytest.raises(BadRequest, match="bob was first, and said yes"):
        it.do("answer", "ann", request=1, yes=False)


def test_reminders_that_came_due_while_nobody_ran_are_one() -> None:
    it = world(objective("1", means="person"))
    it.tick(40 * 86400)
    assert len(it.said("reminded")) == 1


def test_what_happens_fast_goes_into_a_digest() -> None:
    it = world(*(objective(str(n)) for n in range(1, 12)), rules=Rules(side_by_side=1))
    it.play()
    posts = [moment.slot for moment in it.moments if moment.slot.startswith("post:")]
    digests = [moment.slot for moment in it.moments if moment.slot.startswith("digest:")]
    assert (len(posts), len(set(posts)), len(set(digests))) == (6, 6, 1)
    assert len(digests) == 6
    it = world(*(objective(str(n)) for n in range(1, 5)), rules=Rules(side_by_side=1, posts=3))
    for _ in range(4):
        it.end(text="Facts")
        it.end(text="Answer: yes")
        it.tick(1801)
    assert not [moment for moment in it.moments if moment.slot.startswith("digest:")]


def test_a_clock_that_jumps_back_delays_nothing_and_makes_no_duration_negative() -> None:
    it = world(objective("1"), objective("2", means="person"), objective("3"))
    it.end(**broken(it.started[it.going[0]]))
    it.tick(-300 * 86400)
    assert it.turn.due
    assert it.turn.due - it.at <= timedelta(seconds=60)
    it.tick(60)
    assert it.campaign.objectives[0].stage is Stage.RUNNING
    it.tick(4 * 3600)
    assert len(it.said("reminded")) == 1
    ended = it.play()
    for each in (ended, *ended.objectives):
        assert each.ended_at
        assert each.started_at
        assert each.ended_at >= each.started_at


def test_an_end_that_was_missed_is_looked_for_and_a_run_that_is_gone_begins_again() -> None:
    it = world()
    assert it.turn.due == NOON + timedelta(seconds=600)
    run = it.going.pop()
    it.tick(600, gone=(run,))
    it.tick(60)
    assert len(it.going) == 1
    assert it.play().course is Course.MET


def test_other_ends_do_not_put_off_the_look_at_a_run_that_is_silent() -> None:
    it = world(objective("1"), objective("2"))
    silent = it.going.pop(0)
    for _ in range(3):
        it.tick(250)
        it.end(text=f"Facts {it.at}") if it.going else None
    assert it.turn.due == NOON + timedelta(seconds=1200)
    assert it.campaign.step(silent)


def test_a_deadline_that_passes_asks_and_a_yes_goes_on_without_one() -> None:
    it = world(deadline=NOON + timedelta(hours=1))
    it.tick(3600)
    assert it.campaign.course is Course.HELD
    assert it.said("waiting") == ["The deadline, 2026-11-02 13:00 UTC, has passed. Go on without one?"]
    it.do("answer")
    assert (it.campaign.deadline, it.play().course) == (None, Course.MET)
