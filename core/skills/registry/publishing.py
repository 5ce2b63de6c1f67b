"""Who this installation is to others, and what it signs about a version."""

import asyncio
from collections.abc import Awaitable, Callable
from importlib import metadata

from core.entities import now
from core.ports import Store
from core.skills.registry.package import Package, pack, tags_of
from core.skills.registry.signing import Signed, Signer, fingerprint
from core.skills.registry.statement import MOST_NAMED, Act, Provenance, Statement, signed_by
from core.skills.results import Done, Drafted
from core.skills.skill import SkillVersion
from core.skills.skills import Skills


class Publisher:
    """Signs what this installation says."""

    def __init__(self, load: Callable[[], Awaitable[Signer]], name: str = "") -> None:
        """`load` returns the private key, which is asked for when it is needed first."""
        self._load, self._name = load, name
        self._signer: Signer | None = None

    async def signer(self) -> Signer:
        """Return what signs. Raises `Misconfigured` where the key cannot be had."""
        self._signer = self._signer or await self._load()
        return self._signer

    async def key(self) -> str:
        """Return the public key."""
        return (await self.signer()).key

    async def name(self) -> str:
        """Return how this installation is called: as the settings say, else after its key."""
        return self._name or "key-" + fingerprint(await self.key()).replace(":", "")[:12]

    async def sign(self, act: Act) -> Signed:
        """Return an act, signed."""
        return signed_by(await self.signer(), act)


async def packaged(publisher: Publisher, store: Store, skills: Skills, version: SkillVersion) -> Package:
    """Return the package of a version: its archive, and what this installation signs about it."""
    folder, manifest = await skills.folder(version), await skills.manifest(version)
    archive, sha256 = await asyncio.to_thread(pack, folder, version.skill)
    statement = Statement(
        name=version.skill,
        version=version.version,
        content=version.content,
        archive=sha256,
        size=len(archive),
        description=manifest.description,
        tags=tags_of(manifest),
        language=manifest.contract.language,
        permissions=manifest.contract.permissions,
        needs=manifest.contract.skills,
        packages=manifest.contract.packages,
        publisher=await publisher.name(),
        at=now(),
        provenance=await _provenance(store, skills, version),
    )
    return Package(signed=await publisher.sign(statement), archive=archive)


async def _provenance(store: Store, skills: Skills, version: SkillVersion) -> Provenance:
    """Return how a version came to be: who wrote it, and which tests it passed before it was promoted."""
    tenant, record = version.tenant, await skills.record(version)
    made = await store.history(tenant, version.collaboration) if version.collaboration else ()
    drafted = [e.body for e in made if isinstance(e.body, Drafted) and e.body.content == version.content]
    promoted = version.moves[-1].run
    ended = await store.history(tenant, promoted) if promoted else ()
    tests = [e.body.tests[-1] for e in ended if isinstance(e.body, Done) and e.body.tests]
    names = [each.name[:200] for each in tests[-1].results if each.outcome == "passed"] if tests else []
    return Provenance(
        collaboration=version.collaboration or "",
        committee=tuple(name[:100] for name in drafted[-1].members[:MOST_NAMED]) if drafted else (),
        tests=tuple(names[:MOST_NAMED]),
        passed=record.passed,
        tier=record.tier,
        dexter=metadata.version("dexter"),
    )
