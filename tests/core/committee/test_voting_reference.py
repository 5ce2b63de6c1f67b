"""Every rule that pref_voting 0.5.4 has elects the same candidates on 1,000 random profiles, ties included.

How ties are treated, so that the sets of winners are equal and not only overlap: all with the most points win
(plurality, Borda, approval, score); all that no rival beats by a stronger path of margins win (Schulze; its Beat
Path); all with the fewest first choices fall in one round and, where nobody else is left, win (instant runoff).
"""

import random
from collections.abc import Callable
from types import ModuleType

import pytest

from core.committee.voting import RULES, Vote
from tests.doubles.reference_rules import load

PROFILES = 1_000
Ranks = tuple[tuple[int, ...], ...]


@pytest.fixture(scope="module")
def reference() -> dict[str, ModuleType]:
    names = ("profiles", "profiles_with_ties", "scoring_methods", "margin_based_methods", "iterative_methods")
    more = ("grade_profiles", "grade_methods")
    return dict(zip((*names, *more), load(*names, *more), strict=True))


def ours(rule: str, votes: list[Vote], size: int) -> list[int]:
    return sorted(int(label) for label in RULES[rule](votes, [str(number) for number in range(size)]).winners)


def ranked(rankings: list[Ranks]) -> list[Vote]:
    return [Vote(f"v{n}", tuple(tuple(map(str, tier)) for tier in tiers)) for n, tiers in enumerate(rankings)]


def random_rankings(chance: random.Random, size: int, *, partial: bool, ties: bool) -> list[Ranks]:
    def one() -> Ranks:
        order = chance.sample(range(size), chance.randint(1, size) if partial else size)
        tiers: list[tuple[int, ...]] = []
        for number in order:
            if tiers and ties and chance.random() < 0.3:
                tiers[-1] += (number,)
            else:
                tiers.append((number,))
        return tuple(tiers)

    return [one() for _ in range(chance.randint(1, 9))]


def with_ranks(reference: dict[str, ModuleType], rankings: list[Ranks], size: int) -> object:
    ranks = [{number: place for place, tier in enumerate(tiers) for number in tier} for tiers in rankings]
    profile = reference["profiles_with_ties"].ProfileWithTies(ranks, candidates=list(range(size)))
    profile.use_extended_strict_preference()
    return profile


@pytest.mark.parametrize(
    ("rule", "module", "method"),
    [
        ("plurality", "scoring_methods", "plurality"),
        ("weighted", "scoring_methods", "plurality"),
        ("log-odds", "scoring_methods", "plurality"),
        ("borda", "scoring_methods", "borda"),
        ("schulze", "margin_based_methods", "beat_path"),
        ("irv", "iterative_methods", "instant_runoff"),
    ],
)
def test_full_rankings_elect_whom_the_reference_elects(
    reference: dict[str, ModuleType], rule: str, module: str, method: str
) -> None:
    chance = random.Random(rule)
    theirs: Callable[[object], list[int]] = getattr(reference[module], method)
    for _ in range(PROFILES):
        size = chance.randint(2, 5)
        rankings = random_rankings(chance, size, partial=False, ties=False)
        profile = reference["profiles"].Profile([[tier[0] for tier in tiers] for tiers in rankings])
        assert ours(rule, ranked(rankings), size) == [int(n) for n in theirs(profile)], rankings


@pytest.mark.parametrize(
    ("rule", "module", "method", "ties"),
    [
        ("borda", "scoring_methods", "borda_for_profile_with_ties", True),
        ("schulze", "margin_based_methods", "beat_path", True),
        ("irv", "iterative_methods", "instant_runoff_for_truncated_linear_orders", False),
    ],
)
def test_partial_rankings_elect_whom_the_reference_elects(
    reference: dict[str, ModuleType], rule: str, module: str, method: str, ties: bool
) -> None:
    chance = random.Random(rule)
    theirs: Callable[[object], list[int]] = getattr(reference[module], method)
    for _ in range(PROFILES):
        size = chance.randint(2, 5)
        rankings = random_rankings(chance, size, partial=True, ties=ties)
        assert ours(rule, ranked(rankings), size) == theirs(with_ranks(reference, rankings, size)), rankings


def test_weights_count_as_the_reference_counts_so_many_voters(reference: dict[str, ModuleType]) -> None:
    chance = random.Random("weights")
    for _ in range(PROFILES):
        size = chance.randint(2, 5)
        rankings = random_rankings(chance, size, partial=False, ties=False)
        counts = [chance.randint(1, 4) for _ in rankings]
        votes = [vote._replace(weight=float(n)) for vote, n in zip(ranked(rankings), counts, strict=True)]
        profile = reference["profiles"].Profile([[tier[0] for tier in tiers] for tiers in rankings], rcounts=counts)
        theirs = reference["scoring_methods"].plurality(profile)
        assert ours("weighted", votes, size) == ours("log-odds", votes, size) == theirs, (rankings, counts)


@pytest.mark.parametrize(("rule", "top"), [("approval", 1), ("score", 10)])
def test_grades_elect_whom_the_reference_elects(reference: dict[str, ModuleType], rule: str, top: int) -> None:
    chance = random.Random(rule)
    grades = list(range(top + 1))
    for _ in range(PROFILES):
        size = chance.randint(2, 5)
        given = [{n: chance.choice(grades) for n in range(size)} for _ in range(chance.randint(1, 9))]
        profile = reference["grade_profiles"].GradeProfile(given, grades, candidates=list(range(size)))
        approved = [((tuple(str(n) for n in one if one[n]),) if rule == "approval" else ()) for one in given]
        votes = [
            Vote(f"v{number}", ranking, {} if rule == "approval" else {str(n): float(g) for n, g in one.items()})
            for number, (ranking, one) in enumerate(zip(approved, given, strict=True))
        ]
        theirs = getattr(reference["grade_methods"], "approval" if rule == "approval" else "score_voting")(profile)
        assert ours(rule, votes, size) == theirs, given
