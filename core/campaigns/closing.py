"""The end of a campaign."""

from core.campaigns.campaign import Course, Stage
from core.campaigns.making import Making
from core.campaigns.stages import drop
from core.sentences import Sentence, said


def finished(making: Making) -> None:
    """End a campaign whose objectives are all over."""
    met = sum(each.stage is Stage.MET for each in making.campaign.objectives if not each.parent)
    if met == 0:
        end(making, Course.FAILED, said("The campaign is over, and nothing of it was met."))
        return
    count = sum(not each.parent for each in making.campaign.objectives)
    if met == count:
        told = said("The campaign has met its goal. Objectives met: {met}.", met=met)
    else:
        told = said("The campaign is over. Objectives met: {met}, left out: {out}.", met=met, out=count - met)
    end(making, Course.MET, told)


def end(making: Making, course: Course, sentence: Sentence, why: Sentence | None = None, **who: str) -> None:
    """End a campaign: what is under way is stopped, what has not begun is left out, and nothing is asked any more."""
    making.stop(making.campaign.steps)
    for objective in making.campaign.objectives:
        if not objective.stage.over:
            drop(making, objective, why or said("The campaign is over."))
    ended = making.later(max(filter(None, (making.campaign.created_at, making.campaign.started_at))))
    making.set(course=course, wait=None, paused_from=None, held_from=None, ended_at=ended)
    making.tell("stopped" if course is Course.STOPPED else "ended", sentence, "answer", **who)
