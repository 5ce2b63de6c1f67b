"""A skill and its versions: what they are, and the life of a version."""

from datetime import datetime
from enum import StrEnum

from core.entities import Noun
from core.errors import BadRequest
from core.sentences import said


class Stage(StrEnum):
    """Where a version is in its life."""

    DRAFT = "draft"
    TESTED = "tested"
    PROMOTED = "promoted"
    RETIRED = "retired"


NEXT: dict[Stage, frozenset[Stage]] = {
    Stage.DRAFT: frozenset({Stage.TESTED, Stage.RETIRED}),
    Stage.TESTED: frozenset({Stage.DRAFT, Stage.PROMOTED, Stage.RETIRED}),
    Stage.PROMOTED: frozenset({Stage.TESTED, Stage.RETIRED}),
    Stage.RETIRED: frozenset(),
}
"""Tested goes back to draft where a fresh run fails, promoted to tested where it is rolled back; what is retired stays
so: its content may come in again as a version of its own."""


class Move(Noun):
    """One step in the life of a version: who took it, when and why."""

    stage: Stage
    by: str
    """`Principal.id`."""
    by_name: str
    at: datetime
    why: str = ""
    run: str = ""
    """The run that it came of, which takes a step of one kind once alone."""


class File(Noun):
    """One file of a version; its content is kept by its hash."""

    path: str
    """From the folder of the skill, with `/`."""
    sha256: str
    size: int
    """Bytes."""
    executable: bool = False


class Need(Noun):
    """Another skill that a version uses, and which of its versions will do."""

    name: str
    range: str
    """As Python packages write it: `>=1.2,<2`; empty: any version."""


class Locked(Noun):
    """The version of another skill that a version was resolved to, directly or by way of others."""

    name: str
    version: str
    content: str
    """`SkillVersion.content` of that version."""


class LockedPackage(Noun):
    """The wheel of a package that a version was resolved to, directly or by way of others."""

    name: str
    version: str
    file: str
    """What the wheel is called, which says where it works: `py3-none-any` does everywhere."""
    sha256: str


class SkillVersion(Noun):
    """One numbered text of a skill. Nothing of it ever changes but its stage, which moves by `moved`."""

    tenant: str
    skill: str
    version: str
    """Three numbers: `1.4.0`."""
    content: str
    """SHA-256 over all of its files; see `core.skills.folder.fingerprint`."""
    description: str
    language: str = ""
    """`python`, `powershell`, `shell`, or empty where there is nothing to run."""
    files: tuple[File, ...]
    needs: tuple[Need, ...] = ()
    lock: tuple[Locked, ...] = ()
    packages: tuple[LockedPackage, ...] = ()
    """Of its own and of all skills in `lock`, resolved together."""
    parent: str | None = None
    """The version that this one was made from."""
    source: str = ""
    """Where it came from: a path, a name of an archive or an address."""
    collaboration: str | None = None
    """The one that made it, if one did."""
    moves: tuple[Move, ...]
    """At least the one that made it a draft."""

    @property
    def stage(self) -> Stage:
        """Return where it is in its life."""
        return self.moves[-1].stage

    @property
    def made(self) -> Move:
        """Return who made it, when and why."""
        return self.moves[0]


class Skill(Noun):
    """A named ability as lists show it: its newest version and that version's stage."""

    tenant: str
    name: str
    description: str
    version: str
    stage: Stage
    versions: int
    changed_at: datetime
    in_force: str = ""
    """The newest promoted version, which is what runs; empty where there is none."""


def moved(version: SkillVersion, move: Move) -> SkillVersion:
    """Return the version after a step of its life. Raises `BadRequest` for a step that there is not."""
    if move.stage not in NEXT[version.stage]:
        raise BadRequest(
            "{name} {version} is {stage}, and cannot become {wanted} from there.",
            name=version.skill,
            version=version.version,
            stage=said(version.stage.value),
            wanted=said(move.stage.value),
        )
    return version.but(moves=(*version.moves, move))
