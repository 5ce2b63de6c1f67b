"""What campaigns cost beside their models: CPU of a tick on SQLite, and steps a second with 1, 2 and 4 workers.

    python -m benchmarks.campaigns [sqlite] [workers] [--campaigns 1000] [--turns 3000] [--seconds 20]

`sqlite`: so many active campaigns of 10 objectives each in one database. Measured are a tick that finds nothing to do,
and a tick that matters: the end of a step is taken in, the next is begun, events and posts become due. The steps' own
runs are left out: their answers are written straight into the journal, as a model of no cost would have them.

`workers`: the same campaigns on PostgreSQL, carried whole by real worker processes. Each carries `--hands` runs at a
time, and its scripted members take `--latency-ms` for each reply. Printed are steps a second, the ratio to one worker,
and who had the processor meanwhile: where workers and PostgreSQL have all cores, that is the limit.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import structlog
from sqlalchemy import Engine, text

from benchmarks.kills import database
from bot.app import running
from bot.settings import Database as DatabaseSettings
from bot.settings import Quotas, Settings
from bot.telling import due
from core.adapters.durable import line
from core.adapters.scripted_model import ScriptedModel
from core.campaigns.campaign import Campaign
from core.campaigns.campaigns import Campaigns
from core.campaigns.limits import Limits
from core.campaigns.shelf import Shelf
from core.campaigns.template import Template
from core.campaigns.wishes import Wishes
from core.entities import Collaboration, Status, run_id
from core.events import Answer, Usage
from core.ports import Prompt
from storage.engine import connect
from storage.kept import Database, Kept
from tests.doubles.campaign_model import plays_along
from tests.doubles.questions import proposal, question, said
from tests.kills.driver import Workers

TENANT, GOAL_MS = "slack:T1", 25.0
TEN = Template.model_validate(
    {
        "name": "ten",
        "summary": "Ten pieces of work.",
        "title": "Ten pieces of work",
        "goal": "Ten pieces of work are done, each with a page that says what came of it.",
        "mode": "autonomous",
        "objectives": [
            {"title": f"Piece number {at}", "done_when": "Three facts are listed.", "needs": ["1"] if at > 5 else []}
            for at in range(1, 11)
        ],
    }
)
WISHES = Wishes(template="ten")


def asked(number: int) -> Collaboration:
    """Return what a campaign is started from, in a channel of its own."""
    address = f"{TENANT}:C{number % 50:03}"
    return question(f"c{number}", tenant=TENANT, id=run_id(TENANT, f"c{number}"), asker=f"slack:U{number % 20}",
                    address=address)  # fmt: skip


class Alone:
    """Campaigns without an engine: the steps that they begin are ended by hand."""

    def __init__(self, kept: Kept) -> None:
        line.make_tables(kept.transactions.engine)
        self.kept, self.books = kept, kept.campaigns(line, due)
        shelf = Shelf(self.books, {TEN.name: TEN})
        self.service = Campaigns(kept.store, self.books, shelf, lambda _: None, lambda _: None, Limits())

    async def start(self, count: int) -> list[str]:
        """Start so many campaigns, and return their ids."""
        for number in range(count):
            await self.service.start(asked(number), WISHES, f"c{number}")
        return [asked(number).id for number in range(count)]

    async def answer(self, campaign: Campaign) -> str:
        """End the first step of a campaign that is under way, as its run would, and return it."""
        run = campaign.steps[0].run
        step = await self.kept.store.collaboration(TENANT, run)
        judged = campaign.steps[0].purpose == "judge"
        words = "Three facts are listed.\nAnswer: yes" if judged else "Facts: one, two, three."
        for number in range(6):
            await self.kept.store.append(said(step, f"p{number}", proposal(cost=0.0001)))
        end = Answer(status=Status.ANSWERED, text=words, how="winner", sources=("ann",), usage=Usage())
        await self.kept.store.append(said(step, "answer", end))
        await self.kept.store.settle(run, Status.ANSWERED, words)
        await self.kept.transactions.write(lambda c: line.leave(c, run))
        return run


def told(what: str, cpu: Sequence[float]) -> None:
    """Print what something took of the processor."""
    ordered = sorted(cpu)
    mean, high = statistics.mean(ordered) * 1000, ordered[int(len(ordered) * 0.99)] * 1000
    missed = " (missed)" if mean > GOAL_MS else ""
    print(f"  {what:44s} CPU {mean:6.2f} ms each, p99 {high:6.2f} ms{missed}", flush=True)


async def sqlite(options: argparse.Namespace) -> None:
    """Measure ticks on SQLite."""
    with tempfile.TemporaryDirectory() as folder, Database(f"sqlite:///{folder}/dexter.db").opened() as kept:
        alone = Alone(kept)
        ids = await alone.start(options.campaigns)
        idle, busy = [], []
        for turn in range(options.turns):
            id = ids[turn % len(ids)]
            began = time.process_time()
            await alone.service.tick(TENANT, id)
            idle.append(time.process_time() - began)
            campaign = await alone.books.campaign(TENANT, id)
            if not campaign.steps:
                continue
            run = await alone.answer(campaign)
            began = time.process_time()
            await alone.service.ended(TENANT, run)
            busy.append(time.process_time() - began)
        print(f"SQLite, {len(ids)} active campaigns of 10 objectives; load {os.getloadavg()[0]:.1f}")
        told("a tick that finds nothing to do", idle)
        told("an end is taken in, the next step begun", busy)


async def worker(options: argparse.Namespace) -> None:
    """Carry campaigns until killed."""

    async def reply(prompt: Prompt) -> str:
        await asyncio.sleep(options.latency_ms / 1000)
        return plays_along(prompt)

    async with running(
        _settings(options.worker, options.home, options.hands), role="worker", model=ScriptedModel(reply)
    ):
        print("READY", flush=True)
        await asyncio.Event().wait()


def _settings(url: str, home: Path, hands: int) -> Settings:
    members = [{"name": name, "model": f"scripted/{name}"} for name in ("ada", "bob", "cleo")]
    return Settings(
        home=home,
        database=DatabaseSettings(url=url),
        committees={"default": {"members": members, "pattern": "quick"}},
        quotas=Quotas(concurrent=hands),
    )


async def workers(options: argparse.Namespace) -> None:
    """Measure how the steps a second grow with the workers."""
    one = 0.0
    for count in (1, 2, 4):
        with tempfile.TemporaryDirectory(prefix="dexter-campaigns-") as name:
            folder = Path(name)
            with database("postgresql", folder) as url:
                with Database(url).opened() as kept:
                    await Alone(kept).start(options.campaigns)
                rate, shares = await _rate(url, folder, count, options)
        one = one or rate
        print(
            f"PostgreSQL, {count} workers: {rate:6.1f} steps a second, {rate / one:.2f} times one worker; "
            f"{shares[0] / max(rate, 0.1) * 1000:.0f} ms of a worker's CPU a step, its committee included; "
            f"cores used: workers {shares[0]:.2f}, PostgreSQL {shares[1]:.2f} of {os.cpu_count()}; "
            f"load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


async def _rate(url: str, folder: Path, count: int, options: argparse.Namespace) -> tuple[float, tuple[float, float]]:
    command = [sys.executable, "-m", "benchmarks.campaigns", f"--worker={url}", f"--home={folder}"]
    crew = Workers([*command, f"--latency-ms={options.latency_ms}", f"--hands={options.hands}"], folder)
    engine = connect(url)
    try:
        await asyncio.gather(*(crew.start() for _ in range(count)))
        await asyncio.sleep(3)  # until all hands are full
        steps, cpu, began = _steps(engine), _cores(crew), time.monotonic()
        await asyncio.sleep(options.seconds)
        took, after = time.monotonic() - began, _cores(crew)
        shares = (after[0] - cpu[0]) / took, (after[1] - cpu[1]) / took
        return (_steps(engine) - steps) / took, shares
    finally:
        await crew.stop()
        engine.dispose()


def _steps(engine: Engine) -> int:
    with engine.connect() as connection:
        ended = "SELECT count(*) FROM collaboration WHERE aim <> '' AND status = 'answered'"
        return int(connection.execute(text(ended)).scalar_one())


def _cores(crew: Workers) -> tuple[float, float]:
    """Return the seconds of processor that the workers, and the servers of PostgreSQL, have taken so far."""
    mine = {process.pid for process in crew.alive}
    own = servers = 0.0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue  # it has ended meanwhile
        seconds = sum(map(int, rest.split()[11:13])) / os.sysconf("SC_CLK_TCK")
        own += seconds * (int(entry.name) in mine)
        servers += seconds * name.startswith("postgres")
    return own, servers


async def main(options: argparse.Namespace) -> None:
    """Measure what is asked for."""
    if options.worker:
        await worker(options)
        return
    scenes = {"sqlite": sqlite, "workers": workers}
    for scene in options.scenes or scenes:
        await scenes[scene](options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="*", choices=["sqlite", "workers", []], help="all, if none is named")
    parser.add_argument("--campaigns", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=20.0, help="that a number of workers is measured for")
    parser.add_argument("--latency-ms", type=float, default=500)
    parser.add_argument("--hands", type=int, default=8, help="runs that one worker carries at a time")
    parser.add_argument("--worker", default="", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    asyncio.run(main(parser.parse_args()))
