"""A package: the archive of a skill with what its publisher signed about it, opened only where all of it fits."""

from dataclasses import dataclass

from core.entities import Noun
from core.errors import BadRequest
from core.sentences import Sentence, said
from core.skills.archive import read_zip, write_zip
from core.skills.folder import MOST_BYTES, Folder, check, digest
from core.skills.manifest import Manifest
from core.skills.registry.signing import LARGEST, Signed, fingerprint, read_signed
from core.skills.registry.statement import Statement, act_in

LARGEST_PACKAGE = MOST_BYTES + LARGEST + 1
"""Bytes."""
MOST_TAGS = 20
LONGEST_TAG = 64
"""Characters."""


class Package(Noun):
    """What a registry keeps of one version."""

    signed: Signed
    archive: bytes

    def written(self) -> bytes:
        """Return it as it is sent: a line of JSON, and the archive behind it."""
        return self.signed.written() + b"\n" + self.archive


@dataclass(frozen=True, slots=True)
class Opened:
    """A package of which everything was found to fit."""

    statement: Statement
    key: str
    """Of the publisher."""
    folder: Folder
    manifest: Manifest

    @property
    def fingerprint(self) -> str:
        """Return what people compare the publisher's key by."""
        return fingerprint(self.key)


def read_package(content: bytes) -> Package:
    """Return a package as it was sent. Raises `BadRequest`."""
    statement, _, archive = content.partition(b"\n")
    return Package(signed=read_signed(statement), archive=archive)


def pack(folder: Folder, name: str) -> tuple[bytes, str]:
    """Return the archive of a skill, and its SHA-256. Blocks."""
    archive = write_zip(folder, name)
    return archive, digest(archive)


def tags_of(manifest: Manifest) -> tuple[str, ...]:
    """Return the words that a skill wants to be found by: `tags` in its metadata, with commas between."""
    metadata = manifest.fields.get("metadata", {})
    text = str(metadata.get("tags", "")) if isinstance(metadata, dict) else ""
    tags = (" ".join(tag.split())[:LONGEST_TAG] for tag in text.split(","))
    return tuple(dict.fromkeys(filter(None, tags)))[:MOST_TAGS]


def opened(package: Package, name: str, version: str) -> Opened:
    """Return what is in a package that was asked for by name and version. Blocks.

    Raises `BadRequest` where the signature does not fit, the archive is another than was signed, it holds another
    skill than it says, or what the publisher signed about it is not what stands in it.
    """
    signed = read_signed(package.signed.written())
    statement = act_in(signed, Statement)
    if (statement.name, statement.version) != (name, version):
        raise BadRequest(
            "The registry was asked for {name} {version} and gave {other} {number}: nothing of it was used.",
            name=name,
            version=version,
            other=statement.name,
            number=statement.version,
        )
    if len(package.archive) != statement.size or digest(package.archive) != statement.archive:
        raise _not_as_signed(statement, said("the archive"))
    folder = read_zip(package.archive)
    manifest = check(folder)
    if folder.content != statement.content:
        raise _not_as_signed(statement, said("the files"))
    if wrong := _differs(statement, manifest):
        raise _not_as_signed(statement, wrong)
    return Opened(statement, signed.key, folder, manifest)


def _differs(statement: Statement, manifest: Manifest) -> Sentence | None:
    """Return what the publisher says otherwise than the SKILL.md, if anything is."""
    contract = manifest.contract
    pairs = (
        (said("the name"), statement.name, manifest.name),
        (said("the version"), statement.version, contract.version or statement.version),
        (said("the description"), statement.description, manifest.description),
        (said("the tags"), statement.tags, tags_of(manifest)),
        (said("the language"), statement.language, contract.language),
        (said("the permissions"), statement.permissions, contract.permissions),
        (said("the skills that it needs"), statement.needs, contract.skills),
        (said("the packages that it needs"), statement.packages, contract.packages),
    )
    return next((what for what, one, other in pairs if one != other), None)


def _not_as_signed(statement: Statement, what: Sentence) -> BadRequest:
    return BadRequest(
        "{name} {version} of {publisher} is not what was signed ({what}): it was exchanged on the way or in the "
        "registry. Nothing of it was used.",
        name=statement.name,
        version=statement.version,
        publisher=statement.publisher,
        what=what,
    )
