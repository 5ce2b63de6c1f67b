"""Whether a run may begin: what it may take is looked at before, and a person is asked where it would be too much."""

from datetime import datetime, timedelta

from core.campaigns.budget import Line, amount, month_short, overspent, reserve, short, unpriced
from core.campaigns.campaign import Objective, Purpose
from core.campaigns.making import Making
from core.campaigns.requests import ask, hold
from core.sentences import said


def hold_if_overspent(making: Making) -> bool:
    """Ask a person as soon as more was taken than allowed, though nothing is to begin just now."""
    campaign = making.campaign
    if line := overspent(campaign.allowance, campaign.spent):
        _ask_for_more(making, line)
    return line is not None


def affordable(making: Making, purpose: Purpose, objective: Objective | None) -> bool:
    """Tell whether a run may begin; where not, and nothing under way may leave enough, a person is asked."""
    campaign = making.campaign
    more, used = reserve(campaign, purpose, objective), campaign.spent + campaign.reserved
    if unpriced(campaign.allowance, campaign.spent):
        text = "The price of a model that it used is not known, so its limit in dollars cannot be kept. Go on without?"
        hold(making, "price", said(text))
    elif line := short(campaign.allowance, used, more):
        if not campaign.steps:
            _ask_for_more(making, line)
    elif line := month_short(campaign, more, making.at, making.rules):
        if not campaign.steps:
            text = "All campaigns together may take {most} a month, which is used up. It goes on by itself next month."
            hold(making, "month", said(text, most=amount(line.name, line.most)), until=next_month(making.at))
    elif objective and (line := short(objective.allowance, objective.spent, more)):
        _ask_for_one(making, objective, line)
    else:
        return True
    return False


def _ask_for_more(making: Making, line: Line) -> None:
    text = "It has taken {used} of {most}, and that is not enough for the next step. May it take half as much again?"
    hold(making, "budget", said(text, used=amount(line.name, line.used), most=amount(line.name, line.most)))


def _ask_for_one(making: Making, objective: Objective, line: Line) -> None:
    text = "{id} {title} has taken {used} of its {most}, which is not enough to go on. May it take half as much again?"
    sums = {"used": amount(line.name, line.used), "most": amount(line.name, line.most)}
    ask(making, objective, "budget", said(text, id=objective.id, title=objective.title, **sums))


def next_month(at: datetime) -> datetime:
    """Return the beginning of the next calendar month."""
    return (at.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
