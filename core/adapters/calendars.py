"""Public holidays of countries and their parts, from the `holidays` package."""

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any

YEARS = 512
"""Years of places that are remembered."""


class Calendars:
    """Knows places as `DE` or `DE-BE` (ISO 3166), and what people call them."""

    def __init__(self) -> None:
        self._year = lru_cache(maxsize=YEARS)(_holidays)

    def holidays(self, place: str, year: int) -> Collection[date]:
        """Return the public holidays of a place in a year; none for a place that nobody knows."""
        return self._year(place, year)

    def named(self, name: str, country: str = "") -> str:
        """Return the code of a place by its code or English name, of a part of `country` by its name; else nothing."""
        typed = " ".join(name.split()).casefold()
        codes = {each.casefold(): code for code, names in _countries().items() for each in names}
        if typed in codes:
            return codes[typed]
        land, _, part = typed.partition("-")
        if part:
            return _part(codes.get(land, ""), part)
        return _part(country.partition("-")[0], typed)


def _part(country: str, name: str) -> str:
    """Return the code of a part of a country by its code or by what it is called there."""
    if not country:
        return ""
    known: Any = type(_library().country_holidays(country))
    aliases = {alias.casefold(): code for alias, code in getattr(known, "subdivisions_aliases", {}).items()}
    codes = {code.casefold(): code for code in known.subdivisions}
    found = codes.get(name) or aliases.get(name)
    return f"{country}-{found}" if found else ""


def _holidays(place: str, year: int) -> frozenset[date]:
    country, _, part = place.partition("-")
    try:
        return frozenset(_library().country_holidays(country, subdiv=part or None, years=year))
    except NotImplementedError:  # what the package says of a place that it does not know
        return frozenset()


@lru_cache(maxsize=1)
def _countries() -> dict[str, tuple[str, ...]]:
    """Return each country's code with its code and its name in English."""
    names: Any = _library().registry.COUNTRIES
    return {codes[1]: (codes[1], name.replace("_", " ")) for name, codes in names.items()}


def _library() -> Any:
    import holidays  # 0.1 s, for those alone who name holidays

    return holidays
