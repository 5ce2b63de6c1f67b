"""What every kind of report is made in: a period, a language, a reader, and what is assumed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from core.reports.chart import Axis, Chart, Mark, Say, Series
from core.reports.period import Period
from core.reports.report import Figure, Kind, Report, Section, Table, Unit, Value, table
from core.sentences import Sentence, said

BY_DAY = 62
"""A longer period is shown by week."""


Heads = Sequence[tuple[Sentence, Unit]]
"""The columns of a table: their titles and units."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """What figures rest on that no journal holds; an administrator sets it, and reports state it."""

    minutes_answer: float = 15.0
    """That an answered question saves a person."""
    minutes_skill: float = 10.0
    """That a run of a skill saves a person."""
    teams: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Team to its people, each by `Principal.id`."""

    def team(self, person: str) -> str:
        """Return the first team that a person is in, or nothing."""
        return next((team for team, people in self.teams.items() if person in people), "")


@dataclass(frozen=True, slots=True)
class Frame:
    """One report in the making."""

    tenant: str
    period: Period
    at: datetime
    say: Say
    language: str = "en"
    reader: str = ""
    """Whose private questions it may show; empty: nobody's, as others will read it."""
    only: str | None = None
    """Whose use alone it may show; `None`: everybody's."""
    assumed: Assumed = Assumed()

    def report(self, kind: Kind, title: Sentence, words: Iterable[Sentence], **more: object) -> Report:
        """Return a report with its title and its own words."""
        named = self.say(said("{title}, {period}", title=title, period=self.period.name))
        own = tuple(self.say(each) for each in words)
        values = {"kind": kind, "title": named, "period": self.period, "made_at": self.at, "language": self.language}
        return Report.model_validate({**values, "words": own, **more})

    def figure(self, label: Sentence, both: Iterable[float | None], unit: Unit = "count") -> Figure:
        """Return a named number: what it is, and what it was in the period before."""
        value, before = both
        return Figure(label=self.say(label), value=value, before=before, unit=unit)

    def table(self, name: str, columns: Heads, rows: list[tuple[Value, ...]]) -> Table:
        """Return a table."""
        return table(name, [(self.say(title), unit) for title, unit in columns], rows)

    def section(self, heading: Sentence, *prose: Sentence, **more: object) -> Section:
        """Return a part of the report."""
        values = {"heading": self.say(heading), "prose": tuple(self.say(each) for each in prose)}
        return Section.model_validate({**values, **more})

    def line(self, title: Sentence, up: Axis, series: Mapping[str, Mapping[date, float]], *marks: Mark) -> Chart:
        """Return a chart over the days of the period, or its weeks where there are many days.

        `series` are labels with what was on each day; a day without has nothing.
        """
        days = self.buckets
        drawn = tuple(
            Series(
                label=label,
                x=tuple(datetime.combine(day, time(), UTC).timestamp() for day in days),
                y=tuple(values.get(day, float("nan")) for day in days),
            )
            for label, values in series.items()
        )
        across = Axis(scale="time", label=self.say(said("day") if self.daily else said("week")))
        return self.chart(Chart(kind="line", title=self.say(title), across=across, up=up, series=drawn, marks=marks))

    def bars(self, title: Sentence, up: Axis, names: Sequence[str], series: Mapping[str, Sequence[float]]) -> Chart:
        """Return a bar chart."""
        drawn = tuple(Series(label=label, y=tuple(values)) for label, values in series.items())
        return self.chart(Chart(kind="bars", title=self.say(title), up=up, names=tuple(names), series=drawn))

    def chart(self, chart: Chart) -> Chart:
        """Return a chart in the report's language."""
        return chart.but(language=self.language, nothing=self.say(said("No data.")))

    @property
    def daily(self) -> bool:
        """Tell whether charts show days."""
        return self.period.days <= BY_DAY

    @property
    def buckets(self) -> tuple[date, ...]:
        """Return the days that charts show, or the first days of the weeks."""
        days = [self.period.first + timedelta(days=at) for at in range(self.period.days)]
        return tuple(dict.fromkeys(self.bucket(day) for day in days))

    def bucket(self, day: date) -> date:
        """Return what a day is shown as: itself, or its week's Monday."""
        return day if self.daily else day - timedelta(days=day.weekday())

    def by_bucket(self, values: Iterable[tuple[date, float]], *, empty: float | None = 0.0) -> dict[date, float]:
        """Add values up by what charts show; where there is none there is `empty`, or a gap."""
        found: dict[date, float] = {} if empty is None else dict.fromkeys(self.buckets, empty)
        for day, value in values:
            found[self.bucket(day)] = found.get(self.bucket(day), 0.0) + value
        return found


def ratio(part: float, whole: float) -> float | None:
    """Return a share; nothing where there is nothing to have a share of."""
    return part / whole if whole else None


def percentile(tenths: Mapping[int, int], share: float) -> float | None:
    """Return in seconds what a share of all stays within (nearest rank), to a tenth of a second."""
    wanted, seen = share * sum(tenths.values()), 0
    for tenth, count in sorted(tenths.items()):
        seen += count
        if seen >= wanted:
            return tenth / 10
    return None


def compared(now: float | None, before: float | None) -> Sentence:
    """Say how a number has changed."""
    if now is None or before is None:
        return said("There is nothing to compare it with in the period before.")
    if not before:
        return said("In the period before there was none.")
    if now == before:
        return said("That is as much as in the period before.")
    change = abs((now - before) / before)
    if now > before:
        return said("That is {change:.1%} more than in the period before.", change=change)
    return said("That is {change:.1%} less than in the period before.", change=change)
