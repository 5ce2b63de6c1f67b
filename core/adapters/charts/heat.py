"""Heat: a table of figures as colours, with the figures in it where there is room."""

import math

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from core.adapters.charts.frame import finite
from core.adapters.charts.scales import dress, locale_of, number, title
from core.adapters.charts.text import short, width
from core.adapters.charts.theme import HEIGHT, INK_SIZE, TALLEST, Theme
from core.reports.chart import Chart

_MOST_ROWS, _MOST_COLUMNS = 24, 31
_NAME = 20
_WRITTEN = 10
"""Columns up to which the figures stand in their cells."""


def height(chart: Chart) -> float | None:
    """Return inches."""
    return min(max(HEIGHT, 2.2 + 0.34 * min(len(chart.series), _MOST_ROWS)), TALLEST)


def empty(chart: Chart) -> bool:
    """Tell whether there is no figure in it."""
    return not chart.names or not any(np.isfinite(each.y).any() for each in chart.series if each.y)


def room(chart: Chart) -> tuple[int, int]:
    """Return how many rows, or the like, are drawn, and how many there are."""
    if len(chart.names) > _MOST_COLUMNS:
        return _MOST_COLUMNS, len(chart.names)
    return min(len(chart.series), _MOST_ROWS), len(chart.series)


def draw(chart: Chart, plot: Axes, theme: Theme) -> None:
    """Draw it."""
    names, rows = chart.names[:_MOST_COLUMNS], chart.series[:_MOST_ROWS]
    cells = np.array([finite(each.y, len(chart.names))[: len(names)] for each in rows])
    image = plot.imshow(np.ma.masked_invalid(cells), cmap=theme.heat, aspect="auto", interpolation="nearest")
    every = max(1, math.ceil(sum(width(short(name, 8)) + 2 for name in names) / 40))
    at = list(range(len(names)))
    plot.set_xticks(at[::every], [short(name, 8) for name in names][::every], parse_math=False)
    plot.set_yticks(range(len(rows)), [short(each.label, _NAME) for each in rows], parse_math=False)
    plot.tick_params(length=0)
    plot.spines[:].set_visible(False)
    dress(chart.but(up=chart.up.but(label="", unit="")), plot)
    if len(names) <= _WRITTEN:
        _write(chart, plot, cells, np.asarray(image.norm(cells)))
    figure = plot.get_figure()
    if figure is not None:
        locale = locale_of(chart)
        bar = figure.colorbar(image, ax=plot, shrink=0.9, format=lambda value, _: number(float(value), locale))
        bar.set_label(title(chart.up), parse_math=False)


def _write(chart: Chart, plot: Axes, cells: NDArray[np.float64], shares: NDArray[np.float64]) -> None:
    locale = locale_of(chart)
    for (row, column), figure in np.ndenumerate(cells):
        if np.isfinite(figure):
            ink = "#ffffff" if shares[row, column] < 0.55 else "#000000"
            plot.text(
                column, row, number(float(figure), locale), ha="center", va="center", color=ink, size=INK_SIZE - 3
            )
