"""Who sits where: the chair, the parts of a pattern, and the labels that hide who wrote what."""

import random
from collections.abc import Mapping

from core.committee.ballots import letters
from core.committee.committee import Committee, Member
from core.committee.patterns import Part, Pattern, Phase


def chair_of(committee: Committee) -> Member:
    """Return the chair, or the first member that is on where the chair is not."""
    return next((m for m in committee.seated if m.name == committee.chair), committee.seated[0])


def cast_parts(pattern: Pattern, committee: Committee) -> dict[str, Member]:
    """Give each part of the pattern, in order, to a member that has none yet.

    First whom the part prefers, by role or name; then whoever is free, the chair last, so that it can judge.
    """
    chair = chair_of(committee)
    free = [m for m in committee.seated if m != chair] + [chair]
    given: dict[str, Member] = {}
    for part in pattern.parts[: len(free)]:
        given[part.name] = free.pop(_best(part, free, chair))
    return given


def _best(part: Part, free: list[Member], chair: Member) -> int:
    for wish in part.prefer:
        for at, member in enumerate(free):
            if wish in (member.role, member.name) or (wish == "chair" and member == chair):
                return at
    return 0


def who(phase: Phase, committee: Committee, parts: Mapping[str, Member]) -> tuple[Member, ...]:
    """Return the members that a phase asks, in the order of their seats."""
    seated = committee.seated
    if phase.by == ("all",):
        return seated
    everybody = {member.name for member in seated}
    groups = {
        "all": everybody,
        "rest": everybody - {member.name for member in parts.values()},
        "chair": {chair_of(committee).name},
    }
    asked = {name for by in phase.by for name in groups.get(by) or {parts[by].name}}
    return tuple(member for member in seated if member.name in asked)


def labels_of(committee: Committee, run: str) -> dict[str, str]:
    """Return a neutral label for each member, drawn from the run: a letter says nothing about who it is."""
    order = list(committee.seated)
    random.Random(f"{run}:labels").shuffle(order)
    return {member.name: label for label, member in zip(letters(len(order)), order, strict=True)}


def strongest_first(members: tuple[Member, ...]) -> list[Member]:
    """Return members by skill, then weight, then seat; a member of unknown skill counts as even odds."""
    return sorted(members, key=lambda member: (-(member.skill or 0.5), -member.weight))
