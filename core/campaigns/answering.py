"""Answers of people to what they were asked: the first one counts, and what it means depends on what was asked."""

from core.campaigns.budget import amount, month_short, raised, reserve
from core.campaigns.campaign import Course, Objective, Stage, Wait
from core.campaigns.closing import end
from core.campaigns.incidents import Done
from core.campaigns.making import Making
from core.campaigns.planned import plan_anew
from core.campaigns.requests import decide, loosed, remember, still_open
from core.campaigns.stages import RESULT, SHORT, again, fail, meet
from core.campaigns.sums import Allowance, Sums
from core.campaigns.verdicts import clean
from core.errors import BadRequest
from core.sentences import Sentence, said


def approve(making: Making, incident: Done) -> None:
    """Take a yes: to the plan, or to whatever else is asked."""
    answer(making, incident.but(yes=True))


def reject(making: Making, incident: Done) -> None:
    """Take a no. A plan that is rejected with words is made anew by them; without words the campaign ends."""
    answer(making, incident.but(yes=False))


def answer(making: Making, incident: Done) -> None:
    """Take a person's answer to the request that they mean. Raises `BadRequest` naming who was first."""
    objective = _asked(making, incident)
    if objective is not None:
        still_open(making, incident, objective.wait)
        _answered_one(making, objective, incident)
        return
    wait = still_open(making, incident, making.campaign.wait)
    if wait.about == "plan":
        _plan(making, wait, incident)
    elif incident.yes:
        _go_on(making, wait, incident)
    else:
        decide(making, wait, incident, yes=False, sentence=_answer(incident))
        told = said("{name} ended the campaign.", name=incident.name)
        end(making, Course.FAILED, told, told, person=incident.person, person_name=incident.name)


def _asked(making: Making, incident: Done) -> Objective | None:
    """Return the objective that is meant; `None` where the campaign as a whole asks, or nobody does."""
    waiting = [each for each in making.campaign.objectives if each.wait and each.wait.number]
    if incident.request:
        return next((each for each in waiting if each.wait and each.wait.number == incident.request), None)
    if incident.objective:
        found = making.campaign.objective(incident.objective)
        if found is None or found not in waiting:
            raise BadRequest("Nobody is asked anything about {id} now.", id=incident.objective)
        return found
    if (making.campaign.wait and making.campaign.wait.number) or not waiting:
        return None
    if len(waiting) > 1:
        ids = ", ".join(each.id for each in waiting)
        raise BadRequest("Several objectives wait for an answer: {ids}. Say which one is meant.", ids=ids)
    return waiting[0]


def _answered_one(making: Making, objective: Objective, incident: Done) -> None:
    """Take the answer to what one objective waits for: it is the work itself, or how much that may take."""
    wait, why = objective.wait or Wait(asked_at=making.at), _answer(incident)
    if wait.about == "budget" and incident.yes:
        more = reserve(making.campaign, "judge" if objective.claims else "work", objective)
        allowance = raised(objective.allowance, objective.spent, more, Allowance())
        making.put(objective.but(allowance=allowance, stage=Stage.READY, wait=None))
        decide(making, wait, incident, yes=True, sentence=why)
        return
    decide(making, wait, incident, yes=incident.yes, sentence=why)
    if not incident.yes:
        fail(making, objective, why)
        return
    result = clean(incident.text, RESULT) or str(said("{name} said yes.", name=incident.name))
    meet(making, objective.but(result=result, attempts=objective.attempts + 1), why)


def _plan(making: Making, wait: Wait, incident: Done) -> None:
    decide(making, wait, incident, yes=incident.yes, sentence=_answer(incident))
    making.set(wait=None)
    if incident.yes:
        remember(making, incident)
        making.to(Course.RUNNING)
    elif incident.text.strip():
        remember(making, incident)
        plan_anew(making, clean(incident.text, 500))
    else:
        told = said("{name} rejected the plan.", name=incident.name)
        end(making, Course.STOPPED, told, told, person=incident.person, person_name=incident.name)


def _go_on(making: Making, wait: Wait, incident: Done) -> None:
    """Go on with more of what was used up, or try again."""
    campaign = making.campaign
    match wait.about:
        case "budget":
            used = campaign.spent + campaign.reserved
            making.set(allowance=raised(campaign.allowance, used, _upcoming(making), making.rules.allowance))
        case "price":
            _without_price(making)
        case "month":
            if line := month_short(campaign, _upcoming(making), making.at, making.rules):
                raise BadRequest("All campaigns together may take {most} a month.", most=amount(line.name, line.most))
        case "deadline":
            making.set(deadline=None)
        case _:
            _fresh(making)
    remember(making, incident)
    decide(making, wait, incident, yes=True, sentence=_answer(incident))
    loosed(making)


def _without_price(making: Making) -> None:
    if making.rules.allowance.dollars is not None:
        text = "An administrator limits the dollars of every campaign: have a model seated whose price is known."
        raise BadRequest(text)
    making.set(allowance=making.campaign.allowance.but(dollars=None))


def _upcoming(making: Making) -> Sums:
    """Return the most that the next step may set aside."""
    campaign = making.campaign
    ready = [each for each in campaign.objectives if each.stage is Stage.READY]
    work = [reserve(campaign, "work", each) for each in ready]
    return max([reserve(campaign, "plan", None), *work], key=lambda sums: sums.tokens)


def _fresh(making: Making) -> None:
    """Let what failed, and what waits after broken runs, begin again."""
    making.set(replans=0, idle=0, unusable=0, broken=0)
    for each in making.campaign.objectives:
        if each.stage is Stage.FAILED and not each.parent:
            making.put(again(each))
        elif each.wait is not None and not each.wait.number:
            making.put(each.but(stage=Stage.READY, broken=0, wait=None))
        elif each.broken:
            making.put(each.but(broken=0))


def _answer(incident: Done) -> Sentence:
    text = clean(incident.text, SHORT)
    if incident.yes:
        given = said("{name} said yes: {text}", name=incident.name, text=text)
        return given if text else said("{name} said yes.", name=incident.name)
    given = said("{name} said no: {text}", name=incident.name, text=text)
    return given if text else said("{name} said no.", name=incident.name)
