"""Skills: a page of the list, a search and one skill with its record among 10,000, beside bare SELECTs."""

import argparse
import asyncio
import random
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import text

from core.entities import now
from core.sandbox import Tier
from core.skills.record import Trial
from core.skills.skill import File, Move, SkillVersion, Stage
from core.skills.skills import Skills
from storage.kept import Database, Kept

TENANT, PAGE, RUNS = "local", 20, 25
BEGINNINGS = ("in", "re", "con", "de", "per", "trans", "sub", "ad", "com", "pro")
ENDINGS = ("voice", "port", "form", "mit", "tract", "view", "vert", "duct")
WORDS = [beginning + ending for beginning in BEGINNINGS for ending in ENDINGS]


def version(n: int) -> SkillVersion:
    """Return a skill with a name and a description of its own, ten words long."""
    chance = random.Random(n)
    made = Move(stage=Stage.DRAFT, by="local:me", by_name="Me", at=now())
    name = f"{chance.choice(WORDS)}-{chance.choice(WORDS)}-{n * 7919 % 1_000_003}x"
    described = " ".join(chance.choice(WORDS) for _ in range(10))
    files = (File(path="SKILL.md", sha256="a" * 64, size=1),)
    return SkillVersion(tenant=TENANT, skill=name, version="1.0.0", content="c", description=described, files=files,
                        moves=(made,))  # fmt: skip


async def keep(kept: Kept, n: int) -> str:
    """Keep a skill, tested and used once, and return its name."""
    made = version(n)
    await kept.skills.add(made, {"a" * 64: b"x"})
    tests = Trial(tenant=TENANT, run=f"t{n}", skill=made.skill, version="1.0.0", kind="tests", held=True, at=now(),
                  tests=5, passed=5, tier=Tier.GROUPED)  # fmt: skip
    await kept.skills.note(tests)
    await kept.skills.note(tests.but(run=f"u{n}", kind="use"))
    return made.skill


async def timed(what: str, work: Callable[[], Awaitable[Any]]) -> None:
    """Print the median of some runs, after one that is not counted."""
    await work()
    times = []
    for _ in range(RUNS):
        begun = perf_counter()
        await work()
        times.append(perf_counter() - begun)
    print(f"{what:58} median {median(times) * 1000:6.1f} ms, slowest {max(times) * 1000:6.1f} ms")


async def measure(kept: Kept, count: int) -> None:
    """Keep so many skills, and time what people do with them."""
    begun = perf_counter()
    names = await asyncio.gather(*(keep(kept, n) for n in range(count)))
    print(f"{count:,} skills kept, tested and used once: {perf_counter() - begun:.1f} s")
    skills = Skills(kept.skills)

    async def page(at: int, words: str = "") -> None:
        found, _ = await skills.page(TENANT, at, PAGE, words)
        await skills.records(TENANT, [(each.name, each.version) for each in found])

    async def show() -> None:
        one = await skills.version(TENANT, names[count // 2])
        await skills.record(one)
        await skills.users(one)

    async def bare(query: str) -> None:
        await kept.transactions.read(lambda c: c.execute(text(query), {"tenant": TENANT}).all())

    last = count // PAGE
    await timed("bare: SELECT 20 rows", lambda: bare("SELECT * FROM skill WHERE tenant = :tenant LIMIT 20"))
    await timed("bare: SELECT count(*)", lambda: bare("SELECT count(*) FROM skill WHERE tenant = :tenant"))
    await timed("list, the first page with records", lambda: page(1))
    await timed(f"list, page {last:,} with records", lambda: page(last))
    like = "SELECT * FROM skill WHERE tenant = :tenant AND description LIKE '%invoice%' LIMIT 20"
    await timed("bare: LIKE '%invoice%'", lambda: bare(like))
    for words in ("invoice", "invoice report", "in com", "number 7919"):
        _, found = await skills.page(TENANT, 1, PAGE, words)
        await timed(f"search “{words}”, {found:,} found, first page with records", lambda w=words: page(1, w))
    await timed("show one with its record and who uses it", show)


async def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many skills are kept")
    parser.add_argument("--url", default="", help="a database of your own, else SQLite in a folder that goes away")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        url = options.url or f"sqlite:///{Path(home) / 'dexter.db'}"
        with Database(url).opened() as kept:
            await measure(kept, options.count)


if __name__ == "__main__":
    asyncio.run(main())
