"""How a campaign stands, or how it ended: what was met and what it took, with its Gantt chart."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from core.campaigns.campaign import Campaign, Course, Objective, Stage
from core.campaigns.foreseen import Forecast
from core.campaigns.gantt import gantt
from core.campaigns.moment import Moment
from core.campaigns.store import CampaignStore
from core.events import Event
from core.reports.chart import Axis, Chart, Series
from core.reports.frame import Frame, Heads
from core.reports.period import Period
from core.reports.report import Figure, Report, Section, Value
from core.sentences import Sentence, said

MOST = 100
"""Moments in the log."""
LONGEST = 1500
"""Characters of a result."""
COURSES: Mapping[Course, Sentence] = {
    Course.PLANNING: said("The campaign is being planned."),
    Course.PROPOSED: said("The plan waits for a person's approval."),
    Course.RUNNING: said("The campaign goes on."),
    Course.PAUSED: said("The campaign is paused."),
    Course.HELD: said("The campaign asks a person before it goes on."),
    Course.MET: said("The campaign has ended; its goal is met as far as is said below."),
    Course.FAILED: said("The campaign has ended without meeting its goal."),
    Course.STOPPED: said("The campaign was stopped."),
}
STAGES: Mapping[Stage, Sentence] = {
    Stage.PENDING: said("to come"),
    Stage.READY: said("next"),
    Stage.RUNNING: said("at work"),
    Stage.WAITING: said("waiting"),
    Stage.MET: said("met"),
    Stage.FAILED: said("failed"),
    Stage.SKIPPED: said("left out"),
}


async def campaign(store: CampaignStore, id: str, frame: Frame) -> Report:
    """Read a campaign, and make the report of it. Raises `NotFound`, also for one that is private to others."""
    found = await store.campaign(frame.tenant, id, reader=frame.reader)
    return campaign_report(found, await store.log(frame.tenant, found.id, limit=MOST), frame)


def lasting(campaign: Campaign, at: datetime) -> Period:
    """Return the days of a campaign so far."""
    last = (campaign.ended_at or at).astimezone(UTC).date()
    return Period(first=min(campaign.created_at.astimezone(UTC).date(), last), last=last)


def campaign_report(campaign: Campaign, log: Sequence[Event], frame: Frame, forecast: Forecast | None = None) -> Report:
    """Return the report of a campaign with its newest moments; the final one, once it is over."""
    figures = _figures(campaign, frame)
    parts = (
        _results(campaign, frame),
        _objectives(campaign, frame),
        _gantt(campaign, frame, forecast),
        _spending(campaign, frame),
        _log(log, frame),
    )
    sections = tuple(each for each in parts if each)
    final = said("Final report: {title}", title=campaign.title)
    title = final if campaign.course.over else said("Progress: {title}", title=campaign.title)
    words = _words(campaign, figures)
    made = frame.report("campaign", title, words, figures=figures, sections=sections)
    return made.but(title=frame.say(title), period=lasting(campaign, frame.at))


def _figures(campaign: Campaign, frame: Frame) -> dict[str, Figure]:
    stages = Counter(each.stage for each in campaign.objectives)
    spent, days = campaign.spent, (campaign.ended_at or frame.at) - campaign.created_at

    def figure(label: Sentence, value: float) -> Figure:
        return frame.figure(label, (value, None))

    return {
        "objectives": figure(said("objectives"), len(campaign.objectives)),
        "met": figure(said("objectives met"), stages[Stage.MET]),
        "failed": figure(said("objectives failed"), stages[Stage.FAILED]),
        "skipped": figure(said("objectives left out"), stages[Stage.SKIPPED]),
        "steps": figure(said("steps"), campaign.number),
        "requests": figure(said("requests to people"), campaign.requests),
        "plans": figure(said("plans"), campaign.plans),
        "calls": figure(said("model calls"), spent.calls),
        "tokens": figure(said("tokens"), spent.tokens),
        "cost": figure(said("cost"), spent.microdollars / 1e6).but(unit="dollars"),
        "unpriced": figure(said("calls of unknown price"), spent.unpriced),
        "sandbox": figure(said("seconds in sandboxes"), spent.sandbox_milliseconds / 1000).but(unit="seconds"),
        "hours": figure(said("hours since its start"), days / timedelta(hours=1)).but(unit="hours"),
    }


def _words(campaign: Campaign, figures: Mapping[str, Figure]) -> Iterable[Sentence]:
    value = {name: figure.value for name, figure in figures.items()}
    yield COURSES[campaign.course]
    yield said("Objectives: {count:,}. Met: {met:,}.", count=value["objectives"], met=value["met"])
    if value["failed"] or value["skipped"]:
        text = "Failed: {failed:,}. Left out: {skipped:,}."
        yield said(text, failed=value["failed"], skipped=value["skipped"])
    text = "Model calls: {calls:,}. Tokens: {tokens:,}. Cost: ${cost:,.2f}. Time since its start: {hours:,.1f} h."
    yield said(text, calls=value["calls"], tokens=value["tokens"], cost=value["cost"], hours=value["hours"])
    if value["unpriced"]:
        yield said("Calls that are not in that, as their price is not known: {calls:,}.", calls=value["unpriced"])


def _objectives(campaign: Campaign, frame: Frame) -> Section | None:
    rows: list[tuple[Value, ...]] = [
        (
            each.id, each.title, frame.say(STAGES[each.stage]), _why(each, frame), each.attempts, each.spent.tokens,
            each.spent.microdollars / 1e6, _hours(each),
        )
        for each in campaign.objectives
    ]  # fmt: skip
    columns: Heads = [
        (said("id"), "text"), (said("objective"), "text"), (said("state"), "text"), (said("why"), "text"),
        (said("attempts"), "count"), (said("tokens"), "count"), (said("cost"), "dollars"), (said("took"), "hours"),
    ]  # fmt: skip
    table = frame.table("objectives", columns, rows)
    return frame.section(said("Objectives"), table=table, quoted=True) if rows else None


def _why(objective: Objective, frame: Frame) -> str:
    return frame.say(objective.why) if objective.why else objective.evidence


def _hours(objective: Objective) -> float | None:
    if not objective.started_at or not objective.ended_at:
        return None
    return max(timedelta(), objective.ended_at - objective.started_at) / timedelta(hours=1)


def _gantt(campaign: Campaign, frame: Frame, forecast: Forecast | None) -> Section | None:
    expected = forecast or Forecast(at=frame.at, done=0.0, basis=said(""))
    chart = gantt(campaign, campaign.ended_at or frame.at, expected, frame.say)
    return frame.section(said("Gantt chart"), chart=frame.chart(chart)) if campaign.objectives else None


def _spending(campaign: Campaign, frame: Frame) -> Section | None:
    """Show how spending grew, as objectives ended; what plans and the report took is not in them."""
    ended = sorted(((e.ended_at, e) for e in campaign.objectives if e.ended_at), key=lambda pair: pair[0])
    if not ended:
        return None
    priced = any(each.spent.microdollars for _, each in ended)
    sums, total = [], 0.0
    for _, each in ended:
        total += each.spent.microdollars / 1e6 if priced else each.spent.tokens
        sums.append(total)
    label = frame.say(said("cost") if priced else said("tokens"))
    series = Series(label=label, x=tuple(at.timestamp() for at, _ in ended), y=tuple(sums))
    title = said("Spent on the objectives that ended")
    up = Axis(label=label, unit="$" if priced else "")
    chart = Chart(kind="line", title=frame.say(title), across=Axis(scale="time"), up=up, series=(series,))
    return frame.section(title, chart=frame.chart(chart))


def _results(campaign: Campaign, frame: Frame) -> Section | None:
    written = [campaign.report[:LONGEST]] if campaign.report else []
    written += [f"{e.id} {e.title}: {e.result[:LONGEST]}" for e in campaign.objectives if e.result and not e.parent][
        :20
    ]
    if not written:
        return None
    return frame.section(said("Results")).but(prose=tuple(written), quoted=True)


def _log(log: Sequence[Event], frame: Frame) -> Section | None:
    rows: list[tuple[Value, ...]] = [
        (f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M}", frame.say(event.body.sentence))
        for event in log
        if isinstance(event.body, Moment)
    ]
    columns: Heads = [(said("when (UTC)"), "text"), (said("what happened"), "text")]
    table = frame.table("log", columns, rows)
    return frame.section(said("What happened"), table=table, quoted=True) if rows else None
