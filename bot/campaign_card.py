"""The live card of a campaign: its goal, how far it is, what it has taken, and what can be done with it now.

It is made from the campaign alone, whatever has happened before, and as large for five hundred objectives as for ten.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from bot.campaign_words import STAGES, STATUSES, cost, duration, moment, money, shortened, standing, state
from bot.shapes import Bar, Bars, Button, Buttons, Foot, Heading, Line, Lines, Part, Post, Prose, literal
from bot.words import Words
from core.campaigns.campaign import Campaign, Course, Objective, Stage
from core.campaigns.sums import Allowance, Sums

MOST = 12
"""Objectives that are shown; of a longer plan those that matter now, and the others by their number."""
GOAL, TITLE = 400, 90
"""Characters of the goal, and of an objective's title."""
NEARLY = 0.8
"""The share of a limit from which a bar says that it is nearly used up."""
SIGNS: dict[Stage, str] = {
    Stage.PENDING: "waiting", Stage.READY: "waiting", Stage.RUNNING: "working", Stage.WAITING: "working",
    Stage.MET: "done", Stage.FAILED: "absent", Stage.SKIPPED: "absent",
}  # fmt: skip
FIRST = (Stage.WAITING, Stage.RUNNING, Stage.READY, Stage.FAILED, Stage.PENDING, Stage.MET, Stage.SKIPPED)
"""What matters most in a plan that is too long to be shown."""


class Foresees(Protocol):
    """Says how a campaign will probably end."""

    async def __call__(self, campaign: Campaign, at: datetime, words: Words) -> Sequence[str]:
        """Return sentences, none where it is too early to say."""


def card(campaign: Campaign, words: Words, at: datetime, forecast: Sequence[str] = ()) -> Post:
    """Return the card as it is at a time; `forecast` are sentences about how it will end."""
    parts: list[Part] = [Heading(campaign.title)]
    if " ".join(campaign.goal.split()) != " ".join(campaign.title.split()):
        parts.append(Prose(literal(shortened(campaign.goal, GOAL))))
    parts.append(Bars(state(campaign, words), tuple(bars_of(campaign, words, at)), _heads(words)))
    shown = chosen(campaign.objectives)
    if shown:
        parts.append(Heading(words("Objectives")))
        parts.append(Lines(tuple(_line(campaign, each, words) for each in shown)))
    if len(shown) < len(campaign.objectives):
        ids = {each.id for each in shown}
        parts.append(Foot(counted([each for each in campaign.objectives if each.id not in ids], words)))
    if campaign.wait and campaign.wait.question:
        asked = shortened(words.say(campaign.wait.question), GOAL)
        parts.append(Foot(words("Asked: {question}", question=asked)))
    parts += [Foot(said) for said in forecast if not campaign.course.over]
    if campaign.spent.calls or campaign.spent.sandbox_milliseconds:
        parts.append(Foot(words("Spent: {cost}", cost=cost(campaign.spent, words))))
    if campaign.note:
        parts.append(Foot(words.say(campaign.note)))
    parts.append(Foot(_foot(campaign, words)))
    parts.append(Buttons(tuple(buttons(campaign, words))))
    return Post(tuple(parts), state=STATUSES[campaign.course], language=words.language)


def chosen(objectives: Sequence[Objective]) -> tuple[Objective, ...]:
    """Return the objectives that are shown, in the order of the plan."""
    if len(objectives) <= MOST:
        return tuple(objectives)
    numbered = sorted(range(len(objectives)), key=lambda at: (FIRST.index(objectives[at].stage), at))
    return tuple(objectives[at] for at in sorted(numbered[:MOST]))


def counted(objectives: Sequence[Objective], words: Words) -> str:
    """Return how many objectives there are besides, and where they are: `488 more: 300 met, 188 to come`."""
    stages = Counter(each.stage for each in objectives)
    said = ", ".join(f"{words.number(stages[stage])} {words(STAGES[stage])}" for stage in Stage if stages[stage])
    return words.some(len(objectives), "{count} more: {said}", "{count} more: {said}", said=said)


def _line(campaign: Campaign, objective: Objective, words: Words) -> Line:
    return Line(
        SIGNS[objective.stage],  # type: ignore[arg-type]  # the four words of a line
        f"{objective.id} {shortened(objective.title, TITLE)}",
        standing(campaign, objective, words),
        key=f"objective:{objective.id}",
    )


def _heads(words: Words) -> tuple[str, str, str]:
    return (words("What"), words("How far"), words("Figure"))


def bars_of(campaign: Campaign, words: Words, at: datetime) -> Iterator[Bar]:
    """Yield how far it is, and how much of each limit is taken or set aside."""
    if count := len(campaign.objectives):
        met = sum(each.stage is Stage.MET for each in campaign.objectives)
        over = sum(each.stage.over for each in campaign.objectives)
        yield Bar(words("Objectives"), over / count, words("{met} of {all} met", met=met, all=count))
    yield from _limits(campaign.allowance, campaign.spent, campaign.reserved, words)
    if campaign.deadline and not campaign.course.over:
        whole = (campaign.deadline - campaign.created_at).total_seconds()
        left = (campaign.deadline - at).total_seconds()
        said = words("{time} left", time=duration(left, words)) if left > 0 else words("the deadline has passed")
        until = f"{said}, {words('until {at}', at=moment(campaign.deadline, words))}"
        yield _bar(words("Time"), 1 - left / whole if whole > 0 else 1.0, until, words)


def _limits(allowance: Allowance, spent: Sums, reserved: Sums, words: Words) -> Iterator[Bar]:
    taken = spent + reserved

    def of(now: str, most: str) -> str:
        return words("{now} of {most}", now=now, most=most)

    if (tokens := allowance.tokens) is not None:
        said = of(words.number(spent.tokens), words.number(tokens))
        yield _bar(words("Tokens"), taken.tokens / tokens, said, words)
    if (dollars := allowance.dollars) is not None:
        said = of(money(spent.microdollars / 1e6, words), money(dollars, words))
        yield _bar(words("Money"), taken.microdollars / 1e6 / dollars, said, words)
    if (seconds := allowance.model_seconds) is not None:
        used = spent.model_milliseconds / 1000
        said = of(duration(used, words), duration(seconds, words))
        yield _bar(words("Time of models"), taken.model_milliseconds / 1000 / seconds, said, words)
    if (seconds := allowance.sandbox_seconds) is not None:
        used = spent.sandbox_milliseconds / 1000
        said = of(duration(used, words), duration(seconds, words))
        yield _bar(words("Time of sandboxes"), taken.sandbox_milliseconds / 1000 / seconds, said, words)


def _bar(label: str, share: float, figure: str, words: Words) -> Bar:
    mark = words("used up") if share >= 1 else words("nearly used up") if share >= NEARLY else ""
    return Bar(label, min(max(share, 0.0), 1.0), figure, mark)


def _foot(campaign: Campaign, words: Words) -> str:
    """Return what it is, for whom, and its id."""
    said = [words("autonomous") if campaign.mode == "autonomous" else words("guided")]
    said.append(words("committee {name}", name=campaign.committee))
    if campaign.template:
        said.append(words("template {name}", name=campaign.template))
    return " · ".join((*said, words("for {name}", name=campaign.owner_name), campaign.id))


def buttons(campaign: Campaign, words: Words) -> Iterator[Button]:
    """Yield what makes sense where the campaign stands, five at most."""
    id = campaign.id
    if campaign.course is Course.PROPOSED:
        yield Button(words("Approve"), f"campaign approve {id}", "primary")
        yield Button(words("Reject…"), f"campaign reject {id}", "danger")
        yield Button(words("Edit…"), f"campaign edit {id}")
        yield Button(words("Plan"), f"campaign status {id}")
    elif campaign.course is Course.PAUSED:
        yield Button(words("Resume"), f"campaign resume {id}", "primary")
    elif campaign.course in (Course.RUNNING, Course.HELD):
        yield Button(words("Pause"), f"campaign pause {id}")
    if not campaign.course.over and campaign.course is not Course.PROPOSED:
        yield Button(words("Stop"), f"campaign stop {id}", "danger")
    if campaign.objectives and campaign.course is not Course.PROPOSED:
        yield Button(words("Gantt chart"), f"campaign gantt {id}")
    yield Button(words("Log"), f"campaign log {id}")
    if campaign.course.over:
        yield Button(words("Start anew"), f"campaign clone {id}")
