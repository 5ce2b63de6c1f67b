"""The two sides of a chart: their words and units, and ticks as the reader's language writes numbers and dates."""

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_skeleton
from babel.numbers import format_compact_decimal, format_decimal
from matplotlib.axes import Axes
from matplotlib.axis import Axis as Side
from matplotlib.dates import AutoDateLocator, num2date
from matplotlib.ticker import FuncFormatter, MaxNLocator

from core.adapters.charts.text import short
from core.reports.chart import Axis, Chart

DAY = 86400.0
_LAST = 32_503_680_000.0
"""Seconds: the year 3000, far enough from where calendars end."""
_LONG = 10_000
"""From here on numbers are written short."""
_ENORMOUS = 1e15
_NAMED_ACROSS, _NAMED_UP = ("bars", "stacked", "heat"), ("gantt", "heat")


def days(seconds: float) -> float:
    """Return a moment as matplotlib has it: days since 1970."""
    return min(max(seconds, -_LAST / 5), _LAST) / DAY


def locale_of(chart: Chart) -> Locale:
    """Return the locale of a chart's language; English where there is none such."""
    try:
        return Locale.parse(chart.language)
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def number(value: float, locale: Locale) -> str:
    """Return a number as a person wants it on a chart: three figures or so."""
    if abs(value) >= _ENORMOUS:
        return f"{value:.1e}"
    if abs(value) >= _LONG:
        compact = str(format_compact_decimal(value, fraction_digits=1, locale=locale))
        if not compact.lstrip("-").isdigit():
            return compact  # some languages write thousands out
    digits = "#,##0" if abs(value) >= 100 or value == int(value) else "#,##0.##" if abs(value) >= 0.1 else "0.####"
    return str(format_decimal(value, digits, locale=locale))


def title(axis: Axis) -> str:
    """Return what stands at an axis: its label with the unit."""
    unit = f" ({axis.unit})" if axis.unit and axis.label else axis.unit
    return short(f"{axis.label}{unit}", 60)


def dress(chart: Chart, plot: Axes, *, lying: bool = False) -> None:
    """Put words, units and ticks to both sides; where bars are `lying`, the sides change places.

    The side at which names stand keeps them.
    """
    first, second = (plot.yaxis, plot.xaxis) if lying else (plot.xaxis, plot.yaxis)
    for side, axis, named in ((first, chart.across, _NAMED_ACROSS), (second, chart.up, _NAMED_UP)):
        side.set_label_text(title(axis))
        if chart.kind in named:
            continue
        if axis.scale == "time":
            _dates(chart, side)
        else:
            _numbers(chart, side)


def _numbers(chart: Chart, side: Side) -> None:
    locale = locale_of(chart)
    side.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    side.set_major_formatter(FuncFormatter(lambda value, _: number(float(value), locale)))


def _dates(chart: Chart, side: Side) -> None:
    zone = zone_of(chart)
    side.set_major_locator(AutoDateLocator(tz=zone, minticks=2, maxticks=4))  # type: ignore[no-untyped-call]
    low, high = side.get_view_interval()
    written = _written(high - low, locale_of(chart))
    side.set_major_formatter(FuncFormatter(lambda value, _: written(num2date(value, tz=zone))))  # type: ignore[no-untyped-call]


def _written(span: float, locale: Locale) -> Callable[[datetime], str]:
    """Return how moments are written on an axis of so many days."""
    if span > 1100:
        return lambda at: str(at.year)
    if span > 80:
        return lambda at: str(format_skeleton("yMMM", at, locale=locale))
    if span > 3:
        return lambda at: str(format_skeleton("MMMd", at, locale=locale))
    return lambda at: f"{format_skeleton('MMMd', at, locale=locale)}\n{format_datetime(at, 'HH:mm', locale=locale)}"


def zone_of(chart: Chart) -> tzinfo:
    """Return the zone of a chart's times; UTC where there is none such."""
    try:
        return ZoneInfo(chart.zone)
    except (OSError, ValueError, KeyError):
        return UTC
