"""Packages that skills may use, in a cache: each wheel by its SHA-256, unpacked once, for sandboxes to read."""

import asyncio
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from core.adapters.packages import index
from core.adapters.packages.wheel import digest, unpack
from core.errors import BadRequest, NotFound, Unavailable
from core.sentences import all_of, said
from core.skills.skill import LockedPackage

MOST = 100
"""Packages of one skill, with all that they need."""
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Wheelhouse:
    """Finds packages on the list of those allowed, and keeps what was fetched. See `core.ports.Packages`."""

    def __init__(self, cache: Path, allowed: Iterable[str]) -> None:
        """`cache`: every user of this machine must be able to read it. `allowed`: names; what they need comes along."""
        self._cache = cache
        self._allowed = {canonicalize_name(name) for name in allowed}
        self._fetching = asyncio.Lock()

    async def lock(self, requirements: Sequence[str]) -> tuple[LockedPackage, ...]:
        """Return exact versions of what is required and of all that this needs."""
        wanted = [self._checked(text) for text in dict.fromkeys(requirements)]
        if not wanted:
            return ()
        found = await index.resolved(wanted)
        if len(found) > MOST:
            raise BadRequest("It needs {count} packages in all: {most} are the most.", count=len(found), most=MOST)
        return tuple(sorted(found, key=lambda each: each.name))

    async def folders(self, locked: Sequence[LockedPackage]) -> tuple[Path, ...]:
        """Return a folder for each package, fetched first where it is not there."""
        places = {each: self._cache / _checksum(each) for each in locked}
        async with self._fetching:
            if missing := [each for each, folder in places.items() if not await asyncio.to_thread(folder.is_dir)]:
                await self._fetch(missing)
        return tuple(places.values())

    def _checked(self, text: str) -> str:
        """Return a requirement as pip reads it and as nothing else."""
        try:
            required = Requirement(text)
        except InvalidRequirement:
            raise BadRequest("“{line}” names no package: write `name>=1.2,<2`, one a line.", line=text[:80]) from None
        if required.url or required.marker:
            raise BadRequest("“{line}”: a package has a name and a range here, and no address.", line=text[:80])
        if canonicalize_name(required.name) not in self._allowed:
            names = all_of(sorted(self._allowed)[:20]) if self._allowed else said("none")
            raise BadRequest(
                "The package {name} is not allowed here, but {names}. An administrator can add it to "
                "`skills.packages`.",
                name=required.name[:80],
                names=names,
            )
        return str(required)

    async def _fetch(self, missing: Sequence[LockedPackage]) -> None:
        try:
            await asyncio.to_thread(self._cache.mkdir, 0o755, parents=True, exist_ok=True)
            folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="incoming-", dir=self._cache))
            try:
                await index.fetched(missing, folder)
                await asyncio.to_thread(self._keep, missing, folder)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        except OSError as error:
            text = "Packages cannot be kept in {folder}: {reason}. Make room there."
            raise Unavailable(text, folder=self._cache, reason=error.strerror or error) from error

    def _keep(self, missing: Sequence[LockedPackage], folder: Path) -> None:
        """Unpack what came, if it is what was locked, each in one move."""
        came = {digest(wheel): wheel for wheel in folder.glob("*.whl")}
        for package in missing:
            if package.sha256 not in came:
                text = "{name} {version} is not what it was when the skill was made: its index gives another file."
                raise Unavailable(text, name=package.name, version=package.version)
            unpack(came[package.sha256], folder / package.sha256)
            target = self._cache / package.sha256
            if not target.is_dir():
                (folder / package.sha256).rename(target)


def _checksum(package: LockedPackage) -> str:
    """Return what the folder of a package is called. Raises `NotFound` for a lock that was tampered with."""
    if not _SHA256.fullmatch(package.sha256):
        raise NotFound("{name} {version} is not locked to a file.", name=package.name, version=package.version)
    return package.sha256
