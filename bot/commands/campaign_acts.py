"""What people do to campaigns: approve, answer, pause, resume, stop, note, plan anew, leave out, try again."""

import re
from dataclasses import replace
from typing import Literal

from bot.campaign_card import card
from bot.commands.campaign_named import named, require_steering, steers
from bot.commands.command import Asking
from bot.commands.parse import unquoted
from bot.commands.skill_input import pairs
from bot.shapes import TERMINAL, Post, literal, plain
from bot.words import key
from core.access import Permission, require
from core.campaigns.campaign import Campaign, Wait
from core.campaigns.incidents import Done
from core.entities import now
from core.errors import BadRequest

Act = Literal["approve", "reject", "pause", "resume", "stop", "note", "replan", "skip", "answer", "retry"]
SAID: dict[Act, str] = {
    "approve": key("Approved: {title} begins."),
    "reject": key("Noted: this is not how {title} goes on."),
    "pause": key("Paused: {title} begins nothing more until `campaign resume {id}`."),
    "resume": key("{title} goes on."),
    "stop": key("{title} is stopped."),
    "note": key("Noted: {title} reads it at its next step."),
    "replan": key("{title} gets another plan."),
    "skip": key("Left out of {title}."),
    "answer": key("Answered: {title} takes it from here."),
    "retry": key("{title} tries again."),
}
SETS_GOING = frozenset({"approve", "answer", "resume", "replan", "retry"})
"""What makes a campaign do something: who sits at a terminal sees it at work from there on."""
_YES = re.compile(
    r"(?:yes|y|yep|yeah|ok|okay|approved?|go|go ahead|sure|done|ja|jo|jawohl|genehmigt|passt|in ordnung|erledigt"
    r"|\+1|👍|:\+1:|:thumbsup:)[.! ]*\Z",
    re.IGNORECASE,
)
_NO = re.compile(
    r"(?:no|n|nope|reject(?:ed)?|not possible|nein|nee|abgelehnt|-1|👎|:-1:|:thumbsdown:)[.! ]*\Z", re.IGNORECASE
)


async def approve(asking: Asking, rest: str) -> Post:
    """Say yes to the plan."""
    return await _steered(asking, "approve", rest)


async def reject(asking: Asking, rest: str) -> Post:
    """Say no to the plan: with a reason another one is made, without any the campaign ends."""
    return await _steered(asking, "reject", rest)


async def pause(asking: Asking, rest: str) -> Post:
    """Begin nothing more; with `--now` stop the steps under way as well."""
    return await _steered(asking, "pause", rest)


async def resume(asking: Asking, rest: str) -> Post:
    """Go on."""
    return await _steered(asking, "resume", rest)


async def stop(asking: Asking, rest: str) -> Post:
    """End it at once."""
    return await _steered(asking, "stop", rest)


async def replan(asking: Asking, rest: str) -> Post:
    """Have another plan made for what is left."""
    return await _steered(asking, "replan", rest)


async def tick(asking: Asking, rest: str) -> Post:
    """Look at it now, as its clock does by itself: what is due happens, and ends that were missed are taken in."""
    campaign, _ = await named(asking, rest)
    require_steering(asking, campaign)
    await asking.desk.campaigns.tick(campaign.tenant, campaign.id)
    said = asking.words("I have looked at {title}: what was due has been done.", title=campaign.title)
    return plain(said, private=True)


async def skip(asking: Asking, rest: str) -> Post:
    """Leave an objective out."""
    return await _to_objective(asking, "skip", rest)


async def retry(asking: Asking, rest: str) -> Post:
    """Have an objective that failed worked on again."""
    return await _to_objective(asking, "retry", rest)


async def note(asking: Asking, rest: str) -> Post:
    """Say something to a campaign, which it reads at its next step; who may start campaigns may."""
    campaign, typed = await named(asking, rest, text=True)
    require(asking.principal, Permission.CAMPAIGN)
    return await _done(asking, campaign, "note", text=_text(typed))


async def answer(asking: Asking, rest: str) -> Post:
    """Answer what one is asked: yes, no, or in words. Whoever is asked may; else who may steer the campaign."""
    campaign, typed = await named(asking, rest, text=True)
    wait = _meant(asking, campaign)
    if wait.person != asking.principal.id:
        require_steering(asking, campaign)
    text = _text(typed)
    yes, no = bool(asking.args["yes"]) or bool(_YES.match(text)), bool(asking.args["no"]) or bool(_NO.match(text))
    if yes and no:
        raise BadRequest("Say either `--yes` or `--no`.")
    if not (yes or no or text):
        raise BadRequest(
            "What is the answer? Type `--yes`, `--no` or what it is behind `campaign answer {id}`.", id=campaign.id
        )
    return await _done(asking, campaign, "answer", text=text, yes=not no, request=wait.number)


async def heard(asking: Asking, campaign: Campaign, text: str) -> Post:
    """Take what was said in a campaign's thread: as the answer where this person is asked, else as a note."""
    person = asking.principal
    waits = [
        wait
        for wait in open_waits(campaign)
        if wait.person == person.id or (not wait.person and steers(asking, campaign))
    ]
    yes, no = bool(_YES.match(text)), bool(_NO.match(text))
    fitting = [wait for wait in waits if wait.about == "work" or yes or no]
    if fitting:
        newest = max(fitting, key=lambda wait: wait.number)
        return await _done(asking, campaign, "answer", text=text, yes=not no, request=newest.number)
    require(person, Permission.CAMPAIGN)
    return await _done(asking, campaign, "note", text=text)


def open_waits(campaign: Campaign) -> list[Wait]:
    """Return all that people are asked now."""
    waits = (campaign.wait, *(each.wait for each in campaign.objectives))
    return [wait for wait in waits if wait and wait.number]


def _meant(asking: Asking, campaign: Campaign) -> Wait:
    """Return the request that a person answers: by its number, else the one that they are asked, else the only one."""
    waits, number = open_waits(campaign), asking.args["request"]
    if number:
        found = [wait for wait in waits if str(wait.number) == number]
        if not found:
            decided = next((each for each in campaign.decisions if str(each.number) == number), None)
            if decided:
                raise BadRequest("{name} has answered that already.", name=decided.name)
            raise BadRequest("That is settled: nobody needs to answer any more.")
        return found[0]
    mine = [wait for wait in waits if wait.person == asking.principal.id] or waits
    if not mine:
        raise BadRequest("Nobody is asked anything in this campaign now.")
    if len(mine) > 1:
        numbers = ", ".join(str(wait.number) for wait in mine)
        raise BadRequest("Several requests are open: {numbers}. Say which one with `--request`.", numbers=numbers)
    return mine[0]


def _text(typed: str) -> str:
    """Return what was said: as a form gives it by its name, or as it was typed."""
    values, left = pairs(typed, ("text",))
    return (values.get("text") or unquoted(left)).strip()


async def _steered(asking: Asking, act: Act, rest: str) -> Post:
    campaign, typed = await named(asking, rest, text=act == "replan")
    require_steering(asking, campaign)
    request = asking.args["request"]
    number = int(request) if request.isascii() and request.isdecimal() and len(request) < 8 else 0
    return await _done(asking, campaign, act, text=_text(typed), request=number)


async def _to_objective(asking: Asking, act: Act, rest: str) -> Post:
    campaign, typed = await named(asking, rest)
    require_steering(asking, campaign)
    objective, _, why = typed.partition(" ")
    if not objective:
        raise BadRequest(
            "Which objective? Type its number behind it, as in `campaign {act} {id} 2`.", act=act, id=campaign.id
        )
    return await _done(asking, campaign, act, objective=objective, text=why.strip())


async def _done(asking: Asking, campaign: Campaign, act: Act, **what: object) -> Post:
    """Do it, and say so; in the terminal, what sets a campaign going shows it at work."""
    who = asking.principal
    at_once = act == "stop" or bool(asking.args["now"])
    incident = Done.model_validate({"act": act, "person": who.id, "name": who.name, "at_once": at_once, **what})
    after = await asking.desk.campaigns.act(campaign.tenant, campaign.id, incident)
    if asking.request.address.startswith(TERMINAL) and act in SETS_GOING:
        return going(asking, after)
    said = plain(asking.words(SAID[act], title=literal(after.title), id=after.id), private=True)
    return replace(said, data=_data(after))


def going(asking: Asking, campaign: Campaign) -> Post:
    """Return a campaign for who sits at a terminal, and watches it from there on."""
    shown = card(campaign, asking.words, now())
    language = shown.language
    return Post(shown.parts, run=campaign.id, goes_on=True, state=shown.state, language=language, data=_data(campaign))


def _data(campaign: Campaign) -> object:
    """Return a campaign for machines."""
    return campaign.model_dump(mode="json", exclude={"tenant"})


async def watch(asking: Asking, rest: str) -> Post:
    """Watch a campaign from the terminal; elsewhere its card moves by itself, so show it."""
    campaign, _ = await named(asking, rest)
    shown = going(asking, campaign)
    return shown if asking.request.address.startswith(TERMINAL) else replace(shown, private=True, goes_on=False)
