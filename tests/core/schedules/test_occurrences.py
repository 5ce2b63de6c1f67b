"""Two years of occurrences against every minute of them, as `zoneinfo` shows each on the wall."""

from bisect import bisect_right
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.schedules.occurrences import HORIZON, first, next_few, occurrences
from core.schedules.rule import LAST, WORKDAYS, Rule

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WALLS = ("00:00", "00:30", "01:30", "01:45", "02:00", "02:10", "02:30", "02:59", "03:00", "09:00", "23:59")


def nobody(place: str, year: int) -> tuple[date, ...]:
    return ()


def minute(wall: str) -> int:
    return int(wall[:2]) * 60 + int(wall[3:])


@lru_cache
def shown(zone: str) -> dict[date, list[tuple[datetime, int]]]:
    """Return, for each day on the wall, each minute of the world in order with what the clock shows then."""
    found: dict[date, list[tuple[datetime, int]]] = defaultdict(list)
    there, moment = ZoneInfo(zone), BEGIN
    while moment < END:
        wall = moment.astimezone(there)
        found[wall.date()].append((moment, wall.hour * 60 + wall.minute))
        moment += MINUTE
    whole = sorted(found)[1:-1]  # the first and the last day are not seen from their beginning to their end
    return {day: found[day] for day in whole}


def truth(zone: str, minutes: tuple[int, ...]) -> list[datetime]:
    """Return when a clock first shows each time of each day; where it never does, when it first shows a later one."""
    found = set()
    for day in shown(zone).values():
        for wanted in minutes:
            at = [moment for moment, there in day if there == wanted] or [m for m, there in day if there > wanted]
            found.add(at[0])
    return sorted(found)


def between(rule: Rule, zone: str) -> list[datetime]:
    days = shown(zone)
    begin, end = days[min(days)][0][0], days[max(days)][-1][0]
    return list(takewhile(lambda moment: moment <= end, occurrences(rule, begin - MINUTE, nobody)))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("wall", WALLS)
def test_two_years_of_a_daily_time_are_what_the_clock_on_the_wall_shows(zone: str, wall: str) -> None:
    assert between(Rule(zone=zone, minutes=(minute(wall),)), zone) == truth(zone, (minute(wall),))


@pytest.mark.parametrize("zone", ZONES)
def test_two_years_of_several_times_a_day_never_come_twice_at_one_moment(zone: str) -> None:
    minutes = tuple(sorted(map(minute, WALLS)))
    assert between(Rule(zone=zone, minutes=minutes), zone) == truth(zone, minutes)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("step", [1, 15, 60, 7])
def test_two_years_of_what_goes_on_like_a_clock_come_in_both_passes_and_never_in_a_gap(zone: str, step: int) -> None:
    rule = Rule(zone=zone, minutes=tuple(range(0, 24 * 60, step)), steady=True)
    days = shown(zone)
    changed = [day for day, there in days.items() if len(there) != 24 * 60]
    near = {day + timedelta(days=n) for day in changed for n in (-1, 0, 1)} | {date(2026, 7, 1)}
    for day in sorted(near & days.keys()):
        expected = [moment for moment, there in days[day] if there % step == 0]
        got = takewhile(lambda m, d=days[day]: m <= d[-1][0], occurrences(rule, days[day][0][0] - MINUTE, nobody))
        assert list(got) == expected
    assert len(changed) == (0 if zone == "Asia/Kathmandu" else 4)


def test_half_past_two_fires_once_in_october_and_at_three_in_march() -> None:
    rule = Rule(zone="Europe/Berlin", minutes=(150,))
    october = next_few(rule, datetime(2026, 10, 24, 12, tzinfo=UTC), nobody, 2)
    assert [f"{at:%d. %H:%M %Z}" for at in october] == ["25. 02:30 CEST", "26. 02:30 CET"]
    march = next_few(rule, datetime(2026, 3, 28, 12, tzinfo=UTC), nobody, 2)
    assert [f"{at:%d. %H:%M %Z}" for at in march] == ["29. 03:00 CEST", "30. 02:30 CEST"]
    lord_howe = first(Rule(zone="Australia/Lord_Howe", minutes=(135,)), datetime(2026, 10, 3, 12, tzinfo=UTC), nobody)
    assert lord_howe == datetime(2026, 10, 3, 15, 30, tzinfo=UTC)


RULES = st.builds(
    Rule,
    zone=st.sampled_from([*ZONES, "America/Havana", "Africa/Cairo", "Pacific/Apia", "UTC"]),
    minutes=st.sets(st.integers(0, 1439), min_size=1, max_size=4).map(lambda found: tuple(sorted(found))),
    steady=st.booleans(),
    weekdays=st.sets(st.integers(0, 6), max_size=3).map(lambda found: tuple(sorted(found))),
    monthdays=st.sets(st.sampled_from([1, 15, 28, 31, LAST]), max_size=2).map(lambda found: tuple(sorted(found))),
    either=st.booleans(),
)
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(RULES, MOMENTS)
def test_occurrences_ascend_lie_after_the_moment_and_do_not_depend_on_where_one_begins(
    rule: Rule, after: datetime
) -> None:
    found = list(islice(occurrences(rule, after, nobody), 6))
    assert found == sorted(set(found))
    assert all(moment > after for moment in found)
    for before, moment in zip([after, *found], found, strict=False):
        assert first(rule, before, nobody) == moment
        assert first(rule, moment - timedelta(seconds=1), nobody) == moment


@given(RULES, MOMENTS)
def test_an_occurrence_is_at_its_time_on_the_wall_or_right_after_a_gap(rule: Rule, after: datetime) -> None:
    zone = ZoneInfo(rule.zone)
    for moment in islice(occurrences(rule, after, nobody), 6):
        wall = moment.astimezone(zone)
        before = (moment - MINUTE).astimezone(zone)
        after_gap = wall.utcoffset() != before.utcoffset() and wall.replace(tzinfo=None) > before.replace(tzinfo=None)
        assert wall.hour * 60 + wall.minute in rule.minutes or (after_gap and not rule.steady)


def test_the_days_of_a_month_are_counted_among_those_that_fit() -> None:
    def days(**rule: object) -> list[str]:
        made = Rule(zone="UTC", **rule)  # type: ignore[arg-type]
        return [f"{at:%m-%d}" for at in next_few(made, datetime(2026, 1, 1, tzinfo=UTC), xmas, 3)]

    def xmas(place: str, year: int) -> tuple[date, ...]:
        return (date(year, 1, 30), date(year, 2, 27)) if place == "XX" else ()

    assert days(weekdays=(0,), nth=(1,)) == ["01-05", "02-02", "03-02"]
    assert days(weekdays=(0,), nth=(5,)) == ["03-30", "06-29", "08-31"]
    assert days(weekdays=(0, 4), nth=(LAST,)) == ["01-30", "02-27", "03-30"]
    assert days(business=True, nth=(LAST,)) == ["01-30", "02-27", "03-31"]
    assert days(business=True, place="XX", nth=(LAST,)) == ["01-29", "02-26", "03-31"]
    assert days(weekdays=WORKDAYS, no_holidays=True, place="XX", nth=(LAST,)) == ["03-31", "04-30", "05-29"]
    assert days(monthdays=(LAST,)) == ["01-31", "02-28", "03-31"]
    assert days(monthdays=(31,)) == ["01-31", "03-31", "05-31"]
    assert days(monthdays=(13,), weekdays=(4,), either=True) == ["01-02", "01-09", "01-13"]
    assert days(monthdays=(13,), weekdays=(4,)) == ["02-13", "03-13", "11-13"]


def test_turns_are_counted_from_their_anchor_over_the_end_of_a_year() -> None:
    weeks = Rule(zone="UTC", weekdays=(1, 3), every=2, unit="week", anchor=date(2026, 12, 17))
    found = next_few(weeks, datetime(2026, 12, 14, tzinfo=UTC), nobody, 4)
    assert [f"{at:%a %d.%m.}" for at in found] == ["Tue 15.12.", "Thu 17.12.", "Tue 29.12.", "Thu 31.12."]
    months = Rule(zone="UTC", monthdays=(1,), every=3, unit="month", anchor=date(2026, 12, 1))
    assert [at.month for at in next_few(months, datetime(2026, 11, 2, tzinfo=UTC), nobody)] == [12, 3, 6]
    days = Rule(zone="UTC", every=3, anchor=date(2026, 12, 30))
    assert [at.day for at in next_few(days, datetime(2026, 12, 30, 12, tzinfo=UTC), nobody)] == [2, 5, 8]


def test_what_never_comes_ends_and_what_comes_seldom_is_found() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert first(Rule(zone="UTC", monthdays=(31,), months=(2,)), now, nobody) is None
    leap = first(Rule(zone="UTC", monthdays=(29,), months=(2,), weekdays=(0,)), now, nobody)
    assert leap is not None
    assert leap.date() == date(2044, 2, 29)
    assert first(Rule(zone="UTC", ends=date(2025, 1, 1)), now, nobody) is None
    assert first(Rule(zone="UTC", begins=date(2027, 5, 1), ends=date(2027, 5, 1)), now, nobody) == datetime(
        2027, 5, 1, 9, tzinfo=UTC
    )
    assert first(Rule(zone="UTC", once=now), now, nobody) is None
    assert first(Rule(zone="UTC", once=now + MINUTE), now, nobody) == now + MINUTE
    far = first(Rule(zone="UTC", dates=(date(2026 + HORIZON.days // 366 - 1, 1, 1),)), now, nobody)
    assert far is not None


def test_truth_looks_at_each_minute_once() -> None:
    """The test's own eyes: a changed day of Berlin has 23 or 25 hours, of Lord Howe half an hour less or more."""
    berlin = shown("Europe/Berlin")
    assert len(berlin[date(2026, 3, 29)]) == 23 * 60
    assert len(berlin[date(2026, 10, 25)]) == 25 * 60
    assert len(shown("Australia/Lord_Howe")[date(2026, 4, 5)]) == 24 * 60 + 30
    moments = [moment for moment, _ in berlin[date(2026, 10, 25)]]
    assert bisect_right(moments, moments[-1]) == len(moments)
