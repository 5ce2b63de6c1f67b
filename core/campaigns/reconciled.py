"""Two people change one plan: each change goes into the plan as it is now, and none undoes another unseen."""

import hashlib
from collections.abc import Callable, Sequence

from core.campaigns.objective import Objective
from core.errors import BadRequest

_OURS = frozenset({
    "id", "stage", "parent", "attempts", "failures", "result", "run", "workers", "splits", "whole", "claims", "broken",
    "traces", "evidence", "why", "wait", "spent", "started_at", "ended_at",
})  # fmt: skip
"""What of an objective is not for a person to change; of one that drafts a skill, the skill is not either."""
_DRAFTED = frozenset({"skill", "version"})
_CHANGED = "{id} {title} has changed since you looked at it: look at it again, and change it then."


def ours(objective: Objective) -> frozenset[str]:
    """Return what of an objective is Dexter's own: how far it is, and what came of it."""
    return _OURS | _DRAFTED if objective.means == "skill" else _OURS


def mark(objective: Objective) -> str:
    """Return six characters that change with anything that a person can change of an objective."""
    return hashlib.sha256(objective.model_dump_json(exclude=set(ours(objective))).encode()).hexdigest()[:6]


def check_mark(objective: Objective, seen: str) -> None:
    """Raise `BadRequest` where an objective is another than the one that a form showed; `seen` empty: no form did."""
    if seen and seen != mark(objective):
        raise BadRequest(_CHANGED, id=objective.id, title=objective.title)


def reconciled(now: Sequence[Objective], seen: Sequence[Objective], wanted: Sequence[Objective]) -> list[Objective]:
    """Return the plan of now with what turns the plan that a person saw into the one that they want.

    Raises `BadRequest` where somebody else has changed or taken out an objective that they change.
    """
    there, before = {each.id: each for each in now}, {each.id: each for each in seen}
    changed = {each.id: each for each in wanted if each.id in before and mark(each) != mark(before[each.id])}
    gone = before.keys() - {each.id for each in wanted}
    for id in before:
        untouched = id in there and mark(there[id]) == mark(before[id])
        if not untouched and (id in changed or (id in gone and id in there)):
            raise BadRequest(_CHANGED, id=id, title=before[id].title)
    kept = [changed.get(each.id, each) for each in now if each.id not in gone]
    known = [each for each in wanted if each.id in there]
    if [each.id for each in known] != [id for id in before if id in there and id not in gone]:  # they moved something
        moved = [changed.get(each.id, there[each.id]) for each in known]
        kept = _woven(moved, kept, lambda each: each.id not in before)
    return _woven(kept, wanted, lambda each: each.id not in before)


def _woven(base: Sequence[Objective], others: Sequence[Objective], new: Callable[[Objective], bool]) -> list[Objective]:
    """Return `base` with what is new in `others`, each behind what it follows there."""
    woven, at = [*base], 0
    for each in others:
        if new(each):
            woven.insert(at, each)
            at += 1
        else:
            at = next((place + 1 for place, other in enumerate(woven) if other.id == each.id), at)
    return woven
