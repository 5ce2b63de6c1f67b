"""Whether objectives fit together, and whether what a person wants of a campaign makes sense."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from graphlib import CycleError, TopologicalSorter

from core.campaigns.campaign import Objective
from core.campaigns.rules import Rules
from core.errors import BadRequest

WORDS = 2
"""The fewest that a goal has."""


def check_goal(goal: str) -> None:
    """Raise `BadRequest` for a goal that says too little to plan for."""
    words = goal.split()
    if not words:
        raise BadRequest("Say what the campaign is for: one or two sentences about what is to be true in the end.")
    if len(words) < WORDS:
        text = "“{goal}” is a single word: say in a sentence or two what is to be true in the end."
        raise BadRequest(text, goal=goal.strip()[:80])


def check_deadline(deadline: datetime | None, at: datetime) -> None:
    """Raise `BadRequest` for a deadline that has passed."""
    if deadline is not None and deadline <= at:
        when = f"{deadline:%Y-%m-%d %H:%M} UTC"
        raise BadRequest("The deadline {when} has passed already: give one that is still to come.", when=when)


def check_objectives(objectives: Sequence[Objective], rules: Rules) -> None:
    """Raise `BadRequest` that names what does not fit: a cycle, a need that is not there, too many, two of one name."""
    if not objectives:
        raise BadRequest("The plan has no objectives.")
    if len(objectives) > rules.objectives:
        text = "The plan has {count} objectives, and {most} are allowed here: put some of them together."
        raise BadRequest(text, count=len(objectives), most=rules.objectives)
    ids = {each.id: each for each in objectives}
    if twice := [id for id, count in Counter(each.id for each in objectives).items() if count > 1]:
        raise BadRequest("Two objectives have the number {id}.", id=twice[0])
    for each in objectives:
        _check_one(each, ids, rules)
    _check_titles(objectives)
    check_cycles(objectives)


def _check_one(each: Objective, ids: Mapping[str, Objective], rules: Rules) -> None:
    if not each.title.strip():
        raise BadRequest("Objective {id} has no title.", id=each.id)
    if not each.done_when.strip():
        text = "Objective {id}, “{title}”, does not say when it is done."
        raise BadRequest(text, id=each.id, title=each.title)
    if unknown := [need for need in each.needs if need not in ids]:
        text = "Objective {id}, “{title}”, needs {need}, which is not in the plan. There are {ids}."
        raise BadRequest(text, id=each.id, title=each.title, need=unknown[0], ids=", ".join(ids))
    if each.parent and each.parent not in ids:
        raise BadRequest(
            "Objective {id} is a part of {parent}, which is not in the plan.", id=each.id, parent=each.parent
        )
    if each.id.count(".") >= rules.depth:
        text = "Objective {id} is {depth} levels deep, and {most} are allowed here."
        raise BadRequest(text, id=each.id, depth=each.id.count(".") + 1, most=rules.depth)
    drafted = any(ids[need].means == "skill" for need in each.needs)
    if each.means == "use" and not each.skill and not drafted:
        text = "Objective {id}, “{title}”, runs a skill but names none, and needs no objective that drafts one."
        raise BadRequest(text, id=each.id, title=each.title)


def _check_titles(objectives: Sequence[Objective]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for each in objectives:
        if each.stage.over:
            continue
        name = (each.parent, " ".join(each.title.casefold().split()))
        if name in seen:
            text = "Objectives {one} and {other} are the same: “{title}”."
            raise BadRequest(text, one=seen[name], other=each.id, title=each.title)
        seen[name] = each.id


def check_cycles(objectives: Sequence[Objective]) -> None:
    """Raise `BadRequest` that names the objectives which need each other in a circle; a whole needs its parts."""
    graph: dict[str, set[str]] = {each.id: set(each.needs) for each in objectives}
    for each in objectives:
        if each.parent:
            graph[each.parent].add(each.id)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        titles = {each.id: each.title for each in objectives}
        circle = [f"{id} ({titles.get(id, '?')[:60]})" for id in reversed(error.args[1])]
        text = "The plan goes in a circle: {circle}. Each of them needs the next; take one of these needs out."
        raise BadRequest(text, circle=" → ".join(circle)) from None
