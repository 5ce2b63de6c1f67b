"""What people fill in about campaigns: the start of one, an objective, an answer, a reason, a budget."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.forms import SEND, Form, Schema, form_for
from bot.words import Words, key
from core.campaigns.campaign import Campaign, Objective
from core.campaigns.reconciled import mark
from core.campaigns.template import Template

TEXT: Mapping[str, Any] = {"type": "string"}
LONG: Mapping[str, Any] = {"type": "string", "maxLength": 4000}
OBJECTIVE: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "title": (key("Title"), key("what is to be done"), {"type": "string", "minLength": 1, "maxLength": 200}),
    "done_when": (
        key("Done when"),
        key("how somebody who did not do it can tell that it is done"),
        {"type": "string", "minLength": 1, "maxLength": 1000},
    ),
    "needs": (
        key("After"),
        key("the numbers of objectives that must be over before"),
        {"type": "array", "items": {"type": "string", "maxLength": 20}},
    ),
    "means": (
        key("How"),
        key("a committee answers, a skill is written, a skill is run, or a person does it"),
        {"type": "string", "enum": ["answer", "skill", "use", "person"]},
    ),
    "brief": (key("More about it"), key("what there is to say beyond the title"), LONG),
    "skill": (key("Skill"), key("the skill that is run"), {"type": "string", "maxLength": 64}),
    "input": (key("Its input"), key("what the skill is given"), {"type": "object"}),
    "person": (
        key("Person"),
        key("who does it, by their id in the chat; the owner where nobody is named"),
        {"type": "string", "maxLength": 80},
    ),
    "minutes": (
        key("Minutes"),
        key("how long it may take, waiting included"),
        {"type": "number", "exclusiveMinimum": 0, "maximum": 5_000_000},
    ),
    "tokens": (
        key("Tokens"),
        key("how many tokens it may take"),
        {"type": "integer", "minimum": 0, "maximum": 1_000_000_000},
    ),
    "position": (
        key("Position"),
        key("where in the plan, counted from 1"),
        {"type": "integer", "minimum": 1, "maximum": 1000},
    ),
}
"""What can be said of an objective: its label, what it means, and what is taken for it; the most important first."""
NEEDED = ("title", "done_when")
MARK = "@"
"""Between the number of an objective and the mark of what a form showed of it."""


def schema(
    named: Mapping[str, tuple[str, str, Mapping[str, Any]]], words: Words, required: Sequence[str] = ()
) -> Schema:
    """Return the JSON Schema of what is filled in, its labels and hints in a language."""
    properties = {
        name: {**kind, "title": words(label), "description": words(hint) if hint else ""}
        for name, (label, hint, kind) in named.items()
    }
    return {"type": "object", "properties": properties, "required": [*required]}


LIMITS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "budget": (key("Budget"), key("such as `$5, 200k tokens`"), TEXT),
    "deadline": (key("Deadline"), key("such as `2026-12-24` or `in 3 days`"), TEXT),
    "mode": (
        key("Mode"),
        key("guided: you approve the plan; autonomous: it runs by itself, within limits"),
        {"type": "string", "enum": ["guided", "autonomous"]},
    ),
}
"""What can be said of every campaign."""


def start_form(templates: Sequence[str], committees: Sequence[str], words: Words) -> Form:
    """Return the form in which a campaign is started."""
    kinds: dict[str, tuple[str, str, Mapping[str, Any]]] = {
        "goal": (key("Goal"), key("what is to be true in the end"), LONG),
        **LIMITS,
    }
    if templates:
        kinds["template"] = (key("Template"), "", {"type": "string", "enum": [*templates]})
    if len(committees) > 1:
        kinds["committee"] = (key("Committee"), "", {"type": "string", "enum": [*committees]})
    needed = () if templates else ("goal",)
    return replace(form_for("campaign start", words("Start a campaign"), schema(kinds, words, needed)), submit=SEND)


def template_form(template: Template, words: Words) -> Form:
    """Return the form of a template: its parameters, and what can be said of every campaign."""
    asked: dict[str, Any] = {}
    for name, each in template.parameters.items():
        kind: dict[str, Any] = {"type": "string", "title": each.label, "maxLength": 4000}
        if each.type == "choice":
            kind = {"type": "string", "title": each.label, "enum": [*each.choices]}
        elif each.type in ("number", "date"):
            kind["maxLength"] = 100
        asked[name] = kind | ({"default": each.default} if each.default else {})
    needed = [name for name, each in template.parameters.items() if each.required and not each.default]
    limits = schema(LIMITS, words)["properties"]
    whole = {"type": "object", "properties": {**asked, **limits}, "required": needed}
    made = form_for(f"campaign start --template {template.name}", template.name, whole, template.summary)
    return replace(made, submit=SEND)


def objective_form(campaign: Campaign, objective: Objective | None, words: Words) -> Form:
    """Return the form for an objective that is there, or for a new one."""
    asked = schema(OBJECTIVE, words, NEEDED)
    if objective is None:
        return replace(form_for(f"campaign add {campaign.id}", words("A new objective"), asked), submit=SEND)
    kept = {
        "title": objective.title, "done_when": objective.done_when, "brief": objective.brief,
        "means": objective.means, "needs": ", ".join(objective.needs), "skill": objective.skill,
        "person": objective.person, "minutes": f"{objective.estimate.seconds / 60:g}",
        "tokens": str(objective.estimate.tokens), "position": str(campaign.objectives.index(objective) + 1),
    }  # fmt: skip
    title = f"{objective.id} {objective.title}"
    made = form_for(f"campaign edit {campaign.id} {objective.id}{MARK}{mark(objective)}", title, asked)
    return replace(made.filled(kept), submit=SEND, clears=True)


def text_form(command: str, title: str, label: str, hint: str, words: Words, *, needed: bool) -> Form:
    """Return a form with one field for words: an answer, a reason, a note; `label` and `hint` are in English."""
    asked = schema({"text": (label, hint, LONG)}, words, ("text",) if needed else ())
    return replace(form_for(command, title, asked), submit=SEND)
