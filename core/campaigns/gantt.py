"""A campaign over time as a chart: what was done when, what goes on, and what is expected when."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from core.campaigns.campaign import Campaign, Objective, Stage
from core.campaigns.foreseen import Expected, Forecast
from core.reports.chart import Axis, Chart, Link, Look, Mark, Say, Span
from core.sentences import Sentence, said

_ROWS = 24
"""More are put together, neighbours in one row."""
_PAST: Mapping[Stage, tuple[Look, Sentence]] = {
    Stage.MET: ("met", said("met")),
    Stage.FAILED: ("failed", said("failed")),
    Stage.SKIPPED: ("skipped", said("left out")),
    Stage.RUNNING: ("running", said("running")),
    Stage.WAITING: ("waiting", said("waiting")),
    Stage.READY: ("waiting", said("waiting")),
    Stage.PENDING: ("waiting", said("waiting")),
}
_EXPECTED = said("expected")


def gantt(campaign: Campaign, at: datetime, forecast: Forecast, say: Say = str, zone: str = "UTC") -> Chart:
    """Return the Gantt of a campaign at a time, its own words in the language of `say`.

    Rows are objectives in their order; where there are more than there is room for, neighbours share one.
    """
    groups = _groups(campaign.objectives)
    expected = {each.objective: each for each in forecast.ahead}
    spans = [span for row, group in enumerate(groups) for one in group for span in _spans(row, one, at, expected, say)]
    return Chart(
        kind="gantt",
        title=campaign.title,
        across=Axis(scale="time"),
        names=tuple(_name(group, say) for group in groups),
        spans=tuple(spans),
        links=tuple(_links(groups)),
        marks=tuple(_marks(campaign, at, forecast, say)),
        caption="" if campaign.course.over else say(forecast.basis),
        nothing=say(said("There is no plan yet.")),
        language=campaign.language,
        zone=zone,
    )


def _groups(objectives: Sequence[Objective]) -> list[Sequence[Objective]]:
    each = -(-len(objectives) // _ROWS) or 1
    return [objectives[at : at + each] for at in range(0, len(objectives), each)]


def _name(group: Sequence[Objective], say: Say) -> str:
    if len(group) == 1:
        return f"{group[0].id} {group[0].title}"
    done = sum(one.stage.over for one in group)
    whole = said(
        "{first}–{last}: {done} of {count} done", first=group[0].id, last=group[-1].id, done=done, count=len(group)
    )
    return say(whole)


def _spans(row: int, one: Objective, at: datetime, expected: Mapping[str, Expected], say: Say) -> Iterator[Span]:
    now, ahead = at.timestamp(), expected.get(one.id)
    if one.started_at is not None:
        look, label = _PAST[one.stage]
        begin = one.started_at.timestamp()
        yield Span(row=row, begin=begin, end=max((one.ended_at or at).timestamp(), begin), look=look, label=say(label))
    if ahead is not None:
        yield Span(row=row, begin=now + ahead.begin, end=now + ahead.end, look="ahead", label=say(_EXPECTED))


def _links(groups: Sequence[Sequence[Objective]]) -> Iterator[Link]:
    """Yield who needs whom, where every row is one objective."""
    rows = {group[0].id: row for row, group in enumerate(groups) if len(group) == 1}
    if len(rows) == len(groups):
        for group in groups:
            yield from (Link(before=rows[need], after=rows[group[0].id]) for need in group[0].needs if need in rows)


def _marks(campaign: Campaign, at: datetime, forecast: Forecast, say: Say) -> Iterator[Mark]:
    if campaign.deadline is not None:
        yield Mark(at=campaign.deadline.timestamp(), label=say(said("deadline")))
    if campaign.course.over:
        return
    yield Mark(at=at.timestamp(), label=say(said("now")))
    if forecast.earliest is not None and forecast.latest is not None:
        label = say(said("end, with 80 % probability"))
        yield Mark(at=forecast.earliest.timestamp(), until=forecast.latest.timestamp(), label=label)
