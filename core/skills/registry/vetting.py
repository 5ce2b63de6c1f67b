"""What stands between a registry and this tenant: nothing comes in but what is whole, signed, and from who it was."""

import asyncio
from collections.abc import Awaitable, Callable

from core.entities import Principal, now
from core.errors import BadRequest, NotFound
from core.ports import Registry, Trust
from core.sentences import all_of
from core.skills.numbers import number, order
from core.skills.registry.index import Head, Release
from core.skills.registry.package import Opened, opened
from core.skills.registry.signing import fingerprint
from core.skills.registry.trust import Entry, Origin, Pin
from core.skills.skills import Skills


class Vetting:
    """Looks at what registries say before anybody relies on it."""

    def __init__(self, skills: Skills, trust: Trust, own: Callable[[], Awaitable[str]]) -> None:
        """`own` returns the public key of this installation."""
        self._skills, self._trust, self._own = skills, trust, own

    async def index(self, tenant: str, registry: Registry) -> Head:
        """Read what is new in the index. Raises `BadRequest` where it is older than one that was seen before."""
        head, seen = await registry.index(), await self._trust.serial(tenant, registry.place)
        if head.serial < seen:
            raise BadRequest(
                "The index of the registry {name} is older than one that was seen before: somebody put an old copy in "
                "its place, in which withdrawn versions may stand again. Nothing of it is used. If a backup was put "
                "back on purpose, `dexter registry rebuild` there makes the index anew.",
                name=registry.name,
            )
        if head.serial > seen:
            await self._trust.keep_serial(tenant, registry.place, head.serial)
        return head

    async def entry(self, tenant: str, registry: Registry, name: str) -> Entry:
        """Return what the index says of a skill now. Raises `NotFound`."""
        await self.index(tenant, registry)
        try:
            return await registry.entry(name)
        except NotFound:
            text = "There is no skill “{name}” in the registry {registry}. `skill search` finds those that are."
            raise NotFound(text, name=name[:64], registry=registry.name) from None

    async def fetched(self, who: Principal, registry: Registry, name: str, version: str) -> tuple[Opened, bool]:
        """Return a package of which everything was found to fit, and whether its publisher was known here before.

        Where it came from is remembered.

        Raises `BadRequest` for one that was exchanged, re-signed or withdrawn, or that is from somebody else than the
        name and the publisher are known by here.
        """
        entry = await registry.entry(name)
        release = release_of(entry, version)
        package = await registry.fetch(name, version)
        found = await asyncio.to_thread(opened, package, name, version)
        _check_index(release, found)
        known = await self._check_publisher(who, found)
        await self._check_name(who.tenant, registry, found)
        origin = Origin(
            tenant=who.tenant,
            place=registry.place,
            skill=name,
            version=version,
            publisher=found.statement.publisher,
            key=found.key,
            content=found.statement.content,
            archive=found.statement.archive,
            statement=package.signed.written().decode(),
            at=now(),
        )
        before = await self._trust.keep_origin(origin)
        if (before.content, before.archive) != (origin.content, origin.archive):
            raise changed(name, version)
        return found, known

    async def trust(self, who: Principal, publisher: str, key: str) -> Pin:
        """Know a publisher by another key from now on."""
        pin = Pin(tenant=who.tenant, publisher=publisher, key=key, by=who.id, by_name=who.name, at=now())
        return await self._trust.keep_pin(pin, instead=True)

    async def _check_publisher(self, who: Principal, found: Opened) -> bool:
        """Tell whether the publisher was known here before. Raises `BadRequest` where it was by another key."""
        publisher = found.statement.publisher
        pin = Pin(tenant=who.tenant, publisher=publisher, key=found.key, by=who.id, by_name=who.name, at=now())
        known = await self._trust.keep_pin(pin)
        if known.key != found.key:
            raise BadRequest(
                "{name} {version} is signed with the key {key}, and {publisher} is known here by the key {known} "
                "(since {at}): it may be somebody else. Nothing of it was used. If {publisher} confirms the "
                "new key in another way, add `--key {key}`.",
                name=found.statement.name,
                version=found.statement.version,
                key=found.fingerprint,
                publisher=publisher,
                known=fingerprint(known.key),
                at=f"{known.at:%Y-%m-%d}",
            )
        return known.at != pin.at

    async def _check_name(self, tenant: str, registry: Registry, found: Opened) -> None:
        """Refuse a skill whose name is known here as somebody else's."""
        name, publisher = found.statement.name, found.statement.publisher
        origins = await self._trust.origins(tenant, name)
        if origins and origins[-1].publisher != publisher:
            text = (
                "{name} came from {before} so far, and this one is from {publisher}: it is another skill of that name."
            )
            raise BadRequest(text, name=name, before=origins[-1].publisher, publisher=publisher)
        if origins or found.key == await self._own():
            return
        try:
            here = await self._skills.history(tenant, name)
        except NotFound:
            return
        if all(each.content != found.statement.content for each in here):
            text = "There is a skill “{name}” here that did not come from {registry}: the one there is another."
            raise BadRequest(text, name=name, registry=registry.name)


def release_of(entry: Entry, wanted: str = "") -> Release:
    """Return a version that may be installed; the newest where none is named. Raises `NotFound` and `BadRequest`."""
    listing = entry.listing
    version = number(wanted) if wanted else listing.newest.version
    release = next((each for each in listing.releases if each.version == version), None)
    if release is None:
        text = "There is no {name} {version} in the registry: there is {versions}."
        versions = all_of(sorted((each.version for each in listing.releases), key=order)[-10:])
        raise NotFound(text, name=listing.name, version=version, versions=versions)
    if release.yanked is not None:
        text = "{name} {version} was withdrawn by its publisher: {why}"
        raise BadRequest(text, name=listing.name, version=version, why=release.yanked or "–")
    if version in entry.changed:
        raise changed(listing.name, version)
    return release


def changed(name: str, version: str) -> BadRequest:
    """Return what is said of a version that is not what it was."""
    return BadRequest(
        "{name} {version} is not what it was when it was seen first: its content or its signature was exchanged, and "
        "versions never change. Nothing of it is used; ask its publisher for a new version.",
        name=name,
        version=version,
    )


def _check_index(release: Release, found: Opened) -> None:
    """Refuse a package that is another than the index says."""
    said = found.statement
    there = (release.content, release.archive, release.key, release.publisher, release.permissions, release.needs)
    if there != (said.content, said.archive, found.key, said.publisher, said.permissions, said.needs):
        raise changed(said.name, said.version)
