"""What several kinds of charts share: the legend, marks across the plot, and figures thinned to what can be seen."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from core.adapters.charts.scales import days
from core.adapters.charts.text import short, width, wrapped
from core.adapters.charts.theme import INK_SIZE, Theme
from core.reports.chart import Chart

_SEEN = 300
"""Places across a plot at which two figures can still be told apart; each keeps its least and its greatest."""
_SIGN = 0.02
"""The share of a plot that one sign of a mark's name takes, at most."""
_LETTERS = 46
"""Signs of all labels that fit one line of a legend."""


def legend(chart: Chart, plot: Axes, handles: Sequence[Artist], labels: Sequence[str]) -> None:
    """Put the title and a legend above the plot, in as many columns as there is room for."""
    shown = [_shown(label) for label in labels]
    columns = max(1, min(len(shown), int(_LETTERS / (max(map(width, shown), default=1) + 5))))
    figure = plot.get_figure()
    if figure is not None and shown:
        figure.legend(
            list(handles), shown, loc="outside upper left", ncols=columns, fontsize=INK_SIZE - 1.5, alignment="left",
            title=heading(chart), title_fontproperties={"weight": "bold", "size": INK_SIZE + 1},
            handlelength=2.2, columnspacing=1.2, borderpad=0.2, borderaxespad=0.3,
        )  # fmt: skip


def heading(chart: Chart) -> str:
    """Return the title, in two lines at most."""
    return wrapped(chart.title, 48, 2)


def _shown(label: str) -> str:
    """Return a label as a legend takes it: one that begins with a low line would be left out."""
    text = short(label, 34) or " "
    return f"\u2009{text}" if text.startswith("_") else text


def marks(chart: Chart, plot: Axes, theme: Theme) -> None:
    """Draw what means something across the plot, each with its label beside it."""
    for number, mark in enumerate(chart.marks):
        along = chart.across if mark.upright else chart.up
        place = days if along.scale == "time" else float
        at = place(mark.at)
        if not np.isfinite(at):
            continue
        low, high = plot.get_xlim() if mark.upright else (-np.inf, np.inf)
        if at > high or (at < low and (mark.until is None or place(mark.until) < low)):
            _name(plot, f"{mark.label} →" if at > high else f"← {mark.label}", at, mark.upright, number, theme)
            continue
        line, band = (plot.axvline, plot.axvspan) if mark.upright else (plot.axhline, plot.axhspan)
        if mark.until is None:
            line(at, color=theme.ink, linewidth=1.4, linestyle=(0, (4, 2)), zorder=3)
        else:
            band(max(at, low), min(place(mark.until), high), color=theme.ink, alpha=0.13, zorder=0, linewidth=0)
        _name(plot, mark.label, at, mark.upright, number, theme)


def _name(plot: Axes, label: str, at: float, upright: bool, number: int, theme: Theme) -> None:
    """Write a mark's label inside the plot, on the side where there is room."""
    low, high = plot.get_xlim() if upright else plot.get_ylim()
    share = (at - low) / ((high - low) or 1)
    text = short(label, 26)
    box = {"facecolor": theme.ground, "edgecolor": "none", "alpha": 0.85, "pad": 1.5}
    size = INK_SIZE - 2
    if upright:
        fits = share + width(text) * _SIGN < 1
        side, moved = ("left", 5) if fits else ("right", -5)
        plot.annotate(
            text, (min(max(share, 0), 1), 1), (moved, -4 - number % 4 * 23), xycoords="axes fraction",
            textcoords="offset points", ha=side, va="top", size=size, bbox=box, zorder=6,
        )  # fmt: skip
    else:
        plot.annotate(
            text, (0, min(max(share, 0), 1)), (6, 3), xycoords="axes fraction", textcoords="offset points", ha="left",
            va="bottom", size=size, bbox=box, zorder=6,
        )  # fmt: skip


def thinned(*rows: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return columns (x first, then y, …) in which least and greatest y of every visible place are kept, in order."""
    x, y = rows[0], rows[1]
    if len(x) <= 2 * _SEEN:
        return list(rows)
    kept = {0, len(x) - 1}
    for part in np.array_split(np.arange(len(x)), _SEEN):
        held = part[np.isfinite(y[part])]
        kept |= {int(held[np.argmin(y[held])]), int(held[np.argmax(y[held])])} if len(held) else {int(part[0])}
    order = np.array(sorted(kept))
    return [row[order] for row in rows]


def finite(figures: Sequence[float], length: int) -> NDArray[np.float64]:
    """Return so many figures as an array; what is missing or not finite is a gap."""
    array = np.full(length, np.nan)
    array[: len(figures)] = figures[:length]
    array[~np.isfinite(array)] = np.nan
    held: NDArray[np.float64] = np.clip(array, -1e30, 1e30)
    return held
