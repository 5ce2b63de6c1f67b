"""Skills: how long it takes to resolve what one needs among 500 skills with 2,000 edges, and to list 10,000."""

import asyncio
import random
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from core.entities import now
from core.skills.numbers import within
from core.skills.resolve import Candidate, Catalogue, resolve
from core.skills.skill import File, Move, Need, SkillVersion, Stage
from storage.kept import Database
from storage.skills import SqlSkills

SKILLS, EDGES, LISTED = 500, 2_000, 10_000
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


def resolved(seed: int) -> tuple[float, int]:
    """Resolve all that the first skill reaches, which is every skill; return the seconds and how many were locked."""
    catalogue = graph(seed)
    begun = perf_counter()
    locked = resolve("mine", [Need(name="skill-0", range="")], catalogue)
    return perf_counter() - begun, len(locked)


async def listed() -> None:
    """Keep 10,000 skills, and time pages of the list from its beginning to its end."""
    with tempfile.TemporaryDirectory() as home, Database(f"sqlite:///{Path(home) / 'dexter.db'}").opened() as kept:
        await asyncio.gather(*(_keep(kept.skills, n) for n in range(LISTED)))
        for offset in (0, LISTED // 2, LISTED - 20):
            times = []
            for _ in range(RUNS):
                begun = perf_counter()
                page, count = await kept.skills.skills("local", offset=offset), await kept.skills.count("local")
                times.append(perf_counter() - begun)
            print(f"page at {offset:6,} of {count:,}: {len(page)} skills, median {median(times) * 1000:.1f} ms")


async def _keep(skills: SqlSkills, n: int) -> None:
    made = Move(stage=Stage.DRAFT, by="local:me", by_name="Me", at=now())
    files = (File(path="SKILL.md", sha256="a" * 64, size=1),)
    version = SkillVersion(tenant="local", skill=f"skill-{n * 7919 % 1_000_003}x", version="1.0.0", content="c",
                           description="Does a thing.", files=files, moves=(made,))  # fmt: skip
    await skills.add(version, {"a" * 64: b"x"})


def main() -> None:
    """Print the figures."""
    times = []
    for seed in range(RUNS):
        seconds, locked = resolved(seed)
        times.append(seconds)
        if seed < 3:
            print(f"graph {seed}: {seconds:.3f} s, {locked} versions locked")
    print(f"{RUNS} graphs of {SKILLS} skills, {EDGES:,} edges, {len(NUMBERS)} versions each: "
          f"median {median(times):.3f} s, slowest {max(times):.3f} s (goal: under 1 s)")  # fmt: skip
    asyncio.run(listed())


if __name__ == "__main__":
    main()
