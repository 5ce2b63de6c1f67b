"""What a skill needs, found: one version of each other skill so that all ranges hold, or words that say why not."""

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import resolvelib
from resolvelib.resolvers import RequirementInformation, Resolution, ResolutionImpossible, ResolutionTooDeep

from core.errors import BadRequest
from core.sentences import all_of, joined, said
from core.skills.numbers import order, within
from core.skills.skill import Locked, Need, Stage

ROUNDS = 2_500
"""Steps of the search, backward ones included."""
MOST_CAUSES = 4
"""Of a conflict, that are told."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version that may be chosen."""

    name: str
    version: str
    content: str
    stage: Stage
    needs: tuple[Need, ...] = ()


Catalogue = Mapping[str, Sequence[Candidate]]
"""What there is to choose from, by name."""


def resolve(skill: str, needs: Iterable[Need], catalogue: Catalogue) -> tuple[Locked, ...]:
    """Return the versions that `skill` gets, by name: promoted ones before others, newer ones before older.

    What is retired is never chosen. Raises `BadRequest` with the cause: a skill that is not there, ranges that
    exclude each other, or a circle.
    """
    asked = list(needs)
    provider = Choice(skill, asked, catalogue)
    chosen = provider.straight(asked)
    if chosen is None:
        chosen = searched(skill, asked, provider, catalogue)
    uses = {name: each.needs for name, each in chosen.items() if name != skill}
    if circle := _circle({skill: tuple(asked), **uses}):
        text = "{circle}: these skills need one another in a circle: take one of the needs out."
        raise BadRequest(text, circle=" → ".join(circle))
    return tuple(Locked(name=name, version=each.version, content=each.content) for name, each in sorted(chosen.items()))


def searched(skill: str, asked: Sequence[Need], provider: "Choice", catalogue: Catalogue) -> Mapping[str, Candidate]:
    """Return what resolvelib finds. Raises `BadRequest` where there is nothing to be found."""
    search: Any = Resolution(provider, resolvelib.BaseReporter())
    try:
        found: Mapping[str, Candidate] = search.resolve(asked, max_rounds=ROUNDS).mapping
    except ResolutionImpossible as impossible:
        raise _explained(skill, impossible.causes, catalogue) from None
    except ResolutionTooDeep:
        raise BadRequest("What {skill} needs is too tangled to resolve: narrow the ranges.", skill=skill) from None
    return _needed(asked, found)


def _needed(asked: Sequence[Need], found: Mapping[str, Candidate]) -> Mapping[str, Candidate]:
    """Return what is needed of what was found: where a search went back, there is more.

    resolvelib's own sorting out does not end where skills that are left over need one another in a circle.
    """
    needed: dict[str, Candidate] = {}
    waiting = [need.name for need in asked]
    while waiting:
        if (name := waiting.pop()) not in needed:
            needed[name] = found[name]
            waiting += (need.name for need in found[name].needs)
    return needed


class Choice(resolvelib.AbstractProvider[Need, Candidate, str]):
    """What there is to choose from, and in which order."""

    def __init__(self, skill: str, asked: Sequence[Need], catalogue: Catalogue) -> None:
        self._ordered = {
            name: sorted(
                (each for each in there if each.stage is not Stage.RETIRED),
                key=lambda each: (each.stage is Stage.PROMOTED, order(each.version)),
                reverse=True,
            )
            for name, there in catalogue.items()
        }
        self._places = _places(skill, asked, catalogue)

    def straight(self, asked: Sequence[Need]) -> Mapping[str, Candidate] | None:
        """Return what resolvelib would come to without going back; `None` where it would have to.

        Each of its steps looks at everything chosen so far again, which is most of its time.
        """
        chosen: dict[str, Candidate] = {}
        ranges: dict[str, list[str]] = {}
        waiting: list[tuple[int, str]] = []

        def fitting(name: str, *more: str) -> Iterator[Candidate]:
            there = (chosen[name],) if name in chosen else self._ordered.get(name, ())
            wanted = (*ranges.get(name, ()), *more)
            return (each for each in there if all(within(each.version, range) for range in wanted))

        def goes(needs: Sequence[Need]) -> bool:
            return all(any(fitting(need.name, need.range)) for need in needs)

        def fits(each: Candidate) -> bool:
            return goes(each.needs) and all(n.name != each.name or within(each.version, n.range) for n in each.needs)

        needs = asked if goes(asked) else None
        while needs is not None:
            for need in needs:
                if need.name not in ranges:
                    heapq.heappush(waiting, (self._places.get(need.name, 0), need.name))
                ranges.setdefault(need.name, []).append(need.range)
            if not waiting:
                return chosen
            _, name = heapq.heappop(waiting)
            first = next(filter(fits, fitting(name)), None)
            chosen |= {name: first} if first else {}
            needs = first.needs if first else None
        return None

    def identify(self, requirement_or_candidate: Need | Candidate) -> str:
        """Return the name that both have."""
        return requirement_or_candidate.name

    def get_preference(
        self,
        identifier: str,
        resolutions: Mapping[str, Candidate],
        candidates: Mapping[str, Iterator[Candidate]],
        information: Mapping[str, Iterator[RequirementInformation[Need, Candidate]]],
        backtrack_causes: Sequence[RequirementInformation[Need, Candidate]],
    ) -> int:
        """Take a skill once all that may need it are chosen, so that its ranges are known by then."""
        return self._places.get(identifier, 0)

    def find_matches(
        self,
        identifier: str,
        requirements: Mapping[str, Iterator[Need]],
        incompatibilities: Mapping[str, Iterator[Candidate]],
    ) -> list[Candidate]:
        """Return the versions that are left to choose from, best first."""
        ranges = {need.range for need in requirements[identifier]}
        excluded = {each.version for each in incompatibilities[identifier]}
        return [
            each
            for each in self._ordered.get(identifier, ())
            if each.version not in excluded and all(within(each.version, range) for range in ranges)
        ]

    def is_satisfied_by(self, requirement: Need, candidate: Candidate) -> bool:
        """Tell whether a version is in the range that somebody needs."""
        return within(candidate.version, requirement.range)

    def get_dependencies(self, candidate: Candidate) -> tuple[Need, ...]:
        """Return what a version needs in its turn."""
        return candidate.needs


def _places(skill: str, asked: Sequence[Need], catalogue: Catalogue) -> dict[str, int]:
    """Number the skills so that each comes behind all that need it in any version; in a circle one must come first."""
    needs = {name: [need for each in there for need in each.needs] for name, there in catalogue.items()}
    needs[skill] = [*asked, *needs.get(skill, ())]
    left: dict[str, None] = {}
    path = {skill: iter(needs[skill])}
    while path:
        name = next(reversed(path))
        need = next(path[name], None)
        if need is None:
            left[name] = None
            del path[name]
        elif need.name not in left and need.name not in path:
            path[need.name] = iter(needs.get(need.name, ()))
    return {name: place for place, name in enumerate(reversed(left))}


def _circle(needs: Mapping[str, Iterable[Need]]) -> list[str]:
    """Return a circle in what was chosen, its first name again at its end; empty where there is none."""
    done: set[str] = set()
    for start in needs:
        path: dict[str, Iterator[Need]] = {} if start in done else {start: iter(needs[start])}
        while path:
            name = next(reversed(path))
            need = next(path[name], None)
            if need is None:
                done.add(name)
                del path[name]
            elif need.name in path:
                names = list(path)
                return [*names[names.index(need.name) :], need.name]
            elif need.name not in done:
                path[need.name] = iter(needs[need.name])
    return []


def _explained(
    skill: str, causes: Collection[RequirementInformation[Need, Candidate]], catalogue: Catalogue
) -> BadRequest:
    needed = {
        (f"{cause.parent.name} {cause.parent.version}" if cause.parent else skill, cause.requirement)
        for cause in causes
    }
    told = [
        said("{who} needs {name} {range}.", who=who, name=need.name, range=need.range)
        if need.range
        else said("{who} needs {name}.", who=who, name=need.name)
        for who, need in sorted(needed, key=lambda pair: (pair[1].name, pair[0]))[:MOST_CAUSES]
    ]
    for name in sorted({need.name for _, need in needed}):
        there = [each.version for each in catalogue.get(name, ()) if each.stage is not Stage.RETIRED]
        if there:
            versions = all_of(sorted(there, key=order)[-5:])
            told.append(said("Of {name} there is {versions}.", name=name, versions=versions))
        elif catalogue.get(name):
            told.append(said("All versions of {name} are retired: bring in a new one.", name=name))
        else:
            told.append(said("There is no skill {name} here: bring it in first.", name=name))
    if len(needed) > 1:
        told.append(said("No choice of versions fits all of this: widen one of the ranges."))
    return BadRequest(joined(told))
