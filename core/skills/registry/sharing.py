"""The service: skills that are published, found, rated and withdrawn, in registries that this installation knows."""

from collections.abc import Sequence
from typing import Literal

from core.access import Permission, require
from core.entities import Noun, Principal, now
from core.errors import BadRequest, DexterError, NotFound
from core.ports import Registry, Store, Trust
from core.sentences import Sentence, one_of, said
from core.skills.numbers import within
from core.skills.registry.index import Found, Release
from core.skills.registry.publishing import Publisher, packaged
from core.skills.registry.signing import fingerprint
from core.skills.registry.statement import LONGEST_WHY, Act, Statement, Uses, Vote, Yank, act_in
from core.skills.registry.trust import Origin, Rating
from core.skills.registry.vetting import Vetting, changed, release_of
from core.skills.skill import SkillVersion, Stage
from core.skills.skills import Skills

Consent = Literal["never", "folder", "always"]
"""Who is told how often skills were run: nobody, registries in folders, or all."""


class Standing(Noun):
    """An installed version, and what the registry says of it now."""

    origin: Origin
    problem: Sentence | None = None
    """Why it should be looked at: withdrawn, exchanged, vanished; `None` where nothing is."""
    reached: bool = True
    """False where the registry could not be asked, which is then the problem."""


class Sharing:
    """What a tenant does with registries."""

    def __init__(
        self,
        store: Store,
        skills: Skills,
        trust: Trust,
        registries: Sequence[Registry],
        publisher: Publisher,
        consent: Consent = "folder",
    ) -> None:
        """Of `registries`, the first is meant where none is named."""
        self._store, self._skills, self._trust = store, skills, trust
        self._registries, self._publisher, self._consent = registries, publisher, consent
        self.vetting = Vetting(skills, trust, publisher.key)

    def registry(self, name: str = "") -> Registry:
        """Return a registry by its name, or the one that is meant where none is named. Raises `NotFound`."""
        found = next((each for each in self._registries if name in ("", each.name)), None)
        if found is None:
            text = "There is no registry “{name}”: there is {names}. `registry.more` in dexter.toml adds others."
            raise NotFound(text, name=name[:40], names=one_of([each.name for each in self._registries]))
        return found

    async def fingerprint(self) -> str:
        """Return what others compare the key of this installation by."""
        return fingerprint(await self._publisher.key())

    async def search(self, tenant: str, words: str, registry: Registry, limit: int = 20) -> Sequence[Found]:
        """Return the skills that fit the words, best first."""
        await self.vetting.index(tenant, registry)
        return await registry.search(words, limit)

    async def offered(self, tenant: str, registry: Registry, name: str, wanted: str = "") -> Release:
        """Return the version that would be installed. Raises `NotFound` and `BadRequest`."""
        return release_of(await self.vetting.entry(tenant, registry, name), wanted)

    async def publish(self, who: Principal, version: SkillVersion, registry: Registry) -> Statement:
        """Publish a promoted version under this installation's key. Raises `NotAllowed` and `BadRequest`."""
        require(who, Permission.SKILLS)
        if version.stage is not Stage.PROMOTED:
            text = "{name} {version} is {stage}: only what was tested and promoted here can be published."
            stage = said(version.stage.value)
            raise BadRequest(text, name=version.skill, version=version.version, stage=stage)
        await self._check_needs(who.tenant, version, registry)
        package = await packaged(self._publisher, self._store, self._skills, version)
        await registry.publish(package)
        return act_in(package.signed, Statement)

    async def yank(self, who: Principal, registry: Registry, name: str, version: str, why: str) -> Yank:
        """Withdraw a version of one's own. Raises `NotAllowed`, `NotFound` and `BadRequest`."""
        require(who, Permission.SKILLS)
        act = Yank(name=name, version=version, publisher=await self._publisher.name(), at=now(), why=why[:LONGEST_WHY])
        await self._say(registry, act)
        return act

    async def rate(self, who: Principal, registry: Registry, name: str, stars: int, why: str) -> Vote:
        """Remember what a person gives a skill, and send the registry what all here give it on average."""
        require(who, Permission.JUDGE)
        await self.vetting.entry(who.tenant, registry, name)
        rating = Rating(tenant=who.tenant, skill=name, person=who.id, stars=stars, why=why[:LONGEST_WHY], at=now())
        await self._trust.keep_rating(rating)
        given = [each.stars for each in await self._trust.ratings(who.tenant, name)]
        mean = round(sum(given) / len(given))
        act = Vote(name=name, stars=mean, publisher=await self._publisher.name(), at=now(), why=why[:LONGEST_WHY])
        await self._say(registry, act)
        return act

    async def report(self, tenant: str, skill: str) -> bool:
        """Tell the registry that a skill is from how often it was run here; False where that is not wanted."""
        origins = await self._trust.origins(tenant, skill)
        registry = self._at(origins[-1].place) if origins else None
        if registry is None or not self._told(registry):
            return False
        versions = [(each.skill, each.version) for each in await self._skills.history(tenant, skill)]
        records = (await self._skills.records(tenant, versions)).values()
        runs, good = sum(each.runs for each in records), sum(each.succeeded for each in records)
        await self._say(
            registry, Uses(name=skill, runs=runs, good=good, publisher=await self._publisher.name(), at=now())
        )
        return True

    async def installed(self, tenant: str) -> Sequence[Standing]:
        """Return what came from registries and is here, and what they say of it now."""
        origins = [each for each in await self._trust.origins(tenant) if await self._is_here(each)]
        unreached = {place: await self._unreached(tenant, place) for place in {each.place for each in origins}}
        return [
            Standing(origin=each, problem=unreached[each.place], reached=False)
            if unreached[each.place]
            else Standing(origin=each, problem=await self._problem(each))
            for each in origins
        ]

    def _at(self, place: str) -> Registry | None:
        return next((each for each in self._registries if each.place == place), None)

    async def _unreached(self, tenant: str, place: str) -> Sentence | None:
        """Return why a registry cannot be asked, if it cannot."""
        registry = self._at(place)
        if registry is None:
            return said("The registry {place}, where it is from, is not in the settings any more.", place=place)
        try:
            await self.vetting.index(tenant, registry)
        except DexterError as error:
            return error.sentence
        return None

    async def _problem(self, origin: Origin) -> Sentence | None:
        registry = self._at(origin.place)
        try:
            release = release_of(await registry.entry(origin.skill), origin.version) if registry else None
        except NotFound:
            text = "{name} {version} has vanished from the registry."
            return said(text, name=origin.skill, version=origin.version)
        except DexterError as error:
            return error.sentence
        now_ = (release.content, release.archive, release.key) if release else ()
        same = now_ == (origin.content, origin.archive, origin.key)
        return None if same else changed(origin.skill, origin.version).sentence

    async def _is_here(self, origin: Origin) -> bool:
        try:
            there = await self._skills.history(origin.tenant, origin.skill)
        except NotFound:
            return False
        return any(each.content == origin.content and each.stage is not Stage.RETIRED for each in there)

    async def _say(self, registry: Registry, act: Act) -> None:
        await registry.say(await self._publisher.sign(act))

    def _told(self, registry: Registry) -> bool:
        return self._consent == "always" or (self._consent == "folder" and not registry.remote)

    async def _check_needs(self, tenant: str, version: SkillVersion, registry: Registry) -> None:
        """Refuse to publish what nobody could install: each skill that it needs must be there already."""
        await self.vetting.index(tenant, registry)
        for need in version.needs:
            try:
                there = (await registry.entry(need.name)).listing.releases
            except NotFound:
                there = ()
            if not any(each.yanked is None and within(each.version, need.range) for each in there):
                text = "{name} needs {need} {range}, which is not in the registry {registry}: publish that first."
                raise BadRequest(text, name=version.skill, need=need.name, range=need.range, registry=registry.name)
