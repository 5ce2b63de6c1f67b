"""Keeping a draft: a version of a skill, tried afresh, and Tested where its tests hold and would notice a fault."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from core.committee.room import Room
from core.entities import Collaboration, Noun, Principal, Role, Task
from core.errors import BadRequest
from core.ports import Sandbox
from core.sentences import Sentence
from core.skills.bench import Bench
from core.skills.drafting.package import Made, folder_of
from core.skills.drafting.wish import Wish
from core.skills.job import Job
from core.skills.results import Drafted
from core.skills.skill import SkillVersion, Stage
from core.skills.trying import attempts, settle


class Kept(NamedTuple):
    """What became of a draft."""

    drafted: Drafted | None = None
    """`None` where it could not be kept."""
    problem: Sentence | None = None
    """Why it could not, or why its tests are no proof."""


class Brought(Noun):
    """What came of bringing a folder in."""

    version: SkillVersion | None = None
    problem: Sentence | None = None


Keep = Callable[[Room, Made, Wish], Awaitable[Kept]]
"""Keeps what a draft came to and says as what. Whatever it does is a step, or has the run for its key."""

Apart = Callable[[str], Awaitable[Sandbox]]
"""Return where a tenant's programs run; raises, with the remedy, where that is not what it should be."""


def apart(bench: Bench) -> Apart:
    """Return where drafts run: nowhere, before the sandbox has proved itself."""

    async def sandbox(tenant: str) -> Sandbox:
        await bench.proved()
        return bench.pool.of(tenant)

    return sandbox


def keeper(bench: Bench) -> Keep:
    """Return what keeps drafts among a tenant's skills."""

    async def keep(room: Room, made: Made, wish: Wish) -> Kept:
        brought = await room.tools.steps.once("keep", partial(_brought, bench, room.collaboration, made, wish), Brought)
        if (version := brought.version) is None:
            return Kept(problem=brought.problem)
        task = Task(kind="test", skill=version.skill, version=version.version)
        job = Job(room.collaboration, task, room.tools.steps, room.tools.emit)
        tried = await attempts(job, bench, await bench.loaded(version), 1)
        await settle(job, bench, version, tried)
        stage = Stage.DRAFT if tried.problem else max(Stage.TESTED, version.stage, key=[*Stage].index)
        drafted = Drafted(
            skill=version.skill, version=version.version, stage=stage, content=version.content,
            label=made.label, members=made.members,
        )  # fmt: skip
        return Kept(drafted, tried.problem)

    return keep


async def _brought(bench: Bench, asked: Collaboration, made: Made, wish: Wish) -> Brought:
    """Bring a draft in for the person who asked for it; what no skill may have is said, and nothing is kept."""
    who = Principal(tenant=asked.tenant, id=asked.asker, name=asked.asker_name, role=Role.MEMBER)
    source, why = f"collaboration {asked.id}", "drafted by a committee"
    try:
        folder = folder_of(made, wish)
        version, _ = await bench.skills.bring(folder, who, source=source, why=why, collaboration=asked.id)
    except BadRequest as error:
        return Brought(problem=error.sentence)
    return Brought(version=version)
