"""What publishers sign: that a package is theirs, that a version is withdrawn, what a skill is worth, how it did."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, PlainSerializer, ValidationError

from core.entities import Noun
from core.errors import BadRequest
from core.sandbox import Tier
from core.skills.names import faults_of_name
from core.skills.numbers import number
from core.skills.registry.canonical import LARGEST_NUMBER, canonical
from core.skills.registry.signing import Signed, Signer, fingerprint
from core.skills.skill import Need

MOST_NAMED = 100
"""Tests and members that are named."""
LONGEST_WHY = 500
_PUBLISHER = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*", re.ASCII)
_HASH = r"^[0-9a-f]{64}$"


def _skill(name: str) -> str:
    if faults_of_name(name):
        raise ValueError("no name of a skill")
    return name


def _version(version: str) -> str:
    try:
        plain = number(version)
    except BadRequest:
        raise ValueError("no version") from None
    if plain != version:
        raise ValueError("no version")
    return version


def is_publisher(name: str) -> bool:
    """Tell whether a publisher may be called so: a to z and 0 to 9, with single dots and hyphens between."""
    return len(name) <= 64 and bool(_PUBLISHER.fullmatch(name))


def _publisher(name: str) -> str:
    if not is_publisher(name):
        raise ValueError("no name of a publisher")
    return name


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("no time zone")
    return at.astimezone(UTC).replace(microsecond=0)


SkillName = Annotated[str, AfterValidator(_skill)]
Version = Annotated[str, AfterValidator(_version)]
Publisher = Annotated[str, AfterValidator(_publisher)]
At = Annotated[datetime, AfterValidator(_utc), PlainSerializer(lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ"))]
"""A time in UTC, to the second."""
Count = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]


class Provenance(Noun):
    """How a version came to be; the publisher's word for it."""

    collaboration: str = Field(default="", max_length=64)
    """The id of the run that made it, at the publisher's."""
    committee: tuple[Annotated[str, Field(max_length=100)], ...] = Field(default=(), max_length=MOST_NAMED)
    """The members that wrote it; none where people did."""
    tests: tuple[Annotated[str, Field(max_length=200)], ...] = Field(default=(), max_length=MOST_NAMED)
    """The names of tests that it passed."""
    passed: Count = 0
    """How many it passed, named or not."""
    tier: Tier | None = None
    """How far apart it was kept when they ran."""
    dexter: str = Field(default="", max_length=40)
    """The version of Dexter that published it."""


class Statement(Noun):
    """That a package is the publisher's."""

    kind: Literal["package"] = "package"
    name: SkillName
    version: Version
    content: str = Field(pattern=_HASH)
    """`SkillVersion.content` of what is in the archive."""
    archive: str = Field(pattern=_HASH)
    """SHA-256 of the archive."""
    size: Count
    """Bytes of the archive."""
    description: str = Field(max_length=1024)
    tags: tuple[Annotated[str, Field(max_length=64)], ...] = Field(default=(), max_length=20)
    language: str = Field(default="", max_length=20)
    permissions: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    packages: tuple[str, ...] = ()
    publisher: Publisher
    at: At
    provenance: Provenance = Provenance()


class Yank(Noun):
    """That a version is withdrawn: nobody should install it any more."""

    kind: Literal["yank"] = "yank"
    name: SkillName
    version: Version
    publisher: Publisher
    at: At
    why: str = Field(default="", max_length=LONGEST_WHY)


class Vote(Noun):
    """What a skill is worth to one installation; the latest counts."""

    kind: Literal["vote"] = "vote"
    name: SkillName
    stars: int = Field(ge=1, le=5)
    publisher: Publisher
    at: At
    why: str = Field(default="", max_length=LONGEST_WHY)


class Uses(Noun):
    """How often one installation has run a skill, and how often it gave what it promises; the latest counts."""

    kind: Literal["uses"] = "uses"
    name: SkillName
    runs: Count
    good: Count
    publisher: Publisher
    at: At


Act = Statement | Yank | Vote | Uses
A = TypeVar("A", Statement, Yank, Vote, Uses)


def signed_by(signer: Signer, act: Act) -> Signed:
    """Return an act, signed."""
    return signer.sign(act.model_dump(mode="json"))


def act_in(signed: Signed, kind: type[A]) -> A:
    """Return what was signed, as an act of that kind. Raises `BadRequest`."""
    try:
        return kind.model_validate_json(canonical(signed.body))
    except ValidationError:
        raise BadRequest(
            "What {key} signed is not what Dexter signs for this: it was made by something else, or by a newer Dexter.",
            key=fingerprint(signed.key),
        ) from None
