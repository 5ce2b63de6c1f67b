"""What was used and spent, by person, team and channel."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.reports.chart import Axis
from core.reports.frame import Frame, Heads, compared
from core.reports.report import Figure, Report, Section, Value
from core.reports.store import Ended, ReportStore, Spent
from core.sentences import Sentence, said


@dataclass(frozen=True, slots=True)
class Data:
    """What the report is made from."""

    ended: Sequence[Ended]
    before: Sequence[Ended]
    people: Sequence[Spent]
    """All of them, or the one whose use alone may be shown."""
    people_before: Sequence[Spent]
    channels: Sequence[Spent]


async def usage(store: ReportStore, frame: Frame) -> Report:
    """Read the data, and make the report of it."""
    here, now, before = frame.tenant, frame.period, frame.period.before
    return usage_report(
        Data(
            ended=await store.ended(here, now),
            before=await store.ended(here, before),
            people=await store.spending(here, now, "asker", asker=frame.only),
            people_before=await store.spending(here, before, "asker", asker=frame.only),
            channels=await store.spending(here, now, "channel", asker=frame.only),
        ),
        frame,
    )


def usage_report(data: Data, frame: Frame) -> Report:
    """Return the report."""
    figures = _figures(data, frame)
    parts = (
        _daily(data, frame),
        _people(data, frame),
        _teams(data, frame),
        _channels(data, frame),
        _sorts(data, frame),
    )
    sections = tuple(each for each in parts if each)
    return frame.report("usage", said("Use and spending"), _words(figures, frame), figures=figures, sections=sections)


def _figures(data: Data, frame: Frame) -> dict[str, Figure]:
    both = (data.ended, data.before)
    figures = {
        "runs": frame.figure(said("runs"), [sum(each.runs for each in which) for which in both]),
        "calls": frame.figure(said("model calls"), [sum(each.calls for each in which) for which in both]),
        "tokens": frame.figure(said("tokens"), [sum(each.tokens for each in which) for which in both]),
        "cost": frame.figure(said("cost"), [sum(each.cost for each in which) for which in both], "dollars"),
        "unpriced": frame.figure(said("calls of unknown price"), [sum(each.unpriced for each in w) for w in both]),
    }
    people = (data.people, data.people_before)
    if frame.only is None:
        return {**figures, "people": frame.figure(said("people"), [len(which) for which in people])}
    own = [sum(each.cost for each in which) for which in people]
    tokens = [sum(each.tokens for each in which) for which in people]
    mine = frame.figure(said("your cost"), own, "dollars")
    return {**figures, "own_cost": mine, "own_tokens": frame.figure(said("your tokens"), tokens)}


def _words(figures: Mapping[str, Figure], frame: Frame) -> Iterable[Sentence]:
    value = {name: figure.value for name, figure in figures.items()}
    text = "Runs: {runs:,}. Model calls: {calls:,}. Tokens: {tokens:,}. Cost: ${cost:,.2f}."
    yield said(text, runs=value["runs"], calls=value["calls"], tokens=value["tokens"], cost=value["cost"])
    yield compared(figures["cost"].value, figures["cost"].before)
    if value["unpriced"]:
        yield said("Calls that are not in that, as their price is not known: {calls:,}.", calls=value["unpriced"])
    if frame.only is not None:
        text = "Of that, ${cost:,.2f} and {tokens:,} tokens are yours; who may operate Dexter sees everybody's."
        yield said(text, cost=value["own_cost"], tokens=value["own_tokens"])


def _daily(data: Data, frame: Frame) -> Section | None:
    if not data.ended:
        return None
    title = said("Cost by day") if frame.daily else said("Cost by week")
    cost = frame.by_bucket((each.day, each.cost) for each in data.ended)
    chart = frame.line(title, Axis(label=frame.say(said("cost")), unit="$"), {frame.say(said("cost")): cost})
    return frame.section(title, chart=chart)


def _heads(first: Sentence) -> Heads:
    return [
        (first, "text"), (said("runs"), "count"), (said("calls"), "count"), (said("tokens"), "count"),
        (said("cost"), "dollars"), (said("calls of unknown price"), "count"),
    ]  # fmt: skip


def _row(name: str, spent: Spent) -> tuple[Value, ...]:
    return name, spent.runs, spent.calls, spent.tokens, spent.cost, spent.unpriced


def _people(data: Data, frame: Frame) -> Section | None:
    was = {each.key: each.cost for each in data.people_before}
    rows = [(*_row(each.name or each.key, each), was.get(each.key)) for each in data.people]
    columns: Heads = [*_heads(said("person")), (said("cost before"), "dollars")]
    table = frame.table("people", columns, rows)
    return frame.section(said("By person"), table=table) if rows else None


def _teams(data: Data, frame: Frame) -> Section | None:
    if not frame.assumed.teams:
        return None
    sums: dict[str, list[float]] = {}
    for each in data.people:
        team = sums.setdefault(frame.assumed.team(each.key), [0, 0, 0, 0.0, 0])
        for at, more in enumerate((each.runs, each.calls, each.tokens, each.cost, each.unpriced)):
            team[at] += more
    none = frame.say(said("no team"))
    rows: list[tuple[Value, ...]] = [
        (name or none, *values) for name, values in sorted(sums.items(), key=lambda team: -team[1][3])
    ]
    return frame.section(said("By team"), table=frame.table("teams", _heads(said("team")), rows)) if rows else None


def _channels(data: Data, frame: Frame) -> Section | None:
    alone = frame.say(said("between Dexter and one person"))
    rows = [_row(each.key or alone, each) for each in data.channels]
    table = frame.table("channels", _heads(said("channel")), rows)
    return frame.section(said("By channel"), table=table) if rows else None


def _sorts(data: Data, frame: Frame) -> Section | None:
    """Tell what people asked from what campaigns did, and from work on skills."""
    sums: dict[str, list[float]] = {}
    for each in data.ended:
        name = frame.say(_sort(each))
        sort = sums.setdefault(name, [0, 0, 0, 0.0, 0])
        for at, more in enumerate((each.runs, each.calls, each.tokens, each.cost, each.unpriced)):
            sort[at] += more
    rows: list[tuple[Value, ...]] = [
        (name, *values) for name, values in sorted(sums.items(), key=lambda sort: -sort[1][3])
    ]
    return (
        frame.section(said("By what it was for"), table=frame.table("sorts", _heads(said("for")), rows))
        if rows
        else None
    )


def _sort(ended: Ended) -> Sentence:
    if ended.step:
        return said("steps of campaigns")
    if not ended.task:
        return said("questions")
    return said("reports") if ended.task == "report" else said("work on skills")
