"""The folder of a skill: its files byte for byte, checked as a whole, and its fingerprint."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import BadRequest
from core.sentences import Sentence, said
from core.skills.manifest import FILE, Manifest, read_manifest, refuse
from core.skills.names import faults_of_paths

MOST_FILES = 1_000
MOST_BYTES = 25_000_000
"""Of all files together."""
MOST_OF_ONE = 10_000_000
"""Of one file."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Files by their paths, and which of them may be executed."""

    files: Mapping[str, bytes]
    executable: frozenset[str] = frozenset()

    @property
    def content(self) -> str:
        """Return the SHA-256 of everything that is in it."""
        return fingerprint({p: (digest(body), p in self.executable) for p, body in self.files.items()})


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def fingerprint(files: Mapping[str, tuple[str, bool]]) -> str:
    """Return the SHA-256 over the hashes of files, in the order of their paths, and which may be executed."""
    lines = (f"{'x' if runs else '-'} {sha256} {path}\n" for path, (sha256, runs) in sorted(files.items()))
    return digest("".join(lines).encode())


def check(folder: Folder) -> Manifest:
    """Return what a folder's SKILL.md says, if the folder is a skill. Raises `BadRequest` with all its faults."""
    check_sizes({path: len(content) for path, content in folder.files.items()})
    refuse(faults_of_paths(folder.files))
    if FILE not in folder.files:
        raise BadRequest(_without_manifest(folder.files))
    manifest = read_manifest(folder.files[FILE])
    entry = manifest.contract.entry
    if entry and entry not in folder.files:
        raise BadRequest("{path}: the entry point is not in the folder: add it, or correct `dexter-entry`.", path=entry)
    return manifest


def check_sizes(sizes: Mapping[str, int]) -> None:
    """Refuse what is too much before any of it is read. Raises `BadRequest`."""
    check_count(len(sizes))
    for path, size in sizes.items():
        if size > MOST_OF_ONE:
            raise too_large(path, size)
    if (total := sum(sizes.values())) > MOST_BYTES:
        raise BadRequest(
            "The files are {size:,} MB together: a skill has {most} MB at most. Leave data out and fetch it when "
            "the skill runs.",
            size=total // 1_000_000,
            most=MOST_BYTES // 1_000_000,
        )


def check_count(count: int) -> None:
    """Refuse more files than a skill may have. Raises `BadRequest`."""
    if count > MOST_FILES:
        raise BadRequest("There are more than {most:,} files: leave out what the skill does not need.", most=MOST_FILES)


def too_large(path: str, size: int) -> BadRequest:
    """Return what is said about a file that is too large."""
    return BadRequest(
        "{path}: the file has {size:,} MB, {most} MB is the most: make it smaller, or fetch it when the skill runs.",
        path=path[:200],
        size=size // 1_000_000,
        most=MOST_OF_ONE // 1_000_000,
    )


def _without_manifest(files: Mapping[str, bytes]) -> Sentence:
    near = next((path for path in files if path.rpartition("/")[2].casefold() == FILE.casefold()), None)
    if near:
        return said("SKILL.md is not at the top of the folder under exactly that name: {path} is.", path=near)
    return said("There is no SKILL.md: a skill is a folder with one at its top.")
