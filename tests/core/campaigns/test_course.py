"""The course of a campaign, walk by walk: what comes of ends, people, time and trouble."""

from datetime import timedelta
from typing import Any

import pytest

from core.campaigns.campaign import Course, Stage
from core.campaigns.course import begun
from core.campaigns.rules import Rules
from core.campaigns.sums import Allowance
from core.entities import Status
from core.errors import BadRequest
from core.sentences import said
from tests.doubles.campaign_world import (
    NOON,
    CampaignWorld,
    broken,
    campaign,
    lacking,
    objective,
    purpose,
    stages,
    well,
    world,
)


def test_a_campaign_without_a_plan_has_one_made_and_shows_it_to_a_person() -> None:
    it = CampaignWorld(campaign(mode="guided"))
    assert (it.campaign.course, purpose(it), it.campaign.steps[0].reserved.tokens) == (Course.PLANNING, "plan", 3000)
    it.end(**well(it.started[it.going[0]]))
    assert (it.campaign.course, it.going) == (Course.PROPOSED, [])
    asked = it.moments[-1]
    assert (asked.what, asked.slot, asked.mention) == ("planned", "request:1", "local:ann")
    it.do("approve", "bob")
    assert (it.campaign.course, stages(it)) == (Course.RUNNING, ["running", "pending"])
    assert [moment.what for moment in it.moments[-2:]] == ["approved", "started"]


def test_the_work_is_judged_by_those_who_did_not_do_it() -> None:
    it = world()
    it.end(text="Facts", members=("ann", "bob"))
    (judge,) = it.turn.starts
    assert (judge.purpose, judge.collaboration.pattern) == ("judge", "verdict")
    assert judge.collaboration.aim
    assert judge.collaboration.aim.without == ("ann", "bob")
    assert "\n\n> Facts\n\n" in judge.collaboration.question
    it.end(text="All there.\nAnswer: yes", members=("cat",))
    first = it.campaign.objectives[0]
    assert (first.stage, first.evidence) == (Stage.MET, "cat judged it: All there.")
    assert purpose(it) == "work"


def test_what_was_not_enough_is_tried_again_with_what_the_judges_said() -> None:
    it = world()
    it.end(text="Facts", members=("ann",))
    it.end(text="It lacks a source.\nAnswer: no", members=("bob",))
    (again,) = it.turn.starts
    assert "> It lacks a source." in again.collaboration.question
    assert [(paper.name, paper.text) for paper in again.collaboration.context] == [
        ("the last attempt, which was not enough", "Facts")
    ]
    assert it.campaign.objectives[0].attempts == 2


def test_what_is_not_enough_twice_is_split_and_met_by_its_parts() -> None:
    it = world()
    for text in ("One", "Two"):
        it.end(text=text, members=("ann",))
        it.end(text=f"{text} is not it.\nAnswer: no", members=("bob",))
    assert purpose(it) == "plan"
    assert "Split it into 2 to" in it.started[it.going[0]].collaboration.question
    ended = it.play()
    assert [(each.id, each.stage) for each in ended.objectives] == [(id, Stage.MET) for id in ("1", "1.1", "1.2", "2")]
    whole = ended.objectives[0]
    assert whole.result.startswith("Collect the facts\nThe result of")
    assert it.said("split") == ["1 Part 1 is split into 2 parts."]


def test_a_failed_objective_leads_to_another_plan_then_to_a_person_and_burns_nothing() -> None:
    it = world(rules=Rules(depth=1))
    for _ in range(200):
        if it.campaign.course is Course.HELD:
            break
        it.end(**lacking(it.started[it.going[0]]))
    assert len(it.said("stuck")) == 3
    assert it.said("stuck")[-1].startswith("No way on was found. 5 Collect the facts: It lacks")
    assert it.moments[-1].mention == "local:ann"
    assert it.turn.starts == ()
    assert len(it.started) == 20
    it.do("answer", text="Leave out the source.")
    assert it.campaign.objectives[-2].attempts == 1
    assert "> ann: Leave out the source." in it.turn.starts[0].collaboration.question
    assert it.play().course is Course.MET


def test_a_person_may_end_what_is_stuck() -> None:
    it = world(rules=Rules(depth=1, replans=0))
    while it.campaign.course is not Course.HELD:
        it.end(**lacking(it.started[it.going[0]]))
    it.do("answer", yes=False)
    assert (it.campaign.course, it.turn.due) == (Course.FAILED, None)
    assert it.moments[-1].slot == "answer"


def test_the_same_answer_again_is_a_loop() -> None:
    it = world(rules=Rules(depth=1))
    it.end(text="The facts are A and B.", members=("ann",))
    it.end(text="No source.\nAnswer: no")
    it.end(text="the FACTS are a and b", members=("bob",))
    assert it.campaign.objectives[0].stage is Stage.FAILED
    assert it.said("stuck")[0].endswith("The same answer came again.")


def test_attempts_that_meet_nothing_lead_to_another_plan_though_none_has_failed() -> None:
    it = world(*(objective(str(n)) for n in (1, 2, 3)), rules=Rules(idle=3, side_by_side=3, attempts=5, depth=1))
    for _ in range(6):
        it.end(**lacking(it.started[it.going[0]]))
    assert it.campaign.course is Course.PLANNING
    assert it.said("stuck") == [
        "It does not get on like this, so another plan is made. 3 attempts in a row met nothing."
    ]


def test_a_run_that_breaks_is_tried_again_after_a_while_then_a_person_is_asked() -> None:
    it = world()
    it.end(**broken(it.started[it.going[0]]))
    assert (stages(it), it.turn.due) == (["waiting", "pending"], NOON + timedelta(seconds=60))
    assert it.campaign.objectives[0].attempts == 0
    it.tick(60)
    it.end(**broken(it.started[it.going[0]]))
    it.tick(600)
    own = said("There is no committee “{name}”.", name="gone")
    it.end(**broken(it.started[it.going[0]]), told=own)
    assert it.campaign.course is Course.HELD
    assert "There is no committee “gone”." in it.said("stuck")[0]
    assert it.campaign.wait
    assert it.campaign.wait.question
    assert it.campaign.wait.question.values["why"] == own, "so that it can be said in another language"
    it.do("answer")
    assert it.play().course is Course.MET


def test_nothing_begins_in_the_turn_in_which_what_has_no_skill_to_run_holds_the_campaign() -> None:
    parts = objective("1"), objective("4", means="skill"), objective("5", means="use", needs=("4",))
    it = world(*parts, rules=Rules(side_by_side=2, attempts=1, depth=1, replans=0))
    one, _, use = it.campaign.objectives
    it.change(objectives=(one, use))  # what was to draft the skill is taken out
    it.end(text="")
    assert it.campaign.course is Course.HELD
    it.do("answer")
    assert (it.campaign.course, it.turn.starts) == (Course.HELD, ())


def test_no_plan_that_can_be_used_is_asked_for_once_more_with_the_reason_then_a_person_is() -> None:
    it = CampaignWorld(campaign())
    it.end(text="1. A\nneeds: 2\n2. B\nneeds: 1")
    assert "goes in a circle: 1 (A) → 2 (B) → 1 (A)" in it.turn.starts[0].collaboration.question
    it.end(text="I would rather not.")
    assert it.campaign.course is Course.HELD
    it.change(objectives=(objective("", title="Do it"),))
    assert (it.campaign.course, stages(it)) == (Course.RUNNING, ["running"])


def test_a_divided_committee_gives_what_its_leading_side_wrote_and_the_other_side_judges() -> None:
    it = CampaignWorld(campaign())
    text = "No agreement.\n\n**ann:**\n\n1. One\n2. Two\n\n**bob:**\n\n1. Three\n2. One"
    it.end(text=text, status=Status.DISAGREED, members=("ann", "bob"))
    assert [each.title for each in it.campaign.objectives] == ["One", "Two"]
    it.end(text=text, status=Status.DISAGREED, members=("ann", "bob"))
    assert (it.campaign.objectives[0].workers, it.campaign.objectives[0].result) == (("ann",), "1. One\n2. Two")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"goal": "Tea"}, "“Tea” is a single word"),
        ({"goal": "  \n "}, "Say what the campaign is for"),
        ({"deadline": NOON}, "The deadline 2026-11-02 12:00 UTC has passed already"),
        ({"allowance": Allowance(tokens=2000)}, "A campaign may take 1,000 tokens at most here, and"),
        ({"objectives": (objective("1", needs=("1",)),)}, "The plan goes in a circle: 1 (Part 1) → 1 (Part 1)."),
        ({"objectives": (objective("1", needs=("7",)),)}, "Objective 1, “Part 1”, needs 7, which is not in the plan."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_a_sentence(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(BadRequest) as refused:
        begun(campaign(**fields), NOON, Rules(allowance=Allowance(tokens=1000)))
    assert str(refused.value).startswith(told)


def test_an_objective_that_runs_a_skill_is_given_results_as_data() -> None:
    given: dict[str, Any] = {"text": "{{1}}", "of": "{{2}} {{4}}", "n": [1, "{{ 1 }}"]}
    it = world(
        objective("1"),
        objective("2", means="skill", brief="def count(text): ..."),
        objective("3", means="use", needs=("1", "2"), input=given),
        rules=Rules(side_by_side=1),
    )
    it.end(text="{{2}} facts", members=("ann",))
    it.end(text="Answer: yes")
    drafting = it.turn.starts[0].collaboration
    assert (drafting.pattern, "def count(text): ..." in drafting.question) == ("skill", True)
    it.end(text="A program", skill="count", version="1.0.0", passed=True, members=("ann",))
    used = it.turn.starts[0].collaboration.task
    assert used
    assert (used.kind, used.skill, used.version, used.unpromoted) == ("run", "count", "1.0.0", True)
    assert used.input == {"text": "{{2}} facts", "of": "A program {{4}}", "n": [1, "{{2}} facts"]}
    it.end(status=Status.DONE, text="2", passed=True)
    assert it.campaign.objectives[2].evidence == "The skill ran to its end and gave a result."
    assert it.campaign.objectives[1].evidence == "The tests of count 1.0.0 passed."


def test_the_report_is_written_when_all_is_over_and_it_ends_without_one_where_that_breaks() -> None:
    it = world(objective("1"))
    it.end(text="Facts")
    it.end(text="Answer: yes")
    assert (purpose(it), it.campaign.course) == ("report", Course.RUNNING)
    it.end(**broken(it.started[it.going[0]]))
    assert (it.campaign.course, it.campaign.report) == (Course.MET, "")
    assert it.moments[-1].slot == "answer"
