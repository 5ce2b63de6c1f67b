"""The Gantt of a campaign: what was, what is, what is expected, and by when all of it ends."""

from datetime import UTC, datetime, timedelta

from bot.words import words_for
from core.campaigns.campaign import Campaign, Course, Objective, Stage
from core.campaigns.forecast import forecast
from core.campaigns.gantt import gantt
from core.campaigns.pace import Pace
from core.reports.alt import alt

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def part(id, *needs, **more):
    return Objective(id=id, title=f"Part {id}", done_when="it is there", needs=needs, **more)


def campaign(*objectives, **more):
    return Campaign(
        id="k3f9", tenant="local", owner="o", owner_name="Ada", address="a", title="Move", goal="g",
        objectives=objectives, **{"course": Course.RUNNING, "created_at": AT} | more,
    )  # fmt: skip


def drawn(one, at=AT, **more):
    return gantt(one, at, forecast(one, at, Pace()), **more)


PLAN = (
    part("1", stage=Stage.MET, started_at=AT - 3 * HOUR, ended_at=AT - 2 * HOUR),
    part("2", "1", stage=Stage.RUNNING, started_at=AT - HOUR),
    part("3", "2"),
)


def test_bars_show_what_was_what_goes_on_and_what_is_expected():
    chart = drawn(campaign(*PLAN))
    assert [(span.row, span.look) for span in chart.spans] == [(0, "met"), (1, "running"), (1, "ahead"), (2, "ahead")]
    assert chart.names == ("1 Part 1", "2 Part 2", "3 Part 3")
    assert [(link.before, link.after) for link in chart.links] == [(0, 1), (1, 2)]
    met, running, left, last = chart.spans
    assert met.end - met.begin == 3600
    assert running.end == left.begin == AT.timestamp()
    assert last.begin >= left.end - 1


def test_now_the_range_of_the_end_and_the_deadline_are_marked():
    deadline = AT + 5 * HOUR
    one = campaign(*PLAN, deadline=deadline)
    said = forecast(one, AT, Pace())
    marks = {mark.label: mark for mark in gantt(one, AT, said).marks}
    assert marks["deadline"].at == deadline.timestamp()
    assert marks["now"].at == AT.timestamp()
    band = marks["end, with 80 % probability"]
    assert (band.at, band.until) == (said.earliest.timestamp(), said.latest.timestamp())


def test_of_a_campaign_that_is_over_nothing_is_expected():
    ended = AT - 2 * HOUR
    chart = drawn(campaign(PLAN[0], course=Course.MET, ended_at=ended))
    assert chart.marks == ()
    assert [span.look for span in chart.spans] == ["met"]
    assert chart.caption == ""


def test_500_objectives_share_rows():
    chart = drawn(campaign(*(part(str(at)) for at in range(1, 501))))
    assert len(chart.names) <= 24
    assert chart.names[0] == "1–21: 0 of 21 done"
    assert {span.row for span in chart.spans} == set(range(len(chart.names)))
    assert len(chart.spans) == 500
    assert chart.links == ()


def test_it_is_said_in_the_readers_language_and_zone():
    chart = drawn(campaign(*PLAN, language="de"), say=words_for("de").say, zone="Europe/Berlin")
    assert {span.label for span in chart.spans} == {"erreicht", "in Arbeit", "erwartet"}
    assert "jetzt" in {mark.label for mark in chart.marks}
    assert (chart.zone, chart.language) == ("Europe/Berlin", "de")
    assert "2026-11-02 07:00" in alt(chart)


def test_a_clock_that_went_back_draws_no_bar_backwards():
    chart = drawn(campaign(*PLAN), AT - 10 * HOUR)
    assert all(span.begin <= span.end for span in chart.spans)


def test_without_a_plan_it_says_so():
    chart = drawn(campaign(course=Course.PLANNING))
    assert (chart.spans, chart.nothing) == ((), "There is no plan yet.")
