"""Skills: brought in, looked at, handed out and retired. Nothing here runs one."""

import asyncio
from collections.abc import Sequence

from core.entities import Principal, now
from core.errors import BadRequest, NotFound, Unavailable
from core.ports import SkillStore
from core.sentences import all_of
from core.skills.folder import Folder, check, digest
from core.skills.manifest import FILE, Manifest, read_manifest
from core.skills.numbers import following, number, order
from core.skills.resolve import Candidate, Catalogue, resolve
from core.skills.skill import File, Locked, Move, Need, Skill, SkillVersion, Stage

MOST_NEEDED = 2_000
"""Skills that one may reach by what it needs."""


class Skills:
    """What a tenant has of skills."""

    def __init__(self, store: SkillStore) -> None:
        self._store = store

    async def page(self, tenant: str, at: int, size: int) -> tuple[Sequence[Skill], int]:
        """Return one page of the skills by name, the first being 1, and how many skills there are."""
        found = await self._store.skills(tenant, offset=(at - 1) * size, limit=size)
        return found, await self._store.count(tenant)

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
        self, folder: Folder, who: Principal, *, source: str, why: str = "", called: str = ""
    ) -> tuple[SkillVersion, bool]:
        """Keep a folder as a draft, with what it needs locked; return the version, and whether it is new.

        `called` is the name of the folder where it has one. Raises `BadRequest` with all that is wrong with it.
        """
        manifest = await asyncio.to_thread(check, folder)
        if called and called != manifest.name:
            text = "The folder is called “{folder}” and the skill “{name}”: give them one name."
            raise BadRequest(text, folder=called[:64], name=manifest.name)
        past = await self._store.versions(who.tenant, [manifest.name])
        content = await asyncio.to_thread(lambda: folder.content)
        for each in past:
            if each.content == content and each.stage is not Stage.RETIRED:
                return each, False
        move = Move(stage=Stage.DRAFT, by=who.id, by_name=who.name, at=now(), why=why)
        lock = await self._locked(who.tenant, manifest)
        version = _version(folder, manifest, past, move).but(
            tenant=who.tenant, content=content, lock=lock, source=source
        )
        files = {digest(body): body for body in folder.files.values()}
        if await self._store.add(version, files):
            return version, True
        return await self.version(who.tenant, manifest.name, version.version), False

    async def _locked(self, tenant: str, manifest: Manifest) -> tuple[Locked, ...]:
        needs = manifest.contract.skills
        if not needs:
            return ()
        catalogue = await self._catalogue(tenant, needs)
        return await asyncio.to_thread(resolve, manifest.name, needs, catalogue)

    async def _catalogue(self, tenant: str, needs: Sequence[Need]) -> Catalogue:
        """Return everything that may be chosen, directly or by way of others."""
        found: dict[str, list[Candidate]] = {}
        waiting = {need.name for need in needs}
        while waiting:
            if len(found) + len(waiting) > MOST_NEEDED:
                raise BadRequest("It reaches more than {most:,} skills by what it needs: need fewer.", most=MOST_NEEDED)
            found |= {name: [] for name in waiting}
            for each in await self._store.versions(tenant, sorted(waiting)):
                candidate = Candidate(each.skill, each.version, each.content, each.stage, each.needs)
                found[each.skill].append(candidate)
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


def _version(folder: Folder, manifest: Manifest, past: Sequence[SkillVersion], move: Move) -> SkillVersion:
    """Return the version that a folder becomes, without what only its keeper knows."""
    numbers = [each.version for each in past]
    version = manifest.contract.version or following(numbers)
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
        parent=max((each for each in numbers if order(each) < order(version)), key=order, default=None),
        moves=(move,),
    )
