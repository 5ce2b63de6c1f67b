"""A registry as one reads it, wherever its files are: the index is fetched part by part, packages one by one."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import TypeVar

from core.adapters.registries.cache import Cache
from core.adapters.registries.indexer import package_path, shard_path
from core.entities import now
from core.errors import NotFound, Unavailable
from core.skills.folder import MOST_BYTES
from core.skills.registry.index import HEAD, LARGEST_HEAD, LARGEST_SHARD, Found, Head, Listing, read_head, read_shard
from core.skills.registry.package import Package
from core.skills.registry.signing import LARGEST, read_signed
from core.skills.registry.trust import Entry

T = TypeVar("T")
AT_ONCE = 4
"""Parts of the index that are fetched side by side."""


class Reading(ABC):
    """What registries share that differ in how a file is read: a copy of the index, kept in the file `copy`.

    `fresh` seconds old, the copy is good enough for a search. `empty`: where there is no index, there is no skill yet.
    """

    def __init__(self, copy: Path, fresh: float, *, empty: bool = False) -> None:
        self._cache, self._fresh, self._empty = Cache(copy), fresh, empty
        self._thread = ThreadPoolExecutor(1, "dexter-registry")
        self._one = asyncio.Lock()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._read_at = float("-inf")

    @abstractmethod
    async def read(self, path: str, most: int) -> bytes:
        """Return one of its files, of `most` bytes at most. Raises `NotFound` and `Unavailable`."""

    async def index(self) -> Head:
        """Fetch what is new in the index, and return its head. Raises `BadRequest`, `NotFound` and `Unavailable`."""
        async with self._one:
            head = await self._head()
            there = await self._do(self._cache.head)
            if there is None or there.shards != head.shards or there.serial != head.serial:
                known = there.shards if there else {}
                new = [part for part, sha256 in head.shards.items() if known.get(part) != sha256]
                parts = dict(await asyncio.gather(*(self._part(part, head) for part in new)))
                await self._do(lambda: self._cache.replace(head, parts))
            self._read_at = monotonic()
            return head

    async def search(self, words: str, limit: int = 20) -> Sequence[Found]:
        """Return the skills that fit the words, best first."""
        if monotonic() - self._read_at > self._fresh:
            await self.index()
        return await self._do(lambda: self._cache.search(words, limit))

    async def entry(self, name: str) -> Entry:
        """Return what the index says of a skill. Raises `NotFound`."""
        return await self._do(lambda: self._cache.entry(name))

    async def fetch(self, name: str, version: str) -> Package:
        """Return a package, of which nothing was verified yet. Raises `NotFound`."""
        try:
            signed = await self.read(package_path(name, version, "json"), LARGEST)
            archive = await self.read(package_path(name, version, "zip"), MOST_BYTES)
        except NotFound:
            text = "{name} {version} stands in the index of the registry, and is gone from it: it has vanished."
            raise NotFound(text, name=name, version=version) from None
        return Package(signed=read_signed(signed), archive=archive)

    async def aclose(self) -> None:
        """Give back the copy of the index."""
        await self._do(self._cache.close)
        self._thread.shutdown()

    async def _head(self) -> Head:
        try:
            return read_head(await self.read(HEAD, LARGEST_HEAD))
        except NotFound:
            if not self._empty:
                raise Unavailable("There is no registry at that address: it has no index.json.") from None
            return Head(serial=0, at=now(), skills=0, shards={})

    async def _part(self, part: str, head: Head) -> tuple[str, Sequence[Listing]]:
        sha256 = head.shards[part]
        async with self._places:
            content = await self.read(shard_path(sha256), LARGEST_SHARD)
        return part, await self._do(lambda: read_shard(part, sha256, content))

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
