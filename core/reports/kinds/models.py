"""How models fared: speed, cost, wins, absences, and how that changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.reports.chart import Axis
from core.reports.frame import Frame, Heads, compared, percentile, ratio
from core.reports.report import Figure, Report, Section, Value
from core.reports.store import ModelDay, Parts, ReportStore
from core.sentences import Sentence, said

SHOWN = 6
"""Models in a chart."""


@dataclass(frozen=True, slots=True)
class Use:
    """What one model was asked in a period, and how it fared."""

    model: str
    calls: int
    failed: int
    """Calls that gave nothing."""
    seconds: float
    """Of those that gave something."""
    prompt_tokens: int
    completion_tokens: int
    cost: float
    unpriced: int
    retries: int
    tenths: Mapping[int, int]
    """How long each took that gave something."""


@dataclass(frozen=True, slots=True)
class Data:
    """What the report is made from."""

    models: Sequence[Use]
    before: Sequence[Use]
    days: Sequence[ModelDay]
    parts: Sequence[Parts]


async def models(store: ReportStore, frame: Frame) -> Report:
    """Read the data, and make the report of it."""
    here, now, before = frame.tenant, frame.period, frame.period.before
    days = await store.model_days(here, now)
    return models_report(
        Data(
            models=uses(days, await store.tenths(here, now)),
            before=uses(await store.model_days(here, before), await store.tenths(here, before)),
            days=days,
            parts=await store.parts(here, now),
        ),
        frame,
    )


def uses(days: Sequence[ModelDay], tenths: Mapping[str, Mapping[int, int]]) -> list[Use]:
    """Return what each model did in all days, the busiest first."""
    own: dict[str, list[ModelDay]] = {}
    for day in days:
        own.setdefault(day.model, []).append(day)
    found = [
        Use(
            model=model,
            calls=sum(each.calls for each in all_),
            failed=sum(each.calls - each.good for each in all_),
            seconds=sum(each.seconds for each in all_),
            prompt_tokens=sum(each.prompt_tokens for each in all_),
            completion_tokens=sum(each.completion_tokens for each in all_),
            cost=sum(each.cost for each in all_),
            unpriced=sum(each.unpriced for each in all_),
            retries=sum(each.retries for each in all_),
            tenths=tenths.get(model, {}),
        )
        for model, all_ in own.items()
    ]
    return sorted(found, key=lambda use: (-use.calls, use.model))


def models_report(data: Data, frame: Frame) -> Report:
    """Return the report."""
    figures = _figures(data, frame)
    parts = (_speed(data, frame), _trend(data, frame), _money(data, frame), _seats(data, frame))
    sections = tuple(each for each in parts if each)
    return frame.report("models", said("Models"), _words(data, figures), figures=figures, sections=sections)


def _figures(data: Data, frame: Frame) -> dict[str, Figure]:
    both = (data.models, data.before)
    calls = [sum(each.calls for each in which) for which in both]
    failed = [ratio(sum(each.failed for each in which), count) for which, count in zip(both, calls, strict=True)]
    cost = [sum(each.cost for each in which) for which in both]
    unpriced = [sum(each.unpriced for each in which) for which in both]
    median, p95 = ([_overall(which, share) for which in both] for share in (0.5, 0.95))
    return {
        "models": frame.figure(said("models"), [len(which) for which in both]),
        "calls": frame.figure(said("calls"), calls),
        "failed": frame.figure(said("share of calls that gave nothing"), failed, "share"),
        "median": frame.figure(said("seconds of a call, median"), median, "seconds"),
        "p95": frame.figure(said("seconds of a call, p95"), p95, "seconds"),
        "cost": frame.figure(said("cost"), cost, "dollars"),
        "unpriced": frame.figure(said("calls of unknown price"), unpriced),
    }


def _overall(models: Sequence[Use], share: float) -> float | None:
    tenths: dict[int, int] = {}
    for each in models:
        for tenth, count in each.tenths.items():
            tenths[tenth] = tenths.get(tenth, 0) + count
    return percentile(tenths, share)


def _words(data: Data, figures: Mapping[str, Figure]) -> Iterable[Sentence]:
    calls = figures["calls"]
    if not calls.value:
        yield said("No model was asked in this period.")
        return
    text = "Models asked: {models:,}. Calls: {calls:,}, of which {failed:.1%} gave nothing."
    yield said(text, models=figures["models"].value, calls=calls.value, failed=figures["failed"].value)
    yield compared(calls.value, calls.before)
    if figures["median"].value is not None:
        text = "Half of the calls took at most {median:,.1f} s, and 95% at most {p95:,.1f} s."
        yield said(text, median=figures["median"].value, p95=figures["p95"].value)
    yield said("All of them cost ${cost:,.2f}.", cost=figures["cost"].value)
    if figures["unpriced"].value:
        yield said(
            "Calls that are not in that, as their price is not known: {calls:,}.", calls=figures["unpriced"].value
        )
    if best := max(data.parts, key=lambda each: each.won, default=None):
        text = "The answers of {model} won most often (runs won: {won:,} of {runs:,})."
        yield said(text, model=best.model, won=best.won, runs=best.runs)


def _speed(data: Data, frame: Frame) -> Section | None:
    was = {each.model: percentile(each.tenths, 0.5) for each in data.before}
    rows: list[tuple[Value, ...]] = [
        (
            m.model, m.calls, ratio(m.failed, m.calls), percentile(m.tenths, 0.5), percentile(m.tenths, 0.95),
            was.get(m.model), ratio(m.completion_tokens, m.seconds), m.retries,
        )
        for m in data.models
    ]  # fmt: skip
    columns: Heads = [
        (said("model"), "text"), (said("calls"), "count"), (said("gave nothing"), "share"),
        (said("median"), "seconds"), (said("p95"), "seconds"), (said("median before"), "seconds"),
        (said("tokens"), "per second"), (said("retries"), "count"),
    ]  # fmt: skip
    return frame.section(said("Speed"), table=frame.table("models", columns, rows)) if rows else None


def _trend(data: Data, frame: Frame) -> Section | None:
    series = {each.model: _mean(data.days, each.model, frame) for each in data.models[:SHOWN]}
    title = said("Seconds of a call by day") if frame.daily else said("Seconds of a call by week")
    up = Axis(label=frame.say(said("mean of a call")), unit="s")
    return frame.section(said("Trend"), chart=frame.line(title, up, series)) if series else None


def _mean(days: Sequence[ModelDay], model: str, frame: Frame) -> dict[date, float]:
    own = [each for each in days if each.model == model and each.good]
    seconds = frame.by_bucket(((each.day, each.seconds) for each in own), empty=None)
    good = frame.by_bucket(((each.day, float(each.good)) for each in own), empty=None)
    return {day: seconds[day] / good[day] for day in seconds}


def _money(data: Data, frame: Frame) -> Section | None:
    was = {each.model: each.cost for each in data.before}
    rows: list[tuple[Value, ...]] = [
        (m.model, m.prompt_tokens, m.completion_tokens, m.cost, was.get(m.model), ratio(m.cost, m.calls), m.unpriced)
        for m in sorted(data.models, key=lambda each: -each.cost)
    ]
    columns: Heads = [
        (said("model"), "text"), (said("tokens read"), "count"), (said("tokens written"), "count"),
        (said("cost"), "dollars"), (said("cost before"), "dollars"), (said("cost of a call"), "dollars"),
        (said("calls of unknown price"), "count"),
    ]  # fmt: skip
    return frame.section(said("Cost"), table=frame.table("cost", columns, rows)) if rows else None


def _seats(data: Data, frame: Frame) -> Section | None:
    rows: list[tuple[Value, ...]] = [
        (p.model, p.runs, p.won, ratio(p.won, p.runs), p.dissented, p.absent, p.spared) for p in data.parts
    ]
    columns: Heads = [
        (said("model"), "text"), (said("runs"), "count"), (said("won"), "count"), (said("won of its runs"), "share"),
        (said("dissented"), "count"), (said("absent"), "count"), (said("spared"), "count"),
    ]  # fmt: skip
    shown = data.parts[:SHOWN]
    up = Axis(label=frame.say(said("won of its runs")), unit="%")
    shares = [100 * (ratio(each.won, each.runs) or 0.0) for each in shown]
    chart = frame.bars(said("Whose answers win"), up, [p.model for p in shown], {frame.say(said("won")): shares})
    table = frame.table("seats", columns, rows)
    return frame.section(said("Wins and absences"), table=table, chart=chart) if rows else None
