"""What Dexter adds to 15 model calls: CPU where the server answers at once, wall time where it takes 200 ms.

    python -m benchmarks.overhead [--rounds 15] [--batch 4]

One process, one run: the five ways take turns in small batches, and the median of the batches is shown, so that a
busy machine disturbs them alike. `direct` is Dexter's own path (litellm's translations over one aiohttp session);
`acompletion` is litellm's public function.
"""

import argparse
import asyncio
import statistics
from collections.abc import Awaitable, Callable

import aiohttp

from benchmarks.committee_at_work import Bare, Five, acompletion, plain_http, prompts_of, provider, remote, timed

Ways = dict[str, Callable[[], Awaitable[None]]]
FLOOR, BARE, DEXTER_BARE = "plain aiohttp", "bare litellm.acompletion", "Dexter over acompletion"
DIRECT, DEXTER = "bare direct calls", "Dexter over direct calls"
IDEAL = 600.0
"""Milliseconds: three waves of 200 ms."""


async def measure(latency: float, rounds: int, batch: int) -> dict[str, tuple[float, float]]:
    """Return for each way the median milliseconds of CPU and wall time of one collaboration."""
    async with provider(latency) as url, aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        direct, long = remote(url), remote(url, "library")
        await direct.warm()
        await long.warm()
        prompts = await prompts_of(direct)
        ways: Ways = {
            FLOOR: Bare(prompts, plain_http(url, session)).collaborate,
            BARE: Bare(prompts, acompletion(url)).collaborate,
            DEXTER_BARE: Five(long).collaborate,
            DIRECT: Bare(prompts, direct.complete).collaborate,
            DEXTER: Five(direct).collaborate,
        }
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for work in ways.values():
            await timed(work, 2)
        for _ in range(rounds):
            for name, work in ways.items():
                taken[name].append(await timed(work, batch))
        await direct.aclose()
        await long.aclose()
    return {
        name: (statistics.median(cpu for cpu, _ in pairs), statistics.median(wall for _, wall in pairs))
        for name, pairs in taken.items()
    }


def _difference(cpu: dict[str, tuple[float, float]], dexter: str, bare: str) -> None:
    mine, theirs = cpu[dexter][0], cpu[bare][0]
    allowed = f"; {mine:.1f} of the {3 + 1.15 * theirs:.1f} ms that 3 ms and 1.15 x the bare calls are"
    print(f"  {dexter} against {bare}: {mine - theirs:+6.1f} ms CPU, x {mine / theirs:.2f}{allowed}")


async def main(rounds: int, batch: int) -> None:
    """Measure and print."""
    cpu = await measure(0, rounds, batch)
    print("15 calls, server answers at once           CPU ms   wall ms")
    for name, (busy, wall) in cpu.items():
        print(f"  {name:38s} {busy:8.1f} {wall:9.1f}")
    _difference(cpu, DEXTER_BARE, BARE)
    _difference(cpu, DEXTER, DIRECT)
    _difference(cpu, DEXTER, BARE)
    slow = await measure(200, max(3, rounds // 3), 1)
    print(f"server takes 200 ms, ideal {IDEAL:.0f} ms          over the ideal, ms")
    for name, (_, wall) in slow.items():
        print(f"  {name:38s} {wall - IDEAL:8.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batch", type=int, default=4)
    options = parser.parse_args()
    asyncio.run(main(options.rounds, options.batch))
