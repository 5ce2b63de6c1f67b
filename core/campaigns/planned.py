"""A plan becomes the campaign's: adopted, or refused with the reason; shown to a person, or begun."""

from collections.abc import Sequence

from core.campaigns.campaign import Course, Objective, Stage
from core.campaigns.making import Making
from core.campaigns.plan import objectives_of, staying
from core.campaigns.plan_text import Item
from core.campaigns.requests import hold, request
from core.campaigns.stages import SHORT, drop
from core.campaigns.verdicts import clean
from core.sentences import Sentence, said

TRIES = 2
"""Answers in a row without a plan that can be used, before a person is asked."""


def adopt(making: Making, items: Sequence[Item], run: str) -> None:
    """Make what was planned the campaign's plan. Raises `BadRequest`, changing nothing, where it does not fit."""
    made = objectives_of(making.campaign, items, making.rules)
    anew = making.campaign.plans > 0
    stays = {each.id for each in staying(making.campaign)}
    for objective in making.campaign.objectives:
        if objective.id not in stays and objective.started_at:
            drop(making, objective, said("Another plan has taken its place."))
    kept = tuple(each for each in making.campaign.objectives if each.id in stays or each.started_at)
    making.set(objectives=(*kept, *made), unusable=0, reason="", idle=0)
    proposed(making, anew=anew, run=run)


def proposed(making: Making, *, anew: bool = False, run: str = "") -> None:
    """Count the plan that the campaign has, and let it be shown to a person, or begin."""
    making.set(plans=making.campaign.plans + 1, wait=None if _only_a_pause(making) else making.campaign.wait)
    if making.campaign.mode == "guided":
        making.to(Course.PROPOSED)
        return
    making.to(Course.RUNNING)
    count = sum(not each.stage.over for each in making.campaign.objectives)
    text = said("There is another plan. Objectives to come: {count}.", count=count)
    first = said("The plan is made. Objectives: {count}.", count=count)
    making.tell("replanned" if anew else "planned", text if anew else first, run=run)


def _only_a_pause(making: Making) -> bool:
    return making.campaign.wait is not None and making.campaign.wait.number == 0


def propose(making: Making) -> None:
    """Ask a person to approve the plan, once."""
    if making.campaign.wait is None:
        count = sum(not each.stage.over for each in making.campaign.objectives)
        text = "Here is the plan. Objectives to come: {count}. Approve it, change it, or say what is wrong with it."
        making.set(wait=request(making, "plan", said(text, count=count)))


def unusable(making: Making, why: Sentence) -> None:
    """Have a plan that cannot be used made again with the reason; after that, ask a person."""
    count = making.campaign.unusable + 1
    making.set(unusable=count, reason=clean(str(why), 2000))
    if count >= TRIES and making.campaign.course is Course.PLANNING:
        making.set(unusable=0)
        text = "The committee made no plan that can be used. {why} Let it try again, perhaps after a note from you?"
        hold(making, "unplanned", said(text, why=why))


def plan_anew(making: Making, reason: str) -> None:
    """Have a plan made for what is left, and say why."""
    making.set(reason=clean(reason, 2000), unusable=0, broken=0)
    making.to(Course.PLANNING)


def open_ends(objectives: Sequence[Objective]) -> tuple[Objective, ...]:
    """Return the objectives, whole ones, that have failed."""
    return tuple(each for each in objectives if each.stage is Stage.FAILED and not each.parent)


def reason_of(objectives: Sequence[Objective]) -> str:
    """Say for a committee what has failed, and why."""
    return "\n".join(f"{each.id} {each.title}: {clean(each.evidence, SHORT)}" for each in open_ends(objectives))
