from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.entities import Channel
from core.errors import BadRequest
from core.quiet import quiet_for, quiet_now, read_quiet

NIGHT = Channel(tenant="slack:T1", address="slack:T1:C1", quiet="22:00-07:00 Europe/Berlin")


@pytest.mark.parametrize(
    ("utc", "quiet"),
    [
        ("2026-01-15T20:59", False),  # 21:59 in Berlin
        ("2026-01-15T21:00", True),  # 22:00
        ("2026-01-16T00:00", True),
        ("2026-01-16T05:59", True),  # 06:59
        ("2026-01-16T06:00", False),  # 07:00
        ("2026-07-15T20:00", True),  # 22:00 in summer
        ("2026-07-16T05:00", False),  # 07:00 in summer
    ],
)
def test_quiet_hours_go_by_the_clock_on_the_wall_over_midnight(utc, quiet):
    assert quiet_now(NIGHT, datetime.fromisoformat(utc).replace(tzinfo=UTC)) is quiet


def test_the_night_in_which_summer_time_ends_is_an_hour_longer_and_the_other_an_hour_shorter():
    def hours(evening: datetime) -> float:
        minutes = [evening + timedelta(minutes=at) for at in range(24 * 60)]
        return sum(quiet_now(NIGHT, minute) for minute in minutes) / 60

    assert hours(datetime(2026, 1, 15, 12, tzinfo=UTC)) == 9
    assert hours(datetime(2026, 10, 24, 12, tzinfo=UTC)) == 10
    assert hours(datetime(2026, 3, 28, 12, tzinfo=UTC)) == 8


def test_an_hour_that_comes_twice_is_quiet_twice_and_one_that_never_comes_never():
    twice = NIGHT.but(quiet="02:00-03:00 Europe/Berlin")
    assert quiet_now(twice, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert quiet_now(twice, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    minutes = [datetime(2026, 3, 29, tzinfo=UTC) + timedelta(minutes=at) for at in range(300)]
    assert not any(quiet_now(twice, minute) for minute in minutes)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("22:00-07:00 Europe/Berlin", "22:00-07:00 Europe/Berlin"),
        ("22-7 Europe/Berlin", "22:00-07:00 Europe/Berlin"),
        ("  9.30 – 17.00  UTC ", "09:30-17:00 UTC"),
        ("22:00 to 24:00 America/New_York", "22:00-00:00 America/New_York"),
        ("22:00 bis 6:00 Europe/Berlin", "22:00-06:00 Europe/Berlin"),
    ],
)
def test_what_people_type_is_kept_in_one_form(typed, kept):
    assert str(read_quiet(typed)) == kept
    assert str(read_quiet(kept)) == kept


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("at night", "no quiet hours that I can read"),
        ("25:00-07:00 Europe/Berlin", "There is no 25:00 on a clock"),
        ("22:70-07:00 Europe/Berlin", "There is no 22:70 on a clock"),
        ("22:00-22:00 Europe/Berlin", "not their beginning"),
        ("22:00-07:00", "in which time zone"),
        ("22:00-07:00 Europe/Berln", r"Did you mean Europe/Berlin"),
        ("22:00-07:00 berlin", r"Did you mean .*Europe/Berlin"),
        ("22:00-07:00 Xyzzy", "called after a city"),
        ("22:00-07:00 Europe", "I know no time zone"),
        ("22:00-07:00 ../../etc/passwd", "I know no time zone"),
        ("22:00-07:00 " + "x" * 5000, "I know no time zone"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_a_sentence(typed, says):
    with pytest.raises(BadRequest, match=says) as refused:
        read_quiet(typed)
    assert len(str(refused.value)) < 200


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_or_the_looking(typed):
    quiet_now(NIGHT.but(quiet=typed), datetime(2026, 1, 1, tzinfo=UTC))


def test_a_channel_without_quiet_hours_is_never_quiet():
    assert not quiet_now(NIGHT.but(quiet=""), datetime(2026, 1, 1, 23, tzinfo=UTC))


def test_quiet_hours_say_how_long_they_still_last():
    here = NIGHT
    assert quiet_for(here, datetime(2026, 11, 22, 12, 0, tzinfo=UTC)) == 0
    assert quiet_for(here, datetime(2026, 11, 22, 22, 0, tzinfo=UTC)) == 8 * 3600
    assert quiet_for(here, datetime(2026, 11, 23, 5, 59, 59, tzinfo=UTC)) == 1
    assert quiet_for(here, datetime(2026, 10, 24, 21, 0, tzinfo=UTC)) == 9 * 3600, "the clocks go back in that night"
    assert quiet_for(here.but(quiet=""), datetime(2026, 11, 22, 22, 0, tzinfo=UTC)) == 0
