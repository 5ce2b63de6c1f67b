"""What was asked, how far members agreed, and the dissent that is worth reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.entities import Status
from core.reports.chart import Axis
from core.reports.frame import Frame, Heads, compared, percentile, ratio
from core.reports.report import Figure, Report, Section, Value
from core.reports.store import Argued, Delays, Ended, ReportStore, Way
from core.sentences import Sentence, said


@dataclass(frozen=True, slots=True)
class Data:
    """What the report is made from."""

    ended: Sequence[Ended]
    before: Sequence[Ended]
    delays: Delays
    delays_before: Delays
    ways: Sequence[Way]
    argued: Sequence[Argued]
    asked: Sequence[Argued]


async def collaborations(store: ReportStore, frame: Frame) -> Report:
    """Read the data, and make the report of it."""
    here, now, before = frame.tenant, frame.period, frame.period.before
    return collaborations_report(
        Data(
            ended=questions(await store.ended(here, now)),
            before=questions(await store.ended(here, before)),
            delays=await store.delays(here, now),
            delays_before=await store.delays(here, before),
            ways=await store.ways(here, now),
            argued=await store.argued(here, now, reader=frame.reader),
            asked=await store.asked(here, now, reader=frame.reader),
        ),
        frame,
    )


def questions(ended: Iterable[Ended]) -> list[Ended]:
    """Return the runs that were questions of people."""
    return [each for each in ended if not each.task and not each.step]


def collaborations_report(data: Data, frame: Frame) -> Report:
    """Return the report."""
    figures = _figures(data, frame)
    parts = (_daily(data, frame), _ways(data, frame), _dissent(data, frame), _work(data, frame))
    sections = tuple(each for each in parts if each)
    return frame.report("collaborations", said("What was asked"), _words(figures), figures=figures, sections=sections)


def _count(ended: Iterable[Ended], *which: Status) -> int:
    return sum(each.runs for each in ended if not which or each.status in which)


def _agreement(ended: Sequence[Ended]) -> float | None:
    return ratio(sum(each.agreement for each in ended), sum(each.voted for each in ended))


def _figures(data: Data, frame: Frame) -> dict[str, Figure]:
    both = (data.ended, data.before)
    asked = [_count(each) for each in both]
    answered = [_count(each, Status.ANSWERED) for each in both]
    took = [percentile(each.took, 0.5) for each in (data.delays, data.delays_before)]
    shares = [ratio(part, whole) for part, whole in zip(answered, asked, strict=True)]
    failed = [_count(each, Status.FAILED, Status.NO_QUORUM) for each in both]
    return {
        "questions": frame.figure(said("questions"), asked),
        "answered": frame.figure(said("answered"), answered),
        "answered_share": frame.figure(said("share answered"), shares, "share"),
        "disagreed": frame.figure(said("without agreement"), [_count(each, Status.DISAGREED) for each in both]),
        "failed": frame.figure(said("failed"), failed),
        "agreement": frame.figure(said("mean agreement"), map(_agreement, both), "share"),
        "dissents": frame.figure(said("with a dissent"), [sum(each.dissents for each in which) for which in both]),
        "took": frame.figure(said("time to the answer, median"), took, "seconds"),
    }


def _words(figures: dict[str, Figure]) -> Iterable[Sentence]:
    asked, took = figures["questions"], figures["took"].value
    if not asked.value:
        yield said("Nothing was asked in this period.")
        return
    text = "Questions asked: {asked:,}. Answered: {answered:,} ({share:.1%})."
    yield said(text, asked=asked.value, answered=figures["answered"].value, share=figures["answered_share"].value)
    yield compared(asked.value, asked.before)
    if (agreement := figures["agreement"].value) is not None:
        text = "Members agreed to {agreement:.1%} on average. Answers with a dissent: {dissents:,}."
        yield said(text, agreement=agreement, dissents=figures["dissents"].value)
    if took is not None:
        yield said("Half of the answers came within {took:,.1f} s.", took=took)


def _daily(data: Data, frame: Frame) -> Section | None:
    if not data.ended:
        return None
    answered = frame.by_bucket((each.day, float(each.runs)) for each in data.ended if each.status is Status.ANSWERED)
    others = frame.by_bucket((each.day, float(each.runs)) for each in data.ended if each.status is not Status.ANSWERED)
    series = {frame.say(said("answered")): answered, frame.say(said("not answered")): others}
    title = said("Questions by day") if frame.daily else said("Questions by week")
    return frame.section(title, chart=frame.line(title, Axis(label=frame.say(said("questions"))), series))


def _ways(data: Data, frame: Frame) -> Section | None:
    rows: list[tuple[Value, ...]] = [
        (w.committee, w.pattern, w.runs, ratio(w.answered, w.runs), ratio(w.agreement, w.voted), w.dissents)
        for w in data.ways
    ]
    columns: Heads = [
        (said("committee"), "text"), (said("pattern"), "text"), (said("questions"), "count"),
        (said("answered"), "share"), (said("agreement"), "share"), (said("with a dissent"), "count"),
    ]  # fmt: skip
    table = frame.table("patterns", columns, rows)
    return frame.section(said("How they were deliberated"), table=table) if rows else None


def _dissent(data: Data, frame: Frame) -> Section | None:
    rows: list[tuple[Value, ...]] = [
        (each.run, each.question, each.answer, each.dissent, ", ".join(each.members), each.agreement)
        for each in data.argued
    ]
    columns: Heads = [
        (said("id"), "text"), (said("question"), "text"), (said("answer"), "text"), (said("dissent"), "text"),
        (said("held by"), "text"), (said("agreement"), "share"),
    ]  # fmt: skip
    prose = said("The closest votes first. `show <id>` shows all that was said.")
    table = frame.table("dissent", columns, rows)
    return frame.section(said("Dissent worth reading"), prose, table=table, quoted=True) if rows else None


def _work(data: Data, frame: Frame) -> Section | None:
    rows: list[tuple[Value, ...]] = [(each.run, each.question, each.answer, each.calls) for each in data.asked]
    columns: Heads = [
        (said("id"), "text"), (said("question"), "text"), (said("answer"), "text"), (said("calls"), "count"),
    ]  # fmt: skip
    table = frame.table("questions", columns, rows)
    return frame.section(said("What took the most work"), table=table, quoted=True) if rows else None
