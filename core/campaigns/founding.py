"""New campaigns: from what a person wants, from a template, or like one that there was."""

from textwrap import shorten
from typing import Any

from core.campaigns.campaign import Campaign
from core.campaigns.made import Made, made
from core.campaigns.saved import saved
from core.campaigns.sums import Allowance
from core.campaigns.template import Template, read_template
from core.campaigns.wishes import Wishes
from core.entities import Collaboration
from core.errors import BadRequest
from core.sentences import read

LONGEST_TITLE = 80


def wanted(asked: Collaboration, wishes: Wishes, template: Template | None) -> Campaign:
    """Return the campaign that a person wants: of a template's plan, or with one that is still to be made.

    Raises `BadRequest` for parameters that the template does not take so, or that are given without one.
    """
    if template is None and wishes.parameters:
        name = next(iter(wishes.parameters))
        raise BadRequest("“{name}” is a parameter of a template, and no template is named.", name=name[:80])
    found = made(template, wishes.parameters) if template else None
    planned: dict[str, Any] = _planned(found, asked) if found else {"title": titled(wishes.goal), "goal": wishes.goal}
    own: dict[str, Any] = {name: getattr(wishes, name) for name in ("title", "committee", "mode", "deadline")}
    planned |= {name: value for name, value in own.items() if value}
    if wishes.allowance != Allowance():
        planned["allowance"] = wishes.allowance
    return Campaign(**{"committee": asked.committee, **_whose(asked), **planned})


def like(other: Campaign, asked: Collaboration) -> Campaign:
    """Return a campaign with the goal, the plan and the limits of another one, none of it begun, without a deadline."""
    again = {name: getattr(other, name) for name in ("title", "goal", "template", "committee", "mode", "allowance")}
    if other.objectives:
        again["objectives"] = made(read_template("clone", saved(other)), {}).objectives
    return Campaign(**_whose(asked), **again)


def titled(goal: str) -> str:
    """Return a title for a goal: its first line, cut between words."""
    return shorten(next(iter(goal.strip().splitlines()), ""), LONGEST_TITLE, placeholder="…")


def _planned(found: Made, asked: Collaboration) -> dict[str, Any]:
    fields = {name: getattr(found, name) for name in Made.model_fields}
    return {**fields, "committee": found.committee or asked.committee}


def _whose(asked: Collaboration) -> dict[str, Any]:
    return {
        "id": asked.id,
        "tenant": asked.tenant,
        "owner": asked.asker,
        "owner_name": asked.asker_name,
        "address": asked.address,
        "language": asked.language,
        "private": asked.private,
        "note": read(asked.note) if asked.note else None,
        "created_at": asked.created_at,
    }
