"""A chart in words holds its figures, in the reader's language, and is never too long for the chats."""

import math
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.words import words_for
from core.reports.alt import MOST, alt
from core.reports.chart import Axis, Chart, Mark, Series, Span

DE = words_for("de").say
BEGUN = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
DAY = 86400.0


def test_bars_are_said_one_by_one_with_their_unit():
    rows = (Series(label="now", y=(1234.5, math.nan)), Series(label="before", y=(0.031, 8)))
    chart = Chart(kind="bars", title="Spent", names=("ops", "sales"), series=rows, up=Axis(unit="$"))
    assert alt(chart) == "Spent. now ($): ops 1,234. before ($): ops 0.031, sales 8."
    assert alt(chart, DE) == "Spent. now ($): ops 1.234. before ($): ops 0,031, sales 8."


def test_a_long_line_is_summed_up_by_its_ends_and_extremes():
    y = tuple(float(at * 10) for at in range(30))
    series = Series(label="Slack", x=tuple(BEGUN + at * DAY for at in range(30)), y=y)
    chart = Chart(kind="line", title="Questions", across=Axis(scale="time"), up=Axis(unit="a day"), series=(series,))
    assert alt(chart) == (
        "Questions. Slack (a day): 30 figures, first 0 (2026-11-01), last 290 (2026-11-30), least 0 (2026-11-01), "
        "greatest 290 (2026-11-30)."
    )
    assert alt(chart, DE).startswith("Questions. Slack (a day): 30 Werte")


def test_a_gantt_says_marks_first_and_then_its_rows_in_their_zone():
    span = Span(row=0, begin=BEGUN, end=BEGUN + DAY / 2, look="met", label="met")
    chart = Chart(
        kind="gantt", title="Plan", across=Axis(scale="time"), names=("1 Look",), spans=(span,), zone="Asia/Kathmandu",
        marks=(Mark(at=BEGUN, until=BEGUN + DAY, label="end"),),
    )  # fmt: skip
    assert alt(chart) == (
        "Plan. end: 2026-11-01 05:45 – 2026-11-02 05:45. 1 Look: met, 2026-11-01 05:45 – 2026-11-01 17:45."
    )


def test_marks_and_the_caption_are_said():
    chart = Chart(
        kind="line", title="Lines.", series=(Series(label="a", y=(1, 2.25)),), up=Axis(unit="ms"), caption="From 2.",
        marks=(Mark(at=2, label="target", upright=False),),
    )  # fmt: skip
    assert alt(chart) == "Lines. a (ms): 0 1, 1 2.25. target: 2 ms. From 2."


def test_nothing_is_said_in_the_charts_own_words():
    assert alt(Chart(kind="line", title="Empty", nothing="Keine Daten.")) == "Empty. Keine Daten."


def test_many_rows_are_counted():
    rows = tuple(Series(label=str(at), y=(1,)) for at in range(1500 // 100))
    assert "And 3 more rows." in alt(Chart(kind="heat", title="Heat", names=("a",), series=rows))


@pytest.mark.parametrize("most", [50, MOST])
def test_it_is_cut_to_what_a_chat_takes(most):
    rows = tuple(Series(label="x" * 5_000, y=(1,)) for _ in range(9))
    text = alt(Chart(kind="bars", title="t", names=("a",), series=rows), most=most)
    assert len(text) <= most
    assert text.endswith("…")


numbers = st.floats()


@given(
    st.text(), st.lists(st.text()), st.lists(st.lists(numbers)), st.lists(numbers), st.sampled_from(["time", "number"])
)
def test_no_chart_is_too_odd_to_be_said(title, names, rows, places, scale):
    chart = Chart(
        kind="line", title=title, names=names, across=Axis(scale=scale), zone=title,
        series=[Series(label=title, y=y, x=places) for y in rows],
        marks=[Mark(at=at, label=title) for at in places[:9]],
    )  # fmt: skip
    for kind in ("line", "bars", "gantt", "heat"):
        text = alt(chart.but(kind=kind))
        assert len(text) <= MOST
        assert not re.search(r"[\n\r]", text)
