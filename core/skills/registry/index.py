"""The index of a registry: a small head, and shards with what lists and searches need of each skill.

All of it is the registry's word, and hostile text; what is signed is looked at before anything is installed.
"""

import gzip
import hashlib
import zlib
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError

from core.entities import Noun, now
from core.errors import BadRequest
from core.skills.registry.canonical import canonical, damaged, read_json
from core.skills.registry.statement import At, Count, Publisher, SkillName, Version
from core.skills.skill import Need

HEAD = "index.json"
LARGEST_HEAD = 20_000
LARGEST_SHARD = 32_000_000
"""Bytes unpacked; 16 of them hold some 500,000 skills."""
MOST_VERSIONS = 1_000
MOST_REMARKS = 3
GZIP = b"\x1f\x8b"
_AHEAD = timedelta(days=1)
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Key = Annotated[str, StringConstraints(max_length=44)]


class Release(Noun):
    """One version, as the index has it."""

    version: Version
    content: Sha256
    archive: Sha256
    size: Count
    needs: tuple[Need, ...] = ()
    permissions: tuple[str, ...] = ()
    publisher: Publisher
    key: Key
    at: At
    yanked: str | None = None
    """Why it was withdrawn; `None` while it stands."""


class Remark(Noun):
    """What somebody wrote with their stars."""

    stars: int = Field(ge=1, le=5)
    publisher: Publisher
    why: str
    at: At


class Listing(Noun):
    """One skill, as the index has it."""

    name: SkillName
    description: Annotated[str, StringConstraints(max_length=1024)]
    tags: tuple[Annotated[str, StringConstraints(max_length=64)], ...] = Field(default=(), max_length=20)
    releases: tuple[Release, ...] = Field(min_length=1, max_length=MOST_VERSIONS)
    """Oldest number first."""
    runs: Count = 0
    good: Count = 0
    votes: Count = 0
    stars: Count = 0
    """Of all votes together."""
    remarks: tuple[Remark, ...] = Field(default=(), max_length=MOST_REMARKS)

    @property
    def newest(self) -> Release:
        """Return the newest that stands; the newest of all where none does."""
        standing = [each for each in self.releases if each.yanked is None]
        return (standing or self.releases)[-1]


class Shard(Noun):
    """The skills whose names fall into one part of the index."""

    skills: tuple[Listing, ...]


class Head(Noun):
    """What is read first, and again each time to see whether anything is new."""

    format: Literal["dexter-registry-1"] = "dexter-registry-1"
    serial: Count
    """Goes up with each change, and is milliseconds since 1970 at least: after an old copy is put back, too."""
    at: At
    skills: Count
    shards: dict[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]$")], Sha256]
    """The SHA-256 of each part that has skills, by the part's name."""


class Found(Noun):
    """A skill that a search found."""

    listing: Listing
    score: float


def part_of(name: str) -> str:
    """Return the part of the index that a skill is in."""
    return hashlib.sha256(name.encode()).hexdigest()[0]


def following_serial(serial: int, at: datetime) -> int:
    """Return the number of the index after this one."""
    return max(serial + 1, int(at.timestamp() * 1000))


def read_head(content: bytes) -> Head:
    """Return the head of an index. Raises `BadRequest`."""
    try:
        head = Head.model_validate_json(canonical(read_json(content, LARGEST_HEAD)))
    except ValidationError:
        raise damaged() from None
    if head.serial > (now() + _AHEAD).timestamp() * 1000:
        raise BadRequest("The index of the registry is from the future: the clock here is wrong, or the one there.")
    return head


def write_shard(skills: list[Listing]) -> tuple[str, bytes]:
    """Return the SHA-256 of a part of the index, and the part, packed; the same for the same skills."""
    plain = canonical(Shard(skills=tuple(sorted(skills, key=lambda each: each.name))).model_dump(mode="json"))
    return hashlib.sha256(plain).hexdigest(), gzip.compress(plain, mtime=0)


def read_shard(part: str, sha256: str, content: bytes) -> tuple[Listing, ...]:
    """Return the skills in a part of the index, packed or not. Blocks. Raises `BadRequest`."""
    plain = _unpacked(content) if content.startswith(GZIP) else content
    if hashlib.sha256(plain).hexdigest() != sha256:
        raise BadRequest("The index of the registry does not fit together: try again, or ask who runs the registry.")
    try:
        skills = Shard.model_validate_json(plain).skills
    except ValidationError:
        raise damaged() from None
    names = {each.name for each in skills}
    if len(names) < len(skills) or any(part_of(name) != part for name in names):
        raise damaged()
    return skills


def _unpacked(content: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        plain = unpacking.decompress(content, LARGEST_SHARD)
    except zlib.error:
        plain = b""
    if not unpacking.eof:
        raise BadRequest("A part of the index of the registry is damaged, or larger than any real one.")
    return plain
