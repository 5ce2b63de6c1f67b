"""Public holidays by the names that people use for places."""

from datetime import date

import pytest

from core.adapters.calendars import Calendars


@pytest.mark.parametrize(
    ("name", "country", "code"),
    [
        ("DE", "", "DE"), ("de", "", "DE"), ("Germany", "", "DE"), ("united states", "", "US"), ("DE-BE", "", "DE-BE"),
        ("de-be", "", "DE-BE"), ("Bayern", "DE", "DE-BY"), ("bayern", "DE-BE", "DE-BY"), ("Bayern", "", ""),
        ("DE-XX", "", ""), ("XX-BE", "", ""), ("Atlantis", "DE", ""), ("", "", ""), ("-", "DE", ""),
    ],
)  # fmt: skip
def test_places_are_known_by_code_and_name(name: str, country: str, code: str) -> None:
    assert Calendars().named(name, country) == code


def test_holidays_differ_between_parts_of_a_country() -> None:
    calendars = Calendars()
    assert date(2026, 3, 8) in calendars.holidays("DE-BE", 2026)
    assert date(2026, 3, 8) not in calendars.holidays("DE-BY", 2026)
    assert date(2026, 12, 25) in calendars.holidays("DE", 2026)
    assert calendars.holidays("XX", 2026) == frozenset()
