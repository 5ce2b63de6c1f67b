"""The course of a campaign over time, drawn with letters, and said in a sentence for who does not see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.campaign_words import STAGES, duration, moment, shortened
from bot.results import fenced
from bot.words import Words
from core.campaigns.campaign import Campaign, Objective, Stage

WIDTH, NAME = 32, 26
"""Cells of the time, and characters of a name before it: together what a phone held sideways shows."""
MOST = 40
"""Objectives that are drawn; those that have begun come first."""
CELLS = {Stage.MET: "█", Stage.FAILED: "▒", Stage.SKIPPED: "░", Stage.RUNNING: "▓", Stage.WAITING: "▚"}
"""A bar by its state, each of a look of its own."""
TOLD = 8
"""Objectives of which the sentence tells the times."""


@dataclass(frozen=True, slots=True)
class Gantt:
    """A drawing, and what it says."""

    drawing: str
    """Markdown: a block of fixed letters."""
    alt: str


def gantt_text(campaign: Campaign, at: datetime, words: Words) -> Gantt:
    """Return the course so far, up to `at` or to the end."""
    begun = [each.started_at for each in campaign.objectives if each.started_at]
    start, end = min(begun, default=campaign.started_at or campaign.created_at), campaign.ended_at or at
    shown = _shown(campaign)
    rows = [f"{shortened(f'{each.id} {each.title}', NAME):<{NAME}} {_bar(each, start, end)}" for each in shown]
    scale = f"{'':<{NAME}} {moment(start, words)[:16]} → {moment(end, words)[:16]}"
    used = dict.fromkeys(each.stage for each in shown if each.stage in CELLS and each.started_at)
    legend = "  ".join(f"{CELLS[stage]} {words(STAGES[stage])}" for stage in used)
    left = len(campaign.objectives) - len(shown)
    more = [words.some(left, "{count} more", "{count} more")] if left else []
    return Gantt(fenced("\n".join([scale, *rows, legend, *more]).rstrip()), _said(campaign, start, end, words))


def _shown(campaign: Campaign) -> list[Objective]:
    if len(campaign.objectives) <= MOST:
        return list(campaign.objectives)
    first = sorted(campaign.objectives, key=lambda each: each.started_at is None)[:MOST]
    ids = {each.id for each in first}
    return [each for each in campaign.objectives if each.id in ids]


def _bar(objective: Objective, start: datetime, end: datetime) -> str:
    """Return the cells of an objective's time; at least one where it has begun."""
    if objective.started_at is None:
        return "·" * WIDTH
    whole = max((end - start).total_seconds(), 1.0)
    from_ = (objective.started_at - start).total_seconds() / whole
    to = ((objective.ended_at or end) - start).total_seconds() / whole
    first = min(max(int(from_ * WIDTH), 0), WIDTH - 1)
    last = min(max(round(to * WIDTH), first + 1), WIDTH)
    cell = CELLS.get(objective.stage, "▓")
    return "·" * first + cell * (last - first) + "·" * (WIDTH - last)


def _said(campaign: Campaign, start: datetime, end: datetime, words: Words) -> str:
    """Return the same as a sentence."""
    count = words.some(len(campaign.objectives), "{count} objective", "{count} objectives")
    said = [words("{count} from {start} to {end}.", count=count, start=moment(start, words), end=moment(end, words))]
    return " ".join([*said, *_times(campaign, end, words)])


def _times(campaign: Campaign, end: datetime, words: Words) -> Iterator[str]:
    begun = [each for each in campaign.objectives if each.started_at]
    for each in begun[:TOLD]:
        if each.started_at:
            took = duration(((each.ended_at or end) - each.started_at).total_seconds(), words)
            yield words("{id} {stage} after {time};", id=each.id, stage=words(STAGES[each.stage]), time=took)
    if len(begun) > TOLD:
        yield words.some(len(begun) - TOLD, "{count} more.", "{count} more.")
