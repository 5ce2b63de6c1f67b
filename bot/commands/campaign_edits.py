"""`campaign add`, `remove`, `move` and `edit`: a person changes the plan, before it is approved or on the way."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from bot.campaign_forms import MARK, NEEDED, OBJECTIVE, schema
from bot.campaign_plan import objective_text
from bot.commands.campaign_named import named, require_steering
from bot.commands.command import Asking
from bot.commands.names import nearest
from bot.commands.skill_input import given, pairs
from bot.shapes import Button, Buttons, Foot, Heading, Part, Post, Prose
from core.campaigns.campaign import Campaign, Objective
from core.campaigns.incidents import Changed
from core.campaigns.reconciled import check_mark
from core.errors import BadRequest
from core.skills.running.fits import misfit


async def add(asking: Asking, rest: str) -> Post:
    """Add an objective to the plan."""
    campaign, typed = await _steered(asking, rest)
    values = await _given(typed, asking)
    lacking = [name for name in NEEDED if not str(values.get(name, "")).strip()]
    if lacking:
        usage = f'campaign add {campaign.id} title="…" done_when="…"'
        raise BadRequest("It needs {names}. Type it like this: `{usage}`.", names=", ".join(lacking), usage=usage)
    fresh = _with(Objective(id="", title=values["title"], done_when=values["done_when"]), values)
    return await _put(asking, campaign, _placed(campaign.objectives, fresh, values.get("position")))


async def edit(asking: Asking, rest: str) -> Post:
    """Change an objective; without a number, show what can be changed."""
    campaign, typed = await _steered(asking, rest)
    numbered, _, changes = typed.partition(" ")
    if not numbered:
        return _choices(asking, campaign)
    number, _, seen = numbered.partition(MARK)
    objective = objective_of(campaign, number)
    check_mark(objective, seen)
    if not changes.strip():
        usage = f'campaign edit {campaign.id} {number} title="…" done_when="…" needs="1, 2"'
        raise BadRequest("What is to change? Type it like this: `{usage}`.", usage=usage)
    values = await _given(changes, asking)
    others = [each for each in campaign.objectives if each.id != number]
    at = values.get("position") or campaign.objectives.index(objective) + 1
    return await _put(asking, campaign, _placed(others, _with(objective, values), at))


async def remove(asking: Asking, rest: str) -> Post:
    """Take an objective out of the plan; what needed it no longer does."""
    campaign, typed = await _steered(asking, rest)
    gone = objective_of(campaign, typed.strip())
    ids = {gone.id, *(part.id for part in campaign.parts(gone.id))}
    left = [
        each.but(needs=tuple(need for need in each.needs if need not in ids))
        for each in campaign.objectives
        if each.id not in ids
    ]
    return await _put(asking, campaign, left)


async def move(asking: Asking, rest: str) -> Post:
    """Put an objective elsewhere in the order of the plan: `move k3f9 5 2` makes it the second."""
    campaign, typed = await _steered(asking, rest)
    number, _, to = typed.partition(" ")
    to = to.strip().removeprefix("to ").strip()
    if not number or not to.isascii() or not to.isdecimal() or not 1 <= int(to) <= len(campaign.objectives):
        text = "Say which objective, and which place it gets from 1 to {count}: `campaign move {id} 5 2`."
        raise BadRequest(text, count=len(campaign.objectives), id=campaign.id)
    moved = objective_of(campaign, number)
    others = [each for each in campaign.objectives if each.id != number]
    return await _put(asking, campaign, _placed(others, moved, int(to)))


async def _steered(asking: Asking, rest: str) -> tuple[Campaign, str]:
    campaign, typed = await named(asking, rest)
    require_steering(asking, campaign)
    return campaign, typed.removeprefix("-- ").strip()


async def _given(typed: str, asking: Asking) -> dict[str, Any]:
    """Return what is said of an objective. Raises `BadRequest` for what does not fit."""
    strange = [name for name in pairs(typed)[0] if name not in OBJECTIVE]
    if strange:
        text = "It takes no “{name}”. {hint}"
        raise BadRequest(text, name=strange[0][:40], hint=nearest(strange[0], list(OBJECTIVE)))
    values = given(typed, (), schema(OBJECTIVE, asking.words, ("title",)))
    if fault := await asyncio.to_thread(misfit, values, dict(schema(OBJECTIVE, asking.words))):
        raise BadRequest("That does not fit: {fault}.", fault=fault)
    return values


def _with(objective: Objective, values: Mapping[str, Any]) -> Objective:
    """Return an objective with what a person says of it; what they do not name stays."""
    changes = {
        name: values[name]
        for name in ("title", "done_when", "brief", "means", "skill", "person", "input")
        if name in values
    }
    if "needs" in values:
        changes["needs"] = tuple(dict.fromkeys(str(each).strip() for each in values["needs"] if str(each).strip()))
    estimate = objective.estimate
    if "minutes" in values:
        estimate = estimate.but(seconds=float(values["minutes"]) * 60)
    if "tokens" in values:
        estimate = estimate.but(tokens=values["tokens"])
    return Objective.model_validate({**objective.but(estimate=estimate).model_dump(), **changes})


def _placed(others: Sequence[Objective], objective: Objective, position: int | None) -> list[Objective]:
    """Return objectives with one more at a position counted from 1; at the end where none is named."""
    at = len(others) if position is None else min(position - 1, len(others))
    return [*others[:at], objective, *others[at:]]


def objective_of(campaign: Campaign, number: str) -> Objective:
    """Return an objective by its number. Raises `BadRequest` with those that there are."""
    found = campaign.objective(number)
    if found is None:
        ids = ", ".join(each.id for each in campaign.objectives[:40]) or "–"
        raise BadRequest("There is no objective {id} here. There are {ids}.", id=number[:20] or "–", ids=ids)
    return found


async def _put(asking: Asking, campaign: Campaign, objectives: Sequence[Objective]) -> Post:
    """Change the plan, and show what has come of it."""
    who = asking.principal
    changed = Changed(person=who.id, name=who.name, objectives=tuple(objectives), seen=campaign.objectives)
    after = await asking.desk.campaigns.act(campaign.tenant, campaign.id, changed)
    before = {each.id: each for each in campaign.objectives}
    new = [each for each in after.objectives if before.get(each.id) != each]
    parts: list[Part] = [Heading(after.title), *(Prose(objective_text(after, each, asking.words)) for each in new[:3])]
    parts.append(Foot(asking.words.some(len(after.objectives), "{count} objective", "{count} objectives")))
    return Post(tuple(parts), private=True, data=after.model_dump(mode="json"))


def _choices(asking: Asking, campaign: Campaign) -> Post:
    """Return the objectives with a button for each, as many as chats show."""
    words, id = asking.words, campaign.id
    open_ = [each for each in campaign.objectives if not each.stage.over]
    buttons = [Button(f"{each.id} {each.title}"[:40], f"campaign edit {id} {each.id}") for each in open_[:14]]
    buttons.append(Button(words("Add…"), f"campaign add {id}", "primary"))
    rows = [Buttons(tuple(buttons[at : at + 5])) for at in range(0, len(buttons), 5)]
    typed = words(
        'Or type it: `campaign edit {id} 2 title="…"`, `campaign add {id} title="…" done_when="…"`, '
        "`campaign remove {id} 2`, `campaign move {id} 5 2`.",
        id=id,
    )
    return Post((Prose(words("Which objective is to change?")), *rows, Foot(typed)), private=True)
