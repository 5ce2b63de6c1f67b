"""What a chart shows, whoever draws it: figures with their units, in the words of one language."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from core.entities import Noun
from core.sentences import Sentence

Kind = Literal["line", "bars", "stacked", "gantt", "heat"]
Look = Literal["met", "failed", "skipped", "running", "waiting", "ahead", "maybe"]
"""How a bar of a Gantt is drawn; each has a pattern of its own beside its colour."""
Say = Callable[[Sentence], str]
"""Says a sentence in the reader's language; `str` says it in English."""


class Axis(Noun):
    """One side of a chart."""

    label: str = ""
    unit: str = ""
    """`$`, `tokens`, `s`, `%`; said beside the label. Of a share of 1, give the figures times 100."""
    scale: Literal["number", "time"] = "number"
    """Of `time`, figures are seconds since 1970 in UTC, as `datetime.timestamp` gives them."""


class Series(Noun):
    """Figures that belong together."""

    label: str
    y: tuple[float, ...] = Field(max_length=200_000)
    """One for each of `x`; what is not finite is a gap."""
    x: tuple[float, ...] = Field(default=(), max_length=200_000)
    """Of a line: where each of `y` stands. Empty: 0, 1, 2, … Bars and heat have the chart's `names` instead."""
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    """Of a line: the band around it, one pair for each of `y`."""


class Span(Noun):
    """A bar of a Gantt."""

    row: int = Field(ge=0)
    """Into the chart's `names`."""
    begin: float
    end: float
    """Seconds since 1970 in UTC."""
    look: Look
    label: str
    """What this look means, in the legend: `met`, `running`, …"""


class Link(Noun):
    """An arrow of a Gantt: one row needs another."""

    before: int
    after: int


class Mark(Noun):
    """A line or a band across the chart that means something: today, a target, the range of a forecast."""

    at: float
    until: float | None = None
    """There where it is a band."""
    label: str
    upright: bool = True
    """It stands at a place of the horizontal axis; if not, it lies at a height."""


class Chart(Noun):
    """One picture. Nothing in it is too long, too odd or too empty to be drawn: what cannot be shown whole is cut."""

    kind: Kind
    title: str
    across: Axis = Axis()
    """The horizontal axis, even where bars are drawn lying because their names are long."""
    up: Axis = Axis()
    """The vertical axis; of `heat`: what the colours mean."""
    names: tuple[str, ...] = Field(default=(), max_length=5_000)
    """Of bars, of a Gantt's rows, of the columns of heat."""
    series: tuple[Series, ...] = Field(default=(), max_length=500)
    """Of `heat`: the rows."""
    spans: tuple[Span, ...] = Field(default=(), max_length=20_000)
    links: tuple[Link, ...] = Field(default=(), max_length=20_000)
    marks: tuple[Mark, ...] = Field(default=(), max_length=50)
    caption: str = ""
    """One line below: what it is from, and what is left out."""
    nothing: str = "No data."
    """What is said where there is nothing to draw, in the language of the rest."""
    language: str = "en"
    """Of numbers and dates on the axes, two letters."""
    zone: str = "UTC"
    """Of times on the axes, a name of the time zone database."""


def seconds(moments: Sequence[datetime]) -> tuple[float, ...]:
    """Return moments as an axis of time has them."""
    return tuple(moment.timestamp() for moment in moments)
