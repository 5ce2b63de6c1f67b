"""Collaborations a second in one process when every call takes 200 ms: Dexter and bare litellm in the same run.

`durable` is Dexter as it is run: every call and happening is kept in an SQLite file, and survives kill -9.

    python -m benchmarks.throughput [--in-flight 100] [--crowd 1000] [--concurrent 512]

`--crowd` collaborations at once end the run: all of them must finish without an absence, because calls beyond
`--concurrent` wait at the door.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory

import structlog

from benchmarks.committee_at_work import Bare, Five, Kept, acompletion, prompts_of, provider, remote
from core.adapters.durable import DurableRuns
from core.adapters.models import Models
from core.entities import Status
from core.ports import Model
from storage.kept import Database

Work = Callable[[str], Awaitable[None]]


async def rate(work: Work, in_flight: int, each: int) -> tuple[float, float, float]:
    """Return collaborations a second, seconds of CPU for one, and the longest one, with `in_flight` at all times."""
    longest = 0.0

    async def worker(number: int) -> None:
        nonlocal longest
        for turn in range(each):
            begun = time.perf_counter()
            await work(f"r{number}x{turn}")
            longest = max(longest, time.perf_counter() - begun)

    wall, cpu = time.perf_counter(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for number in range(in_flight):
            group.create_task(worker(number))
    done = in_flight * each
    return done / (time.perf_counter() - wall), (time.process_time() - cpu) / done, longest


@asynccontextmanager
async def durable(model: Model, in_flight: int) -> AsyncIterator[Work]:
    """Open a database and the engine of runs, and yield how one collaboration is asked and awaited."""
    with TemporaryDirectory() as folder, Database(f"sqlite:///{folder}/dexter.db").opened() as kept:
        five = Five(model, kept.store)
        runs = DurableRuns(
            kept.transactions, accept=kept.store.accept, work=five.service.carry, failed=five.service.fail,
            limits=(in_flight, 100_000),
        )  # fmt: skip
        await runs.open()

        async def work(run: str) -> None:
            asked = (await Kept().collaboration("local", run)).but(status=Status.QUEUED)
            await runs.start(asked, run)
            await runs.wait(run)
            five.check(run)

        try:
            yield work
        finally:
            await runs.close()


async def main(in_flight: int, crowd: int, concurrent: int) -> None:
    """Measure and print."""
    turns = 2 if in_flight < 100 else 1
    async with provider(200) as url:
        direct = remote(url)
        long = remote(url, "library")
        await direct.warm()
        await long.warm()
        prompts = await prompts_of(direct)
        dexter = Five(Models(direct, concurrent=concurrent)).collaborate
        ways: dict[str, Work] = {
            "bare litellm.acompletion": Bare(prompts, acompletion(url)).collaborate,
            "Dexter over acompletion": Five(Models(long, concurrent=concurrent)).collaborate,
            "bare direct calls": Bare(prompts, direct.complete).collaborate,
            "Dexter": dexter,
        }
        print(f"{in_flight} in flight, 200 ms a call, door at {concurrent}      a second   CPU ms each   longest s")
        rates: dict[str, float] = {}
        for name, work in ways.items():
            await work("warm")
            rates[name], cpu, longest = await rate(work, in_flight, turns)
            print(f"  {name:46s} {rates[name]:8.1f} {cpu * 1000:13.1f} {longest:11.1f}")
        async with durable(Models(direct, concurrent=concurrent), in_flight) as work:
            await work("warmdurable0")
            kept, cpu, longest = await rate(work, in_flight, turns)
            print(f"  {'Dexter, durable on SQLite':46s} {kept:8.1f} {cpu * 1000:13.1f} {longest:11.1f}")
        print(f"  Dexter / bare litellm: {rates['Dexter'] / rates['bare litellm.acompletion']:.2f}")
        many, cpu, longest = await rate(dexter, crowd, 1)
        print(f"{crowd} in flight: all finished, {many:.1f} a second, the longest took {longest:.1f} s")
        await direct.aclose()
        await long.aclose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in-flight", type=int, default=100)
    parser.add_argument("--crowd", type=int, default=1000)
    parser.add_argument("--concurrent", type=int, default=512)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    asyncio.run(main(options.in_flight, options.crowd, options.concurrent))
