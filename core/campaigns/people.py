"""What people do to a campaign: approve, reject, answer, pause, resume, stop, note, plan anew, skip, try again."""

from collections.abc import Callable, Mapping

from core.campaigns.answering import answer, approve, reject
from core.campaigns.campaign import Course, Objective, Stage
from core.campaigns.closing import end
from core.campaigns.incidents import Done
from core.campaigns.making import Making
from core.campaigns.planned import open_ends, plan_anew
from core.campaigns.requests import decide, loosed, remember
from core.campaigns.stages import again, drop
from core.campaigns.verdicts import clean
from core.errors import BadRequest
from core.sentences import said


def done(making: Making, incident: Done) -> None:
    """Do what a person wants. Raises `BadRequest` where it makes no sense now."""
    if making.campaign.course.over:
        raise BadRequest("This campaign is over: start another one, or clone it.")
    _ACTS[incident.act](making, incident)


def pause(making: Making, incident: Done) -> None:
    """Begin nothing more; what is under way ends by itself, or is stopped where that is wanted."""
    paused = making.campaign.course is Course.PAUSED
    going = [step for step in making.campaign.steps if not step.stopped]
    if paused and not (incident.at_once and going):
        raise BadRequest("This campaign is paused already.")
    if incident.at_once:
        making.stop(going)
    if not paused:
        making.set(course=Course.PAUSED, paused_from=making.campaign.course)
        told = said("{name} paused the campaign.", name=incident.name)
        making.tell("paused", told, person=incident.person, person_name=incident.name)


def resume(making: Making, incident: Done) -> None:
    """Go on with what was paused."""
    if making.campaign.course is not Course.PAUSED:
        raise BadRequest("This campaign is not paused.")
    making.set(course=making.campaign.stands, paused_from=None)
    told = said("{name} resumed the campaign.", name=incident.name)
    making.tell("resumed", told, person=incident.person, person_name=incident.name)


def stop(making: Making, incident: Done) -> None:
    """End the campaign at once."""
    why = said("{name} stopped the campaign.", name=incident.name)
    end(making, Course.STOPPED, why, why, person=incident.person, person_name=incident.name)


def note(making: Making, incident: Done) -> None:
    """Keep what a person said for the steps to come."""
    text = clean(incident.text, 300)
    if not text:
        raise BadRequest("Say what the campaign is to take note of.")
    remember(making, incident)
    told = said("{name} noted: {text}", name=incident.name, text=clean(text, 300))
    making.tell("noted", told, "", person=incident.person, person_name=incident.name)


def replan(making: Making, incident: Done) -> None:
    """Have another plan made for what is left."""
    if making.under is Course.PLANNING and making.campaign.stands is not Course.HELD:
        raise BadRequest("A plan is being made already.")
    if incident.text.strip():
        note(making, incident)
    _settle(making, incident)
    plan_anew(making, clean(incident.text, 500) or "A person wants another plan.")
    making.set(replans=0)
    told = said("{name} has another plan made.", name=incident.name)
    making.tell("replanned", told, person=incident.person, person_name=incident.name)


def skip(making: Making, incident: Done) -> None:
    """Leave an objective out; what needs it goes on without it."""
    objective = _meant(making, incident)
    if objective.stage in (Stage.MET, Stage.SKIPPED):
        raise BadRequest("{id} {title} is over already.", id=objective.id, title=objective.title)
    why = said("{name} left it out.", name=incident.name)
    if objective.wait:
        decide(making, objective.wait, incident, yes=False, sentence=why)
    drop(making, objective, why)
    told = said("{name} left {id} {title} out.", name=incident.name, id=objective.id, title=objective.title)
    making.tell("skipped", told, objective=objective.id, person=incident.person, person_name=incident.name)
    _mended(making, incident)


def retry(making: Making, incident: Done) -> None:
    """Have an objective that failed, or that waits after broken runs, worked on again at once."""
    objective = _meant(making, incident)
    pausing = objective.stage is Stage.WAITING and objective.wait is not None and not objective.wait.number
    if objective.stage is not Stage.FAILED and not pausing:
        raise BadRequest("{id} {title} has not failed.", id=objective.id, title=objective.title)
    making.put(again(objective))
    told = said("{name} has {id} {title} tried again.", name=incident.name, id=objective.id, title=objective.title)
    making.tell("changed", told, objective=objective.id, person=incident.person, person_name=incident.name)
    _mended(making, incident)


def _meant(making: Making, incident: Done) -> Objective:
    objective = making.campaign.objective(incident.objective)
    if objective is None:
        ids = ", ".join(each.id for each in making.campaign.objectives) or "–"
        raise BadRequest("There is no objective {id} here. There are {ids}.", id=incident.objective, ids=ids)
    return objective


def _mended(making: Making, incident: Done) -> None:
    """Let a campaign go on that was held for what a person has just put right."""
    held = making.campaign.stands is Course.HELD and making.campaign.wait
    if held and held.about in ("stuck", "broken") and not open_ends(making.campaign.objectives):
        making.set(replans=0, idle=0)
        _settle(making, incident)
        loosed(making)


def _settle(making: Making, incident: Done) -> None:
    """Close the request that the whole campaign waits for: what the person did answers it."""
    wait = making.campaign.wait
    if wait and wait.number:
        sentence = said("{name} decided otherwise.", name=incident.name)
        decide(making, wait, incident, yes=False, sentence=sentence)
    if making.campaign.stands is Course.HELD:
        loosed(making)
    making.set(wait=None)


_ACTS: Mapping[str, Callable[[Making, Done], None]] = {
    "approve": approve,
    "reject": reject,
    "answer": answer,
    "pause": pause,
    "resume": resume,
    "stop": stop,
    "note": note,
    "replan": replan,
    "skip": skip,
    "retry": retry,
}
