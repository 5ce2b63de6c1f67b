"""Periods are read as people say them, and compared with the one before of equal length."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadRequest
from core.reports.period import READERS, Period, read_period

TODAY = date(2026, 11, 18)  # a Wednesday
SAID = {
    "": "2026-11-09..2026-11-15",
    "today": "2026-11-18",
    "Gestern": "2026-11-17",
    "last week": "2026-11-09..2026-11-15",
    "letzte Woche": "2026-11-09..2026-11-15",
    "vorige Woche": "2026-11-09..2026-11-15",
    "this week": "2026-11-16..2026-11-18",
    "diese Woche": "2026-11-16..2026-11-18",
    "this month": "2026-11-01..2026-11-18",
    "diesen Monat": "2026-11-01..2026-11-18",
    "last month": "2026-10-01..2026-10-31",
    "letzten Monat": "2026-10-01..2026-10-31",
    "last quarter": "2026-07-01..2026-09-30",
    "dieses Quartal": "2026-10-01..2026-11-18",
    "last year": "2025-01-01..2025-12-31",
    "letztes Jahr": "2025-01-01..2025-12-31",
    "last 30 days": "2026-10-20..2026-11-18",
    "die letzten 2 Wochen": "2026-11-05..2026-11-18",
    "October": "2026-10-01..2026-10-31",
    "Oktober": "2026-10-01..2026-10-31",
    "december": "2025-12-01..2025-12-31",
    "März 2024": "2024-03-01..2024-03-31",
    "feb 2024": "2024-02-01..2024-02-29",
    "2026-10": "2026-10-01..2026-10-31",
    "2026": "2026-01-01..2026-11-18",
    "Q3": "2026-07-01..2026-09-30",
    "2025-Q4": "2025-10-01..2025-12-31",
    "3. Quartal 2025": "2025-07-01..2025-09-30",
    "2026-W45": "2026-11-02..2026-11-08",
    "KW 45": "2026-11-02..2026-11-08",
    "KW 50": "2025-12-08..2025-12-14",
    "2026-11-05": "2026-11-05",
    "5.11.2026": "2026-11-05",
    "2026-11-01..2026-11-15": "2026-11-01..2026-11-15",
    "1.11.2026 bis 15.11.2026": "2026-11-01..2026-11-15",
    "vom 1.11.2026 bis zum 15.11.2026": "2026-11-01..2026-11-15",
    "2026-08..2026-09": "2026-08-01..2026-09-30",
    "since 2026-11-01": "2026-11-01..2026-11-18",
    "seit 1.11.2026": "2026-11-01..2026-11-18",
}


@pytest.mark.parametrize(("said", "meant"), SAID.items())
def test_a_period_is_read_as_it_is_said(said: str, meant: str) -> None:
    assert read_period(said, TODAY).name == meant


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("banana", "cannot read “banana”"),
        ("last banana", "cannot read"),
        ("2026-02-31", "has a date that there is not"),
        ("31.2.2026", "has a date that there is not"),
        ("2026-13", "has a date that there is not"),
        ("2025-W53", "has a date that there is not"),
        ("0000", "has a date that there is not"),
        ("2026-12-01", "has not begun yet"),
        ("December 2026", "has not begun yet"),
        ("2026-11-15..2026-11-01", "ends before it begins"),
        ("1900..2026", "longer than five years"),
        ("last 0 days", "cannot read"),
        ("last 9999 months", "has a date that there is not|longer than five years"),
        ("x" * 10_000, "cannot read"),
    ],
)
def test_what_is_no_period_is_refused_with_a_sentence(said: str, why: str) -> None:
    with pytest.raises(BadRequest, match=why):
        read_period(said, TODAY)


days = st.dates(date(2000, 1, 1), date(2090, 1, 1))


@given(days, st.integers(0, 400))
def test_the_period_before_is_as_long_and_ends_where_this_one_begins(first: date, more: int) -> None:
    period = Period(first=first, last=first + timedelta(days=more))
    assert period.before.days == period.days == more + 1
    assert period.before.end == period.first


@given(days, st.integers(0, 400))
def test_what_a_period_is_called_is_read_as_the_same_period(first: date, more: int) -> None:
    period = Period(first=first, last=first + timedelta(days=more))
    assert read_period(period.name, date(2099, 1, 1)) == period


@given(st.text(max_size=40) | st.sampled_from(list(SAID)), days)
def test_whatever_is_typed_is_a_period_that_has_begun_or_is_refused(said: str, today: date) -> None:
    try:
        period = read_period(said, today)
    except BadRequest:
        return
    assert period.first <= period.last <= today


def test_no_two_readers_take_the_same_words() -> None:
    taken = {said: [read.__name__ for read in READERS if read(said.casefold(), TODAY)] for said in SAID if said}
    assert {said: names for said, names in taken.items() if len(names) != 1} == {}
