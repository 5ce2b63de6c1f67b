"""What all the runs together say: which candidate the others agree with, and which tests nothing supports.

After CodeT (https://arxiv.org/abs/2207.10397): right programs agree with one another and with right tests, wrong ones
go wrong each in its own way. Here the agreement is counted call by call instead of by whole groups, so that one odd
call does not part two programs that are the same otherwise. Nobody is asked: outputs are compared.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.skills.drafting.cases import Case, Output, passes


@dataclass(frozen=True, slots=True)
class Candidate:
    """A program, by the label of the first who wrote it."""

    label: str
    members: tuple[str, ...]
    """Who wrote it; a name stands there for each time."""
    code: str


@dataclass(slots=True)
class Evidence:
    """All that was run: candidates by label, calls, and what each candidate gave on each call."""

    candidates: Mapping[str, Candidate]
    examples: Sequence[Case]
    """The asker's own."""
    tests: Sequence[Case]
    """The members'."""
    outputs: Mapping[str, Mapping[str, Output]]
    """By label and arguments of the call."""
    weights: dict[str, dict[str, float]] = field(default_factory=dict)
    """For each call, how much speaks for each output."""
    leading: tuple[str, ...] = ()
    """The candidates that pass the most examples: those whose outputs count."""

    def __post_init__(self) -> None:
        most = max((self.shown(label) for label in self.candidates), default=0)
        self.leading = tuple(label for label in self.candidates if self.shown(label) == most)
        self.weights = _weights(self)

    def passes(self, label: str, case: Case) -> bool:
        """Tell whether a candidate passes a test."""
        return passes(case, self.outputs[label][case.arguments])

    def shown(self, label: str) -> int:
        """Return how many of the asker's examples a candidate passes."""
        return sum(self.passes(label, case) for case in self.examples)

    @property
    def complete(self) -> bool:
        """Tell whether the leading candidates pass every example."""
        return bool(self.leading) and self.shown(self.leading[0]) == len(self.examples)

    def score(self, label: str) -> float:
        """Return how much of what is known agrees with a candidate, from 0 to 1."""
        calls = [call for call, weights in self.weights.items() if len(weights) > 0]
        shares = [self._share(label, call) for call in calls]
        return sum(shares) / len(shares) if shares else 0.0

    def _share(self, label: str, call: str) -> float:
        weights = self.weights[call]
        return weights.get(self.outputs[label][call].key, 0.0) / sum(weights.values())


def ranked(evidence: Evidence) -> list[str]:
    """Return all candidates, best first: by the examples they pass, by agreement, by how often they were written."""
    order = list(evidence.candidates)

    def merit(label: str) -> tuple[float, ...]:
        writers = len(evidence.candidates[label].members)
        return (-evidence.shown(label), -round(evidence.score(label), 6), -writers, order.index(label))

    return sorted(order, key=merit)


def alike(evidence: Evidence, label: str) -> tuple[str, ...]:
    """Return the leading candidates that give on every call what this one gives; it alone where nothing was called."""
    keys = {call: output.key for call, output in evidence.outputs[label].items()}
    if not keys:
        return (label,)
    return tuple(
        other for other in evidence.leading
        if all(evidence.outputs[other][call].key == key for call, key in keys.items())
    )  # fmt: skip


def supported(evidence: Evidence, winner: str) -> tuple[Case, ...]:
    """Return the members' tests that stay: what they expect is what most outputs say, and the winner passes them.

    The others are voted out: no honest reading of the request supports them, as far as the runs show.
    """
    kept: dict[str, Case] = {}
    for case in evidence.tests:
        weights = evidence.weights.get(case.arguments, {})
        top = max(weights.values(), default=0.0)
        own = evidence.outputs[winner][case.arguments].key
        if evidence.passes(winner, case) and own and weights.get(own, 0.0) >= top:
            kept.setdefault(case.arguments, case)
    return tuple(kept.values())


def writers(evidence: Evidence, labels: Sequence[str]) -> int:
    """Return how many samples are behind candidates."""
    return sum(len(evidence.candidates[label].members) for label in labels)


def _weights(evidence: Evidence) -> dict[str, dict[str, float]]:
    """Return for each call how many leading samples, and how many test writers, speak for each output.

    An error speaks for nothing; so a call that only brings errors counts for nobody.
    """
    found: dict[str, dict[str, float]] = {}
    calls = dict.fromkeys(call for outputs in evidence.outputs.values() for call in outputs)
    wanted: dict[str, list[Case]] = defaultdict(list)
    for case in evidence.tests:
        wanted[case.arguments].append(case)
    for call in calls:
        weights: dict[str, float] = defaultdict(float)
        for label in evidence.leading:
            output = evidence.outputs[label][call]
            if not output.error:
                weights[output.key] += len(evidence.candidates[label].members)
        for key in [*weights]:
            given = next(
                evidence.outputs[each][call] for each in evidence.leading if evidence.outputs[each][call].key == key
            )
            weights[key] += len({case.by for case in wanted[call] if passes(case, given)})
        if weights:
            found[call] = dict(weights)
    return found
