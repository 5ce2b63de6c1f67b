"""How states, amounts and times of campaigns read."""

from collections.abc import Mapping
from datetime import datetime

from bot.words import Words, key
from core.campaigns.campaign import Campaign, Course, Means, Objective, Stage
from core.campaigns.sums import Sums
from core.entities import Status

COURSES: Mapping[Course, str] = {
    Course.PLANNING: key("The committee makes a plan"),
    Course.PROPOSED: key("The plan waits for approval"),
    Course.RUNNING: key("Running"),
    Course.PAUSED: key("Paused"),
    Course.HELD: key("Waits for an answer"),
    Course.MET: key("The goal is met"),
    Course.FAILED: key("The goal was not met"),
    Course.STOPPED: key("Stopped"),
}
STATUSES: Mapping[Course, Status] = {
    Course.PLANNING: Status.RUNNING,
    Course.PROPOSED: Status.QUEUED,
    Course.RUNNING: Status.RUNNING,
    Course.PAUSED: Status.QUEUED,
    Course.HELD: Status.QUEUED,
    Course.MET: Status.DONE,
    Course.FAILED: Status.FAILED,
    Course.STOPPED: Status.STOPPED,
}
"""What a chat gives the same colour."""
STAGES: Mapping[Stage, str] = {
    Stage.PENDING: key("to come"),
    Stage.READY: key("next"),
    Stage.RUNNING: key("at work"),
    Stage.WAITING: key("waiting"),
    Stage.MET: key("met"),
    Stage.FAILED: key("failed"),
    Stage.SKIPPED: key("left out"),
}
MEANS: Mapping[Means, str] = {
    "answer": key("by the committee"),
    "skill": key("a skill is written"),
    "use": key("a skill is run"),
    "person": key("by a person"),
}
MINUTE, HOUR, DAY = 60, 3600, 86_400


def state(campaign: Campaign, words: Words) -> str:
    """Return where a campaign is; of one that came to its end, whether all of it was met."""
    lacks = any(each.stage is not Stage.MET for each in campaign.objectives if not each.parent)
    if campaign.course is Course.MET and lacks:
        return words("Over; not all of it was met")
    return words(COURSES[campaign.course])


def duration(seconds: float, words: Words) -> str:
    """Return a time as people say it, in the two largest units that matter: `45 s`, `12 min`, `3 h 20 min`, `4 d`."""
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return words("{n} s", n=whole)
    if whole < HOUR:
        return words("{n} min", n=round(whole / MINUTE))
    if whole < 2 * DAY:
        hours, minutes = divmod(round(whole / MINUTE), 60)
        return words("{hours} h {minutes} min", hours=hours, minutes=minutes) if minutes else words("{n} h", n=hours)
    days, hours = divmod(round(whole / HOUR), 24)
    return words("{days} d {hours} h", days=days, hours=hours) if hours and days < 10 else words("{n} d", n=days)


def moment(at: datetime, words: Words) -> str:
    """Return a point in time."""
    return words("{at:%Y-%m-%d %H:%M} UTC", at=at)


def money(dollars: float, words: Words) -> str:
    """Return an amount of US dollars; small ones with four digits, as steps cost fractions of a cent."""
    digits = 2 if dollars == 0 or dollars >= 1 else 4
    return words("${amount}", amount=words.number(dollars, digits))


def cost(spent: Sums, words: Words) -> str:
    """Return what was taken: `34,120 tokens, $0.0412, 41 calls, 3 min of models`."""
    said = [words.some(spent.tokens, "{count} token", "{count} tokens"), money(spent.microdollars / 1e6, words)]
    if spent.unpriced:
        said.append(words.some(spent.unpriced, "{count} call of unknown price", "{count} calls of unknown price"))
    said.append(words.some(spent.calls, "{count} call", "{count} calls"))
    if spent.model_milliseconds:
        said.append(words("{time} of models", time=duration(spent.model_milliseconds / 1000, words)))
    if spent.sandbox_milliseconds:
        said.append(words("{time} of sandboxes", time=duration(spent.sandbox_milliseconds / 1000, words)))
    return ", ".join(said)


def called(campaign: Campaign, person: str, words: Words) -> str:
    """Return the name of a person as far as the campaign knows it: of its owner, and of who has said something."""
    if person in ("", campaign.owner):
        return campaign.owner_name
    known = {each.person: each.name for each in campaign.remarks} | {d.person: d.name for d in campaign.decisions}
    return known.get(person, words("another person"))


def standing(campaign: Campaign, objective: Objective, words: Words) -> str:
    """Return where an objective is, with what it waits for or why it failed."""
    stage = words(STAGES[objective.stage])
    match objective.stage:
        case Stage.PENDING if objective.needs:
            return words("after {needs}", needs=words.listed(objective.needs))
        case Stage.RUNNING if objective.attempts > 1:
            return words("at work, attempt {n}", n=objective.attempts)
        case Stage.WAITING:
            return _waiting(campaign, objective, words)
        case Stage.FAILED if objective.failures:
            return f"{stage}: {shortened(objective.failures[-1], 120)}"
        case _:
            return stage


def _waiting(campaign: Campaign, objective: Objective, words: Words) -> str:
    if parts := campaign.parts(objective.id):
        over = sum(part.stage.over for part in parts)
        return words("{over} of {all} parts", over=over, all=len(parts))
    wait = objective.wait
    if wait and wait.number:
        return words("waits for {name}", name=called(campaign, wait.person, words))
    if wait and wait.until:
        return words("waits until {at}", at=moment(wait.until, words))
    return words(STAGES[objective.stage])


def shortened(text: str, most: int) -> str:
    """Return text on one line, with an ellipsis where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
