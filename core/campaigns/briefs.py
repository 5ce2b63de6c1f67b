"""What the run of a step is asked, and what it is given to read."""

import json
from datetime import datetime

from pydantic import JsonValue

from core.campaigns.campaign import Campaign, Objective, Purpose, Stage
from core.campaigns.plan import staying
from core.campaigns.prompts import filled, quoted
from core.entities import Aim, Collaboration, Document, Task, run_id
from core.excerpts import excerpt, shares

PAPERS = 16_000
"""Characters of results that a step is given to read, all together."""
_NOTES, _TEXT = 5, 1000
"""Of the remarks of people, so many of the newest, and characters of each."""
_RESULT = 6000
"""Characters of a result that judges read."""
_LONGEST_PLAN = 8
"""Objectives that a committee is asked for at most: what small models can hold together."""


def brief(campaign: Campaign, purpose: Purpose, objective: Objective | None, at: datetime, key: str) -> Collaboration:
    """Return the run of a step; its id follows from `key`, so that the same step is never begun twice."""
    without = objective.workers if objective and purpose == "judge" else ()
    asked = Collaboration(
        id=run_id(campaign.tenant, key),
        tenant=campaign.tenant,
        asker=campaign.owner,
        asker_name=campaign.owner_name,
        address=campaign.address,
        question="",
        committee=campaign.committee,
        language=campaign.language,
        private=campaign.private,
        created_at=at,
        aim=Aim(campaign=campaign.id, objective=objective.id if objective else "", purpose=purpose, without=without),
    )
    match purpose:
        case "plan":
            question = _parts(campaign, objective) if objective else _plan(campaign)
            return asked.but(pattern="plan", question=question, context=_given(campaign, objective))
        case "report":
            return asked.but(pattern="chair", question=_report(campaign), context=_results(campaign.objectives))
        case "judge":
            return _judgement(asked, objective)
        case "work":
            return _work(asked, campaign, objective)


def skill_of(campaign: Campaign, objective: Objective) -> tuple[str, str] | None:
    """Return the skill that an objective runs and its version: what it names, or what one that it needs drafted."""
    if objective.skill:
        return objective.skill, objective.version
    needed = filter(None, map(campaign.objective, objective.needs))
    drafted = (each for each in needed if each.means == "skill" and each.skill and each.stage is Stage.MET)
    return next(((each.skill, each.version) for each in drafted), None)


def _plan(campaign: Campaign) -> str:
    stays = staying(campaign)
    places = {
        "goal": quoted(campaign.goal),
        "deadline": f"{campaign.deadline:%Y-%m-%d}" if campaign.deadline else "",
        "notes": _notes(campaign),
        "reason": quoted(campaign.reason),
        "most": str(_LONGEST_PLAN),
    }
    if not campaign.plans or not campaign.objectives:
        return filled("plan", **places)
    first = 1 + max(int(each.id.partition(".")[0]) for each in campaign.objectives)
    listed = "\n".join(f"{each.id}. {each.title} ({each.stage})" for each in stays if not each.parent)
    return filled("replan", **places, stays=quoted(listed), first=str(first))


def _parts(campaign: Campaign, objective: Objective) -> str:
    return filled("parts", **_about(campaign, objective), most="4")


def _report(campaign: Campaign) -> str:
    told = [f"{each.id}. {each.title}: {each.stage}" for each in campaign.objectives if not each.parent]
    return filled("report", goal=quoted(campaign.goal), objectives=quoted("\n".join(told)), notes=_notes(campaign))


def _judgement(asked: Collaboration, objective: Objective | None) -> Collaboration:
    if objective is None:
        return asked
    # The result stands in the question and not beside it as a file: small models judge better what is before them.
    places = {
        "title": objective.title,
        "brief": quoted(objective.brief),
        "result": quoted(excerpt(objective.result, _RESULT)),
        "done_when": quoted(objective.done_when),
    }
    return asked.but(pattern="verdict", question=filled("judge", **places))


def _work(asked: Collaboration, campaign: Campaign, objective: Objective | None) -> Collaboration:
    if objective is None:
        return asked
    if objective.means == "use":
        skill, version = skill_of(campaign, objective) or ("", "")
        own = objective.skill == "" or bool(objective.version)
        given = {name: filled_in(value, campaign, objective) for name, value in objective.input.items()}
        task = Task(kind="run", skill=skill, version=version, input=given, unpromoted=own)
        return asked.but(question=objective.title, task=task)
    if objective.means == "skill":
        places = {"brief": objective.brief, "done_when": objective.done_when, "notes": _notes(campaign)}
        last = objective.failures[-1] if objective.failures else ""
        return asked.but(pattern="skill", question=filled("skill", title=objective.title, failures=last, **places))
    question = filled("work", **_about(campaign, objective), goal=quoted(campaign.goal))
    return asked.but(pattern="work", question=question, context=_given(campaign, objective))


def _about(campaign: Campaign, objective: Objective) -> dict[str, str]:
    return {
        "title": objective.title,
        "brief": quoted(objective.brief),
        "done_when": quoted(objective.done_when),
        "failures": quoted("\n".join(objective.failures[-2:])),
        "notes": _notes(campaign),
    }


def _notes(campaign: Campaign) -> str:
    """Return what people said lately; those who work now are not to undo what others were told."""
    said = [f"{each.name}: {excerpt(each.text, _TEXT)}" for each in campaign.remarks[-_NOTES:]]
    return quoted("\n".join(said))


def _given(campaign: Campaign, objective: Objective | None) -> tuple[Document, ...]:
    """Return the results of what an objective needs, of its parts, and of its own last attempt."""
    if objective is None:
        return ()
    needed = [each for each in campaign.objectives if each.id in objective.needs or each.parent == objective.id]
    last = [Document(name="the last attempt, which was not enough", text=objective.result)] if objective.result else []
    return _cut([*_papers(needed), *last])


def _results(objectives: tuple[Objective, ...]) -> tuple[Document, ...]:
    return _cut(_papers([each for each in objectives if not each.parent]))


def _papers(objectives: list[Objective]) -> list[Document]:
    return [Document(name=f"result of {each.id}: {each.title}", text=each.result) for each in objectives if each.result]


def _cut(papers: list[Document]) -> tuple[Document, ...]:
    room = shares([len(paper.text) for paper in papers], PAPERS)
    return tuple(paper.but(text=excerpt(paper.text, most)) for paper, most in zip(papers, room, strict=True))


def filled_in(value: JsonValue, campaign: Campaign, objective: Objective) -> JsonValue:
    """Return what a skill is given, results put where `{{id}}` stands; JSON as such where it is all that stands there.

    What a result says is never read for places again.
    """
    if isinstance(value, dict):
        return {name: filled_in(inner, campaign, objective) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled_in(inner, campaign, objective) for inner in value]
    if not isinstance(value, str):
        return value
    results = {each.id: each.result for each in campaign.objectives if each.id in objective.needs}
    alone = value.strip().removeprefix("{{").removesuffix("}}").strip()
    if value.strip() == f"{{{{{alone}}}}}" and alone in results:
        return _as_json(results[alone])
    head, *rest = value.split("{{")
    pieces = [head]
    for piece in rest:
        id, closed, after = piece.partition("}}")
        known = closed and id.strip() in results
        pieces.append(results[id.strip()] + after if known else "{{" + piece)
    return "".join(pieces)


def _as_json(text: str) -> JsonValue:
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        found: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found
