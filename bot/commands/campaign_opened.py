"""The forms that commands about campaigns open, for those who may do what they are for."""

from bot.campaign_forms import MARK, objective_form, start_form, template_form, text_form
from bot.campaign_posts import open_request
from bot.campaign_words import shortened
from bot.commands.campaign_edits import objective_of
from bot.commands.command import Desk
from bot.forms import Form
from bot.words import Words, key
from core.access import Permission, require
from core.campaigns.campaign import Campaign
from core.entities import Principal
from core.errors import BadRequest

LABEL = 200
"""Characters of a question above its answer."""


async def campaign_form(desk: Desk, who: Principal, command: str, words: Words) -> Form:
    """Return the form of what is typed behind `campaign`. Raises `NotAllowed`, `NotFound` and `BadRequest`."""
    verb, *rest = command.split()
    if verb == "start":
        require(who, Permission.CAMPAIGN)
        return await _start_form(desk, who, rest[-1] if rest else "", words)
    campaign = await desk.campaigns.find(who.tenant, rest[0], reader=who.id)
    id = campaign.id
    if verb == "answer":
        return _answer_form(campaign, who, int(rest[-1]), words)
    if verb == "note":
        require(who, Permission.CAMPAIGN)
        hint = key("the campaign reads it at its next step")
        return text_form(f"campaign note {id}", campaign.title, key("Note"), hint, words, needed=True)
    require(who, Permission.CAMPAIGN if campaign.owner == who.id else Permission.CAMPAIGN_ANY)
    match verb:
        case "add":
            return objective_form(campaign, None, words)
        case "edit":
            return objective_form(campaign, objective_of(campaign, rest[1].partition(MARK)[0]), words)
        case "budget":
            hint = key("such as `$5, 200k tokens`; with a + before it, that much more")
            return text_form(f"campaign budget {id}", campaign.title, key("Budget"), hint, words, needed=True)
        case "replan":
            hint = key("what is to be different")
            return text_form(f"campaign replan {id}", campaign.title, key("Why"), hint, words, needed=False)
        case _:
            asked = " ".join(("campaign reject", id, *rest[1:]))
            hint = key("what is to be different in the next plan; without a word the campaign ends")
            return text_form(asked, campaign.title, key("Why"), hint, words, needed=False)


async def _start_form(desk: Desk, who: Principal, template: str, words: Words) -> Form:
    """Return the form for a start; with a template, for what that asks."""
    if not template:
        found = await desk.campaigns.templates.all(who.tenant)
        return start_form([each.name for each in found], sorted(desk.committees), words)
    return template_form(await desk.campaigns.templates.named(who.tenant, template), words)


def _answer_form(campaign: Campaign, who: Principal, number: int, words: Words) -> Form:
    wait = open_request(campaign, number)
    if wait is None:
        raise BadRequest("That is settled: nobody needs to answer any more.")
    if wait.person != who.id:
        require(who, Permission.CAMPAIGN if campaign.owner == who.id else Permission.CAMPAIGN_ANY)
    asked = shortened(words.say(wait.question), LABEL) if wait.question else campaign.title
    command = f"campaign answer {campaign.id} --request {number}"
    form = text_form(command, campaign.title, key("Answer"), "", words, needed=True)
    return form.about(asked)
