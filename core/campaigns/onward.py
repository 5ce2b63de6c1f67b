"""Going on: whatever can begin now begins, within the budget, and never while paused, held or over."""

from core.campaigns.affording import affordable, hold_if_overspent
from core.campaigns.briefs import brief, skill_of
from core.campaigns.budget import WARN, month_short, reserve, share, short, unpriced
from core.campaigns.campaign import Course, Objective, Purpose, Stage, Step
from core.campaigns.closing import finished
from core.campaigns.incidents import Start
from core.campaigns.making import Making
from core.campaigns.moves import Do, next_move
from core.campaigns.planned import open_ends, plan_anew, propose, reason_of
from core.campaigns.requests import ask, hold
from core.campaigns.stages import fail, unfold
from core.sentences import Sentence, said

_PURPOSES: dict[Do, Purpose] = {"judge": "judge", "split": "plan"}
"""What runs are for; all others are work."""
_ROUNDS = 20
"""Bounds how much follows from one incident; each round begins, ends or asks something."""


def onward(making: Making) -> None:
    """Go on as far as it goes now."""
    campaign = making.campaign
    if campaign.course.over:
        return
    _warn(making)
    for _ in range(_ROUNDS):
        before = making.campaign
        unfold(making)
        match making.campaign.course:
            case Course.PLANNING:
                _plan(making)
            case Course.PROPOSED:
                propose(making)
            case Course.RUNNING:
                _run(making)
        if making.campaign == before:
            return


def _warn(making: Making) -> None:
    """Say once that most of the budget is used."""
    campaign = making.campaign
    used = share(campaign.allowance, campaign.spent)
    if used < WARN:
        making.set(warned=False)
    elif not campaign.warned:
        making.set(warned=True)
        making.tell("budget", said("{share:.0%} of the budget is used.", share=used))


def _plan(making: Making) -> None:
    """Have the plan made, if nobody is at it."""
    campaign = making.campaign
    planning = any(step.purpose == "plan" and not step.objective for step in campaign.steps)
    if _late(making) or hold_if_overspent(making) or planning:
        return
    if campaign.wait and campaign.wait.until and campaign.wait.until > making.at:
        return
    making.set(wait=None)
    if len(campaign.steps) < making.rules.side_by_side and affordable(making, "plan", None):
        launch(making, "plan", None)


def _run(making: Making) -> None:
    if _late(making) or _stuck(making):
        return
    if all(each.stage.over for each in making.campaign.objectives):
        _finish(making)
        return
    if hold_if_overspent(making) or _hopeless(making):
        return
    for objective in making.campaign.objectives:
        if making.campaign.course is not Course.RUNNING:
            return
        if objective.stage is Stage.READY:
            _begin(making, objective)


def _hopeless(making: Making) -> bool:
    """Give up what has no skill to run, before anything begins: that may hold the campaign, or change its plan."""
    ready = (each for each in making.campaign.objectives if each.stage is Stage.READY)
    uses = [each for each in ready if next_move(each, making.rules).do == "use"]
    lacking = [each for each in uses if skill_of(making.campaign, each) is None]
    for objective in lacking:
        fail(making, objective, said("There is no skill to run: nothing that it needs has drafted one."))
    return bool(lacking)


def _late(making: Making) -> bool:
    deadline = making.campaign.deadline
    if deadline is None or deadline > making.at:
        return False
    text = "The deadline, {when} UTC, has passed. Go on without one?"
    hold(making, "deadline", said(text, when=f"{deadline:%Y-%m-%d %H:%M}"))
    return True


def _stuck(making: Making) -> bool:
    """Have another plan made where something has failed, or nothing is met any more; after some, ask a person."""
    campaign, rules = making.campaign, making.rules
    failed = open_ends(campaign.objectives)
    if not failed and campaign.idle < rules.idle:
        return False
    lost = said("{count} attempts in a row met nothing.", count=campaign.idle)
    why = said("{why}", why=reason_of(campaign.objectives)) if failed else lost
    if campaign.replans < rules.replans:
        making.set(replans=campaign.replans + 1, idle=0)
        plan_anew(making, str(why))
        making.tell("stuck", said("It does not get on like this, so another plan is made. {why}", why=why))
        return True
    text = "No way on was found. {why} Try again, perhaps after a note from you? No ends the campaign."
    making.set(idle=0)
    hold(making, "stuck", said(text, why=why))
    return True


def _finish(making: Making) -> None:
    """Have the report written once all is over; the campaign ends with it, or without where the budget is used up."""
    if making.campaign.steps:
        return
    campaign = making.campaign
    more = reserve(campaign, "report", None)
    dear = short(campaign.allowance, campaign.spent, more) or month_short(campaign, more, making.at, making.rules)
    if dear or unpriced(campaign.allowance, campaign.spent) or not any(o.result for o in campaign.objectives):
        finished(making)
    else:
        launch(making, "report", None)


def _begin(making: Making, objective: Objective) -> None:
    """Begin what is next for an objective that is ready."""
    move = next_move(objective, making.rules)
    if move.do == "ask":
        ask(making, objective, "work", _question(objective))
        _started(making)
        return
    purpose = _PURPOSES.get(move.do, "work")
    if len(making.campaign.steps) < making.rules.side_by_side and affordable(making, purpose, objective):
        launch(making, purpose, objective)


def _question(objective: Objective) -> Sentence:
    what = "\n".join(filter(None, (objective.title, objective.brief)))
    return said("{what}\nIt is done when: {done_when}", what=what, done_when=objective.done_when)


def launch(making: Making, purpose: Purpose, objective: Objective | None) -> None:
    """Have a run started, with what is set aside for it."""
    campaign, at = making.campaign, making.at
    key = f"{campaign.id}:{campaign.number + 1}"
    asked = brief(campaign, purpose, objective, at, key)
    where = objective.id if objective else ""
    aside = reserve(campaign, purpose, objective)
    step = Step(run=asked.id, purpose=purpose, objective=where, started_at=at, reserved=aside)
    making.open(step, Start(key=key, purpose=purpose, collaboration=asked))
    making.set(remarks=tuple(each.but(read=True) for each in campaign.remarks))
    if objective:
        attempts = objective.attempts + (purpose == "work")
        begun = objective.started_at or at
        making.put(objective.but(stage=Stage.RUNNING, attempts=attempts, started_at=begun))
        _started(making)
        if objective.started_at is None:
            told = said("{id} {title} has begun.", id=objective.id, title=objective.title)
            making.tell("started", told, "", objective=objective.id, run=asked.id)


def _started(making: Making) -> None:
    if making.campaign.started_at is None:
        making.set(started_at=making.at)
