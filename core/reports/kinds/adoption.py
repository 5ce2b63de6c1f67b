"""Whether Dexter is used: active people, skills, campaigns, and the time that it probably saved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.campaigns.campaign import Course
from core.entities import Status
from core.reports.chart import Axis
from core.reports.frame import Frame, compared, ratio
from core.reports.period import Period
from core.reports.report import Figure, Report, Section
from core.reports.store import Courses, Ended, Moves, ReportStore
from core.sentences import Sentence, said

Active = Mapping[date, frozenset[str]]
WEEK = 7


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two periods that are compared."""

    period: Period
    active: Active
    ended: Sequence[Ended]
    moves: Sequence[Moves]
    courses: Courses


async def adoption(store: ReportStore, frame: Frame) -> Report:
    """Read the data, and make the report of it."""
    halves = [
        Half(
            period=period,
            active=await store.active(frame.tenant, period),
            ended=await store.ended(frame.tenant, period),
            moves=await store.moves(frame.tenant, period),
            courses=await store.courses(frame.tenant, period),
        )
        for period in (frame.period, frame.period.before)
    ]
    return adoption_report(halves[0], halves[1], frame)


def adoption_report(now: Half, before: Half, frame: Frame) -> Report:
    """Return the report."""
    figures = _figures((now, before), frame)
    assumed = frame.section(said("How the time saved is estimated"), *_assumption(frame))
    sections = (_people(now, frame), assumed) if now.active else (assumed,)
    return frame.report("adoption", said("Adoption"), _words(figures), figures=figures, sections=sections)


def _figures(halves: Sequence[Half], frame: Frame) -> dict[str, Figure]:
    return {
        "people": frame.figure(said("people"), [len(_everybody(half.active)) for half in halves]),
        "daily": frame.figure(said("people a day, mean"), map(_daily, halves), "per day"),
        "weekly": frame.figure(said("people a week, mean"), map(_weekly, halves), "per week"),
        "runs": frame.figure(said("questions and runs of skills"), map(_runs, halves)),
        "skills": frame.figure(said("versions of skills made"), [sum(m.drafted for m in h.moves) for h in halves]),
        "skills_daily": frame.figure(said("versions of skills made a day"), map(_made, halves), "per day"),
        "campaigns": frame.figure(said("campaigns that ended"), [sum(h.courses.ended.values()) for h in halves]),
        "succeeded": frame.figure(said("campaigns that met their goal"), [_met(half) for half in halves]),
        "saved": frame.figure(said("hours saved, estimated"), [_saved(half, frame) for half in halves], "hours"),
    }


def _everybody(active: Active) -> frozenset[str]:
    return frozenset().union(*active.values())


def _daily(half: Half) -> float:
    return sum(map(len, half.active.values())) / half.period.days


def _weekly(half: Half) -> float | None:
    """Return how many people were active in the mean of all stretches of seven days in the period."""
    starts = [half.period.first + timedelta(days=at) for at in range(half.period.days - WEEK + 1)]
    weeks = [len(_everybody(_between(half.active, start))) for start in starts]
    return ratio(sum(weeks), len(weeks))


def _between(active: Active, start: date) -> Active:
    days = (start + timedelta(days=at) for at in range(WEEK))
    return {day: active[day] for day in days if day in active}


def _runs(half: Half) -> int:
    return sum(each.runs for each in half.ended if not each.step)


def _made(half: Half) -> float:
    return sum(each.drafted for each in half.moves) / half.period.days


def _met(half: Half) -> int:
    return half.courses.ended.get(Course.MET.value, 0)


def _saved(half: Half, frame: Frame) -> float:
    """Return the hours that Dexter probably saved: a fixed time for each answer and each run of a skill that held."""
    answers = sum(e.runs for e in half.ended if not e.task and not e.step and e.status is Status.ANSWERED)
    runs = sum(e.passed for e in half.ended if e.task == "run" and not e.step)
    return (answers * frame.assumed.minutes_answer + runs * frame.assumed.minutes_skill) / 60


def _words(figures: Mapping[str, Figure]) -> Iterable[Sentence]:
    value = {name: figure.value for name, figure in figures.items()}
    if not value["people"]:
        yield said("Nobody asked anything in this period.")
        return
    yield said(
        "People who used Dexter: {people:,}; on a day, on average: {daily:,.1f}.",
        people=value["people"],
        daily=value["daily"],
    )
    yield compared(figures["people"].value, figures["people"].before)
    if value["weekly"] is not None:
        yield said("In any seven days, {weekly:,.1f} people were active on average.", weekly=value["weekly"])
    text = "Versions of skills made: {skills:,}, which is {daily:,.2f} a day."
    yield said(text, skills=value["skills"], daily=value["skills_daily"])
    if value["campaigns"]:
        text = "Campaigns that ended: {campaigns:,}. Those that met their goal: {met:,}."
        yield said(text, campaigns=value["campaigns"], met=value["succeeded"])
    yield said("By a rough estimate that saved {hours:,.1f} hours.", hours=value["saved"])


def _assumption(frame: Frame) -> Iterable[Sentence]:
    text = "Each answered question is taken to save {answer:g} minutes, and each run of a skill {skill:g} minutes."
    yield said(text, answer=frame.assumed.minutes_answer, skill=frame.assumed.minutes_skill)
    yield said("That is an assumption and no measurement; an administrator sets it under [reports] in dexter.toml.")


def _people(half: Half, frame: Frame) -> Section:
    days = {day: float(len(people)) for day, people in half.active.items()}
    shown = {each: days.get(each, 0.0) for each in frame.buckets} if frame.daily else _by_week(half.active, frame)
    title = said("People by day") if frame.daily else said("People by week")
    up = Axis(label=frame.say(said("people")))
    return frame.section(title, chart=frame.line(title, up, {frame.say(said("active")): shown}))


def _by_week(active: Active, frame: Frame) -> Mapping[date, float]:
    weeks: dict[date, set[str]] = {day: set() for day in frame.buckets}
    for day, people in active.items():
        weeks[frame.bucket(day)] |= people
    return {day: float(len(people)) for day, people in weeks.items()}
