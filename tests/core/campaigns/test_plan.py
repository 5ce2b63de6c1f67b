"""A plan is read as small models write it, and counts only where it fits together."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.campaigns.campaign import Objective, Stage
from core.campaigns.checks import check_objectives
from core.campaigns.plan import objectives_of, parts_of, read_plan
from core.campaigns.prompts import filled
from core.campaigns.rules import Rules
from core.errors import BadRequest
from tests.doubles.campaign_world import NOON, campaign, objective

RULES = Rules()
PLAIN = """1. Collect facts
done when: three facts are listed
needs: none
by: committee

2. Count them
done when: its tests pass
needs: 1
by: skill
takes: 2 h

3. Publish
done when: Ann has said yes
needs: 1, 2
by: person
"""
FENCED = f"Here is the plan:\n\n```\n{PLAIN}```\nI hope that it helps! Tell me if it does not."
BOLD = """## Plan

**1. Collect facts**
   - **Done when:** three facts are listed
   - **Needs:** none
   - **By:** committee
**2. Count them**
   - **Done when:** its tests pass
   - **Needs:** Objective 1
   - **By:** a skill
   - **Takes:** 2 hours
**3. Publish**
   - **Done when:** Ann has said yes
   - **Needs:** Collect facts
   - **Depends on:** 2
   - **By:** a person
"""
ON_ONE_LINE = """1) Collect facts (done when: three facts are listed; needs: none; by: committee)
2) Count them | done when: its tests pass | needs: 1 | by: skill | takes: 120 min
3) Publish. Done when: Ann has said yes. Needs: 1 and 2. By: person"""
JSON = json.dumps(
    {
        "objectives": [
            {"id": 1, "title": "Collect facts", "done_when": "three facts are listed", "needs": []},
            {
                "id": 2,
                "title": "Count them",
                "done when": "its tests pass",
                "depends_on": [1],
                "by": "skill",
                "takes": "2h",
            },
            {"id": 3, "name": "Publish", "doneWhen": "Ann has said yes", "needs": "1, 2", "means": "person"},
        ]
    }
)
IN_PROSE = f"Sure, this is it:\n```json\n{JSON}\n```\nDone."
CUT_OFF = JSON[: JSON.index(', {"id": 3')] + ', {"id": 3, "name": "Publ'


def plan(text: str) -> tuple[Objective, ...]:
    return objectives_of(campaign(), read_plan(text), RULES)


@pytest.mark.parametrize("text", [PLAIN, FENCED, BOLD, ON_ONE_LINE, JSON, IN_PROSE], ids=str.__len__)
def test_a_plan_is_read_in_every_form_that_models_write(text: str) -> None:
    first, second, third = plan(text)
    assert [each.id for each in (first, second, third)] == ["1", "2", "3"]
    assert [each.title for each in (first, second, third)] == ["Collect facts", "Count them", "Publish"]
    done = [each.done_when.rstrip(".") for each in (first, second, third)]
    assert done == ["three facts are listed", "its tests pass", "Ann has said yes"]
    assert [set(each.needs) for each in (first, second, third)] == [set(), {"1"}, {"1", "2"}]
    assert [each.means for each in (first, second, third)] == ["answer", "skill", "person"]
    assert second.estimate.seconds == 7200
    assert third.estimate.seconds == 86400


def test_of_a_plan_that_is_cut_off_what_is_whole_is_read() -> None:
    assert [each.title for each in plan(CUT_OFF)] == ["Collect facts", "Count them"]
    assert [each.title for each in plan(PLAIN[: PLAIN.index("3. Publish") + 6])] == [
        "Collect facts",
        "Count them",
        "Pub",
    ]


def test_what_says_not_when_it_is_done_is_done_when_there_is_a_result() -> None:
    (only,) = plan("1. Collect facts")
    assert "Collect facts" in only.done_when


def test_a_line_that_is_a_title_and_more_is_told_apart() -> None:
    text = """1. **Find the cause**: By committee, find out why the backup takes nine hours.
2. **Propose a way** by: person. It is to be cheap.
3. Test what was proposed with a small part of the data: it is to work as expected, and take less than an hour.
4. Write it up needs: 4"""
    first, second, third, fourth = plan(text)
    assert (first.title, first.brief) == ("Find the cause", "find out why the backup takes nine hours.")
    assert (first.means, second.title, second.means) == ("answer", "Propose a way", "person")
    assert third.title == "Test what was proposed with a small part of the data"
    assert third.brief.startswith("it is to work as expected")
    assert fourth.needs == ()


def test_bullets_are_a_plan_where_nothing_is_numbered() -> None:
    first, second = plan("- Collect facts\n  done when: they are there\n- Write them up\n  needs: Collect facts")
    assert (first.done_when, second.needs) == ("they are there", ("1",))


def test_a_list_in_json_may_be_bare_or_of_titles_alone() -> None:
    assert [each.title for each in plan('["Collect facts", "Write them up"]')] == ["Collect facts", "Write them up"]
    assert [each.title for each in plan('[{"task": "Collect facts"}]')] == ["Collect facts"]


def test_a_skill_that_is_there_is_run_by_its_name() -> None:
    (only,) = plan("1. Count\ndone when: it ran\nby: use skill count-words")
    assert (only.means, only.skill) == ("use", "count-words")


@pytest.mark.parametrize(("takes", "seconds"), [
    ("2 h", 7200), ("90", 5400), ("1.5 days", 129600), ("3 Stunden", 10800), ("2 Tage", 172800), ("30 s", 30),
    ("1 week", 604800), ("2 months", 5184000), ("soon", 600), ("999999 weeks", 31536000), ("0 h", 1),
])  # fmt: skip
def test_how_long_something_takes_is_read_as_people_write_it(takes: str, seconds: float) -> None:
    assert plan(f"1. Count\ntakes: {takes}")[0].estimate.seconds == seconds


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("I cannot plan this.", "There is no list of objectives in the answer."),
        ("", "There is no list of objectives in the answer."),
        ("1. A\nneeds: 2\n2. B\nneeds: 1", "The plan goes in a circle: 1 (A) → 2 (B) → 1 (A)."),
        (filled("plan", goal="> Tea", most="8"), "This is the example that was shown, for another goal"),
        ("1. A\nneeds: 9", "Objective 1, “A”, needs 9, which is not in the plan. There are 1."),
        ("1. A\nneeds: the moon", "Objective “A” needs “the moon”, which is not in the plan."),
        ("1. A\n2. B\n3. a", "Objectives 1 and 3 are the same: “a”."),
        ("1. A\nby: use skill", "Objective 1, “A”, runs a skill but names none"),
        ("\n".join(f"{n}. Part {n}" for n in range(1, 60)), "The plan has 59 objectives, and 40 are allowed here"),
    ],
)
def test_a_plan_that_does_not_fit_together_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(BadRequest) as refused:
        plan(text)
    assert str(refused.value).startswith(told)


def test_a_plan_made_anew_is_numbered_on_and_may_need_what_stays() -> None:
    before = (
        objective("1", stage=Stage.MET, started_at=NOON),
        objective("2", stage=Stage.FAILED, started_at=NOON),
        objective("3"),
    )
    there = campaign(objectives=before, plans=1)
    made = objectives_of(there, read_plan("4. New\nneeds: 1\n5. Newer\nneeds: 4"), RULES)
    assert [(each.id, each.needs) for each in made] == [("4", ("1",)), ("5", ("4",))]
    made = objectives_of(there, read_plan("1. New\n2. Newer\nneeds: 1"), RULES)
    assert [(each.id, each.needs) for each in made] == [("4", ()), ("5", ("4",))]
    with pytest.raises(BadRequest, match="needs 3"):
        objectives_of(there, read_plan("4. New\nneeds: 3"), RULES)


def test_parts_are_numbered_below_their_whole_and_bounded() -> None:
    whole = objective("2", stage=Stage.RUNNING)
    there = campaign(objectives=(objective("1"), whole))
    parts = parts_of(whole, there, read_plan("1. A\n2. B\nneeds: 1"), RULES)
    assert [(each.id, each.parent, each.needs) for each in parts] == [("2.1", "2", ()), ("2.2", "2", ("2.1",))]
    for text in ("1. A", "\n".join(f"{n}. Part {n}" for n in range(1, 8))):
        with pytest.raises(BadRequest, match="2 to 5 parts"):
            parts_of(whole, there, read_plan(text), RULES)
    with pytest.raises(BadRequest, match="2 levels deep, and 1"):
        parts_of(whole, there, read_plan("1. A\n2. B"), Rules(depth=1))


def test_a_whole_that_one_of_its_parts_needs_is_a_circle() -> None:
    parts = (objective("1"), objective("1.1", parent="1", needs=("2",)), objective("2", needs=("1",)))
    with pytest.raises(BadRequest, match=r"circle: 1 \(Part 1\)|circle: 1.1|circle: 2"):
        check_objectives(parts, RULES)


@given(st.text(max_size=400) | st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["objectives", "title", "needs", "done_when", "id", "by", "takes"]), inner, max_size=4
    ), max_leaves=20,
).map(json.dumps))  # fmt: skip
def test_whatever_a_committee_answers_there_is_a_plan_or_a_sentence(text: str) -> None:
    try:
        made = plan(text)
    except BadRequest:
        pass  # a sentence
    else:
        check_objectives(made, RULES)
        assert all(Objective.model_validate_json(each.model_dump_json()) == each for each in made)


@pytest.mark.parametrize("text", ["[" * 20_000, "{" * 20_000, "1. a " * 8000, "done when: " * 4000, "- \n" * 10_000,
                                  '{"a":' * 5000, "1. x\n" + "needs: 1 " * 5000])  # fmt: skip
@pytest.mark.timeout(10)
def test_no_answer_takes_long_to_read(text: str) -> None:
    with suppress(BadRequest):
        assert len(plan(text)) <= RULES.objectives
