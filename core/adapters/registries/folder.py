"""A registry in a folder: of this machine, or one that several mount."""

import asyncio
from pathlib import Path

from core.adapters.registries.disk import Disk
from core.adapters.registries.keeper import Keeper
from core.adapters.registries.reading import Reading
from core.skills.registry.index import Head
from core.skills.registry.package import Package
from core.skills.registry.signing import Signed

FRESH = 1.0
"""Seconds for which a search does without looking at the index again."""
TOGETHER = 4
"""Writes that may wait in threads at one time; the folder takes one after the other."""


class FolderRegistry(Reading):
    """Keeps and reads a registry in `folder`, with a copy of its index in the file `copy`."""

    remote = False

    def __init__(self, name: str, folder: Path, copy: Path) -> None:
        super().__init__(copy, FRESH, empty=True)
        self.name, self.place, self.folder = name, str(folder), folder
        self._disk = Disk(folder)
        self._keeper = Keeper(self._disk)
        self._writes = asyncio.Semaphore(TOGETHER)

    async def read(self, path: str, most: int) -> bytes:
        """Return one of its files. Raises `NotFound` and `Unavailable`."""
        return await asyncio.to_thread(self._disk.read, path, most)

    async def publish(self, package: Package) -> None:
        """Put a package there. Raises `BadRequest` with what is against it."""
        async with self._writes:
            await asyncio.to_thread(self._keeper.publish, package)

    async def say(self, signed: Signed) -> None:
        """Pass on a withdrawal, a vote or counts. Raises `BadRequest` with what is against it."""
        async with self._writes:
            await asyncio.to_thread(self._keeper.say, signed)

    async def rebuild(self) -> Head:
        """Make the index anew from the files."""
        return await asyncio.to_thread(self._keeper.rebuild)
