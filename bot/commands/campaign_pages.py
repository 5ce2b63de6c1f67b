"""How campaigns read where somebody looks at them: the list, one whole, its log, its budget, its course over time."""

import asyncio

from bot.campaign_card import card
from bot.campaign_foresight import foreseen
from bot.campaign_gantt import gantt_text
from bot.campaign_plan import objective_text, pages, plan
from bot.campaign_posts import SIGNS
from bot.campaign_words import cost, money, shortened, state
from bot.commands.amounts import budget as read_budget
from bot.commands.campaign_named import named, require_steering
from bot.commands.command import Asking
from bot.commands.parse import unquoted
from bot.commands.skill_input import pairs
from bot.shapes import (
    TERMINAL,
    Attached,
    Bars,
    Button,
    Buttons,
    Foot,
    Heading,
    Part,
    Post,
    Prose,
    Table,
    between_two,
    literal,
    plain,
)
from bot.words import Words
from core.campaigns.campaign import Campaign, Objective, Stage
from core.campaigns.gantt import gantt as gantt_chart
from core.campaigns.incidents import Changed
from core.campaigns.moment import Moment
from core.campaigns.pace import Pace
from core.entities import now
from core.errors import BadRequest, Misconfigured, Unavailable

LISTED, LOGGED = 20, 25
"""Campaigns, and moments, that are shown at a time."""


async def listed(asking: Asking, _rest: str) -> Post:
    """List the campaigns that this person may see, the newest first; with `--all` those too that are over."""
    words, person = asking.words, asking.principal
    going = None if asking.args["all"] else True
    found = await asking.desk.campaigns.list(person.tenant, going=going, reader=person.id, limit=LISTED)
    if not found:
        text = words('There is no campaign yet. Start one: `campaign start "<goal>"`.')
        none = words("No campaign goes on. `campaign list --all` has those that are over.")
        return plain(text if asking.args["all"] else none, private=True)
    columns = (words("id"), words("campaign"), words("state"), words("met"), words("spent"), words("for"))
    rows = tuple(
        (each.id, shortened(each.title, 60), state(each, words), _met(each, words),
         money(each.spent.microdollars / 1e6, words), each.owner_name)
        for each in found
    )  # fmt: skip
    data = [each.model_dump(mode="json", exclude={"tenant"}) for each in found]
    return Post((Heading(words("Campaigns")), Table(columns, rows)), private=True, data=data)


def _met(campaign: Campaign, words: Words) -> str:
    met = sum(each.stage is Stage.MET for each in campaign.objectives)
    return words("{now} of {most}", now=met, most=len(campaign.objectives))


async def status(asking: Asking, rest: str) -> Post:
    """Show a campaign as it is now, with its plan; with a number, one objective whole."""
    campaign, typed = await named(asking, rest, over=True)
    if typed.strip():
        return _objective(campaign, typed.strip(), asking.words)
    words, number = asking.words, asking.args["page"] or "1"
    last = pages(campaign.objectives)
    if not (number.isascii() and number.isdecimal() and len(number) < 6 and 1 <= int(number) <= last):
        text = "There is no page “{page}” of this; the pages are 1 to {pages}."
        raise BadRequest(text, page=number[:10], pages=last)
    moment = now()
    shown = card(campaign, words, moment, await asking.desk.foresees(campaign, moment, words))
    at = int(number)
    parts: list[Part] = [*shown.parts, Heading(words("The plan")), *plan(campaign, words, at)]
    beside = [(words("Back"), at - 1)] * (at > 1) + [(words("Next"), at + 1)] * (at < last)
    if beside:
        command = f"campaign status {campaign.id} --page"
        parts.append(Buttons(tuple(Button(name, f"{command} {to}") for name, to in beside)))
    data = campaign.model_dump(mode="json", exclude={"tenant"})
    return Post(tuple(parts), private=True, state=shown.state, data=data)


def _objective(campaign: Campaign, number: str, words: Words) -> Post:
    """Return one objective with what came of it, and why it is held to be met or not."""
    found = campaign.objective(number)
    if found is None:
        ids = ", ".join(each.id for each in campaign.objectives[:40]) or "–"
        raise BadRequest("There is no objective {id} here. There are {ids}.", id=number[:20], ids=ids)
    parts: list[Part] = [Prose(objective_text(campaign, found, words))]
    if found.brief:
        parts.append(Prose(found.brief))
    if found.result:
        parts += [Heading(words("What came of it")), Prose(found.result)]
    if why := words.say(found.why) if found.why else found.evidence:
        parts += [Heading(words("Why it is held to be so")), Prose(why)]
    if found.failures:
        parts += [
            Heading(words("What was not enough")),
            Prose("\n".join(f"- {literal(shortened(each, 500))}" for each in found.failures)),
        ]
    parts.append(Foot(cost(found.spent, words)))
    if found.run:
        parts.append(Buttons((Button(words("Details"), f"show {found.run}"),)))
    return Post(tuple(parts), private=True, data=found.model_dump(mode="json"))


async def log(asking: Asking, rest: str) -> Post:
    """Show what has happened, the newest last; `--before` a number, what happened before that."""
    campaign, _ = await named(asking, rest, over=True)
    words, before = asking.words, asking.args["before"]
    if before and not (before.isascii() and before.isdecimal() and len(before) < 9):
        raise BadRequest("“{text}” is no number.", text=before[:40])
    events = await asking.desk.campaigns.log(
        campaign.tenant, campaign.id, before=int(before) if before else None, limit=LOGGED
    )
    told = [(event.key.rpartition(":")[2], event.at, event.body) for event in events if isinstance(event.body, Moment)]
    columns = (words("number"), words("when (UTC)"), words("what happened"))
    rows = tuple(
        (number, words("{at:%Y-%m-%d %H:%M}", at=at), f"{SIGNS[body.what]} {shortened(words.say(body.sentence), 300)}")
        for number, at, body in told
    )
    parts: list[Part] = [Heading(words("Log of {title}", title=campaign.title))]
    parts.append(Table(columns, rows) if rows else Foot(words("Nothing has happened before that.")))
    if told and told[0][0] != "1":
        earlier = Button(words("Earlier"), f"campaign log {campaign.id} --before {told[0][0]}")
        parts.append(Buttons((earlier,)))
    data = [event.model_dump(mode="json", exclude={"tenant"}) for event in events]
    return Post(tuple(parts), private=True, data=data)


async def budget(asking: Asking, rest: str) -> Post:
    """Show what a campaign may take, has taken and has set aside; with amounts, set what it may take."""
    campaign, typed = await named(asking, rest, over=True)
    words = asking.words
    values, left = pairs(typed, ("text",))
    if amounts := (values.get("text") or unquoted(left)).strip():
        require_steering(asking, campaign)
        who = asking.principal
        wanted = read_budget(amounts, campaign.allowance)
        changed = Changed(person=who.id, name=who.name, allowance=wanted)
        campaign = await asking.desk.campaigns.act(campaign.tenant, campaign.id, changed)
    shown = card(campaign, words, now())
    parts: list[Part] = [shown.parts[0], *(part for part in shown.parts if isinstance(part, Bars))]
    taken = [each for each in campaign.objectives if each.spent.calls or each.spent.sandbox_milliseconds]
    parts.append(Foot(words("Spent: {cost}", cost=cost(campaign.spent, words))))
    if campaign.steps:
        parts.append(Foot(words("Set aside for what is under way: {cost}", cost=cost(campaign.reserved, words))))
    if taken:
        columns = (words("objective"), words("tokens"), words("money"), words("calls"))
        parts.append(Table(columns, tuple(_spent(each, words) for each in taken[:LISTED])))
    change = Button(words("Set the budget…"), f"campaign budget {campaign.id} --choose")
    parts.append(Buttons((change,)))
    data = {name: getattr(campaign, name).model_dump(mode="json") for name in ("allowance", "spent", "reserved")}
    return Post(tuple(parts), private=True, data=data)


def _spent(objective: Objective, words: Words) -> tuple[str, ...]:
    return (
        f"{objective.id} {shortened(objective.title, 50)}",
        words.number(objective.spent.tokens),
        money(objective.spent.microdollars / 1e6, words),
        words.number(objective.spent.calls),
    )


async def gantt(asking: Asking, rest: str) -> Post:
    """Show the course of a campaign over time: a picture in a chat, else drawn with letters."""
    campaign, _ = await named(asking, rest, over=True)
    words, text = asking.words, gantt_text(campaign, now(), asking.words)
    heading = Heading(words("Course of {title}", title=campaign.title))
    data = {"objectives": [each.model_dump(mode="json") for each in campaign.objectives]}
    here = asking.request.address
    if not here.startswith(TERMINAL) and (not campaign.private or between_two(here)):
        try:
            picture = await _picture(asking, campaign)
        except (Misconfigured, Unavailable) as error:
            lacking = Foot(words.error(error))
            return Post((heading, Prose(text.drawing), Foot(text.alt), lacking), private=True, data=data)
        return Post((heading, Foot(text.alt), picture), data=data)
    return Post((heading, Prose(text.drawing), Foot(text.alt)), private=True, data=data)


async def _picture(asking: Asking, campaign: Campaign) -> Attached:
    """Return the Gantt as a picture. Raises `Misconfigured` and `Unavailable` where it cannot be drawn."""
    expected = await asyncio.to_thread(foreseen, campaign, now(), Pace())
    chart = gantt_chart(campaign, now(), expected, asking.words.say)
    file = await asking.desk.bureau.places.files.picture(f"gantt-{campaign.id}", chart, asking.words.say)
    return Attached(file.name, file.media, file.content, file.alt)
