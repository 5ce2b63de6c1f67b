"""How an objective moves from stage to stage, and with it those that need it, and the one that it is a part of."""

from collections.abc import Mapping
from datetime import timedelta

from core.campaigns.campaign import Campaign, Objective, Stage, Wait
from core.campaigns.making import Making
from core.campaigns.moves import Move, not_enough
from core.campaigns.rules import Rules
from core.campaigns.verdicts import clean, trace
from core.sentences import Sentence, said

SHORT = 300
"""Characters of a reason in a post."""
_FAILURES, _TRACES = 5, 10
_EVIDENCE, RESULT = 2000, 8000


def reason(told: Sentence | None, why: str) -> Sentence:
    """Return why something is as it is: in Dexter's own words where there are some, else as others wrote it."""
    return told or said("{why}", why=clean(why, SHORT))


def meet(making: Making, objective: Objective, why: Sentence) -> None:
    """Note that an objective is met, by what evidence, and tell of it."""
    ended = making.later(objective.started_at)
    changes = {"claims": False, "splits": False, "wait": None, "broken": 0, "ended_at": ended}
    making.put(objective.but(stage=Stage.MET, why=why, evidence=clean(str(why), _EVIDENCE), **changes))
    making.set(idle=0, replans=0)
    said_so = said("{id} {title} is met. {why}", id=objective.id, title=objective.title, why=why)
    making.tell("met", said_so, objective=objective.id, run=objective.run)


def fail(making: Making, objective: Objective, why: Sentence) -> None:
    """Note that an objective has failed, with all of its parts that are not over, and tell of it."""
    ended = making.later(objective.started_at)
    changes = {"claims": False, "splits": False, "wait": None, "broken": 0, "ended_at": ended}
    making.put(objective.but(stage=Stage.FAILED, why=why, evidence=clean(str(why), _EVIDENCE), **changes))
    drop_parts(making, objective.id, said("{id} has failed.", id=objective.id))
    told = said("{id} {title} has failed. {why}", id=objective.id, title=objective.title, why=why)
    making.tell("failed", told, objective=objective.id, run=objective.run)


def drop(making: Making, objective: Objective, why: Sentence) -> None:
    """Skip an objective and its parts; their runs are stopped."""
    making.stop([step for step in making.campaign.steps if step.objective == objective.id])
    changes = {"claims": False, "splits": False, "wait": None, "ended_at": making.later(objective.started_at)}
    making.put(objective.but(stage=Stage.SKIPPED, why=why, evidence=clean(str(why), _EVIDENCE), **changes))
    drop_parts(making, objective.id, why)


def drop_parts(making: Making, id: str, why: Sentence) -> None:
    """Skip the parts of an objective that are not over."""
    for part in making.campaign.parts(id):
        if not part.stage.over:
            drop(making, part, why)


def refused(making: Making, objective: Objective, move: Move) -> None:
    """Note an attempt that was not enough, and go where the move says: once more, into parts, or no further."""
    traces = (*objective.traces, trace(objective.result))[-_TRACES:] if objective.result else objective.traces
    failures = (*objective.failures, move.why)[-_FAILURES:]
    tried = objective.but(failures=failures, traces=traces, claims=False, broken=0, stage=Stage.READY)
    making.set(idle=making.campaign.idle + 1)
    why = reason(move.told, move.why)
    if move.do == "give up":
        fail(making, tried, why)
        return
    making.put(tried.but(splits=move.do == "split"))
    told = said("{id} {title} is not there yet. {why}", id=objective.id, title=objective.title, why=why)
    making.tell("failed", told, "", objective=objective.id, run=objective.run)


def again(objective: Objective) -> Objective:
    """Return an objective to be worked on as if for the first time, but for what is known of why it failed."""
    fresh = {"attempts": 0, "broken": 0, "traces": (), "claims": False, "splits": False, "wait": None, "ended_at": None}
    return objective.but(stage=Stage.READY, why=None, evidence="", **fresh)


def pause(making: Making, objective: Objective) -> None:
    """Let an objective whose run broke wait a while, longer each time."""
    pauses = making.rules.pauses or (0.0,)
    seconds = pauses[min(objective.broken, len(pauses) - 1)]
    wait = Wait(asked_at=making.at, until=making.at + timedelta(seconds=seconds))
    making.put(objective.but(stage=Stage.WAITING, wait=wait, broken=objective.broken + 1))


def unfold(making: Making) -> None:
    """Let each objective take the stage that the others leave it in; what ends by that may let others begin."""
    for _ in making.campaign.objectives:
        before = making.campaign.objectives
        there = {each.id: each for each in before}
        for objective in before:
            _next_stage(making, objective, there)
        if making.campaign.objectives == before:
            return


def _next_stage(making: Making, objective: Objective, there: Mapping[str, Objective]) -> None:
    wait = objective.wait
    if objective.stage is Stage.PENDING and _free(objective, there):
        making.put(objective.but(stage=Stage.READY))
    elif objective.stage is Stage.WAITING and wait and not wait.number and (wait.until or making.at) <= making.at:
        making.put(objective.but(stage=Stage.READY, wait=None))
    elif objective.stage is Stage.WAITING and wait is None:
        _whole(making, objective)


def _free(objective: Objective, there: Mapping[str, Objective]) -> bool:
    """Tell whether all that an objective needs is over and did not fail; what is no longer there is not waited for."""
    return all(there[id].stage in (Stage.MET, Stage.SKIPPED) for id in objective.needs if id in there)


def _whole(making: Making, objective: Objective) -> None:
    """Put an objective together once its parts are over."""
    parts = making.campaign.parts(objective.id)
    if failed := next((part for part in parts if part.stage is Stage.FAILED), None):
        why = f"{failed.title}: {failed.evidence}"
        drop_parts(making, objective.id, said("{id} has failed.", id=failed.id))
        move = not_enough(objective, making.rules, clean(why, SHORT), splits=False)
        refused(making, objective, move)
    elif all(part.stage.over for part in parts):
        met = [part for part in parts if part.stage is Stage.MET]
        result = clean("\n\n".join(f"{part.title}\n{part.result}" for part in met), RESULT)
        workers = tuple(dict.fromkeys(name for part in met for name in part.workers))
        making.put(objective.but(stage=Stage.READY, claims=bool(met), result=result, workers=workers))


def splits(campaign: Campaign, objective: Objective, rules: Rules) -> bool:
    """Tell whether an objective may be split: it is an answer, was not split before, and there is room for parts."""
    depth = objective.id.count(".") + 1
    room = len(campaign.objectives) + 2 <= rules.objectives
    return objective.means == "answer" and not objective.whole and depth < rules.depth and rules.parts > 1 and room
