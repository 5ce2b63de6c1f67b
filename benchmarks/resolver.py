"""Skills: how long it takes to resolve what one needs among 500 skills with 2,000 edges."""

import random
from statistics import median
from time import perf_counter, process_time

from core.skills.numbers import within
from core.skills.resolve import Candidate, Catalogue, resolve
from core.skills.skill import Need, Stage

SKILLS, EDGES = 500, 2_000
NUMBERS = ("1.0.0", "1.4.0", "2.0.0", "2.1.0")
RANGES = ("", ">=1,<2", ">=1.4", "~=2.0", "<3", "!=2.0.0", ">=2")
RUNS = 5
STRAYING = 0.01


def graph(seed: int) -> Catalogue:
    """Return skills that need skills of a higher number, so that there is no circle; each in four versions.

    Some choice of versions fits everything: each skill has one that all ranges allow. Every hundredth range of the
    other versions is any range, so that the newest do not always fit together and the search has to go back.
    """
    chance = random.Random(seed)
    fits = [chance.choice(NUMBERS) for _ in range(SKILLS)]
    edges: list[list[int]] = [[n + 1] for n in range(SKILLS - 1)] + [[]]
    for _ in range(EDGES - SKILLS + 1):
        one = chance.randrange(SKILLS - 2)
        edges[one].append(chance.randrange(one + 1, SKILLS))

    def needs(one: int, version: str) -> tuple[Need, ...]:
        ranges = {}
        for other in edges[one]:
            strays = version != fits[one] and chance.random() < STRAYING
            ranges[other] = chance.choice([r for r in RANGES if strays or within(fits[other], r)])
        return tuple(Need(name=f"skill-{other}", range=range) for other, range in ranges.items())

    return {
        f"skill-{n}": [Candidate(f"skill-{n}", v, f"{n}:{v}", Stage.PROMOTED, needs(n, v)) for v in NUMBERS]
        for n in range(SKILLS)
    }


def resolved(seed: int) -> tuple[float, float, int]:
    """Resolve all that the first skill reaches, which is every skill.

    Returns the seconds of wall time and of CPU, which differ on a busy machine, and how many were locked.
    """
    catalogue = graph(seed)
    begun, cpu = perf_counter(), process_time()
    locked = resolve("mine", [Need(name="skill-0", range="")], catalogue)
    return perf_counter() - begun, process_time() - cpu, len(locked)


def main() -> None:
    """Print the figures."""
    taken = [resolved(seed) for seed in range(RUNS)]
    for seed, (wall, cpu, locked) in enumerate(taken[:3]):
        print(f"graph {seed}: {wall:.3f} s, {cpu:.3f} s of CPU, {locked} versions locked")
    walls, cpus = [wall for wall, _, _ in taken], [cpu for _, cpu, _ in taken]
    print(f"{RUNS} graphs of {SKILLS} skills, {EDGES:,} edges, {len(NUMBERS)} versions each:")
    print(f"median {median(walls):.3f} s, {median(cpus):.3f} s of CPU; slowest {max(walls):.3f} s (goal: under 1 s)")


if __name__ == "__main__":
    main()
