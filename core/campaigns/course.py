"""The course of a campaign: what comes of everything that can happen to it. Pure: the same in gives the same out."""

from datetime import datetime

from core.campaigns.budget import bounded, month_of
from core.campaigns.campaign import Campaign, Course
from core.campaigns.changes import changed
from core.campaigns.checks import check_deadline, check_goal, check_objectives
from core.campaigns.dues import due, mend_clock
from core.campaigns.ends import ended
from core.campaigns.incidents import Changed, Done, Ended, Incident, Ticked, Turn
from core.campaigns.making import Making
from core.campaigns.onward import onward
from core.campaigns.people import done
from core.campaigns.planned import proposed
from core.campaigns.requests import expired, remind
from core.campaigns.rules import Rules
from core.campaigns.sums import Allowance
from core.entities import Status
from core.sentences import said

_LOST = said("The run was lost: nothing knows of it any more.")


def begun(campaign: Campaign, at: datetime, rules: Rules) -> Turn:
    """Return the first turn of a new campaign: its plan is asked for, or shown where it brings its objectives.

    Raises `BadRequest`, naming the remedy, for a goal of one word, a deadline in the past, a budget of more than the
    administrator allows, and objectives that do not fit together.
    """
    check_goal(campaign.goal)
    check_deadline(campaign.deadline, at)
    making = Making(campaign, at, rules)
    making.set(allowance=bounded(campaign.allowance, rules.allowance), course=Course.PLANNING)
    told = said("{name} has started a campaign: {title}", name=campaign.owner_name, title=campaign.title)
    making.tell("begun", told, "", person=campaign.owner, person_name=campaign.owner_name)
    if campaign.objectives:
        check_objectives(campaign.objectives, rules)
        proposed(making)
    onward(making)
    return making.turn(due(making.campaign, at, rules))


def after(campaign: Campaign, incident: Incident, at: datetime, rules: Rules) -> Turn:
    """Return what comes of an incident at a time (UTC).

    What was known already (an end that is told twice, a run that is not the campaign's) changes nothing. Raises
    `BadRequest` where a person wants what does not make sense now, naming who was first where two wanted it at once.
    """
    making = Making(campaign, at, rules)
    mend_clock(making)
    match incident:
        case Ended():
            ended(making, incident)
        case Ticked():
            _ticked(making, incident)
        case Done():
            done(making, incident)
        case Changed():
            changed(making, incident)
    onward(making)
    return making.turn(due(making.campaign, at, rules))


def _ticked(making: Making, incident: Ticked) -> None:
    """Take in that time has passed: what is lost is begun again, who has not answered is reminded."""
    if not making.campaign.course.over and making.rules.month != Allowance():
        making.set(month=incident.month, month_of=month_of(making.at))
    for run in incident.gone:
        ended(making, Ended(run=run, status=Status.FAILED, text=str(_LOST), told=_LOST))
    expired(making)
    remind(making)
