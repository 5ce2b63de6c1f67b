"""Gantt charts: rows over time, each bar told by its pattern as well as by its colour."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from core.adapters.charts.frame import legend, marks
from core.adapters.charts.scales import DAY, days, dress
from core.adapters.charts.text import short
from core.adapters.charts.theme import HEIGHT, INK_SIZE, TALLEST, Theme
from core.reports.chart import Chart, Span

_MOST = 24
_NAME = 26
_ROW = 0.3
_LEAST = 0.006
"""The share of the width that a bar has at least, so that it is seen."""
_ARROWS = 14
"""More would hide the bars: then there are none."""
_FAR = 1.5
"""Times the length of all bars."""


def height(chart: Chart) -> float | None:
    """Return inches."""
    return min(max(HEIGHT, 2.1 + _ROW * (min(len(chart.names), _MOST) + _above(chart))), TALLEST)


def empty(chart: Chart) -> bool:
    """Tell whether there is no bar in it."""
    return not _shown(chart)


def room(chart: Chart) -> tuple[int, int]:
    """Return how many rows, or the like, are drawn, and how many there are."""
    return min(len(chart.names), _MOST), len(chart.names)


def draw(chart: Chart, plot: Axes, theme: Theme) -> None:
    """Draw it."""
    rows = min(len(chart.names), _MOST)
    spans = _shown(chart)
    low = min(days(min(span.begin, span.end)) for span in spans)
    high = max(days(max(span.begin, span.end)) for span in spans)
    least = max((high - low) * _LEAST, 60 / DAY)
    for span in spans:
        pen = theme.look(span.look)
        begin, end = sorted((days(span.begin), days(span.end)))
        plot.barh(
            span.row, max(end - begin, least), 0.62, left=begin, color=pen.colour, hatch=pen.hatch,
            edgecolor=theme.ground, linewidth=0.8, alpha=0.65 if span.look in ("ahead", "maybe") else 1, zorder=2,
        )  # fmt: skip
    plot.set_yticks(range(rows), [short(name, _NAME) for name in chart.names[:rows]], parse_math=False)
    plot.set_ylim(rows - 0.4, -0.6 - _above(chart))
    plot.tick_params(axis="y", length=0, labelsize=INK_SIZE - (2 if rows > 12 else 1))
    plot.set_xlim(*_reach(chart, low, high))
    plot.grid(axis="x")
    _legend(chart, plot, theme)
    _arrows(chart, plot, theme)
    marks(chart, plot, theme)
    dress(chart, plot)


def _shown(chart: Chart) -> list[Span]:
    rows = min(len(chart.names), _MOST)
    return [span for span in chart.spans if span.row < rows and np.isfinite((span.begin, span.end)).all()]


def _above(chart: Chart) -> float:
    """Return the rows that are kept free above the first one, for the names of marks."""
    return 1.1 * min(len(chart.marks), 4)


def _reach(chart: Chart, low: float, high: float) -> tuple[float, float]:
    """Return the days that are shown: all bars, and marks unless they are so far off that bars could not be seen."""
    far = _FAR * max(high - low, 1 / 24)
    places = [days(at) for mark in chart.marks for at in (mark.at, mark.until) if at is not None and np.isfinite(at)]
    begin = min([low, *(at for at in places if at >= low - far)])
    end = max([high, *(min(at, high + far) for at in places)])
    edge = 0.03 * max(end - begin, 1 / 24)
    return begin - edge, end + edge


def _legend(chart: Chart, plot: Axes, theme: Theme) -> None:
    looks = {span.look: span.label for span in _shown(chart)}
    pens = [theme.look(look) for look in looks]
    patches = [Patch(facecolor=pen.colour, hatch=pen.hatch, edgecolor=theme.ground) for pen in pens]
    legend(chart, plot, patches, list(looks.values()))


def _arrows(chart: Chart, plot: Axes, theme: Theme) -> None:
    """Draw who needs whom, from the end of one row's bars to the beginning of the other's."""
    begins, ends = dict[int, float](), dict[int, float]()
    for span in _shown(chart):
        low, high = sorted((days(span.begin), days(span.end)))
        begins[span.row] = min(begins.get(span.row, low), low)
        ends[span.row] = max(ends.get(span.row, high), high)
    links = [link for link in chart.links if link.before in ends and link.after in begins]
    for link in links if len(links) <= _ARROWS else ():
        plot.annotate(
            "", (begins[link.after], link.after), (ends[link.before], link.before), zorder=3,
            arrowprops={"arrowstyle": "->", "color": theme.ink, "lw": 1.0, "alpha": 0.7, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
