"""How skills fared: made, passed, used, failing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.reports.chart import Axis
from core.reports.frame import Frame, Heads, ratio
from core.reports.report import Figure, Report, Section, Value
from core.reports.store import Moves, ReportStore, Tried
from core.sentences import Sentence, said

SHOWN = 12
"""Skills in a chart."""
Trials = Mapping[tuple[str, str], Tried]
"""By skill and kind of trial."""


@dataclass(frozen=True, slots=True)
class Data:
    """What the report is made from."""

    tried: Sequence[Tried]
    tried_before: Sequence[Tried]
    moves: Sequence[Moves]
    moves_before: Sequence[Moves]


async def skills(store: ReportStore, frame: Frame) -> Report:
    """Read the data, and make the report of it."""
    here, now, before = frame.tenant, frame.period, frame.period.before
    return skills_report(
        Data(
            tried=await store.tried(here, now),
            tried_before=await store.tried(here, before),
            moves=await store.moves(here, now),
            moves_before=await store.moves(here, before),
        ),
        frame,
    )


def skills_report(data: Data, frame: Frame) -> Report:
    """Return the report."""
    figures = _figures(data, frame)
    sections = tuple(each for each in (_each(data, frame), _failing(data, frame)) if each)
    return frame.report("skills", said("Skills"), _words(figures), figures=figures, sections=sections)


def _figures(data: Data, frame: Frame) -> dict[str, Figure]:
    moves, tried = (data.moves, data.moves_before), (data.tried, data.tried_before)
    tests, uses = ([[t for t in which if t.kind == kind] for which in tried] for kind in ("tests", "use"))
    return {
        "made": frame.figure(said("versions made"), [sum(m.drafted for m in which) for which in moves]),
        "promoted": frame.figure(said("versions promoted"), [sum(m.promoted for m in which) for which in moves]),
        "retired": frame.figure(said("versions retired"), [sum(m.retired for m in which) for which in moves]),
        "tested": frame.figure(said("times tested"), [sum(t.trials for t in which) for which in tests]),
        "passed": frame.figure(said("share of tests that passed"), map(_held, tests), "share"),
        "used": frame.figure(said("times run"), [sum(t.trials for t in which) for which in uses]),
        "succeeded": frame.figure(said("share of runs that succeeded"), map(_held, uses), "share"),
        "failing": frame.figure(
            said("skills whose tests fail now"), [sum(1 for m in moves[0] if m.failing_since), None]
        ),
    }


def _held(tried: Sequence[Tried]) -> float | None:
    return ratio(sum(each.held for each in tried), sum(each.trials for each in tried))


def _words(figures: Mapping[str, Figure]) -> Iterable[Sentence]:
    value = {name: figure.value for name, figure in figures.items()}
    text = "Versions of skills made: {made:,}, promoted: {promoted:,}, retired: {retired:,}."
    yield said(text, made=value["made"], promoted=value["promoted"], retired=value["retired"])
    if value["tested"]:
        text = "Times tested: {tested:,}, of which {passed:.1%} passed."
        yield said(text, tested=value["tested"], passed=value["passed"])
    if value["used"]:
        text = "Runs of skills: {used:,}, of which {succeeded:.1%} succeeded."
        yield said(text, used=value["used"], succeeded=value["succeeded"])
    else:
        yield said("No skill was run.")
    if value["failing"]:
        yield said("Skills in force whose tests fail now: {failing:,}.", failing=value["failing"])


def _each(data: Data, frame: Frame) -> Section | None:
    moves = {each.skill: each for each in data.moves}
    tried: Trials = {(each.skill, each.kind): each for each in data.tried}
    names = sorted({*moves, *(skill for skill, _ in tried)}, key=lambda name: (-_trials(tried, name), name))
    rows = [_row(name, moves.get(name), tried) for name in names]
    columns: Heads = [
        (said("skill"), "text"), (said("in force"), "text"), (said("made"), "count"), (said("promoted"), "count"),
        (said("tested"), "count"), (said("passed"), "share"), (said("run"), "count"), (said("succeeded"), "share"),
    ]  # fmt: skip
    used = [name for name in names if (name, "use") in tried][:SHOWN]
    held = [float(tried[name, "use"].held) for name in used]
    lost = [float(tried[name, "use"].trials - tried[name, "use"].held) for name in used]
    series = {frame.say(said("succeeded")): held, frame.say(said("failed")): lost}
    chart = frame.bars(said("Runs of skills"), Axis(label=frame.say(said("runs"))), used, series) if used else None
    table = frame.table("skills", columns, rows)
    return frame.section(said("Each skill"), table=table, chart=chart) if rows else None


def _trials(tried: Trials, name: str) -> int:
    return sum(each.trials for (skill, _), each in tried.items() if skill == name)


def _row(name: str, moves: Moves | None, tried: Trials) -> tuple[Value, ...]:
    done = (moves.in_force, moves.drafted, moves.promoted) if moves else ("", 0, 0)
    trials = [tried.get((name, kind)) for kind in ("tests", "use")]
    counts = [value for each in trials for value in ((each.trials, _held([each])) if each else (0, None))]
    return (name, *done, *counts)


def _failing(data: Data, frame: Frame) -> Section | None:
    rows: list[tuple[Value, ...]] = [
        (each.skill, each.in_force, f"{each.failing_since}") for each in data.moves if each.failing_since
    ]
    columns: Heads = [(said("skill"), "text"), (said("in force"), "text"), (said("failing since"), "text")]
    table = frame.table("failing", columns, rows)
    return frame.section(said("Skills whose tests fail now"), table=table) if rows else None
