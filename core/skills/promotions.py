"""What people decide about versions: they approve what a run has tested, and take what is in force out of it."""

from collections.abc import Awaitable
from typing import Protocol

from core.access import Permission, require
from core.entities import Collaboration, Principal, now
from core.errors import BadRequest, NotFound
from core.events import Event
from core.ports import SkillStore, Store
from core.sandbox import Tier
from core.sentences import said
from core.skills.results import Approval, Done, Review
from core.skills.skill import Move, SkillVersion, Stage
from core.skills.skills import Skills

DECIDED = ("promote", "install")
"""The tasks that end in asking a person."""
KEY = "approval"
"""Of the event: a run is decided once."""


class Decide(Protocol):
    """Writes an approval down with the step that it allows, in one transaction, and passes it on."""

    def __call__(
        self, event: Event, name: str, version: str, *, before: str, move: Move | None
    ) -> Awaitable[SkillVersion]:
        """Return the version after. Raises what `core.ports.SkillStore.decide` raises."""


class Promotions:
    """Nothing comes into force but what a run has tested and a person who may has approved."""

    def __init__(self, store: Store, kept: SkillStore, skills: Skills, decide: Decide, least: Tier) -> None:
        """`least` is the tier that tests must have been kept apart by."""
        self._store, self._kept, self._skills, self._decide, self._least = store, kept, skills, decide, least

    async def approve(self, who: Principal, run: str, *, yes: bool, why: str = "") -> SkillVersion:
        """Promote exactly what a run has tested, or decide against it; return the version after.

        Raises `NotAllowed`, and `BadRequest` where there is nothing to decide, where it was decided before, and where
        what the person was shown is no longer so.
        """
        require(who, Permission.SKILLS)
        asked = await self._store.collaboration(who.tenant, run)
        done, review = await self._reviewed(asked)
        if yes:
            await self._check(who, done, review)
        what = f"{done.task} {done.skill} {done.version}"
        body = Approval(
            person=who.id, person_name=who.name, yes=yes, what=what, permissions=review.permissions, why=why
        )
        event = Event(key=KEY, run=asked.id, tenant=asked.tenant, address=asked.address, at=now(), body=body)
        move = Move(stage=Stage.PROMOTED, by=who.id, by_name=who.name, at=event.at, why=why, run=asked.id)
        return await self._decide(event, done.skill, done.version, before=review.before, move=move if yes else None)

    async def rollback(self, who: Principal, name: str, why: str = "") -> tuple[SkillVersion, SkillVersion | None]:
        """Take the version in force out of it; return it, and the one before it, which is in force now if there is one.

        Raises `NotAllowed`, `NotFound`, and `BadRequest` where none is in force.
        """
        require(who, Permission.SKILLS)
        in_force = await self._skills.in_force(who.tenant, name)
        if in_force is None:
            raise BadRequest("No version of {name} is promoted: there is nothing to roll back.", name=name)
        move = Move(stage=Stage.TESTED, by=who.id, by_name=who.name, at=now(), why=why)
        taken = await self._kept.move(who.tenant, name, in_force.version, move)
        return taken, await self._skills.in_force(who.tenant, name)

    async def _reviewed(self, asked: Collaboration) -> tuple[Done, Review]:
        """Return how a run ended and what it asks to be approved."""
        nothing = BadRequest("{run} ends in nothing that could be approved.", run=asked.id)
        if not asked.task or asked.task.kind not in DECIDED:
            raise nothing
        if not asked.status.over:
            raise BadRequest("{run} is still at work: wait for its result.", run=asked.id)
        history = await self._store.history(asked.tenant, asked.id)
        before = next((event.body for event in history if isinstance(event.body, Approval)), None)
        if before:
            text = "That was {decided} before, by {who}."
            decided = said("approved") if before.yes else said("turned down")
            raise BadRequest(text, decided=decided, who=before.person_name)
        done = next((event.body for event in history if isinstance(event.body, Done)), None)
        if not done or not done.review or not done.passed:
            raise nothing
        return done, done.review

    async def _check(self, who: Principal, done: Done, review: Review) -> None:
        """Refuse what this person may not approve, and what is no longer what they were shown."""
        if review.added:
            require(who, Permission.APPROVE_REACH)
        version = await self._skills.version(who.tenant, done.skill, done.version)
        if version.content != review.content:
            raise NotFound("What was tested as {name} {version} is not here.", name=done.skill, version=done.version)
        tiers = [tests.tier for tests in done.tests]
        if not tiers or not all(tier and tier.reaches(self._least) for tier in tiers):
            raise BadRequest(
                "By now, tests must be kept apart by the tier “{tier}” or a stronger one, and these were not: have it "
                "promoted anew.",
                tier=said(self._least.value),
            )
