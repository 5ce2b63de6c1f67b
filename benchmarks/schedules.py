"""10,000 schedules: what their bookkeeping costs, and how soon a run is in the line once its time has come.

    python -m benchmarks.schedules [--schedules 10000] [--seconds 60] [--an-hour 1] [--database sqlite|postgresql]

Each schedule comes `--an-hour` times an hour at a minute and second of its own, so that some are due in every second.
A real clock wakes one worker by APScheduler. Runs are accepted as at the door (inbox, collaboration, line) and carried
by nobody. Printed: CPU of a next time, CPU of the whole process while it fires and while it only waits, and the time
from the moment that a schedule is due to its run in the line.
"""

import argparse
import asyncio
import contextlib
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.commands.command import Desk
from bot.commands.table import COMMANDS
from bot.people import FixedDirectory
from bot.posts import slots
from bot.schedules import Schedules
from bot.timetable import Timetable
from core.adapters.durable import line
from core.committee.catalog import default_committee
from core.committee.patterns import load_patterns
from core.entities import Role, now
from core.schedules.firing import wake_at
from core.schedules.occurrences import first
from core.schedules.rule import Rule
from core.schedules.schedule import Firing, Schedule
from storage.kept import Database, Kept
from storage.schedules import SqlSchedules
from tests.doubles import postgres
from tests.doubles.timetables import schedule

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")


def nobody(place: str, year: int) -> tuple[Any, ...]:
    return ()


def made(number: int, times: int) -> Schedule:
    """Return a schedule that comes so often an hour; a jitter spreads them over the seconds."""
    offset, step = random.randrange(60), 60 // times
    minutes = tuple(minute for minute in range(24 * 60) if (minute - offset) % step == 0)
    rule = Rule(zone=random.choice(ZONES), minutes=minutes, steady=True, jitter=1)
    each = schedule(
        f"{number}", tenant=f"slack:T{number % 20}", owner=f"slack:U{number % 500}", rule=rule, what="ask Is it?"
    )
    return each.but(next_at=first(rule, now() - timedelta(minutes=1), nobody))


def computing(schedules: list[Schedule]) -> str:
    """Return what a next time costs, and of one core for all of them."""
    began = time.process_time()
    for each in schedules:
        first(each.rule, each.next_at or now(), nobody)
    each_ms = (time.process_time() - began) * 1000 / len(schedules)
    weekly = Rule(zone="Europe/Berlin", weekdays=(0,), nth=(1,))
    began = time.process_time()
    for _ in range(200):
        first(weekly, now(), nobody)
    monthly = (time.process_time() - began) * 1000 / 200
    return f"a next time takes {each_ms:.3f} ms of CPU (of the first Monday of a month {monthly:.3f} ms)"


class Timed(SqlSchedules):
    """Schedules that note how long after it was due each run was in the line."""

    late: list[float]

    async def fire(self, before: Schedule, firing: Firing) -> bool:
        done = await super().fire(before, firing)
        moment = wake_at(before)
        if done and firing.start and moment:
            self.late.append((now() - moment).total_seconds())
        return done


async def firing(kept: Kept, schedules: list[Schedule], seconds: float) -> str:
    """Fire by the real clock for a while, and return what it took and how late runs were."""
    store = Timed(kept.transactions, line, slots)
    store.late = late = []
    for at in range(0, len(schedules), 500):
        await asyncio.gather(*(store.add(each, wake_at(each), most=1_000_000) for each in schedules[at : at + 500]))
    table = Timetable(store, Clock(), nobody, lambda name: "", "UTC")
    desk = _desk(kept, FixedDirectory({}, Role.MEMBER), {"default": default_committee()}, table)
    fires = Schedules(desk)
    work = asyncio.create_task(fires.run())
    while (await store.earliest() or now()) < now():
        await asyncio.sleep(0.2)  # those that came while they were being added
    await asyncio.sleep(3)  # and those of them that are in hand
    late.clear()
    cpu, began = busy(), time.perf_counter()
    await asyncio.sleep(seconds)
    used, took = busy() - cpu, time.perf_counter() - began
    count = len(late)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    late.sort()
    p50, p99 = statistics.median(late), late[int(len(late) * 0.99)]
    each = used * 1000 / count
    return (
        f"{count} runs in {took:.0f} s ({count / took:.1f} a second), {each:.1f} ms of CPU each, "
        f"{used / took:.1%} of a core in all; due to enqueued: p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, "
        f"worst {late[-1] * 1000:.0f} ms; {len(schedules)} schedules"
    )


async def waiting(kept: Kept, seconds: float) -> str:
    """Return the CPU of a worker none of whose schedules is due."""
    store = kept.schedules(line, slots)
    with kept.transactions.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE schedule SET wake_at = '2099-01-01 00:00:00'")
    table = Timetable(store, Clock(), nobody, lambda name: "", "UTC")
    work = asyncio.create_task(Schedules(_desk(kept, FixedDirectory({}, Role.MEMBER), {}, table)).run())
    await asyncio.sleep(1)
    cpu, began = busy(), time.perf_counter()
    await asyncio.sleep(seconds)
    share = (busy() - cpu) / (time.perf_counter() - began)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    return f"waiting takes {share:.2%} of a core"


def _desk(kept: Kept, people: Any, committees: Any, table: Timetable) -> Any:
    """Return as much of a desk as a question needs."""
    none: Any = None
    given = {
        "store": kept.store, "runs": none, "directory": people, "committees": committees,
        "patterns": load_patterns(), "commands": COMMANDS, "schedules": table,
    }  # fmt: skip
    return Desk(**{name: given.get(name) for name in Desk.__dataclass_fields__})


def busy() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/dexter.db"
        return
    with postgres.shared(folder / "meeting") as server, server.database() as url:
        yield url


async def measure(options: argparse.Namespace, kind: str, folder: Path) -> None:
    schedules = [made(number, options.an_hour) for number in range(options.schedules)]
    with database(kind, folder) as url, Database(url).opened() as kept:
        line.make_tables(kept.transactions.engine)
        print(f"{kind}: {computing(schedules)}")
        print(f"{kind}: {await firing(kept, schedules, options.seconds)}")
        print(f"{kind}: {await waiting(kept, min(options.seconds, 20))}; load {os.getloadavg()[0]:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="What schedules cost.")
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--an-hour", type=int, default=1, choices=(1, 2, 3, 4, 6))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    options = parser.parse_args()
    random.seed(1)
    with tempfile.TemporaryDirectory(prefix="dexter-schedules-") as name:
        for kind in options.database or ("sqlite", "postgresql"):
            folder = Path(name) / kind
            folder.mkdir()
            asyncio.run(measure(options, kind, folder))


if __name__ == "__main__":
    main()
