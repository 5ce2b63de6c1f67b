"""The registries that the settings name, each by its address."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from core.adapters.registries.folder import FolderRegistry
from core.adapters.registries.http import HttpRegistry
from core.adapters.registries.keyring import load_signer
from core.skills.registry.signing import Signer

FOLDER = "registry"
"""In Dexter's home: the registry that is there without any settings."""
KEY = "publisher.pem"


def open_registries(
    places: Mapping[str, str], tokens: Mapping[str, str], home: Path
) -> list[FolderRegistry | HttpRegistry]:
    """Return registries by name and address: `https://…`, a folder, or nothing for the one in Dexter's home.

    Raises `Misconfigured` for an address that is not safe.
    """
    return [_opened(name, place, tokens.get(name, ""), home) for name, place in places.items()]


def _opened(name: str, place: str, token: str, home: Path) -> FolderRegistry | HttpRegistry:
    if "://" in place:
        return HttpRegistry(name, place, _copy(place, home), token)
    return open_folder(name, Path(place) if place else None, home)


def open_folder(name: str, folder: Path | None, home: Path) -> FolderRegistry:
    """Return the registry in a folder; in the one in Dexter's home where none is named."""
    folder = folder.expanduser().absolute() if folder else home / FOLDER
    return FolderRegistry(name, folder, _copy(str(folder), home))


def _copy(place: str, home: Path) -> Path:
    return home / "registries" / f"{hashlib.sha256(place.encode()).hexdigest()[:12]}.db"


def own_key(home: Path, file: Path | None = None, passphrase: str = "") -> Callable[[], Awaitable[Signer]]:
    """Return what loads the private key of this installation, from its home where no file is named."""

    async def load() -> Signer:
        return await asyncio.to_thread(load_signer, file or home / KEY, passphrase)

    return load
