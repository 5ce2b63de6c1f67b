"""`campaign template list`, `show` and `save`: campaigns that are written down once and started many times."""

from collections.abc import Awaitable, Callable, Mapping

from bot.campaign_words import MEANS, shortened
from bot.commands.campaign_named import named, require_steering
from bot.commands.command import Asking
from bot.commands.names import nearest
from bot.shapes import Button, Buttons, Foot, Heading, Part, Post, Prose, Table, literal, plain
from bot.words import Words, key
from core.access import Permission, require
from core.campaigns.template import Parameter, Template
from core.errors import BadRequest

KINDS = {
    "text": key("text"), "number": key("number"), "date": key("date"), "choice": key("choice"), "list": key("list"),
}  # fmt: skip
"""What a parameter takes."""


async def template(asking: Asking, rest: str) -> Post:
    """Do the part of `campaign template` that was named; without one, list them."""
    part, _, behind = rest.partition(" ")
    if part.casefold() not in PARTS and part:
        text = "I know no “campaign template {name}”. {hint}"
        raise BadRequest(text, name=part[:40], hint=nearest(part, list(PARTS)))
    return await PARTS[part.casefold() or "list"](asking, behind.strip())


async def listed(asking: Asking, _rest: str) -> Post:
    """List the templates: those that come with Dexter, the administrator's, and those saved here."""
    words, found = asking.words, await asking.desk.campaigns.templates.all(asking.principal.tenant)
    columns = (words("template"), words("what it is for"), words("asks for"))
    rows = tuple((each.name, each.summary, ", ".join(each.parameters) or "–") for each in found)
    start = words("Start one: `campaign start --template {name} …`", name=found[0].name if found else "…")
    data = [each.model_dump(mode="json") for each in found]
    return Post((Heading(words("Templates")), Table(columns, rows), Foot(start)), private=True, data=data)


async def shown(asking: Asking, rest: str) -> Post:
    """Show a template whole: what it asks for, and its plan."""
    if not rest:
        raise BadRequest("Which template? Type its name: `campaign template show runbook`.")
    words, found = asking.words, await asking.desk.campaigns.templates.named(asking.principal.tenant, rest)
    parts: list[Part] = [Heading(found.name), Prose(literal(found.summary))]
    if found.parameters:
        columns = (words("name"), words("kind"), words("needed"), words("meaning"))
        rows = tuple(_parameter(name, each, words) for name, each in found.parameters.items())
        parts.append(Table(columns, rows))
    parts += [Heading(words("The plan")), Prose(_plan(found, words))]
    parts.append(Foot(words("Type it like this: {usage}", usage=_usage(found))))
    parts.append(Buttons((Button(words("Start…"), f"campaign start --template {found.name}", "primary"),)))
    return Post(tuple(parts), private=True, data=found.model_dump(mode="json"))


def _parameter(name: str, each: Parameter, words: Words) -> tuple[str, ...]:
    kind = words(KINDS[each.type])
    kind = f"{kind}: {', '.join(each.choices)}" if each.choices else kind
    needed = words("yes") if each.required and not each.default else words("no")
    return (name, kind, needed, each.label + (f" ({each.default})" if each.default else ""))


def _plan(found: Template, words: Words) -> str:
    lines = []
    for at, each in enumerate(found.objectives, 1):
        id = each.id or str(at)
        after = f", {words('after {needs}', needs=words.listed(each.needs))}" if each.needs else ""
        title = literal(shortened(each.title, 150))
        lines.append(f"**{id} · {title}**\n- {literal(words(MEANS[each.means]) + after)}")
    return "\n\n".join(lines)


def _usage(found: Template) -> str:
    given = " ".join(f'{name}="…"' for name, each in found.parameters.items() if each.required and not each.default)
    return f"campaign start --template {found.name} {given}".strip()


async def save(asking: Asking, rest: str) -> Post:
    """Keep the plan of a campaign as a template: `campaign template save k3f9 our-review`."""
    require(asking.principal, Permission.CAMPAIGN)
    campaign, typed = await named(asking, rest, over=True)
    require_steering(asking, campaign)
    words = asking.words
    name = typed.strip().casefold().replace(" ", "-") or _name_of(campaign.title)
    kept = await asking.desk.campaigns.templates.save(campaign, name, asking.principal.id)
    said = words("Kept: `campaign start --template {name}` starts one like it.", name=kept.name)
    return plain(said, private=True)


def _name_of(title: str) -> str:
    """Return a name made of a title: its letters, small, with strokes between."""
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in title.casefold())
    return "-".join(filter(None, letters.split("-")))[:40].strip("-") or "template"


PARTS: Mapping[str, Callable[[Asking, str], Awaitable[Post]]] = {"list": listed, "show": shown, "save": save}
