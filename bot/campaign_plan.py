"""The plan of a campaign as people read it before they approve it: what is done, by whom, and how one can tell."""

from collections.abc import Iterator, Sequence

from bot.campaign_words import MEANS, called, duration, shortened, standing
from bot.shapes import Foot, Part, Prose, literal
from bot.words import Words
from core.campaigns.campaign import Campaign, Objective, Stage

PAGE = 12
"""Objectives that are shown at a time."""
LONGEST = 300
"""Characters of what an objective is done by."""


def plan(campaign: Campaign, words: Words, page: int = 1) -> list[Part]:
    """Return one page of the plan, and a word about the others. Pages count from 1."""
    objectives = campaign.objectives
    shown = objectives[(page - 1) * PAGE : page * PAGE]
    if not shown:
        return [Foot(words("There is no plan yet."))]
    parts: list[Part] = [Prose("\n\n".join(objective_text(campaign, each, words) for each in shown))]
    if len(objectives) > PAGE:
        parts.append(Foot(words("Page {page} of {pages}", page=page, pages=pages(objectives))))
    return parts


def pages(objectives: Sequence[Objective]) -> int:
    """Return how many pages a plan has."""
    return max(1, -(-len(objectives) // PAGE))


def objective_text(campaign: Campaign, objective: Objective, words: Words) -> str:
    """Return an objective as Markdown: its title, when it is done, and how it is worked on."""
    lines = [f"**{objective.id} · {literal(shortened(objective.title, 200))}**"]
    done_when = literal(shortened(objective.done_when, LONGEST))
    lines.append("- " + words("done when: {text}", text=done_when))
    lines.append("- " + literal(", ".join(_how(campaign, objective, words))))
    if objective.stage not in (Stage.PENDING, Stage.READY):
        lines.append("- " + literal(standing(campaign, objective, words)))
    return "\n".join(lines)


def _how(campaign: Campaign, objective: Objective, words: Words) -> Iterator[str]:
    """Yield who works on it, what it may take, and what has to be over before."""
    if objective.means == "person":
        yield words("by {name}", name=called(campaign, objective.person, words))
    elif objective.means == "use" and objective.skill:
        yield words("by the skill {name}", name=objective.skill)
    else:
        yield words(MEANS[objective.means])
    yield words("about {time}", time=duration(objective.estimate.seconds, words))
    if objective.estimate.tokens and objective.means != "person":
        yield words.some(objective.estimate.tokens, "{count} token", "{count} tokens")
    if objective.needs:
        yield words("after {needs}", needs=words.listed(objective.needs))
