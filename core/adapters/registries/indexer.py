"""The index of a registry in a folder: one skill brought up to date, or all of it made anew from the files.

index.json                              the head, replaced as a whole
index/<sha256>.json.gz                  the parts of the index; what a name stands for never changes
packages/<name>/<version>.json, .zip    what the publisher signed, and the archive
packages/<name>/<version>.yank          what the publisher signed to withdraw it
voices/<name>/<key>.vote, .uses         what installations say, the latest of each
"""

from collections.abc import Iterable

from core.adapters.registries.disk import Disk
from core.entities import now
from core.errors import BadRequest, NotFound
from core.skills.numbers import order
from core.skills.registry.index import (
    HEAD,
    LARGEST_HEAD,
    LARGEST_SHARD,
    MOST_REMARKS,
    Head,
    Listing,
    Release,
    Remark,
    following_serial,
    part_of,
    read_head,
    read_shard,
    write_shard,
)
from core.skills.registry.signing import LARGEST, fingerprint, read_signed
from core.skills.registry.statement import A, Statement, Uses, Vote, Yank, act_in

KEPT_SECONDS = 3600.0
"""For which a part of the index stays that the head no longer names, for those who have read the head of before."""


def shard_path(sha256: str) -> str:
    """Return where a part of the index is."""
    return f"index/{sha256}.json.gz"


def package_path(name: str, version: str, ending: str) -> str:
    """Return where a file of a package is."""
    return f"packages/{name}/{version}.{ending}"


def voice_path(name: str, key: str, kind: str) -> str:
    """Return where an installation's word is kept: one of a kind for each key."""
    return f"voices/{name}/{fingerprint(key).replace(':', '')}.{kind}"


class Indexer:
    """Keeps the index of one folder. All methods block; whoever writes is alone."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def part(self, name: str) -> tuple[Head, dict[str, Listing]]:
        """Return the head, and the skills in the part of the index that a name falls into."""
        head, part = self._head(), part_of(name)
        if part not in head.shards:
            return head, {}
        content = self._disk.read(shard_path(head.shards[part]), LARGEST_SHARD)
        return head, {each.name: each for each in read_shard(part, head.shards[part], content)}

    def update(self, name: str) -> None:
        """Bring one skill in the index up to date with its files."""
        head, skills = self.part(name)
        part, listing = part_of(name), self._listing(name)
        after = skills | ({name: listing} if listing else {})
        count = head.skills + len(after) - len(skills)
        shards = head.shards | {part: self._put(after.values())}
        self._write(head.but(skills=count, shards=shards))
        if (before := head.shards.get(part)) not in (None, shards[part]):
            self._disk.write(f"index/{before}.gone", b"")
        for gone in set(self._disk.names("index", ".gone")) - {*shards.values()}:
            if self._disk.age(f"index/{gone}.gone") > KEPT_SECONDS:
                self._disk.drop(shard_path(gone))
                self._disk.drop(f"index/{gone}.gone")

    def rebuild(self) -> Head:
        """Make the whole index anew from the files."""
        parts: dict[str, list[Listing]] = {}
        for name in self._disk.names("packages", ""):
            if listing := self._listing(name):
                parts.setdefault(part_of(name), []).append(listing)
        shards = {part: self._put(skills) for part, skills in parts.items()}
        count = sum(map(len, parts.values()))
        return self._write(Head(serial=self._head().serial, at=now(), skills=count, shards=shards))

    def signed(self, path: str, kind: type[A]) -> tuple[A, str] | None:
        """Return what was signed in a file and by which key, if it is there and whole."""
        try:
            signed = read_signed(self._disk.read(path, LARGEST))
            return act_in(signed, kind), signed.key
        except (NotFound, BadRequest):
            return None

    def _head(self) -> Head:
        try:
            return read_head(self._disk.read(HEAD, LARGEST_HEAD))
        except NotFound:
            return Head(serial=0, at=now(), skills=0, shards={})

    def _put(self, skills: Iterable[Listing]) -> str:
        sha256, content = write_shard(list(skills))
        self._disk.write(shard_path(sha256), content)
        return sha256

    def _write(self, head: Head) -> Head:
        at = now()
        after = head.but(serial=following_serial(head.serial, at), at=at)
        self._disk.write(HEAD, after.model_dump_json().encode())
        return after

    def _listing(self, name: str) -> Listing | None:
        """Return what the files say of a skill; what is damaged is left out."""
        versions = self._disk.names(f"packages/{name}", ".json")
        there = [found for each in versions if (found := self.signed(package_path(name, each, "json"), Statement))]
        if not there:
            return None
        newest = max((statement for statement, _ in there), key=lambda statement: order(statement.version))
        uses = self._voices(name, Uses)
        votes = sorted(self._voices(name, Vote), key=lambda vote: vote.at, reverse=True)
        remarks = [Remark(stars=v.stars, publisher=v.publisher, why=v.why, at=v.at) for v in votes if v.why]
        return Listing(
            name=name,
            description=newest.description,
            tags=newest.tags,
            releases=tuple(
                sorted((self._release(*each) for each in there), key=lambda release: order(release.version))
            ),
            runs=sum(each.runs for each in uses),
            good=sum(min(each.good, each.runs) for each in uses),
            votes=len(votes),
            stars=sum(each.stars for each in votes),
            remarks=tuple(remarks[:MOST_REMARKS]),
        )

    def _release(self, statement: Statement, key: str) -> Release:
        fields = {name: getattr(statement, name) for name in Release.model_fields if name in Statement.model_fields}
        yank = self.signed(package_path(statement.name, statement.version, "yank"), Yank)
        return Release(**fields, key=key, yanked=yank[0].why if yank and yank[1] == key else None)

    def _voices(self, name: str, kind: type[A]) -> list[A]:
        ending = f".{kind.model_fields['kind'].default}"
        paths = [f"voices/{name}/{key}{ending}" for key in self._disk.names(f"voices/{name}", ending)]
        return [found[0] for path in paths if (found := self.signed(path, kind))]
