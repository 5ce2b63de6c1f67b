"""Time zones as people name them: by their own name in any case, or by a city that only one of them is called after."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import available_timezones

from core.errors import BadRequest
from core.quiet import nearest_zones

_OLD = ("posix/", "right/", "etc/", "us/", "brazil/", "canada/", "chile/", "mexico/")
"""Folders of the database whose zones have other names as well."""


@lru_cache(maxsize=1)
def _named() -> Mapping[str, str]:
    """Return every zone by its name in small letters."""
    return MappingProxyType({name.casefold(): name for name in available_timezones() if name != "localtime"})


@lru_cache(maxsize=1)
def _cities() -> Mapping[str, tuple[str, ...]]:
    """Return zones by the city that they are called after, in small letters with spaces."""
    found: dict[str, tuple[str, ...]] = {}
    for small, name in sorted(_named().items()):
        if "/" in small and not small.startswith(_OLD):
            city = small.rpartition("/")[2].replace("_", " ")
            found[city] = (*found.get(city, ()), name)
    return MappingProxyType(found)


def zone_called(name: str) -> str:
    """Return a zone by its name, in the database's own spelling. Raises `BadRequest` with the nearest names."""
    found = _named().get(name.casefold().replace(" ", "_"))
    if found is None:
        raise BadRequest("I know no time zone “{name}”. {hint}", name=name[:40], hint=nearest_zones(name))
    return found


def zone_of_city(city: str) -> str:
    """Return the zone called after a city, or by its own name. Raises `BadRequest` with the nearest names.

    Zones that share a city are the same one under an older name: the shorter one is taken.
    """
    found = _cities().get(" ".join(city.casefold().split()), ())
    return min(found, key=lambda name: name.count("/")) if found else zone_called(city)
