"""A campaign turned back into a template, as TOML: its plan, without what became of it."""

import json
from collections.abc import Mapping
from math import isfinite

from pydantic import JsonValue

from core.campaigns.campaign import Campaign, Estimate, Objective
from core.campaigns.sums import Allowance

_DELETE = "\x7f"


def saved(campaign: Campaign) -> str:
    """Return a campaign's plan as the text of a template that has no parameters, whoever wrote what is in it.

    Parts, which were found on the way, are left out, and so are objectives that were left out.
    """
    whole = [each for each in campaign.objectives if not each.parent]
    ids = {each.id: str(at) for at, each in enumerate(whole, 1)}
    head: dict[str, JsonValue] = {
        "summary": " ".join(campaign.goal.split())[:300] or campaign.title,
        "title": _plain(campaign.title),
        "goal": _plain(campaign.goal),
        "mode": campaign.mode,
        "committee": campaign.committee,
        "budget": _limits(campaign.allowance),
    }
    tables = [_table(_objective(each, ids)) for each in whole]
    return "\n".join([_table(head), *(f"[[objectives]]\n{table}" for table in tables)])


def _objective(each: Objective, ids: Mapping[str, str]) -> dict[str, JsonValue]:
    estimate = each.estimate.model_dump() if each.estimate != Estimate() else {}
    return {
        "id": ids[each.id],
        "title": _plain(each.title),
        "done_when": _plain(each.done_when),
        "means": each.means,
        "brief": _plain(each.brief),
        "skill": each.skill if each.means == "use" else "",
        "input": _doubled(each.input, ids),
        "person": _plain(each.person),
        "needs": [ids[need] for need in each.needs if need in ids],
        "estimate": estimate,
        "budget": _limits(each.allowance),
    }


def _limits(allowance: Allowance) -> dict[str, JsonValue]:
    return {name: value for name, value in allowance.model_dump().items() if value is not None}


def _plain(text: str) -> str:
    """Return a text in which nothing is a place for a parameter."""
    return text.replace("$", "$$")


def _doubled(value: JsonValue, ids: Mapping[str, str]) -> JsonValue:
    """Return an input in which nothing is a place for a parameter, and results have the numbers that they get."""
    if isinstance(value, str):
        head, *rest = _plain(value).split("{{")
        pieces = (piece.partition("}}") for piece in rest)
        named = ("{{" + ids.get(id.strip(), id) + closed + after for id, closed, after in pieces)
        return "".join([head, *named])
    if isinstance(value, dict):
        return {name: _doubled(inner, ids) for name, inner in value.items()}
    return [_doubled(inner, ids) for inner in value] if isinstance(value, list) else value


def _table(values: Mapping[str, JsonValue]) -> str:
    """Return a table's lines; what is empty is left out."""
    return "".join(f"{_text(name)} = {_value(value)}\n" for name, value in values.items() if value not in ("", [], {}))


def _value(value: JsonValue) -> str:
    """Return a value in TOML; an empty text stands for `null` and what is no number, which TOML or JSON lack."""
    match value:
        case None:
            return '""'
        case str():
            return _text(value)
        case dict():
            return "{" + ", ".join(f"{_text(name)} = {_value(inner)}" for name, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case float() if not isfinite(value):
            return '""'
        case _:
            return json.dumps(value)


def _text(text: str) -> str:
    """Return a TOML string: JSON's, but for the one character that JSON leaves bare and TOML does not take so."""
    return json.dumps(text, ensure_ascii=False).replace(_DELETE, "\\u007f")
