"""Lines: what goes up and down, named where they end."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from core.adapters.charts.frame import finite, legend, marks, thinned
from core.adapters.charts.scales import days, dress
from core.adapters.charts.text import short, width
from core.adapters.charts.theme import INK_SIZE, Pen, Theme
from core.reports.chart import Chart, Series

_MOST = 7
"""Lines that can be told apart."""
_NAMED = 4
"""Up to so many are named at their end; more have a legend."""
_ENDING = 14
_MARKERS = 24


def height(chart: Chart) -> float | None:
    """Return inches; `None`: as all others."""
    _ = chart
    return None


def empty(chart: Chart) -> bool:
    """Tell whether there is no figure in it."""
    return not any(np.isfinite(each.y).any() for each in chart.series if each.y)


def room(chart: Chart) -> tuple[int, int]:
    """Return how many rows, or the like, are drawn, and how many there are."""
    filled = sum(bool(np.isfinite(each.y).any()) for each in chart.series)
    return min(filled, _MOST), filled


def draw(chart: Chart, plot: Axes, theme: Theme) -> None:
    """Draw it."""
    shown = _shown(chart)
    ends: list[tuple[float, float, str, str]] = []
    for series, pen in zip(shown, theme.pens, strict=False):
        x, y = _line(chart, series, plot, pen)
        last = np.flatnonzero(np.isfinite(y))[-1]
        ends.append((float(x[last]), float(y[last]), series.label, pen.colour))
    left = len([each for each in chart.series if each.y]) - len(shown)
    named = 1 < len(ends) <= _NAMED and max(width(end[2]) for end in ends) <= _ENDING
    if (len(ends) > 1 and not named) or left:
        legend(chart, plot, plot.get_lines(), [end[2] for end in ends])
    plot.margins(x=0.03, y=0.12)
    plot.grid(axis="y")
    _round(chart, plot)
    if named and not left:
        _name_ends(plot, ends)
    marks(chart, plot, theme)
    dress(chart, plot)


def _shown(chart: Chart) -> list[Series]:
    """Return the series with anything in them; of too many those that reach highest."""
    filled = [each for each in chart.series if np.isfinite(each.y).any()]
    if len(filled) <= _MOST:
        return filled
    tallest = sorted(filled, key=lambda each: -float(np.nanmax(finite(each.y, len(each.y)))))[:_MOST]
    return [each for each in filled if each in tallest]


def _line(chart: Chart, series: Series, plot: Axes, pen: Pen) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    count = len(series.y)
    x = finite(series.x, count) if series.x else np.arange(count, dtype=float)
    if chart.across.scale == "time":
        x = np.array([days(each) for each in x])
    rows = [x, finite(series.y, count)]
    if series.low and series.high:
        rows += [finite(series.low, count), finite(series.high, count)]
    x, y, *band = thinned(*rows)
    every = max(1, len(x) // _MARKERS)
    plot.plot(
        x, y, color=pen.colour, linestyle=pen.dash, marker=pen.marker, markersize=7, linewidth=2.4,
        markevery=every if len(x) > 1 else None, zorder=4,
    )  # fmt: skip
    if band:
        plot.fill_between(x, band[0], band[1], color=pen.colour, alpha=0.18, linewidth=0, zorder=2)
    return x, y


def _round(chart: Chart, plot: Axes) -> None:
    """Begin at 0 where nothing is below it, so that heights can be compared; of one place make room about it."""
    _low, high = plot.get_ylim()
    least = min((float(np.nanmin(finite(each.y, len(each.y)))) for each in _shown(chart)), default=0.0)
    if least >= 0:
        plot.set_ylim(0, high if high > 0 else 1)
    places = np.concatenate([line.get_xdata() for line in plot.get_lines()])
    if np.nanmax(places) - np.nanmin(places) < 1e-9:
        plot.set_xlim(float(np.nanmin(places)) - 0.5, float(np.nanmax(places)) + 0.5)


def _name_ends(plot: Axes, ends: list[tuple[float, float, str, str]]) -> None:
    """Write each line's name to the right of the plot, by its end, and none over another."""
    low, high = plot.get_ylim()
    apart = (high - low) * 0.085
    heights: list[float] = []
    for _, y, label, colour in sorted(ends, key=lambda end: end[1]):
        at = max(y, heights[-1] + apart) if heights else y
        heights.append(at)
        place = (1.02, (at - low) / ((high - low) or 1))
        plot.annotate(
            short(label, _ENDING), place, xycoords="axes fraction", color=colour, va="center", ha="left",
            weight="bold", size=INK_SIZE - 1, annotation_clip=False,
        )  # fmt: skip
