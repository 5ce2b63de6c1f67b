"""What a registry in a folder takes in: the rules first, then the files, then the index."""

import hashlib

from core.adapters.registries.disk import Disk
from core.adapters.registries.indexer import Indexer, package_path, voice_path
from core.errors import BadRequest, NotFound
from core.skills.names import alike
from core.skills.registry.index import MOST_VERSIONS, Head, Listing
from core.skills.registry.package import Package, opened
from core.skills.registry.signing import Signed, fingerprint, read_signed
from core.skills.registry.statement import Statement, Uses, Vote, Yank, act_in


class Keeper:
    """Keeps a registry in a folder. All methods block."""

    def __init__(self, disk: Disk) -> None:
        self._disk, self._index = disk, Indexer(disk)

    def publish(self, package: Package) -> None:
        """Take a package in; the same again changes nothing. Raises `BadRequest` with what is against it."""
        signed = read_signed(package.signed.written())
        statement = act_in(signed, Statement)
        opened(package, statement.name, statement.version)
        with self._disk.alone():
            if self._is_there(statement, signed.key):
                return
            self._disk.write(package_path(statement.name, statement.version, "zip"), package.archive)
            self._disk.write(package_path(statement.name, statement.version, "json"), signed.written())
            self._index.update(statement.name)

    def say(self, signed: Signed) -> None:
        """Take in that a version is withdrawn, a vote, or how often a skill was run.

        Raises `BadRequest` with what is against it, and `NotFound`.
        """
        signed = read_signed(signed.written())
        match signed.body.get("kind"):
            case "yank":
                act: Yank | Vote | Uses = act_in(signed, Yank)
            case "uses":
                act = act_in(signed, Uses)
            case _:
                act = act_in(signed, Vote)
        with self._disk.alone():
            if act.name not in self._index.part(act.name)[1]:
                raise NotFound("There is no skill “{name}” in the registry.", name=act.name)
            path = self._yanked(act, signed.key) if isinstance(act, Yank) else self._voiced(act, signed.key)
            if path:
                self._disk.write(path, signed.written())
                self._index.update(act.name)

    def rebuild(self) -> Head:
        """Make the whole index anew from the files, as after a backup was put back."""
        with self._disk.alone():
            return self._index.rebuild()

    def _is_there(self, statement: Statement, key: str) -> bool:
        """Tell whether the very package is there already. Raises `BadRequest` where it may not come in."""
        listing = self._index.part(statement.name)[1].get(statement.name)
        if listing is None:
            self._claim(statement.name)
            return False
        _check_owner(listing, key)
        same = next((each for each in listing.releases if each.version == statement.version), None)
        if same and (same.content, same.archive) != (statement.content, statement.archive):
            text = (
                "{name} {version} is in the registry with other content, and versions never change: raise its number."
            )
            raise BadRequest(text, name=statement.name, version=statement.version)
        if same is None and len(listing.releases) >= MOST_VERSIONS:
            raise BadRequest("There are {most:,} versions of {name} already.", most=MOST_VERSIONS, name=statement.name)
        return same is not None

    def _claim(self, name: str) -> None:
        """Take a name, for which names that look the same share a file. Raises `BadRequest` where one is taken."""
        path = f"names/{hashlib.sha256(alike(name).encode()).hexdigest()}"
        try:
            other = self._disk.read(path, 200).decode()
        except NotFound:
            self._disk.write(path, name.encode())
            return
        if other != name:
            text = "The name “{name}” is too easily taken for “{other}”, which is here already: choose another."
            raise BadRequest(text, name=name, other=other)

    def _yanked(self, act: Yank, key: str) -> str:
        """Return where to write that a version is withdrawn; nowhere if it is already."""
        there = self._index.signed(package_path(act.name, act.version, "json"), Statement)
        if there is None:
            text = "There is no {name} {version} in the registry."
            raise NotFound(text, name=act.name, version=act.version)
        if there[1] != key:
            text = "{name} {version} was published under another key: only its publisher can withdraw it."
            raise BadRequest(text, name=act.name, version=act.version)
        path = package_path(act.name, act.version, "yank")
        return "" if self._index.signed(path, Yank) else path

    def _voiced(self, act: Vote | Uses, key: str) -> str:
        """Return where to write what an installation says; nowhere if it has said something later."""
        path = voice_path(act.name, key, act.kind)
        before = self._index.signed(path, Uses) if isinstance(act, Uses) else self._index.signed(path, Vote)
        return "" if before and before[0].at > act.at else path


def _check_owner(listing: Listing, key: str) -> None:
    owner = listing.releases[0]
    if owner.key != key:
        raise BadRequest(
            "The name “{name}” belongs to {publisher} (key {key}) in this registry: choose another name.",
            name=listing.name,
            publisher=owner.publisher,
            key=fingerprint(owner.key),
        )
