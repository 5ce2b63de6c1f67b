"""New campaigns: from wishes, from templates, like another; and what the administrator allows."""

import pytest

from core.campaigns.campaign import Stage
from core.campaigns.founding import like, titled, wanted
from core.campaigns.limits import Limits
from core.campaigns.rules import Rules
from core.campaigns.shelf import Shelf
from core.campaigns.sums import Allowance, Sums
from core.campaigns.template import load_templates
from core.campaigns.wishes import Wishes
from core.errors import BadRequest
from storage.campaigns import SqlCampaigns
from tests.doubles.campaigns import campaign, kept, objective, thread

TEMPLATES = load_templates()


def test_a_goal_in_words_becomes_a_campaign_of_whoever_asked() -> None:
    of = thread(language="de", private=True, committee="legal")
    made = wanted(of, Wishes(goal="Move all of it to X by May\nand then some"), None)
    assert (made.id, made.owner, made.language, made.private) == (of.id, of.asker, "de", True)
    assert (made.title, made.committee, made.mode) == ("Move all of it to X by May", "legal", "guided")
    assert titled("word " * 100).endswith("…")
    assert len(titled("word " * 100)) <= 80
    assert titled("\n") == ""


def test_a_template_brings_its_plan_and_wishes_come_before_it() -> None:
    template = TEMPLATES["runbook"]
    given = {name: each.default or "x y" for name, each in template.parameters.items() if each.type == "text"}
    mine = Wishes(template="runbook", parameters=given, title="Ours", mode="autonomous", allowance=Allowance(tokens=9))
    made = wanted(thread(), mine, template)
    assert (made.template, made.title, made.mode, made.allowance.tokens) == ("runbook", "Ours", "autonomous", 9)
    assert [each.id for each in made.objectives]
    assert made.goal


@pytest.mark.parametrize("template", [None, TEMPLATES["runbook"]])
def test_a_parameter_that_nothing_takes_is_refused_by_name(template: object) -> None:
    with pytest.raises(BadRequest, match="flavour"):
        wanted(thread(), Wishes(goal="Make tea well", parameters={"flavour": "mint"}), template)  # type: ignore[arg-type]


def test_a_clone_has_the_plan_and_nothing_of_what_became_of_it() -> None:
    done = objective("1", stage=Stage.MET, result="It is.", attempts=2, run="abcd")
    part = objective("2.1", parent="2", title="found on the way")
    other = campaign(objectives=(done, objective("2", needs=("1",)), part), spent=Sums(tokens=5), template="runbook")
    made = like(other, thread("c2"))
    assert [(each.id, each.needs, each.stage, each.result) for each in made.objectives] == [
        ("1", (), Stage.PENDING, ""), ("2", ("1",), Stage.PENDING, ""),
    ]  # fmt: skip
    assert (made.id, made.goal, made.template, made.spent) == (thread("c2").id, other.goal, "runbook", Sums())
    assert like(campaign(objectives=()), thread("c2")).objectives == ()


async def test_a_campaign_is_saved_as_a_template_and_started_from_it_again(campaigns: SqlCampaigns) -> None:
    shelf = Shelf(campaigns, TEMPLATES)
    made = await kept(campaigns)
    assert (await shelf.save(made, "our-move", "local:ada")).title == made.title
    again = wanted(thread("c2"), Wishes(template="our-move"), await shelf.named("local", "our-move"))
    assert [each.title for each in again.objectives] == [each.title for each in made.objectives]
    assert [each.name for each in await shelf.all("local")] == sorted([*TEMPLATES, "our-move"])
    assert [each.name for each in await shelf.all("other")] == sorted(TEMPLATES)
    with pytest.raises(BadRequest, match=r"There are .*our-move"):
        await shelf.named("local", "nothing")
    for name, why in (("runbook", "there for all"), ("../up", "name")):
        with pytest.raises(BadRequest, match=why):
            await shelf.save(made, name, "local:ada")
    with pytest.raises(BadRequest, match="no plan yet"):
        await shelf.save(made.but(objectives=()), "empty", "local:ada")


async def test_a_saved_template_that_cannot_be_read_any_more_is_left_out_and_said(campaigns: SqlCampaigns) -> None:
    shelf = Shelf(campaigns, {})
    await campaigns.keep_template("local", "old", "goal = 3", "local:ada")
    assert await shelf.all("local") == []
    with pytest.raises(BadRequest, match="old"):
        await shelf.named("local", "old")


def test_campaigns_that_nobody_watches_are_held_to_the_stricter_of_two_limits() -> None:
    limits = Limits(
        rules=Rules(allowance=Allowance(tokens=100, dollars=1.0)), alone=Allowance(tokens=50, model_seconds=9.0)
    )
    assert limits.rules_for(campaign()) == limits.rules
    alone = limits.rules_for(campaign(mode="autonomous"))
    assert alone.allowance == Allowance(tokens=50, dollars=1.0, model_seconds=9.0)
    assert alone.but(allowance=limits.rules.allowance) == limits.rules


def test_campaigns_do_not_run_by_themselves_where_that_is_off() -> None:
    limits = Limits(autonomous=False)
    limits.check(campaign())
    with pytest.raises(BadRequest, match="guided mode"):
        limits.check(campaign(mode="autonomous"))
