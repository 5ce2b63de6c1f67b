"""What comes of the end of a run: of a plan, of work, of a verdict, of the report."""

from datetime import timedelta

from core.campaigns.campaign import Course, Objective, Stage, Step, Wait
from core.campaigns.closing import finished
from core.campaigns.incidents import Ended
from core.campaigns.making import Making
from core.campaigns.moves import Move, next_move
from core.campaigns.plan import parts_of, read_plan
from core.campaigns.planned import adopt, unusable
from core.campaigns.requests import hold
from core.campaigns.stages import RESULT, SHORT, fail, meet, pause, reason, refused, splits
from core.campaigns.verdicts import clean, sides
from core.entities import Status
from core.errors import BadRequest
from core.sentences import Sentence, said

_GOOD = (Status.ANSWERED, Status.DONE, Status.DISAGREED)


def ended(making: Making, incident: Ended) -> None:
    """Take in the end of a run that is under way; any other changes nothing."""
    step = making.campaign.step(incident.run)
    if step is None:
        return
    making.close(step, incident.spent)
    if making.campaign.course.over:
        return
    if step.purpose != "judge" and incident.status is Status.DISAGREED:
        text, members = first_side(incident.text, incident.members)
        incident = incident.but(text=text, members=members)
    if step.purpose == "report":
        _reported(making, step, incident)
    elif step.objective:
        _objective_ended(making, step, incident)
    elif making.under is Course.PLANNING and not step.stopped:
        _planned(making, incident)


def first_side(text: str, members: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return what the leading side of a divided committee wrote, and who that is: it is judged like any other work."""
    found = sides(text)
    if not found:
        return text, members
    names, held = found[0]
    return held, tuple(each for each in members if each in names) or members


def _objective_ended(making: Making, step: Step, incident: Ended) -> None:
    objective = making.campaign.objective(step.objective)
    elsewhere = any(each.objective == step.objective for each in making.campaign.steps)
    if objective is None or objective.stage is not Stage.RUNNING or elsewhere:
        return
    if step.stopped and incident.status is Status.STOPPED:
        making.put(_unbegun(objective, step))
    elif step.purpose == "plan":
        _split(making, objective, incident)
    else:
        _moved(making, objective, step, incident)


def _unbegun(objective: Objective, step: Step) -> Objective:
    """Return an objective as if the run had not been: it says nothing of the work."""
    attempts = objective.attempts - (step.purpose == "work")
    return objective.but(stage=Stage.READY, attempts=attempts)


def _moved(making: Making, objective: Objective, step: Step, incident: Ended) -> None:
    may = splits(making.campaign, objective, making.rules)
    move = next_move(objective, making.rules, step.purpose, incident, splits=may)
    if move.do in ("later", "hold"):
        _broke(making, _unbegun(objective, step), move)
        return
    if step.purpose == "work":
        objective = _with_result(objective, incident)
    match move.do:
        case "met":
            meet(making, objective, evidence(move, incident))
        case "judge":
            making.put(objective.but(claims=True, broken=0, stage=Stage.READY))
        case _:
            refused(making, objective, move)


def _with_result(objective: Objective, incident: Ended) -> Objective:
    drafted = {"skill": incident.skill, "version": incident.version} if objective.means == "skill" else {}
    result = clean(incident.text, RESULT)
    return objective.but(result=result, run=incident.run, workers=incident.members, **drafted)


def evidence(move: Move, incident: Ended) -> Sentence:
    """Say by what an objective is held to be met."""
    match move.evidence:
        case "tests":
            return said("The tests of {skill} {version} passed.", skill=incident.skill, version=incident.version)
        case "run":
            return said("The skill ran to its end and gave a result.")
        case _:
            return said("{judges} judged it: {why}", judges=", ".join(incident.members), why=clean(move.why, SHORT))


def _broke(making: Making, objective: Objective, move: Move) -> None:
    """Try again after a pause; after some, ask a person: no model writes a better plan for a model that is gone."""
    if move.do == "later" or making.campaign.course not in (Course.RUNNING, Course.PLANNING):
        pause(making, objective)
        return
    making.put(objective)
    _ask_why(making, reason(move.told, move.why), objective.title)


def _ask_why(making: Making, why: Sentence, what: str) -> None:
    text = "Runs for “{title}” break again and again. The last one said: {why} Try again once that is mended?"
    hold(making, "broken", said(text, title=what, why=why))


def _split(making: Making, objective: Objective, incident: Ended) -> None:
    """Put the parts in that a committee named; where it named none, the objective is worked on as a whole."""
    if incident.status not in _GOOD:
        pause(making, objective)
        if objective.broken + 1 >= making.rules.attempts:
            _unsplit(making, objective, reason(incident.told, incident.text))
        return
    try:
        parts = parts_of(objective, making.campaign, read_plan(incident.text), making.rules)
    except BadRequest as error:
        _unsplit(making, objective, error.sentence)
        return
    at = making.campaign.objectives.index(objective) + 1
    split = objective.but(stage=Stage.WAITING, whole=True, splits=False, broken=0)
    making.set(objectives=(*making.campaign.objectives[:at], *parts, *making.campaign.objectives[at:]))
    making.put(split)
    told = said("{id} {title} is split into {count} parts.", id=split.id, title=split.title, count=len(parts))
    making.tell("split", told, objective=split.id, run=incident.run)


def _unsplit(making: Making, objective: Objective, why: Sentence) -> None:
    """Go on with an objective that cannot be split: once more as a whole, if it may."""
    whole = objective.but(whole=True, splits=False, broken=0)
    if objective.attempts >= making.rules.attempts:
        fail(making, whole, why)
    else:
        making.put(whole.but(stage=Stage.READY))


def _planned(making: Making, incident: Ended) -> None:
    """Take the plan in, or the reason why there is none."""
    campaign = making.campaign
    if incident.status not in _GOOD:
        broken = campaign.broken + 1
        if broken >= making.rules.attempts and campaign.course is Course.PLANNING:
            making.set(broken=0)
            _ask_why(making, reason(incident.told, incident.text), campaign.title)
            return
        pauses = making.rules.pauses or (0.0,)
        until = making.at + timedelta(seconds=pauses[min(broken, len(pauses)) - 1])
        kept = campaign.wait if campaign.wait and campaign.wait.number else Wait(asked_at=making.at, until=until)
        making.set(broken=broken, wait=kept)
        return
    making.set(broken=0)
    try:
        adopt(making, read_plan(incident.text), incident.run)
    except BadRequest as error:
        unusable(making, error.sentence)


def _reported(making: Making, step: Step, incident: Ended) -> None:
    """End the campaign with what the committee wrote, or without; not where something was added meanwhile."""
    if step.stopped and incident.status is Status.STOPPED:
        return
    if all(each.stage.over for each in making.campaign.objectives):
        good = incident.status in _GOOD
        making.set(report=clean(incident.text, RESULT) if good else "")
        finished(making)
