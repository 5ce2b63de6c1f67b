"""A report over a year of history: 100,000 collaborations and 1,000,000 events, every kind timed."""

import argparse
import asyncio
import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.entities import Collaboration, Task
from core.reports.frame import Assumed
from core.reports.period import Period
from core.reports.report import KINDS
from core.reports.reporting import Reports
from core.reports.wanted import Wanted
from storage.engine import connect
from storage.reports import SqlReports
from storage.schema import move, upgrade
from storage.transactions import Transactions

MOST = 5.0
"""Seconds that a report over a year may take."""
YEAR = timedelta(days=365)
BEGIN = datetime(2025, 11, 1, tzinfo=UTC)
MEMBERS = ("analyst", "critic", "scout")
MODELS = ("openai/gpt-4o", "anthropic/claude", "local/qwen", "mistral/large")
WORDS = (
    "the committee weighed cost against risk and found that a slow move in two steps is cheaper than one in a hurry "
)
CHUNK = 2_000
"""Collaborations that are written together."""


def main() -> None:
    """Make the history, and have every kind of report gather its data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="a database to make once and use again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = given.keep or Path(folder) / "history.db"
        if not file.exists():
            begun = time.perf_counter()
            history(file, given.runs)
            print(f"history of {given.runs:,} collaborations made in {time.perf_counter() - begun:.0f} s")
        asyncio.run(timed(file))


def history(file: Path, runs: int) -> None:
    """Write a year of history as fast as the disk takes it, then upgrade as a database that has grown does."""
    engine = connect(f"sqlite:///{file}")
    upgrade(engine)
    move(engine, "0010")
    engine.dispose()
    raw = sqlite3.connect(file)
    raw.executescript("PRAGMA journal_mode = off; PRAGMA synchronous = off")
    for first in range(0, runs, CHUNK):
        rows = [row for number in range(first, min(first + CHUNK, runs)) for row in of_run(number, runs)]
        for table in ("collaboration", "event", "call"):
            written = [values for name, values in rows if name == table]
            columns, places = ", ".join(written[0]), ", ".join("?" * len(written[0]))
            statement = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608
            raw.executemany(statement, [tuple(values.values()) for values in written])
    raw.commit()
    raw.execute("PRAGMA journal_mode = wal")
    raw.close()
    begun = time.perf_counter()
    engine = connect(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    print(f"the upgrade read how they ended out of the journal in {time.perf_counter() - begun:.0f} s")


def of_run(number: int, runs: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows of one collaboration: three proposals, three ballots, an answer; ten events and six calls."""
    chance = random.Random(number)
    begun = BEGIN + number * (YEAR / runs)
    run, asker = f"r{number:011d}", f"slack:U{chance.randrange(400)}"
    took = chance.uniform(2, 20)
    yield (
        "collaboration",
        {
            "id": run, "tenant": "slack:T1", "asker": asker, "asker_name": asker, "private": number % 10 == 0,
            "question": WORDS[: chance.randrange(20, 100)], "context": "[]", "committee": "default", "pattern": "auto",
            "status": "answered", "created_at": at(begun), "ended_at": at(begun + timedelta(seconds=took)),
            "answer": WORDS * 3, "address": f"slack:T1:C{number % 40}:1",
        },
    )  # fmt: skip
    for place, body in enumerate(happenings(chance, took)):
        kind = body["kind"]
        key = kind if kind in ("asked", "answer") else f"{place}"
        moment = begun + timedelta(seconds=took * place / 9)
        id = f"{run}:{key}"
        yield (
            "event",
            {
                "id": id, "run": run, "key": key, "tenant": "slack:T1", "address": f"slack:T1:C{number % 40}:1",
                "kind": kind, "at": at(moment), "body": json.dumps(body),
            },
        )  # fmt: skip
        if kind in ("proposal", "ballot"):
            yield ("call", of_call(chance, id, run, asker, moment, body))


def happenings(chance: random.Random, took: float) -> Iterator[dict[str, Any]]:
    """Yield the bodies of a run's events."""
    seats = [{"member": name, "role": "", "model": chance.choice(MODELS)} for name in MEMBERS]
    yield {"kind": "asked", "pattern": "panel", "committee": "default", "seats": seats}
    yield {"kind": "phase", "phase": "propose"}
    for member in MEMBERS:
        yield {"kind": "proposal", "member": member, "text": WORDS * 8}
    yield {"kind": "phase", "phase": "vote"}
    for member in MEMBERS:
        yield {"kind": "ballot", "member": member, "ranking": [["A"], ["B"]], "reason": WORDS}
    standings = [
        {"label": label, "members": [m], "text": WORDS * 8, "score": s}
        for label, m, s in zip("AB", MEMBERS[:2], (3, 2), strict=True)
    ]
    tally = {"winner": "A", "standings": standings, "margin": chance.random(), "voters": 3, "eligible": 3}
    dissent = {"members": ["critic"], "votes": 1, "text": WORDS * 4} if chance.random() < 0.3 else None
    yield {
        "kind": "answer", "status": "failed" if chance.random() < 0.01 else "answered", "how": "winner",
        "tally": tally | {"agreement": {"value": chance.random()}}, "dissent": dissent, "text": WORDS * 8,
        "usage": {"seconds": took - chance.uniform(0.05, 0.8)}, "absences": [],
    }  # fmt: skip


def of_call(
    chance: random.Random, id: str, run: str, asker: str, moment: datetime, body: dict[str, Any]
) -> dict[str, Any]:
    """Return a call's row."""
    return {
        "id": f"{id}#0", "tenant": "slack:T1", "run": run, "asker": asker, "day": f"{moment:%Y-%m-%d}",
        "member": body["member"], "phase": body["kind"], "model": chance.choice(MODELS), "provider": "x",
        "seconds": chance.expovariate(0.4), "prompt_tokens": 900, "completion_tokens": 200,
        "cost": chance.random() / 50, "retries": 0, "outcome": "timeout" if chance.random() < 0.02 else "ok",
    }  # fmt: skip


def at(moment: datetime) -> str:
    """Return a time as Dexter's tables have it on SQLite."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"


async def timed(file: Path) -> None:
    """Print how long each reading takes, for half a year against the half before, and for the whole year."""
    transactions = Transactions(connect(f"sqlite:///{file}"))
    reports = SqlReports(transactions)
    year = Period(first=BEGIN.date(), last=(BEGIN + YEAR).date() - timedelta(days=1))
    counted = await asyncio.to_thread(counts, file)
    print(f"{counted[0]:,} collaborations, {counted[1]:,} events, {counted[2]:,} calls, {counted[3] / 1e6:,.0f} MB")
    for name, more in READINGS:
        begun = time.perf_counter()
        found = await getattr(reports, name)("slack:T1", year, **more)
        size = f"{len(found):>6,} rows" if isinstance(found, Sequence | dict) else ""
        print(f"  {name:<12} {time.perf_counter() - begun:6.2f} s  {size}")
    await whole(reports, year)
    transactions.close()
    transactions.engine.dispose()


async def whole(store: SqlReports, year: Period) -> None:
    """Print how long every kind of report takes over the year, the year before it included."""
    reports = Reports(store, None, lambda language: str, Assumed())  # type: ignore[arg-type]  no campaign is read
    print("each kind over the year, compared with the year before:")
    for kind in KINDS[1:]:
        wanted = Wanted(kind=kind, period=year.name, whole=True)
        asked = Collaboration(
            id="benchmark", tenant="slack:T1", asker="slack:U1", asker_name="", address="slack:T1:C1", question="",
            created_at=BEGIN + YEAR, task=Task(kind="report"),
        )  # fmt: skip
        begun = time.perf_counter()
        made = await reports.make(wanted, asked)
        took = time.perf_counter() - begun
        size, verdict = len(made.model_dump_json()), "ok" if took < MOST else "TOO LONG"
        print(f"  {kind:<15} {took:6.2f} s  {size:>8,} characters  {verdict}")


READINGS: tuple[tuple[str, dict[str, str]], ...] = (
    ("ended", {}), ("delays", {}), ("ways", {}), ("argued", {"reader": ""}), ("asked", {"reader": ""}), ("tenths", {}),
    ("model_days", {}), ("parts", {}), ("spending", {"by": "asker"}), ("spending", {"by": "channel"}), ("active", {}),
    ("tried", {}), ("moves", {}), ("courses", {}),
)  # fmt: skip


def counts(file: Path) -> tuple[int, ...]:
    """Return how much history there is, and its size in bytes."""
    raw = sqlite3.connect(file)
    tables = ("collaboration", "event", "call")
    found = [raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]  # noqa: S608
    raw.close()
    return (*found, file.stat().st_size)


if __name__ == "__main__":
    main()
