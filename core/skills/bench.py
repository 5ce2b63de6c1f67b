"""What tasks on skills work with, and what a version needs to be started."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from core.errors import BadRequest, DexterError, Unavailable
from core.pool import Pool
from core.ports import SkillStore
from core.sandbox import Follow, Isolation, Limits, Tier
from core.sentences import said
from core.skills.folder import Folder
from core.skills.job import Job
from core.skills.running import Granted, granted
from core.skills.skill import SkillVersion, Stage
from core.skills.skills import Skills

Libraries = Callable[[SkillVersion], Awaitable[tuple[Path, ...]]]
"""Return the folders of this machine that hold the packages which a version was locked to."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version as it is run: its files, the files of all that it was locked to, and its packages."""

    version: SkillVersion
    folder: Folder
    needed: Mapping[str, Folder]
    libraries: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """Joined once in `bot.app`."""

    skills: Skills
    kept: SkillStore
    pool: Pool
    libraries: Libraries
    limits: Limits
    least: Tier
    """What is weaker runs nothing."""
    secrets: Mapping[str, SecretStr] = field(default_factory=dict)
    """Those that skills may be granted, by name."""
    follow: Callable[[str], Follow | None] = lambda _: None
    """Return where goes what the skill of a run says meanwhile."""

    async def version(self, job: Job) -> SkillVersion:
        """Return the version that a task is about."""
        return await self.skills.version(job.asked.tenant, job.task.skill, job.task.version)

    async def proved(self, *, anew: bool = False) -> None:
        """Raise, with the remedy, unless the sandbox has proved to be strong enough; `anew` has it prove it now."""
        strong_enough(await self.pool.check() if anew else await self.pool.proved(), self.least)

    async def loaded(self, version: SkillVersion) -> Loaded:
        """Return a version as it is run. Raises `BadRequest` where it, or what it needs, is retired.

        Raises `NotFound`, `BadRequest` and `DexterError` for packages that cannot be had.
        """
        needed = {}
        for version_of in (version, *await self.locked(version)):
            if version_of.stage is Stage.RETIRED:
                raise _retired(version, version_of)
            needed[version_of.skill] = await self.skills.folder(version_of)
        folder = needed.pop(version.skill)
        try:
            return Loaded(version, folder, needed, await self.libraries(version))
        except Unavailable as error:  # the index of packages: only waiting for the database is begun anew
            raise DexterError(error.sentence) from error

    async def locked(self, version: SkillVersion) -> list[SkillVersion]:
        """Return the versions that one was locked to, each with exactly the content that it was locked to."""
        found = [await self.skills.version(version.tenant, lock.name, lock.version) for lock in version.lock]
        for lock, there in zip(version.lock, found, strict=True):
            if there.content != lock.content:
                text = "{name} {version} is not what {skill} was made with: bring {skill} in again."
                raise BadRequest(text, name=lock.name, version=lock.version, skill=version.skill)
        return found

    async def granted(self, version: SkillVersion) -> Granted:
        """Return what a version has that a person approved: nothing, unless it is promoted. Raises `BadRequest`."""
        promoted = version.stage is Stage.PROMOTED
        return granted(await self.permissions(version), self.secrets) if promoted else Granted()

    async def permissions(self, version: SkillVersion) -> tuple[str, ...]:
        """Return all that a version asks for, with what it needs."""
        asked = [await self.skills.manifest(each) for each in (version, *await self.locked(version))]
        return tuple(dict.fromkeys(each for manifest in asked for each in manifest.contract.permissions))


def strong_enough(isolation: Isolation, least: Tier) -> None:
    """Raise, with the remedy, where less was reached than `least`."""
    if isolation.tier and isolation.tier.reaches(least):
        return
    reached = said(isolation.tier.value) if isolation.tier else said("none")
    raise DexterError(
        "No skill runs here: the tier “{least}” is wanted, and the sandbox {name} reaches {reached}. {found} {remedy}",
        least=said(least.value),
        name=isolation.name,
        reached=reached,
        found=isolation.found,
        remedy=isolation.remedy or "",
    )


def _retired(version: SkillVersion, which: SkillVersion) -> BadRequest:
    if which is version:
        return BadRequest("{name} {version} is retired, and never runs again.", name=which.skill, version=which.version)
    text = "{name} {version} needs {other} {number}, which is retired: bring in a version that needs another."
    names = {"name": version.skill, "version": version.version, "other": which.skill, "number": which.version}
    return BadRequest(text, **names)
