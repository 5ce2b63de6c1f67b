"""Templates are data: each shipped one runs to its end, what people give for parameters is checked and stays data."""

import tomllib
from pathlib import Path
from string import Template as Places

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.campaigns.campaign import Course, Estimate, Stage
from core.campaigns.checks import check_objectives
from core.campaigns.made import Made, made
from core.campaigns.rules import Rules
from core.campaigns.saved import saved
from core.campaigns.sums import Allowance, Sums
from core.campaigns.template import Template, load_templates, read_template, template_of
from core.errors import BadRequest, Misconfigured
from tests.doubles.campaign_world import CampaignWorld, campaign, objective

TEMPLATES = load_templates()
NAMES = [
    "content_pipeline", "dependency_upgrade", "incident_review", "interview_synthesis", "migration_plan",
    "research_digest", "runbook", "security_checklist",
]  # fmt: skip
GIVEN = {"date": "2026-12-01", "number": "200", "list": "one; two", "choice": "", "text": "the $mail server {{1}}"}
SMALL = """
summary = "For tests."
title = "About $what"
goal = "Find out about $what for $$5, by $day"
parameters.what = { label = "What" }
parameters.day = { label = "When", type = "date" }
parameters.many = { label = "How many", type = "number", default = "3", least = 1, most = 9 }
parameters.kind = { label = "Kind", type = "choice", choices = ["big", "Small"], default = "big" }
parameters.more = { label = "More", type = "list", required = false }

[[objectives]]
title = "Look at $what"
done_when = "There are $many $kind things: $more"

[[objectives]]
title = "Run it"
done_when = "It ran"
means = "use"
skill = "look"
input = { text = "{{1}} of $what", list = ["$what", 1, true] }
needs = ["1"]
"""
LETTERS = st.characters(exclude_categories=("Cs", "Cc"))
TEXTS = st.text(LETTERS, max_size=60).filter(str.strip)


def values(template: Template) -> dict[str, str]:
    given = {name: GIVEN[each.type] for name, each in template.parameters.items() if not each.default}
    return given | {name: each.choices[0] for name, each in template.parameters.items() if each.choices}


def run(made: Made) -> CampaignWorld:
    fields = made.model_dump(include={"template", "title", "goal", "mode"})
    return CampaignWorld(campaign(**fields, allowance=made.allowance, objectives=made.objectives))


def test_the_shipped_templates_are_those_that_are_promised() -> None:
    assert list(TEMPLATES) == NAMES
    means = {each.means for template in TEMPLATES.values() for each in template.objectives}
    assert means == {"answer", "skill", "use", "person"}


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_template_runs_to_its_end(name: str) -> None:
    template = TEMPLATES[name]
    world = run(made(template, values(template)))
    ended = world.play()
    assert ended.course is Course.MET
    assert [each.stage for each in ended.objectives] == [Stage.MET] * len(template.objectives)
    assert all(each.evidence for each in ended.objectives)
    assert ended.report.startswith("The result of Write the report")
    assert ended.spent == sum((end.spent for end in world.ends.values()), Sums())
    used = [start.collaboration.task for start in world.started.values() if start.collaboration.task]
    assert all(task.skill == "count-words" and task.version == "1.0.0" for task in used)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_template_asks_for_no_more_than_a_form_can_hold_and_its_skills_are_used(name: str) -> None:
    template = TEMPLATES[name]
    assert 1 <= len(template.parameters) <= 6
    drafts = {str(at) for at, each in enumerate(template.objectives, 1) if each.means == "skill"}
    assert drafts <= {need for each in template.objectives if each.means == "use" for need in each.needs}


def test_the_example_in_the_documentation_is_a_template() -> None:
    text = (Path(__file__).parents[3] / "docs" / "campaign-templates.md").read_text("utf-8")
    template = read_template("supplier", text.partition("```toml\n")[2].partition("```")[0])
    assert run(made(template, values(template))).play().course is Course.MET


def test_what_a_person_gives_is_put_where_it_belongs_and_stays_data() -> None:
    template = read_template("small", SMALL)
    hostile = 'x"]\nmeans = "use" $day ${many} {{1}} {kind}'
    came = made(template, {"what": hostile, "day": "2026-12-24", "more": "a\n- b\n"})
    assert came.goal == f"Find out about {hostile} for $5, by 2026-12-24"
    assert came.title == f"About {' '.join(hostile.split())}"
    first, second = came.objectives
    assert first.done_when == "There are 3 big things: a, b"
    assert second.input["text"] == f"{{{{1}}}} of {hostile.replace('{{1}}', '{ {1} }')}"
    assert (first.means, second.needs) == ("answer", ("1",))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"day": "2026-12-24"}, "The template small needs what. Its parameters are what, day, many, kind and more."),
        ({"what": "a", "day": "2026-12-24", "wat": "b"}, "The template small has no parameter “wat”. It has what, day"),
        ({"what": "a", "day": "2026-02-31"}, "day is to be a day such as 2026-12-01, and “2026-02-31” is none."),
        ({"what": "a", "day": "2026-12-24", "many": "lots"}, "many is to be a number, and “lots” is none."),
        ({"what": "a", "day": "2026-12-24", "many": "0"}, "many is to be 1 at least."),
        ({"what": "a", "day": "2026-12-24", "many": "1,000"}, "many is to be 9 at most."),
        ({"what": "a", "day": "2026-12-24", "kind": "huge"}, "kind is one of big and Small, and “huge” is none"),
        ({"what": " \x00 ", "day": "2026-12-24"}, "The template small needs what."),
    ],
)
def test_what_does_not_fit_is_refused_with_what_there_is(given: dict[str, str], told: str) -> None:
    with pytest.raises(BadRequest) as refused:
        made(read_template("small", SMALL), given)
    assert str(refused.value).startswith(told)


def test_a_choice_and_a_number_are_read_as_people_write_them() -> None:
    came = made(read_template("small", SMALL), {"what": "a", "day": "2026-12-24", "kind": " SMALL ", "many": "2.50"})
    assert came.objectives[0].done_when.startswith("There are 2.5 Small things")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("$what\"", "$whom\""), "no parameter is called whom"),
        (('"Look at $what"', '"Costs $5"'), "a stray $"),
        (('type = "date"', 'type = "day"'), "parameters.day.type"),
        (('type = "choice", ', ""), "`choices` go with"),
        (('skill = "look"', 'skil = "look"'), "objectives.1.skil"),
        (("[[objectives]]", "[[objectives"), "is no TOML"),
        (('done_when = "It ran"', ""), "objectives.1.done_when"),
    ],
)  # fmt: skip
def test_a_template_that_is_wrong_says_where(change: tuple[str, str], told: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_template("small", SMALL.replace(*change))
    assert told in str(refused.value)


def test_a_company_has_templates_of_its_own_which_may_take_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL)
    (tmp_path / "runbook.toml").write_text(SMALL)
    found = load_templates(tmp_path)
    assert set(found) == {*NAMES, "small"}
    assert found["runbook"].summary == "For tests."
    with pytest.raises(BadRequest, match=r"There is no template “big”\. There are content_pipeline"):
        template_of("big", found)
    (tmp_path / "wrong.toml").write_text("title = 1")
    with pytest.raises(Misconfigured, match="wrong"):
        load_templates(tmp_path)
    with pytest.raises(Misconfigured, match="no folder"):
        load_templates(tmp_path / "missing")


@pytest.mark.parametrize("name", NAMES)
def test_a_campaign_becomes_a_template_and_that_the_same_campaign_again(name: str) -> None:
    first = made(TEMPLATES[name], values(TEMPLATES[name]))
    again = made(read_template("mine", saved(run(first).play())), {})
    assert again.objectives == first.objectives
    assert (again.title, again.goal, again.mode) == (first.title, first.goal, first.mode)


@given(title=TEXTS, goal=TEXTS, brief=st.text(LETTERS, max_size=60), value=st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6,
))  # fmt: skip
def test_whatever_stands_in_a_campaign_it_is_saved_as_data(title: str, goal: str, brief: str, value: object) -> None:
    parts = (
        objective("3", title=title, done_when=goal, brief=brief, estimate=Estimate(seconds=5.5, tokens=3)),
        objective("7", means="use", skill="look", needs=("3",), input={"a": value, "b": "{{3}} {{x}} $y"}),
        objective("7.1", parent="7"),
    )
    written = saved(campaign(title=title, goal=goal, objectives=parts, allowance=Allowance(tokens=5, dollars=0.5)))
    tomllib.loads(written)
    read = read_template("mine", written)
    came = made(read, {})
    assert [each.id for each in came.objectives] == ["1", "2"]
    assert came.objectives[1].needs == ("1",)
    assert came.objectives[1].input["b"] == "{{1}} {{x}} $y"
    assert came.allowance == Allowance(tokens=5, dollars=0.5)
    assert not any(Places(text).get_identifiers() for text in (read.title, read.goal))
    check_objectives(came.objectives, Rules())
