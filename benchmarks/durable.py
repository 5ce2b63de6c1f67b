"""What durability costs: CPU of a model call that survives kill -9, runs a second, latency to the start, idle CPU.

    python -m benchmarks.durable [--runs 200] [--in-flight 100] [--latency-ms 200] [--database sqlite|postgresql]

A run is 15 calls in 3 phases of 5, as a committee of five makes them; a call is a pause. `memory` is the same work
with nothing kept, `steps` keeps what calls returned, `journal` writes an event for each call as well, which is what
Dexter does. `dbos` is DBOS's own step for each call, for comparison. PostgreSQL is a server of its own, as in tests.
"""

import argparse
import asyncio
import contextlib
import os
import resource
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dbos import DBOS

from core.adapters.durable import DurableRuns
from core.adapters.memory import MemorySteps
from core.entities import Collaboration, Status, now
from core.errors import DexterError
from core.events import Call, Event, Proposal
from core.ports import Completion, Steps
from storage.kept import Database, Kept
from tests.doubles import postgres

PHASES, MEMBERS = 3, 5
CALLS = PHASES * MEMBERS
Work = Callable[[str, str, Steps], Awaitable[None]]


@dataclass
class Cost:
    """What some runs took."""

    runs: int
    seconds: float
    cpu: float

    @property
    def ms_a_call(self) -> float:
        """Return milliseconds of CPU for one model call."""
        return self.cpu * 1000 / self.runs / CALLS

    def __str__(self) -> str:
        return (
            f"{self.runs / self.seconds:6.1f} runs/s  {self.cpu * 1000 / self.runs:6.1f} ms CPU a run  "
            f"{self.ms_a_call:5.2f} ms a call"
        )


@dataclass
class Bench:
    """Runs of one size on one database."""

    kept: Kept
    runs: int
    in_flight: int
    latency: float

    async def call(self) -> Completion:
        """Stand in for a model."""
        await asyncio.sleep(self.latency)
        return Completion(
            text="an answer of some length " * 16, model="m", provider="p", prompt_tokens=400, completion_tokens=100,
            cost=None, seconds=self.latency,
        )  # fmt: skip

    async def steps(self, tenant: str, run: str, steps: Steps) -> None:
        """Be a run whose calls are kept."""
        for phase in range(PHASES):
            keys = [f"{phase}:{member}" for member in range(MEMBERS)]
            await asyncio.gather(*(steps.once(key, self.call, Completion) for key in keys))

    async def journal(self, tenant: str, run: str, steps: Steps) -> None:
        """Be a run whose calls are kept and told."""

        async def member(key: str) -> None:
            said = await steps.once(key, self.call, Completion)
            call = Call(member=key, phase="propose", model=said.model)
            body = Proposal(member=key, label="A", text=said.text, call=call)
            event = Event(key=key, run=run, tenant=tenant, address="bench:t:1", at=now(), body=body)
            await self.kept.store.append(event, ("progress",))

        for phase in range(PHASES):
            await asyncio.gather(*(member(f"{phase}:{number}") for number in range(MEMBERS)))
        await self.kept.store.settle(run, Status.ANSWERED, "yes")

    async def dbos(self, tenant: str, run: str, steps: Steps) -> None:
        """Be a run with one step of DBOS's own a call."""

        async def call() -> str:
            return (await self.call()).model_dump_json()

        for phase in range(PHASES):
            keys = [f"{phase}:{member}" for member in range(MEMBERS)]
            await asyncio.gather(*(DBOS.run_step_async({"name": key}, call) for key in keys))

    async def memory(self) -> Cost:
        """Do the work with nothing kept."""
        door = asyncio.Semaphore(self.in_flight)

        async def one(number: int) -> None:
            async with door:
                await self.steps("t", str(number), MemorySteps())

        return await self._cost(one)

    async def durable(self, work: Work, name: str) -> Cost:
        """Do `work` as durable runs."""
        async with self.opened(work) as runs:

            async def one(number: int) -> None:
                asked = question(f"{name}-{number}")
                await runs.start(asked, asked.id)
                await runs.wait(asked.id)

            return await self._cost(one)

    async def waits(self, name: str = "latency", times: int = 50) -> tuple[list[float], float]:
        """Return the seconds from each question to its start, and the share of a core that idling takes."""
        begun: dict[str, asyncio.Future[float]] = {}

        async def work(tenant: str, run: str, steps: Steps) -> None:
            begun[run].set_result(time.perf_counter())

        took = []
        async with self.opened(work) as runs:
            for number in range(times):
                asked = question(f"{name}-{number}")
                begun[asked.id] = asyncio.get_running_loop().create_future()
                asked_at = time.perf_counter()
                await runs.start(asked, asked.id)
                took.append(await begun[asked.id] - asked_at)
            await asyncio.sleep(2)
            before, began = cpu(), time.perf_counter()
            await asyncio.sleep(10)
            idle = (cpu() - before) / (time.perf_counter() - began)
        return took, idle

    @contextlib.asynccontextmanager
    async def opened(self, work: Work) -> AsyncIterator[DurableRuns]:
        """Open the engine of runs."""

        async def failed(tenant: str, run: str, error: DexterError) -> None:
            raise error

        kept = self.kept
        limits = (self.in_flight, 100_000)
        runs = DurableRuns(kept.transactions, accept=kept.store.accept, work=work, failed=failed, limits=limits)
        await runs.open()
        try:
            yield runs
        finally:
            await runs.close()

    async def _cost(self, one: Callable[[int], Awaitable[None]]) -> Cost:
        before, began = cpu(), time.perf_counter()
        await asyncio.gather(*(one(number) for number in range(self.runs)))
        return Cost(self.runs, time.perf_counter() - began, cpu() - before)


def question(id: str) -> Collaboration:
    """Return a question."""
    return Collaboration(
        id=id, tenant="t", asker="a", asker_name="Ada", address="bench:t:1", question="Why?", created_at=now()
    )


def cpu() -> float:
    """Return the CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def database(kind: str) -> Iterator[str]:
    """Give the URL of a fresh database."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield f"sqlite:///{folder}/dexter.db"
            return
        with postgres.shared(Path(folder)) as server, server.database() as url:
            yield url


async def measure(kind: str, options: argparse.Namespace) -> None:
    """Print the figures of one database."""
    with database(kind) as url, Database(url).opened() as kept:
        bench = Bench(kept, options.runs, options.in_flight, options.latency_ms / 1000)
        floor = await bench.memory()
        print(f"\n{kind}, {options.in_flight} in flight, {options.latency_ms} ms a call, load {os.getloadavg()[0]:.1f}")
        print(f"  memory   {floor}")
        for name, work in (("steps", bench.steps), ("journal", bench.journal), ("dbos", bench.dbos)):
            cost = await bench.durable(work, name)
            print(f"  {name:8} {cost}  (adds {cost.ms_a_call - floor.ms_a_call:.2f})")
        took, idle = await bench.waits()
        print(f"  question to start: p50 {statistics.median(took) * 1000:.1f} ms, longest {max(took) * 1000:.1f} ms")
        print(f"  idle: {idle:.2%} of a core")


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description="What durability costs.")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--in-flight", type=int, default=100)
    parser.add_argument("--latency-ms", type=float, default=200)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    options = parser.parse_args()
    for kind in options.database or ("sqlite", "postgresql"):
        asyncio.run(measure(kind, options))


if __name__ == "__main__":
    main()
