"""Pictures of charts: of the right size, with all their words inside, whatever the words and the figures are."""

import math
import struct
import threading
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib import rc_context
from matplotlib.text import Text

from core.adapters.charts.figure import drawn, png
from core.adapters.charts.frame import thinned
from core.adapters.charts.scales import locale_of, number
from core.adapters.charts.text import clean, paragraph, short, width, wrapped
from core.adapters.charts.theme import DARK, LIGHT
from core.reports.chart import Axis, Chart, Link, Mark, Series, Span

BEGUN = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
DAY = 86400.0
TIME = Axis(label="day", scale="time")
DAYS = tuple(BEGUN + at * DAY for at in range(30))
LINES = tuple(Series(label=name, x=DAYS, y=tuple(at * k + 3.0 for at in range(30))) for k, name in enumerate("abc"))
ROW = Series(label="a", y=(1.0, 2.0))
HOSTILE = (
    "$\\frac{1}{0}$", "_hidden", "a\nb\x00\x1b[31mc", "evil\u202egnp", "שלום עולם", "مرحبا بالعالم", "日本語", "😀🏳️‍🌈",
    "W" * 10_000, "Z\u0351\u036b\u0353\u036a\u0302A\u0334", "", " ", "\ud800",
)  # fmt: skip
FIGURES = (1.0, -2.0, math.nan, math.inf, -math.inf, 1e300, 1e-300, 0.0, 5.0, 6.0, 7.0, 8.0, 9.0)

CHARTS = {
    "line": Chart(kind="line", title="Lines", across=TIME, up=Axis(label="answers", unit="a day"), series=LINES,
                  marks=(Mark(at=60, label="target", upright=False), Mark(at=DAYS[3], until=DAYS[9], label="week")),
                  caption="From 3,120 questions; 12 are left out."),
    "bars": Chart(kind="bars", title="Bars", up=Axis(label="spent", unit="$"), names=("a", "b"),
                  series=(Series(label="now", y=(1, 2.5)), Series(label="before", y=(3, math.nan)))),
    "lying": Chart(kind="bars", title="Lying", up=Axis(label="spent", unit="$"),
                   series=(Series(label="now", y=FIGURES),),
                   names=tuple(f"anthropic/claude-sonnet-{at}" for at in range(13))),
    "stacked": Chart(kind="stacked", title="Piles", up=Axis(label="tokens"), names=("44", "45", "46"), language="de",
                     series=(Series(label="ops", y=(120_000, 4e6, 1)), Series(label="sales", y=(1e5, -5e5, 7)))),
    "gantt": Chart(kind="gantt", title="Gantt", across=TIME, names=("1 Look", "2 Ask", "3 Write a long runbook"),
                   spans=(Span(row=0, begin=BEGUN, end=BEGUN + DAY, look="met", label="met"),
                          Span(row=1, begin=BEGUN + DAY, end=BEGUN + 3 * DAY, look="waiting", label="waiting"),
                          Span(row=2, begin=BEGUN + 3 * DAY, end=BEGUN + 4 * DAY, look="ahead", label="expected")),
                   links=(Link(before=0, after=1), Link(before=1, after=2)),
                   marks=(Mark(at=BEGUN + 2 * DAY, label="now"), Mark(at=BEGUN + 90 * DAY, label="deadline"))),
    "heat": Chart(kind="heat", title="Heat", up=Axis(label="questions"), across=Axis(label="hour"),
                  names=tuple(map(str, range(24))),
                  series=tuple(Series(label=f"day {at}", y=tuple(map(float, range(24)))) for at in range(7))),
    "few cells": Chart(kind="heat", title="Wins", up=Axis(label="won", unit="%"), names=("a", "b"),
                       series=(Series(label="a", y=(math.nan, 60)), Series(label="b", y=(40, math.nan)))),
    "one point": Chart(kind="line", title="One", across=TIME, series=(Series(label="a", x=(BEGUN,), y=(5.0,)),)),
    "empty": Chart(kind="line", title="Nothing", nothing="Keine Daten."),
    "gaps": Chart(kind="line", title="Gaps", series=(Series(label="a", y=(math.nan, math.inf)),)),
    "hostile": Chart(kind="bars", title="".join(HOSTILE), names=HOSTILE, across=Axis(label="$\\a{"), caption="$" * 600,
                     up=Axis(label="_", unit="$\\"), language="xx$", zone="No/Where", nothing=HOSTILE[0],
                     series=tuple(Series(label=label, y=FIGURES) for label in HOSTILE),
                     marks=tuple(Mark(at=1, label=label, upright=False) for label in HOSTILE)),
    "hostile line": Chart(kind="line", title="$", across=TIME, zone="../../etc",
                          series=tuple(Series(label=label, x=FIGURES, y=FIGURES) for label in HOSTILE),
                          marks=tuple(Mark(at=at, label="$x") for at in (math.nan, 1e300, -1e300, 0.0))),
    "hostile gantt": Chart(kind="gantt", title="$", across=TIME, names=HOSTILE,
                           spans=(Span(row=0, begin=1e300, end=-1e300, look="failed", label="$x$"),
                                  Span(row=99, begin=0, end=1, look="met", label="out"),
                                  Span(row=1, begin=math.nan, end=1, look="met", label="nan"))),
    "hostile heat": Chart(kind="heat", title="$", names=HOSTILE,
                          series=tuple(Series(label=label, y=FIGURES) for label in HOSTILE)),
}  # fmt: skip


def outside(figure):
    """Return the texts that are not wholly inside the picture."""
    figure.draw_without_rendering()
    renderer, whole = figure.canvas.get_renderer(), figure.bbox
    gone = hidden(figure)
    texts = [each for each in figure.findobj(Text) if each.get_text().strip() and each not in gone]
    boxes = [(each.get_text(), each.get_window_extent(renderer)) for each in texts]
    assert boxes
    return [
        text
        for text, box in boxes
        if box.x0 < whole.x0 - 1 or box.x1 > whole.x1 + 1 or box.y0 < whole.y0 - 1 or box.y1 > whole.y1 + 1
    ]


def hidden(figure):
    """Return the ticks' texts that are not drawn: of sides that are off, or beyond the ends of one."""
    gone = set()
    for axes in figure.axes:
        for side, place in ((axes.xaxis, 0), (axes.yaxis, 1)):
            low, high = sorted(side.get_view_interval())
            labels = side.get_ticklabels()
            gone |= {each for each in labels if not axes.axison or not low <= each.get_position()[place] <= high}
    return gone


@pytest.mark.parametrize("name", CHARTS)
def test_every_word_is_inside_the_picture(name):
    with rc_context(LIGHT.rc()):
        assert outside(drawn(CHARTS[name], LIGHT)) == []


@pytest.mark.parametrize("name", CHARTS)
def test_a_picture_is_1080_pixels_across_and_fits_a_phone(name):
    picture = png(CHARTS[name])
    across, down = struct.unpack(">II", picture[16:24])
    assert picture.startswith(b"\x89PNG")
    assert (across, 720 <= down <= 1440) == (1080, True)
    assert len(picture) < 400_000


def test_texts_are_large_enough_where_the_picture_is_360_pixels_across():
    with rc_context(LIGHT.rc()):
        for chart in CHARTS.values():
            figure = drawn(chart, LIGHT)
            sizes = [each.get_size() * figure.dpi / 72 / 3 for each in figure.findobj(Text) if each.get_text().strip()]
            assert min(sizes) >= 7.5


def test_series_are_told_apart_without_colour():
    for theme in (LIGHT, DARK):
        assert len({pen.marker for pen in theme.pens}) == len({str(pen.dash) for pen in theme.pens}) == len(theme.pens)
        assert len({pen.hatch for pen in theme.pens}) == len({pen.colour for pen in theme.pens}) == len(theme.pens)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_what_is_drawn_stands_out_from_its_ground(theme):
    """Contrast by WCAG 2.2: 3 to 1 for what is drawn, 4.5 to 1 for words."""

    def light(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one, other):
        high, low = sorted((light(one), light(other)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    assert contrast(theme.ink, theme.ground) > 7
    assert all(contrast(pen.colour, theme.ground) > 3 for pen in theme.pens)
    named = theme.pens[:4]
    assert all(contrast(pen.colour, theme.ground) > 4.5 for pen in named), "lines are named in their colour"


def test_nothing_is_read_as_mathematics():
    with rc_context(LIGHT.rc()):
        figure = drawn(CHARTS["hostile"], LIGHT)
    texts = [each for each in figure.findobj(Text) if each.get_text().strip()]
    assert any("$" in each.get_text() for each in texts)
    assert not any(each.get_parse_math() for each in texts)


def test_units_stand_at_the_axes_and_numbers_in_the_readers_way():
    with rc_context(LIGHT.rc()):
        figure = drawn(CHARTS["stacked"], LIGHT)
        figure.draw_without_rendering()
        bars = drawn(CHARTS["bars"], LIGHT)
    texts = {each.get_text() for each in figure.findobj(Text)}
    assert "tokens" in texts
    assert any("Mio" in text for text in texts)
    assert "220.000" in texts
    assert "spent ($)" in {each.get_text() for each in bars.findobj(Text)}


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (Chart(kind="bars", title="t", names=[f"a long name {at}" for at in range(45)], series=[ROW]), "… 20 / 45"),
        (Chart(kind="line", title="t", series=[ROW.but(label=str(at)) for at in range(9)]), "… 7 / 9"),
        (Chart(kind="heat", title="t", names=["a"], series=[ROW] * 60), "… 24 / 60"),
        (Chart(kind="heat", title="t", names=["a"], series=[ROW] * 2), ""),
    ],
)
def test_what_there_is_no_room_for_is_counted(chart, said):
    with rc_context(LIGHT.rc()):
        texts = [each.get_text() for each in drawn(chart.but(caption="From it."), LIGHT).findobj(Text)]
    assert f"From it. {said}".strip() in texts


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [(0, "en", "0"), (1234, "en", "1,234"), (1234, "de", "1.234"), (0.5, "de", "0,5"), (12_345, "en", "12.3K"),
     (2_500_000, "de", "2,5 Mio."), (-0.031, "en", "-0.031"), (1e30, "en", "1.0e+30"), (99.5, "fr", "99,5")],
)  # fmt: skip
def test_numbers_are_written_short(value, language, text):
    written = number(value, locale_of(Chart(kind="line", title="", language=language)))
    assert written.replace("\N{NO-BREAK SPACE}", " ") == text


def test_ten_thousand_points_are_thinned_and_no_peak_is_lost():
    x, y = np.arange(10_000.0), np.sin(np.arange(10_000) / 500)
    y[7_777], y[3_333] = 40.0, np.nan
    thin_x, thin_y = thinned(x, y)
    assert len(thin_x) < 700
    assert list(thin_x) == sorted(thin_x)
    assert thin_y[thin_x == 7_777] == 40.0


def test_many_threads_draw_at_once_and_each_gets_its_own():
    alone = {name: png(chart) for name, chart in (("line", CHARTS["line"]), ("bars", CHARTS["bars"]))}
    with rc_context(LIGHT.rc()):
        got = {}
        threads = [
            threading.Thread(target=lambda name=name: got.update({name: drawn(CHARTS[name], LIGHT)})) for name in alone
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {name: figure.get_size_inches()[0] for name, figure in got.items()} == dict.fromkeys(alone, 7.2)


words = st.text(max_size=60)
numbers = st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["line", "bars", "stacked", "heat"]), words, st.lists(words, max_size=6),
    st.lists(st.tuples(words, st.lists(numbers, max_size=6)), max_size=4), st.booleans(),
)  # fmt: skip
def test_no_words_and_no_figures_are_too_odd_to_be_drawn(kind, title, names, rows, dark):
    chart = Chart(
        kind=kind, title=title, names=names, caption=title, up=Axis(label=title, unit=title),
        series=[Series(label=label, y=y) for label, y in rows],
    )  # fmt: skip
    assert png(chart, dark=dark).startswith(b"\x89PNG")


@given(st.text())
def test_what_is_drawn_is_one_line_without_control_and_not_too_long(text):
    line = short(text, 20)
    assert "\n" not in line
    assert line.isprintable()
    assert width(line) <= 20.01 or len(line) <= 2
    assert all(width(each) <= 20.01 or len(each) <= 2 for each in wrapped(text, 20, 3).split("\n"))
    assert wrapped(text, 20, 3).count("\n") <= 2


def test_signs_without_a_glyph_become_one_box_and_marks_do_not_pile_up():
    assert clean("日本語 and 中文") == "□ and □"
    assert clean("a\u202eb\x07c") == "a b c"
    assert len(clean("Z" + "\u0351" * 50)) <= 4
    assert paragraph("a\nb  c\x00d") == "a\nb c d"


def test_long_words_are_broken_and_the_last_line_says_that_there_is_more():
    assert wrapped("one two three four", 9, 2).split("\n")[0] == "one two"
    assert wrapped("x" * 100, 10, 2).endswith("…")
