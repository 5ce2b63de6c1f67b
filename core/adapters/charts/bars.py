"""Bars, side by side or one on the other; lying where their names are long."""

import math

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from core.adapters.charts.frame import finite, legend, marks
from core.adapters.charts.scales import dress, locale_of, number
from core.adapters.charts.text import short, width
from core.adapters.charts.theme import HEIGHT, INK_SIZE, TALLEST, Theme
from core.reports.chart import Chart

_MOST_SERIES = 7
_MOST_LYING, _MOST_STANDING = 20, 31
_NAME = 22
"""Signs of a name beside a lying bar."""
_ROW = 0.33
"""Inches that a lying bar needs."""


def height(chart: Chart) -> float | None:
    """Return inches; `None`: as all others."""
    if not _lying(chart):
        return None
    per = 1 if chart.kind == "stacked" else max(min(len(chart.series), _MOST_SERIES), 1)
    return min(max(HEIGHT, 1.9 + _ROW * min(len(chart.names), _MOST_LYING) * (0.5 + 0.5 * per)), TALLEST)


def empty(chart: Chart) -> bool:
    """Tell whether there is no figure in it."""
    return not chart.names or not any(np.isfinite(each.y).any() for each in chart.series if each.y)


def room(chart: Chart) -> tuple[int, int]:
    """Return how many rows, or the like, are drawn, and how many there are."""
    if len(chart.series) > _MOST_SERIES:
        return _MOST_SERIES, len(chart.series)
    return len(_names(chart, _lying(chart))), len(chart.names)


def draw(chart: Chart, plot: Axes, theme: Theme) -> None:
    """Draw it."""
    lying = _lying(chart)
    names = _names(chart, lying)
    figures = [finite(each.y, len(chart.names))[: len(names)] for each in chart.series[:_MOST_SERIES]]
    stacked = chart.kind == "stacked"
    tops = _stack(plot, figures, theme, lying) if stacked else _rows(plot, figures, theme, lying)
    _places(plot, names, lying)
    if len(figures) > 1:
        legend(chart, plot, [bars[0] for bars in plot.containers], [each.label for each in chart.series[:_MOST_SERIES]])
    plot.margins(x=0.14 if lying else 0.02, y=0.02 if lying else 0.14)
    plot.grid(axis="x" if lying else "y")
    _say(chart, plot, tops, lying)
    marks(chart, plot, theme)
    dress(chart, plot, lying=lying)


def _lying(chart: Chart) -> bool:
    longest = max(map(len, chart.names), default=0)
    return longest * len(chart.names) > 42 and not (longest <= 6 and len(chart.names) <= _MOST_STANDING)


def _names(chart: Chart, lying: bool) -> list[str]:
    """Return the names of the bars that there is room for."""
    most = _MOST_LYING if lying else _MOST_STANDING
    return [short(name, _NAME if lying else 12) for name in chart.names[:most]]


def _rows(
    plot: Axes, figures: list[NDArray[np.float64]], theme: Theme, lying: bool
) -> list[tuple[float, float, float]]:
    """Draw bars side by side; return where each ends: place, height, figure."""
    thick = 0.8 / len(figures)
    ends = []
    for at, (row, pen) in enumerate(zip(figures, theme.pens, strict=False)):
        places = np.arange(len(row)) + (at - (len(figures) - 1) / 2) * thick
        _bars(
            plot,
            places.astype(float),
            np.nan_to_num(row),
            0.0,
            (thick * 0.92, pen.colour, pen.hatch, theme.ground),
            lying,
        )
        ends += [(float(p), float(y), float(y)) for p, y in zip(places, row, strict=True) if np.isfinite(y)]
    return ends


def _stack(
    plot: Axes, figures: list[NDArray[np.float64]], theme: Theme, lying: bool
) -> list[tuple[float, float, float]]:
    """Draw bars on one another; return where each pile ends."""
    above, below = np.zeros(len(figures[0])), np.zeros(len(figures[0]))
    places = np.arange(len(above), dtype=float)
    for row, pen in zip(figures, theme.pens, strict=False):
        known = np.nan_to_num(row)
        bottom = np.where(known >= 0, above, below)
        _bars(plot, places, known, bottom, (0.74, pen.colour, pen.hatch, theme.ground), lying)
        above, below = above + np.maximum(known, 0), below + np.minimum(known, 0)
    return [(float(p), float(a), float(a + b)) for p, a, b in zip(places, above, below, strict=True)]


def _bars(
    plot: Axes,
    places: NDArray[np.float64],
    lengths: NDArray[np.float64],
    begin: NDArray[np.float64] | float,
    style: tuple[float, str, str, str],
    lying: bool,
) -> None:
    thick, colour, hatch, ground = style
    look = {"color": colour, "hatch": hatch, "edgecolor": ground, "linewidth": 0.8, "zorder": 2}
    if lying:
        plot.barh(places, lengths, thick, left=begin, **look)  # type: ignore[arg-type]
    else:
        plot.bar(places, lengths, thick, bottom=begin, **look)  # type: ignore[arg-type]


def _places(plot: Axes, names: list[str], lying: bool) -> None:
    at = range(len(names))
    if lying:
        plot.set_yticks(at, names, parse_math=False)
        plot.invert_yaxis()
        plot.tick_params(axis="y", length=0)
        return
    every = max(1, math.ceil(sum(width(name) + 2 for name in names) / 44))
    plot.set_xticks(list(at)[::every], names[::every], parse_math=False)
    plot.tick_params(axis="x", length=0)


def _say(chart: Chart, plot: Axes, tops: list[tuple[float, float, float]], lying: bool) -> None:
    """Write figures to the ends of bars, where there is room for them."""
    room = 40 if lying else 44 // max((len(number(top[2], locale_of(chart))) + 1 for top in tops), default=1)
    if len(tops) > room:
        return
    for place, end, figure in tops:
        text = number(figure, locale_of(chart))
        where = (end, place) if lying else (place, end)
        down = figure < 0
        moved = (-5 if down else 5, 0) if lying else (0, -4 if down else 4)
        plot.annotate(
            text, where, moved, textcoords="offset points", size=INK_SIZE - 2, zorder=5,
            ha=("right" if down else "left") if lying else "center",
            va="center" if lying else ("top" if down else "bottom"),
        )  # fmt: skip
