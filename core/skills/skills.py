"""Skills: brought in, looked at, handed out and retired. Nothing here runs one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from core.entities import Principal, now
from core.errors import BadRequest, NotFound, Unavailable
from core.ports import Packages, SkillStore
from core.sentences import all_of
from core.skills.folder import Folder, check, digest
from core.skills.manifest import FILE, Manifest, read_manifest
from core.skills.numbers import following, number, order
from core.skills.record import Record
from core.skills.resolve import Candidate, Catalogue, resolve
from core.skills.skill import File, Locked, LockedPackage, Move, Need, Skill, SkillVersion, Stage

MOST_NEEDED = 2_000
"""Skills that one may reach by what it needs."""
Elsewhere = Callable[[str], Awaitable[Sequence[Candidate]]]
"""Return the versions of a skill that could be fetched."""


async def nowhere(_name: str) -> Sequence[Candidate]:
    """Return nothing: no version could be fetched."""
    return ()


class Skills:
    """What a tenant has of skills."""

    def __init__(self, store: SkillStore, packages: Packages | None = None) -> None:
        self._store, self._packages = store, packages

    async def page(self, tenant: str, at: int, size: int, words: str = "") -> tuple[Sequence[Skill], int]:
        """Return one page of the skills by name, the first being 1, and how many skills there are.

        With `words`, of those alone that have them in their names or descriptions, the best match first.
        """
        offset = (at - 1) * size
        if words:
            return await self._store.search(tenant, words, offset=offset, limit=size)
        found = await self._store.skills(tenant, offset=offset, limit=size)
        return found, await self._store.count(tenant)

    async def records(self, tenant: str, versions: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Record]:
        """Return the records of versions, each by name and number, in one query; an empty one where never tried."""
        found = await self._store.records(tenant, versions)
        return {each: found.get(each, Record()) for each in versions}

    async def record(self, version: SkillVersion) -> Record:
        """Return what is known of one version."""
        key = version.skill, version.version
        return (await self.records(version.tenant, [key]))[key]

    async def in_force(self, tenant: str, name: str) -> SkillVersion | None:
        """Return the version that runs: the newest promoted one, if there is one. Raises `NotFound`."""
        there = [each for each in await self.history(tenant, name) if each.stage is Stage.PROMOTED]
        return max(there, key=lambda each: order(each.version), default=None)

    async def history(self, tenant: str, name: str) -> Sequence[SkillVersion]:
        """Return a skill's versions in the order in which they came. Raises `NotFound`."""
        found = await self._store.versions(tenant, [name])
        if not found:
            raise NotFound("There is no skill “{name}” here. `skill list` shows those that are.", name=name[:64])
        return found

    async def version(self, tenant: str, name: str, wanted: str = "") -> SkillVersion:
        """Return a version, the newest where none is named. Raises `NotFound` and `BadRequest`."""
        there = {each.version: each for each in await self.history(tenant, name)}
        named = number(wanted) if wanted else max(there, key=order)
        if named not in there:
            versions = all_of(sorted(there, key=order)[-10:])
            text = "There is no {name} {version}: there is {versions}."
            raise NotFound(text, name=name, version=named, versions=versions)
        return there[named]

    async def folder(self, version: SkillVersion) -> Folder:
        """Return the files of a version, byte for byte as they came in. Raises `Unavailable` where they are damaged."""
        there = await self._store.contents(version.tenant, [file.sha256 for file in version.files])
        files = {file.path: there.get(file.sha256, b"") for file in version.files}
        folder = Folder(files, frozenset(file.path for file in version.files if file.executable))
        if await asyncio.to_thread(lambda: folder.content) != version.content:
            text = "What is kept of {name} {version} is damaged: bring it in again, or restore the database."
            raise Unavailable(text, name=version.skill, version=version.version)
        return folder

    async def manifest(self, version: SkillVersion) -> Manifest:
        """Return what the SKILL.md of a version says."""
        sha256 = next(file.sha256 for file in version.files if file.path == FILE)
        return read_manifest((await self._store.contents(version.tenant, [sha256]))[sha256])

    async def bring(
        self,
        folder: Folder,
        who: Principal,
        *,
        source: str,
        why: str = "",
        called: str = "",
        collaboration: str | None = None,
    ) -> tuple[SkillVersion, bool]:
        """Keep a folder as a draft, with what it needs locked; return the version, and whether it is new.

        `called` is the name of the folder where it has one, `collaboration` the run that made it. Raises `BadRequest`
        with all that is wrong with it.
        """
        if called and called != (name := (await asyncio.to_thread(check, folder)).name):
            text = "The folder is called “{folder}” and the skill “{name}”: give them one name."
            raise BadRequest(text, folder=called[:64], name=name)
        move = Move(stage=Stage.DRAFT, by=who.id, by_name=who.name, at=now(), why=why)
        return await self._kept(who.tenant, folder, move, source=source, collaboration=collaboration)

    async def receive(self, folder: Folder, who: Principal, *, source: str, number: str) -> tuple[SkillVersion, bool]:
        """Keep a folder that others numbered as a draft of that number. See `bring`."""
        move = Move(stage=Stage.DRAFT, by=who.id, by_name=who.name, at=now())
        return await self._kept(who.tenant, folder, move, number, source=source)

    async def _kept(
        self, tenant: str, folder: Folder, move: Move, number: str = "", **made: str | None
    ) -> tuple[SkillVersion, bool]:
        manifest = await asyncio.to_thread(check, folder)
        past = await self._store.versions(tenant, [manifest.name])
        content = await asyncio.to_thread(lambda: folder.content)
        for each in past:
            if each.content == content and each.stage is not Stage.RETIRED:
                return each, False
        lock = await self._locked(tenant, manifest)
        packages = await self._wheels(tenant, manifest, lock)
        numbers = [each.version for each in past]
        version = _version(folder, manifest, numbers, move, number or following(numbers))
        version = version.but(tenant=tenant, content=content, lock=lock, packages=packages, **made)
        files = {digest(body): body for body in folder.files.values()}
        if await self._store.add(version, files):
            return version, True
        return await self.version(tenant, manifest.name, version.version), False

    async def _locked(self, tenant: str, manifest: Manifest) -> tuple[Locked, ...]:
        needs = manifest.contract.skills
        if not needs:
            return ()
        catalogue = await self.catalogue(tenant, needs)
        return await asyncio.to_thread(resolve, manifest.name, needs, catalogue)

    async def _wheels(self, tenant: str, manifest: Manifest, lock: Sequence[Locked]) -> tuple[LockedPackage, ...]:
        """Return the packages of a skill and of all that it was locked to, resolved together."""
        wanted = [*manifest.contract.packages]
        for each in lock:
            needed = await self.manifest(await self.version(tenant, each.name, each.version))
            wanted += needed.contract.packages
        if wanted and self._packages is None:
            raise BadRequest("Skills with packages are not taken here.")
        return await self._packages.lock(wanted) if wanted and self._packages else ()

    async def catalogue(self, tenant: str, needs: Sequence[Need], elsewhere: Elsewhere = nowhere) -> Catalogue:
        """Return everything that may be chosen, directly or by way of others: what is here, and what is `elsewhere`.

        Raises `BadRequest` where that is too much.
        """
        found: dict[str, list[Candidate]] = {}
        waiting = {need.name for need in needs}
        while waiting:
            if len(found) + len(waiting) > MOST_NEEDED:
                raise BadRequest("It reaches more than {most:,} skills by what it needs: need fewer.", most=MOST_NEEDED)
            found |= {name: [] for name in waiting}
            for each in await self._store.versions(tenant, sorted(waiting)):
                candidate = Candidate(each.skill, each.version, each.content, each.stage, each.needs)
                found[each.skill].append(candidate)
            for name in sorted(waiting):
                here = {each.version for each in found[name]}
                found[name] += [each for each in await elsewhere(name) if each.version not in here]
            waiting = {n.name for name in waiting for each in found[name] for n in each.needs} - found.keys()
        return found

    async def users(self, version: SkillVersion) -> Sequence[tuple[str, str]]:
        """Return who uses a version: each name and number."""
        return await self._store.users(version.tenant, version.skill, version.version)

    async def retire(self, who: Principal, version: SkillVersion, why: str, *, anyway: bool) -> SkillVersion:
        """Retire a version for good; one that others use only where the person says so. Raises `BadRequest`."""
        users = [f"{name} {number}" for name, number in await self.users(version)]
        if users and not anyway:
            raise BadRequest(
                "{name} {version} is used by {users}: change them first, or add `--anyway`.",
                name=version.skill,
                version=version.version,
                users=all_of(users[:10]),
            )
        move = Move(stage=Stage.RETIRED, by=who.id, by_name=who.name, at=now(), why=why)
        return await self._store.move(who.tenant, version.skill, version.version, move)


def _version(folder: Folder, manifest: Manifest, past: Sequence[str], move: Move, number: str) -> SkillVersion:
    """Return the version that a folder becomes, without what only its keeper knows.

    `past` are the numbers that there are, `number` is the one for a SKILL.md that names none.
    """
    version = manifest.contract.version or number
    files = tuple(
        File(path=path, sha256=digest(content), size=len(content), executable=path in folder.executable)
        for path, content in sorted(folder.files.items())
    )
    return SkillVersion(
        tenant="",
        skill=manifest.name,
        version=version,
        content="",
        description=manifest.description,
        language=manifest.contract.language,
        files=files,
        needs=manifest.contract.skills,
        parent=max((each for each in past if order(each) < order(version)), key=order, default=None),
        moves=(move,),
    )
