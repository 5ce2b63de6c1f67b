"""Registries: how long a search over 10,000 skills takes beside a plain FTS5 query, and what an update costs."""

import asyncio
import random
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from core.adapters.registries import FolderRegistry
from core.adapters.registries.disk import Disk
from core.adapters.registries.indexer import shard_path
from core.skills.registry.index import HEAD, Head, Listing, Release, part_of, write_shard

SKILLS, RUNS, GOAL_MS = 10_000, 30, 50
AT = datetime(2026, 11, 22, tzinfo=UTC)
VERBS = (
    "reads",
    "writes",
    "counts",
    "merges",
    "splits",
    "sorts",
    "checks",
    "draws",
    "plans",
    "sums",
    "ranks",
    "cleans",
)
THINGS = ("tables", "invoices", "letters", "forms", "calendars", "charts", "logs", "images", "mails", "contracts")
PLACES = ("spreadsheets", "archives", "databases", "folders", "reports", "wikis", "chats", "pages", "mailboxes")
QUERIES = ("invoices", "merges tables", "reads", "char", "counts letters spreadsheets", "skill-77", "zebra", "use when")
"""One word, two, a frequent one, a beginning, three, part of a name, nothing, and words that all of them have."""


def listing(n: int, chance: random.Random) -> Listing:
    verb, thing, place = chance.choice(VERBS), chance.choice(THINGS), chance.choice(PLACES)
    release = Release(
        version="1.0.0", content="c" * 64, archive="a" * 64, size=9, publisher="acme", key="k" * 44, at=AT
    )
    runs = int(chance.paretovariate(0.7))
    text = (
        f"Some skill that {verb} {thing} in {place}, and {chance.choice(VERBS)} {chance.choice(THINGS)} on the way. "
        f"Use when someone asks about {thing}, about {chance.choice(PLACES)}, or wants {chance.choice(THINGS)} quickly."
    )
    return Listing(
        name=f"{verb}-{thing}-skill-{n}",
        description=text,
        tags=(thing, place),
        releases=(release,),
        runs=runs,
        good=int(runs * chance.uniform(0.5, 1)),
        votes=(votes := chance.randrange(50)),
        stars=votes * chance.randint(1, 5),
    )


def write_index(folder: Path) -> None:
    """Write an index of so many skills, as if all of them had been published."""
    chance = random.Random(1)
    parts: dict[str, list[Listing]] = {}
    for n in range(SKILLS):
        made = listing(n, chance)
        parts.setdefault(part_of(made.name), []).append(made)
    disk = Disk(folder)
    shards = {}
    for part, skills in parts.items():
        shards[part], content = write_shard(skills)
        disk.write(shard_path(shards[part]), content)
    disk.write(HEAD, Head(serial=1, at=AT, skills=SKILLS, shards=shards).model_dump_json().encode())


def plain(copy: Path, query: str) -> float:
    """Return the milliseconds of a bare FTS5 query for the same words, ranked by BM25 alone."""
    words = " ".join(f'"{word}"*' for word in query.replace("-", " ").split())
    connection = sqlite3.connect(copy)
    times = []
    for _ in range(RUNS):
        begun = perf_counter()
        connection.execute("SELECT name FROM word WHERE word MATCH ? ORDER BY rank LIMIT 20", (words,)).fetchall()
        times.append(perf_counter() - begun)
    connection.close()
    return median(times) * 1000


async def measured(home: Path) -> None:
    folder, copy = home / "registry", home / "copy.db"
    write_index(folder)
    size = sum(file.stat().st_size for file in (folder / "index").iterdir())
    registry = FolderRegistry("shared", folder, copy)
    begun = perf_counter()
    await registry.index()
    seconds = perf_counter() - begun
    print(f"index of {SKILLS:,} skills: {size / 1e6:.1f} MB packed; read for the first time in {seconds:.2f} s")
    slowest = 0.0
    for query in QUERIES:
        times = []
        for _ in range(RUNS):
            begun = perf_counter()
            found = await registry.search(query, 20)
            times.append(perf_counter() - begun)
        slowest = max(slowest, median(times) * 1000)
        print(f"{query!r:32} {len(found):3} shown   median {median(times) * 1000:5.1f} ms, slowest "
              f"{max(times) * 1000:5.1f} ms   plain FTS5 {plain(copy, query):5.1f} ms")  # fmt: skip
    print(f"slowest median {slowest:.1f} ms (goal: under {GOAL_MS} ms)")
    await registry.aclose()


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(measured(Path(home)))


if __name__ == "__main__":
    main()
