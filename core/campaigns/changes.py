"""A person changes the plan, the budget, the deadline or the title; what has begun keeps its results."""

from collections.abc import Sequence

from core.campaigns.budget import bounded
from core.campaigns.campaign import Campaign, Course, Objective, Stage
from core.campaigns.checks import check_deadline, check_objectives
from core.campaigns.incidents import Changed
from core.campaigns.making import Making
from core.campaigns.planned import proposed
from core.campaigns.reconciled import ours, reconciled
from core.campaigns.requests import loosed
from core.campaigns.stages import drop
from core.errors import BadRequest
from core.sentences import said


def changed(making: Making, incident: Changed) -> None:
    """Do what a person wants. Raises `BadRequest`, naming what does not fit."""
    if making.campaign.course.over:
        raise BadRequest("This campaign is over: start another one, or clone it.")
    if incident.title is not None:
        if not incident.title.strip():
            raise BadRequest("A campaign needs a title.")
        making.set(title=" ".join(incident.title.split()))
    if incident.allowance is not None:
        making.set(allowance=bounded(incident.allowance, making.rules.allowance))
        _loosed_from(making, "budget", "price")
    if incident.deadline is not None:
        check_deadline(incident.deadline, making.at)
        making.set(deadline=incident.deadline)
        _loosed_from(making, "deadline")
    if incident.objectives is not None:
        seen = making.campaign.objectives if incident.seen is None else incident.seen
        _replan(making, reconciled(making.campaign.objectives, seen, incident.objectives))
    told = said("{name} changed the campaign.", name=incident.name)
    wait = making.campaign.wait
    slot = f"request:{wait.number}" if wait and wait.about == "plan" else "post"
    making.tell("changed", told, slot, person=incident.person, person_name=incident.name)


def _loosed_from(making: Making, *about: str) -> None:
    """Let a campaign go on that was held for what has just been changed."""
    wait = making.campaign.wait
    if making.campaign.stands is Course.HELD and wait and wait.about in about:
        making.tell("answered", said("The limit was changed."), f"request:{wait.number}")
        loosed(making)


def _replan(making: Making, wanted: Sequence[Objective]) -> None:
    """Take the objectives as they are wanted: changed, added, in another order; what was begun is never lost."""
    campaign = making.campaign
    put = tuple(_merged(campaign, each) for each in _numbered(campaign, wanted))
    ids = {each.id for each in put}
    gone = [each for each in campaign.objectives if each.id not in ids]
    if met := [each for each in gone if each.stage is Stage.MET]:
        raise BadRequest("{id} {title} is met already, and stays.", id=met[0].id, title=met[0].title)
    for each in gone:
        if not each.stage.over:
            drop(making, each, said("It was taken out of the plan."))
    kept = tuple(each for each in making.campaign.objectives if each.id not in ids and each.started_at)
    fresh = {each.id: each for each in making.campaign.objectives}
    put = tuple(_merged_into(fresh.get(each.id), each) for each in put)
    check_objectives((*kept, *put), making.rules)
    making.set(objectives=(*kept, *put), idle=0)
    _after_planning(making)


def _after_planning(making: Making) -> None:
    """Let a plan of a person's own take the place of the one that is being made, or that could not be."""
    planning = [step for step in making.campaign.steps if step.purpose == "plan" and not step.objective]
    wait = making.campaign.wait
    if making.campaign.stands is Course.HELD and wait and wait.about == "unplanned":
        making.tell("answered", said("A person made the plan."), f"request:{wait.number}")
        loosed(making)
    if making.campaign.stands is Course.PLANNING:
        making.stop([step for step in planning if not step.stopped])
        proposed(making)


def _numbered(campaign: Campaign, wanted: Sequence[Objective]) -> list[Objective]:
    """Give those that are new, and have no number, the next one."""
    there = [each.id for each in (*campaign.objectives, *wanted) if each.id]
    last = max((int(head) for id in there if (head := id.partition(".")[0]).isdecimal()), default=0)
    numbered = []
    for each in wanted:
        last += not each.id
        numbered.append(each if each.id else each.but(id=str(last)))
    return numbered


def _merged(campaign: Campaign, each: Objective) -> Objective:
    """Return what a person wants of an objective, with what it is already."""
    there = campaign.objective(each.id)
    if there is None and "." in each.id:
        raise BadRequest("{id} would be a new part: a part is added by Dexter alone, when it splits.", id=each.id)
    return _merged_into(there, each)


def _merged_into(there: Objective | None, each: Objective) -> Objective:
    there = there or Objective(id=each.id, title=each.title, done_when=each.done_when)
    kept = {name: getattr(there, name) for name in ours(there) & ours(each)}
    pending = {"stage": Stage.PENDING} if there.stage is Stage.READY and not there.started_at else {}
    return each.but(title=" ".join(each.title.split()), **{**kept, **pending})
