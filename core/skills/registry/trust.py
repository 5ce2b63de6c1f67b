"""What a tenant remembers of registries: who publishes under which key, what came from where, and its own ratings."""

from datetime import datetime

from core.entities import Noun
from core.skills.registry.index import Listing


class Entry(Noun):
    """What the index says of a skill, and what is remembered of it."""

    listing: Listing
    changed: tuple[str, ...] = ()
    """Versions that were listed with another archive or another key before."""


class Pin(Noun):
    """The key that a publisher is known by."""

    tenant: str
    publisher: str
    key: str
    by: str
    """`Principal.id` of whoever installed from them first, or replaced the key."""
    by_name: str
    at: datetime


class Origin(Noun):
    """A package that was looked into: where a version came from."""

    tenant: str
    place: str
    """Where the registry is that it came from."""
    skill: str
    version: str
    """As the publisher numbered it."""
    publisher: str
    key: str
    content: str
    """`SkillVersion.content`, by which the version is found here."""
    archive: str
    statement: str
    """All that was signed, as JSON."""
    at: datetime


class Rating(Noun):
    """What a person gives a skill."""

    tenant: str
    skill: str
    person: str
    stars: int
    why: str = ""
    at: datetime
