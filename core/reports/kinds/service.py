"""How well Dexter serves: availability, errors and its own share of the waiting, against targets.

All of it is taken from the journal, which knows of requests that reached Dexter and of no others: the hours in which
nobody could reach it are not in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.entities import Status
from core.reports.chart import Axis, Mark
from core.reports.frame import Frame, percentile, ratio
from core.reports.report import Figure, Report, Section, Value, shown
from core.reports.store import Delays, Ended, ReportStore
from core.sentences import Sentence, said

AVAILABLE = 0.999
"""The share of requests that Dexter begins to work on within `PROMPT`."""
ERRORS = 0.01
"""Less than this share of runs may fail."""
OVERHEAD = 2.0
"""Seconds: 95 of 100 questions take less beside what their members take."""
PROMPT = 600
"""Tenths of a second."""


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two periods that are compared."""

    ended: Sequence[Ended]
    delays: Delays


async def service(store: ReportStore, frame: Frame) -> Report:
    """Read the data, and make the report of it."""
    halves = [
        Half(await store.ended(frame.tenant, period), await store.delays(frame.tenant, period))
        for period in (frame.period, frame.period.before)
    ]
    return service_report(halves[0], halves[1], frame)


def service_report(now: Half, before: Half, frame: Frame) -> Report:
    """Return the report."""
    figures = _figures((now, before), frame)
    parts = (_targets(figures, frame), _errors(now, frame), frame.section(said("How this is measured"), *MEASURED))
    sections = tuple(each for each in parts if each)
    return frame.report("service", said("Service level"), _words(figures, frame), figures=figures, sections=sections)


MEASURED = (
    said(
        "Availability: of the questions that reached Dexter, the share that it began to work on within a minute. Hours "
        "in which nobody could reach it are not in the journal, so that they are not in this figure either."
    ),
    said("Errors: of all runs that ended and that nobody stopped, the share that failed or had too few members."),
    said("Overhead: the time from a question to its answer, less the time that members took; 95% took at most this."),
)


def _figures(halves: Sequence[Half], frame: Frame) -> dict[str, Figure]:
    over, waited = ([percentile(getattr(h.delays, name), 0.95) for h in halves] for name in ("overhead", "waited"))
    return {
        "requests": frame.figure(said("questions"), [_begun(h.delays) for h in halves]),
        "availability": frame.figure(said("availability"), map(_available, halves), "rate"),
        "errors": frame.figure(said("error rate"), map(_wrong, halves), "rate"),
        "overhead": frame.figure(said("overhead, p95"), over, "seconds"),
        "overhead_median": frame.figure(
            said("overhead, median"), [percentile(h.delays.overhead, 0.5) for h in halves], "seconds"
        ),
        "waited": frame.figure(said("wait for the beginning, p95"), waited, "seconds"),
        "unfinished": frame.figure(said("not ended within the hour"), [h.delays.unfinished for h in halves]),
    }


def _begun(delays: Delays) -> int:
    return sum(delays.waited.values()) + delays.unbegun + delays.unfinished


def _available(half: Half) -> float | None:
    prompt = sum(count for tenth, count in half.delays.waited.items() if tenth <= PROMPT)
    return ratio(prompt, _begun(half.delays))


def _wrong(half: Half) -> float | None:
    counted = [each for each in half.ended if each.status is not Status.STOPPED]
    failed = sum(each.runs for each in counted if each.status in (Status.FAILED, Status.NO_QUORUM))
    return ratio(failed, sum(each.runs for each in counted))


def _kept(figures: Mapping[str, Figure]) -> Iterable[tuple[Figure, float, bool | None]]:
    """Yield each figure that has a target, the target, and whether it was kept."""
    for name, target, more in (
        ("availability", AVAILABLE, True),
        ("errors", ERRORS, False),
        ("overhead", OVERHEAD, False),
    ):
        figure = figures[name]
        kept = None if figure.value is None else figure.value >= target if more else figure.value < target
        yield figure, target, kept


def _words(figures: Mapping[str, Figure], frame: Frame) -> Iterable[Sentence]:
    if not figures["requests"].value:
        yield said("Nothing was asked in this period, so that there is nothing to measure.")
        return
    for figure, target, kept in _kept(figures):
        values = {
            "what": figure.label,
            "value": shown(figure.value, figure.unit, frame.say),
            "target": shown(target, figure.unit, frame.say),
        }
        if kept is not None:
            yield (
                said("The target for {what} was met: {value} (target: {target}).", **values)
                if kept
                else said("The target for {what} was missed: {value} (target: {target}).", **values)
            )
    if figures["unfinished"].value:
        yield said("Questions that had not ended after an hour: {count:,}.", count=figures["unfinished"].value)


def _targets(figures: Mapping[str, Figure], frame: Frame) -> Section:
    words = {True: said("met"), False: said("missed"), None: said("not measured")}
    rows: list[tuple[Value, ...]] = [
        (
            figure.label,
            shown(target, figure.unit, frame.say),
            shown(figure.value, figure.unit, frame.say),
            shown(figure.before, figure.unit, frame.say),
            frame.say(words[kept]),
        )
        for figure, target, kept in _kept(figures)
    ]
    titles = (said("what"), said("target"), said("value"), said("before"), said("result"))
    return frame.section(said("Targets"), table=frame.table("targets", [(title, "text") for title in titles], rows))


def _errors(half: Half, frame: Frame) -> Section | None:
    counted = [each for each in half.ended if each.status is not Status.STOPPED]
    if not counted:
        return None
    bad = frame.by_bucket((e.day, e.runs) for e in counted if e.status in (Status.FAILED, Status.NO_QUORUM))
    all_ = frame.by_bucket(((e.day, e.runs) for e in counted), empty=None)
    rate = {day: 100 * bad[day] / all_[day] for day in all_}
    title = said("Errors by day") if frame.daily else said("Errors by week")
    mark = Mark(at=100 * ERRORS, label=frame.say(said("target")), upright=False)
    up = Axis(label=frame.say(said("error rate")), unit="%")
    return frame.section(title, chart=frame.line(title, up, {frame.say(said("error rate")): rate}, mark))
