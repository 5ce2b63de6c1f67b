"""A chart as a picture: its frame (title, legend, caption) around what each kind draws itself. No global state."""

from io import BytesIO
from typing import Any, cast

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from core.adapters.charts import bars, gantt, heat, lines
from core.adapters.charts.frame import heading
from core.adapters.charts.text import short, wrapped
from core.adapters.charts.theme import DARK, DOTS, HEIGHT, INK_SIZE, LIGHT, WIDTH, Theme
from core.reports.chart import Chart

_KINDS = {"line": lines, "bars": bars, "stacked": bars, "gantt": gantt, "heat": heat}


def png(chart: Chart, *, dark: bool = False) -> bytes:
    """Return a chart as a PNG of 1080 pixels across."""
    theme = DARK if dark else LIGHT
    with rc_context(cast(Any, theme.rc())):
        figure = drawn(chart, theme)
        out = BytesIO()
        figure.savefig(out, format="png", dpi=DOTS, metadata={"Title": short(chart.title, 200), "Software": None})
    return out.getvalue()


def drawn(chart: Chart, theme: Theme) -> Figure:
    """Return a chart drawn; `theme.rc()` must be in force, and stay so until it is saved."""
    kind = _KINDS[chart.kind]
    figure = Figure(
        figsize=(WIDTH, kind.height(chart) or HEIGHT), dpi=DOTS, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.1)
    )
    FigureCanvasAgg(figure)
    shown, all_ = kind.room(chart)
    caption = f"{short(chart.caption, 170)} … {shown} / {all_}" if shown < all_ else chart.caption
    if caption.strip():
        figure.supxlabel(wrapped(caption, 64, 3), x=0.02, ha="left", size=INK_SIZE - 2.5)
    plot = figure.add_subplot()
    if kind.empty(chart):
        _say_nothing(chart, plot)
    else:
        kind.draw(chart, plot, theme)
    if not figure.legends and chart.title.strip():
        figure.suptitle(heading(chart), x=0.02, ha="left", weight="bold", size=INK_SIZE + 1)
    return figure


def _say_nothing(chart: Chart, plot: Axes) -> None:
    plot.set_axis_off()
    plot.text(0.5, 0.5, wrapped(chart.nothing, 40, 3), ha="center", va="center", transform=plot.transAxes)
