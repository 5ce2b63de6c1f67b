"""Schedules under kill -9: two workers on PostgreSQL, one of them killed again and again, posts in a Slack.

    python -m benchmarks.schedule_kills [--kills 30] [--schedules 200]

Most schedules come once, spread over the time of the kills; some come every minute and make up for every time that was
missed. At the end it is counted: times without a run (lost), runs and posts that are there twice (doubled).
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.kills import CHANNELS, Stage, stage
from bot.posts import slots
from core.adapters.durable import line
from core.entities import now, run_id
from core.schedules.firing import key_of, wake_at
from core.schedules.occurrences import first
from core.schedules.rule import Rule
from core.schedules.schedule import Schedule
from storage.schedules import SqlSchedules
from storage.transactions import Transactions
from tests.doubles.slack_workspace import Channel
from tests.doubles.timetables import schedule
from tests.kills.driver import until

TENANT = "slack:T1"
EVERY_MINUTE = 10
SECONDS_A_KILL = 5.0


def nobody(place: str, year: int) -> tuple[()]:
    return ()


def made(number: int, rule: Rule, **more: object) -> Schedule:
    """Return a schedule of U1 in one of the channels."""
    what = f"ask Is {number} a good number?"
    address = f"{TENANT}:C9{number % CHANNELS:02}"
    each = schedule(f"{number}", tenant=TENANT, owner="slack:U1", address=address, rule=rule, what=what, **more)
    return each.but(next_at=first(rule, now(), nobody))


async def fill(store: SqlSchedules, options: argparse.Namespace) -> list[Schedule]:
    """Keep the schedules, those that come once from half a minute on."""
    begin, spread = now() + timedelta(seconds=30), options.kills * SECONDS_A_KILL
    minutely = Rule(zone="UTC", minutes=tuple(range(24 * 60)), steady=True)
    once = [
        made(number, Rule(zone="UTC", once=begin + timedelta(seconds=spread * number / options.schedules)))
        for number in range(options.schedules)
    ]
    often = [made(options.schedules + number, minutely, missed="all") for number in range(EVERY_MINUTE)]
    for each in (*once, *often):
        await store.add(each, wake_at(each), most=10_000)
    return [*once, *often]


async def torment(play: Stage, kills: int) -> None:
    """Kill one of two workers after some seconds, and start another, again and again."""
    for _ in range(2):
        await play.workers.start()
    while play.workers.kills < kills:
        await asyncio.sleep(random.uniform(0.5, SECONDS_A_KILL))
        await play.workers.kill(random.choice(play.workers.alive))
        await play.workers.start()


async def rest(store: SqlSchedules, schedules: list[Schedule]) -> None:
    """Let those that come every minute come no more."""
    for each in schedules[-EVERY_MINUTE:]:
        await store.change(TENANT, each.id, lambda s: (s.but(next_at=None), None))


async def told(play: Stage, store: SqlSchedules, schedules: list[Schedule]) -> str:
    """Return the figures."""
    lost = times = 0
    runs: set[str] = set()
    for each in schedules:
        done = sorted(found.at for found, _ in await store.history(TENANT, each.id, limit=10_000))
        expected = [each.next_at] if each.rule.once else _minutes(each, done)
        times += len(expected)
        lost += len(set(expected) - set(done))
        runs |= {run_id(TENANT, key_of(each, at)) for at in done}
    there = play.number("SELECT count(*) FROM collaboration")
    answered = play.number("SELECT count(*) FROM collaboration WHERE status = 'answered'")
    posts = play.posts()
    doubled = sum(count > 1 for count in posts.values())
    late = play.number("SELECT coalesce(ceil(max(extract(epoch FROM fired_at - at))), 0) FROM schedule_occurrence")
    kept = await store.schedules(TENANT, limit=len(schedules))
    refused = "".join(f"; {each.id} is paused: {each.why}" for each in kept if each.why)
    return (
        f"{play.workers.kills} kills, {times} times of {len(schedules)} schedules: {lost} lost, "
        f"{there - len(runs)} runs doubled, {answered} answered, {doubled} of {len(posts)} posts doubled; "
        f"latest {late} s after its time{refused}"
    )


def _minutes(each: Schedule, done: list[object]) -> list[object]:
    """Return every minute from the first to the last one that was done."""
    found, moment = [], each.next_at
    while done and moment is not None and moment <= done[-1]:  # type: ignore[operator]
        found.append(moment)
        moment += timedelta(minutes=1)
    return found


async def play_it(options: argparse.Namespace, folder: Path) -> None:
    options.questions, options.latency_ms = 0, 100
    async with stage(options, "postgresql", folder) as play:
        play.channels = tuple(f"C9{number:02}" for number in range(CHANNELS))
        for channel in play.channels:
            play.slack.space.channels[channel] = Channel(channel, channel.lower())
        await play.workers.start()  # makes the tables
        await play.workers.stop()
        transactions = Transactions(play.engine)
        store = SqlSchedules(transactions, line, slots)
        schedules, began = await fill(store, options), time.monotonic()
        await torment(play, options.kills)
        last = max(each.next_at for each in schedules if each.rule.once)
        while now() < last + timedelta(seconds=2):
            await asyncio.sleep(0.5)
        await rest(store, schedules)

        async def over() -> bool:
            open_ = "SELECT count(*) FROM schedule WHERE wake_at IS NOT NULL"
            return not play.number(open_) and await play.finished() and not play.number(GOING)

        await until(over, 600)
        print(f"{await told(play, store, schedules)}; {time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}")
        transactions.close()


GOING = "SELECT count(*) FROM collaboration WHERE status IN ('queued', 'running')"


def main() -> None:
    parser = argparse.ArgumentParser(description="Schedules, their workers killed again and again.")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--schedules", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory(prefix="dexter-schedule-kills-") as name:
        asyncio.run(play_it(options, Path(name)))


if __name__ == "__main__":
    main()
