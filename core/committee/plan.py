"""How a run is going to deliberate: which committee, which pattern, and why."""

from collections.abc import Mapping

from core.committee.committee import Committee
from core.committee.patterns import Pattern, choose
from core.entities import Collaboration, Noun
from core.errors import DexterError, Misconfigured, NotFound
from core.sentences import Sentence


class Plan(Noun):
    """Settled once and remembered: a replay keeps to it though the settings have changed since."""

    committee: Committee | None = None
    pattern: Pattern | None = None
    why: str = ""
    """Why `auto` picked the pattern; empty if a person or the committee did."""
    problem: str = ""
    """The sentence to end with, where there is nothing to begin with."""
    sentence: Sentence | None = None
    """`problem`, where it can be said in other languages."""

    @property
    def error(self) -> DexterError:
        """Return the problem as an error."""
        return DexterError(self.sentence or self.problem)


def no_plan(error: DexterError) -> Plan:
    """Return the plan of a run that cannot begin."""
    return Plan(problem=str(error), sentence=error.sentence)


def make_plan(
    collaboration: Collaboration, committees: Mapping[str, Committee], patterns: Mapping[str, Pattern]
) -> Plan:
    """Return the plan of a collaboration; what stands in its way is in the plan too, so that it is remembered."""
    try:
        committee = _asked(collaboration, _committee(collaboration.committee, committees))
        pattern, why = _pattern(collaboration, committee, patterns)
    except DexterError as error:
        return no_plan(error)
    return Plan(committee=committee, pattern=pattern, why=why)


def _committee(name: str, committees: Mapping[str, Committee]) -> Committee:
    if name not in committees:
        raise NotFound("There is no committee “{name}”. Known names: {names}.", name=name, names=", ".join(committees))
    if not committees[name].seated:
        raise Misconfigured(
            "No member of the committee {name} is on. Have `on = true` set for at least one of them.", name=name
        )
    return committees[name]


def _asked(collaboration: Collaboration, committee: Committee) -> Committee:
    """Return the committee without those who did the work that it judges, as long as anybody remains."""
    without = collaboration.aim.without if collaboration.aim else ()
    members = tuple(each.but(on=False) if each.name in without else each for each in committee.members)
    rest = committee.but(members=members)
    return rest if rest.seated else committee


def _pattern(
    collaboration: Collaboration, committee: Committee, patterns: Mapping[str, Pattern]
) -> tuple[Pattern, str]:
    """Return what the person chose, else what the committee says, else what the question asks for."""
    name = committee.pattern if collaboration.pattern == "auto" else collaboration.pattern
    seats = len(committee.seated)
    if name == "auto":
        playable = {key: pattern for key, pattern in patterns.items() if pattern.members <= seats}
        if not playable:
            raise Misconfigured(
                "No pattern can be played by so few members ({seats}). Have more switched on.", seats=seats
            )
        return choose(collaboration.question, playable)
    if name not in patterns:
        raise NotFound(
            "There is no pattern “{name}”. Known names: {names}.",
            name=name,
            names=", ".join((*patterns, "auto")),
        )
    if patterns[name].members > seats:
        raise Misconfigured(
            "The pattern {name} needs {needs} members; the committee {committee} has {seats} that are on. Pick another "
            "pattern, or have more switched on.",
            name=name,
            needs=patterns[name].members,
            committee=committee.name,
            seats=seats,
        )
    return patterns[name], ""
