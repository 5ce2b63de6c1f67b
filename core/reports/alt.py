"""A chart in words, with its figures: for screen readers, and wherever a picture cannot be shown."""

from collections.abc import Iterator
from datetime import UTC, datetime
from math import isfinite
from zoneinfo import ZoneInfo

from core.reports.chart import Axis, Chart, Say, Series
from core.sentences import Sentence, said

_EACH = 12
"""Up to so many figures of a row are all said."""
_ROWS = 12
_ENORMOUS = 1e15
MOST = 1000
"""Characters; Discord takes 1,024 of a picture, Slack 2,000."""


def alt(chart: Chart, say: Say = str, most: int = MOST) -> str:
    """Return a chart's title, figures and marks in the language of `say`, cut to `most` characters."""
    lines = [f"{chart.title.strip().rstrip('.')}.", *(say(sentence) for sentence in _sentences(chart))]
    if len(lines) == 1:
        lines.append(chart.nothing)
    text = " ".join(" ".join(line.split()) for line in (*lines, chart.caption) if line.strip())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _sentences(chart: Chart) -> Iterator[Sentence]:
    if chart.kind == "gantt":
        yield from _marks(chart)
        yield from _rows(chart)
        return
    for series in chart.series[:_ROWS]:
        pairs = _pairs(chart, series)
        if pairs:
            yield _all(series.label, pairs, chart.up.unit) if len(pairs) <= _EACH else _sum(series.label, pairs, chart)
    if len(chart.series) > _ROWS:
        yield said("And {count:,} more rows.", count=len(chart.series) - _ROWS)
    yield from _marks(chart)


def _marks(chart: Chart) -> Iterator[Sentence]:
    for mark in chart.marks:
        axis = chart.across if mark.upright else chart.up
        until = "" if mark.until is None else f" – {_place(chart, axis, mark.until)}"
        yield said("{label}: {at}.", label=mark.label, at=f"{_place(chart, axis, mark.at)}{until}")


def _pairs(chart: Chart, series: Series) -> list[tuple[str, float]]:
    """Return places and figures, without gaps."""
    places = series.x or range(len(series.y))
    named = chart.kind != "line"
    return [
        (chart.names[at] if named and at < len(chart.names) else _place(chart, chart.across, float(x)), y)
        for at, (x, y) in enumerate(zip(places, series.y, strict=False))
        if isfinite(y)
    ]


def _all(label: str, pairs: list[tuple[str, float]], unit: str) -> Sentence:
    each = {f"p{at}": said("{place} {figure:,}", place=place, figure=_figure(y)) for at, (place, y) in enumerate(pairs)}
    row = Sentence(template=", ".join(f"{{{name}}}" for name in each), values={**each})
    return said("{label}: {row}.", label=_with(label, unit), row=row)


def _sum(label: str, pairs: list[tuple[str, float]], chart: Chart) -> Sentence:
    least, greatest = min(pairs, key=lambda pair: pair[1]), max(pairs, key=lambda pair: pair[1])
    return said(
        "{label}: {count:,} figures, first {first:,} ({begin}), last {last:,} ({end}), least {least:,} ({low}), "
        "greatest {greatest:,} ({high}).",
        label=_with(label, chart.up.unit), count=len(pairs), first=_figure(pairs[0][1]), begin=pairs[0][0],
        last=_figure(pairs[-1][1]), end=pairs[-1][0], least=_figure(least[1]), low=least[0],
        greatest=_figure(greatest[1]), high=greatest[0],
    )  # fmt: skip


def _with(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label


def _rows(chart: Chart) -> Iterator[Sentence]:
    for span in [span for span in chart.spans if span.row < len(chart.names)][: 2 * _ROWS]:
        yield said(
            "{name}: {state}, {begin} – {end}.",
            name=chart.names[span.row],
            state=span.label,
            begin=_place(chart, chart.across, span.begin),
            end=_place(chart, chart.across, span.end),
        )


def _place(chart: Chart, axis: Axis, value: float) -> str:
    if axis.scale == "number":
        return f"{_figure(value)}{f' {axis.unit}' if axis.unit else ''}"
    try:
        at = datetime.fromtimestamp(value, UTC).astimezone(ZoneInfo(chart.zone))
    except (OSError, ValueError, KeyError, OverflowError):
        return "?"
    return f"{at:%Y-%m-%d}" if (at.hour, at.minute) == (0, 0) else f"{at:%Y-%m-%d %H:%M}"


def _figure(value: float) -> int | float:
    """Return a figure as exact as a person wants it said."""
    if not abs(value) < _ENORMOUS:
        return float(f"{min(max(value, -1e300), 1e300):.3g}")
    if abs(value) >= 100 or value == int(value):
        return round(value)
    return round(value, 2) if abs(value) >= 0.1 else float(f"{value:.2g}")
