"""How a run is going to deliberate: which committee, which pattern, and why."""

from collections.abc import Mapping

from core.committee.committee import Committee
from core.committee.patterns import Pattern, choose
from core.entities import Collaboration, Noun
from core.errors import DexterError, Misconfigured, NotFound


class Plan(Noun):
    """Settled once and remembered: a replay keeps to it though the settings have changed since."""

    committee: Committee | None = None
    pattern: Pattern | None = None
    why: str = ""
    """Why `auto` picked the pattern; empty if a person or the committee did."""
    problem: str = ""
    """The sentence to end with, where there is nothing to begin with."""


def make_plan(
    collaboration: Collaboration, committees: Mapping[str, Committee], patterns: Mapping[str, Pattern]
) -> Plan:
    """Return the plan of a collaboration; what stands in its way is in the plan too, so that it is remembered."""
    try:
        committee = _committee(collaboration.committee, committees)
        pattern, why = _pattern(collaboration, committee, patterns)
    except DexterError as error:
        return Plan(problem=str(error))
    return Plan(committee=committee, pattern=pattern, why=why)


def _committee(name: str, committees: Mapping[str, Committee]) -> Committee:
    if name not in committees:
        raise NotFound(f"There is no committee {name!r}. There are: {', '.join(committees)}.")
    if not committees[name].seated:
        raise Misconfigured(f"No member of the committee {name} is on. Set `on = true` for at least one of them.")
    return committees[name]


def _pattern(
    collaboration: Collaboration, committee: Committee, patterns: Mapping[str, Pattern]
) -> tuple[Pattern, str]:
    """Return what the person chose, else what the committee says, else what the question asks for."""
    name = committee.pattern if collaboration.pattern == "auto" else collaboration.pattern
    seats = len(committee.seated)
    if name == "auto":
        playable = {key: pattern for key, pattern in patterns.items() if pattern.members <= seats}
        if not playable:
            raise Misconfigured(f"No pattern can be played by {seats} members. Switch more members on.")
        return choose(collaboration.question, playable)
    if name not in patterns:
        raise NotFound(f"There is no pattern {name!r}. There are: {', '.join(patterns)} and auto.")
    if patterns[name].members > seats:
        raise Misconfigured(
            f"The pattern {name} needs {patterns[name].members} members, and {seats} of the committee "
            f"{committee.name} are on. Switch more on, or pick another pattern."
        )
    return patterns[name], ""
