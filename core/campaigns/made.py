"""A campaign from a template: what a person gives for its parameters, checked, and put where it belongs."""

from collections.abc import Mapping
from datetime import date
from string import Template as Places
from typing import Any

from pydantic import JsonValue

from core.campaigns.campaign import Mode, Objective
from core.campaigns.sums import Allowance
from core.campaigns.template import Parameter, Planned, Template
from core.campaigns.verdicts import clean
from core.committee.normal import number
from core.entities import Noun
from core.errors import BadRequest
from core.sentences import all_of

_VALUE, _TITLE, _BRIEF, _DONE, _GOAL = 4000, 200, 4000, 1000, 8000
"""Characters of what a person gives, and of what it becomes a part of."""
_ITEMS = 50


class Made(Noun):
    """What a template and its parameters say of a campaign."""

    template: str
    title: str
    goal: str
    mode: Mode
    committee: str
    """Empty where the template names none."""
    allowance: Allowance
    objectives: tuple[Objective, ...]


def made(template: Template, values: Mapping[str, str]) -> Made:
    """Return the campaign that a template makes of what a person gives for its parameters.

    Raises `BadRequest` for one that is unknown, missing, or no such thing, naming those that there are.
    """
    given = _checked(template, values)
    objectives = [_objective(each, at, given) for at, each in enumerate(template.objectives, 1)]
    return Made(
        template=template.name,
        title=_line(template.title, given, _TITLE),
        goal=clean(Places(template.goal).substitute(given), _GOAL),
        mode=template.mode,
        committee=template.committee,
        allowance=template.budget,
        objectives=tuple(objectives),
    )


def _checked(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """Return each parameter's value as it stands in texts."""
    names = all_of(list(template.parameters)) if template.parameters else "–"
    if unknown := [name for name in values if name not in template.parameters]:
        text = "The template {template} has no parameter “{name}”. It has {names}."
        raise BadRequest(text, template=template.name, name=unknown[0][:80], names=names)
    given = {name: clean(values.get(name, ""), _VALUE) or each.default for name, each in template.parameters.items()}
    if missing := [name for name, each in template.parameters.items() if each.required and not given[name]]:
        text = "The template {template} needs {missing}. Its parameters are {names}."
        raise BadRequest(text, template=template.name, missing=all_of(missing), names=names)
    return {name: _value(name, each, given[name]) if given[name] else "" for name, each in template.parameters.items()}


def _value(name: str, parameter: Parameter, text: str) -> str:
    match parameter.type:
        case "number":
            return _number(name, parameter, text)
        case "date":
            return _date(name, text)
        case "choice":
            return _choice(name, parameter, text)
        case "list":
            return _list(text)
        case _:
            return text


def _number(name: str, parameter: Parameter, text: str) -> str:
    value = number(text)
    if value is None:
        raise BadRequest("{name} is to be a number, and “{value}” is none.", name=name, value=text[:80])
    if parameter.least is not None and value < parameter.least:
        raise BadRequest("{name} is to be {least:g} at least.", name=name, least=parameter.least)
    if parameter.most is not None and value > parameter.most:
        raise BadRequest("{name} is to be {most:g} at most.", name=name, most=parameter.most)
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"


def _date(name: str, text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        wrong = "{name} is to be a day such as 2026-12-01, and “{value}” is none."
        raise BadRequest(wrong, name=name, value=text[:80]) from None


def _choice(name: str, parameter: Parameter, text: str) -> str:
    for choice in parameter.choices:
        if choice.casefold() == text.strip().casefold():
            return choice
    wrong = "{name} is one of {choices}, and “{value}” is none of them."
    raise BadRequest(wrong, name=name, choices=all_of(parameter.choices), value=text[:80])


def _list(text: str) -> str:
    """Return things that stand on lines, else between semicolons, else between commas, in one row."""
    mark = next((mark for mark in ("\n", ";") if mark in text), ",")
    items = [item.strip(" \t-*•") for item in text.split(mark)]
    return ", ".join(filter(None, items[:_ITEMS]))


def _line(text: str, given: Mapping[str, str], most: int) -> str:
    return " ".join(clean(" ".join(Places(text).substitute(given).split()), most).split())


def _objective(planned: Planned, at: int, given: Mapping[str, str]) -> Objective:
    # A value must not name results: braces that mean something there are put apart.
    inner = {name: value.replace("{{", "{ {").replace("}}", "} }") for name, value in given.items()}
    return Objective(
        id=planned.id or str(at),
        title=_line(planned.title, given, _TITLE),
        done_when=clean(Places(planned.done_when).substitute(given), _DONE),
        brief=clean(Places(planned.brief).substitute(given), _BRIEF),
        person=_line(planned.person, given, _TITLE),
        input=_input(planned.input, inner),
        means=planned.means,
        skill=planned.skill,
        needs=planned.needs,
        estimate=planned.estimate,
        allowance=planned.budget,
    )


def _input(value: JsonValue, given: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return Places(value).substitute(given)
    if isinstance(value, dict):
        return {name: _input(inner, given) for name, inner in value.items()}
    return [_input(inner, given) for inner in value] if isinstance(value, list) else value
