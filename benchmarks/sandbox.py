"""What the sandbox costs: start to result of an empty Python program, beside bare `python -I`, and runs in line.

Both kinds are timed in turns in one process, so that whatever else the machine does meets both.
"""

import argparse
import asyncio
import statistics
import subprocess
import time

from core.adapters.sandboxes.bubblewrap import Bubblewrap
from core.sandbox import Limits, Outcome, Program

EMPTY = Program(files={"main.py": b"def run():\n    return 1\n"}, entry="main.py:run")
LIMITS = Limits(seconds=60)
PYTHON = "/usr/bin/python3"
IN_LINE = 100


def bare() -> float:
    begun = time.perf_counter()
    subprocess.run([PYTHON, "-I", "-c", "pass"], check=True)
    return time.perf_counter() - begun


async def one(sandbox: Bubblewrap) -> float:
    begun = time.perf_counter()
    ran = await sandbox.run(EMPTY, LIMITS)
    assert (ran.outcome, ran.value) == (Outcome.EXITED, 1), ran
    return time.perf_counter() - begun


async def measured(runs: int, *, cgroups: bool) -> None:
    sandbox = Bubblewrap(parallel=2, cgroups=cgroups)
    isolation = await sandbox.check()
    if isolation.tier is None:
        raise SystemExit(str(isolation.found))
    apart, floor = [], []
    for _ in range(runs):
        apart.append(await one(sandbox))
        floor.append(bare())
    begun = time.perf_counter()
    done = await asyncio.gather(*(one(sandbox) for _ in range(IN_LINE)))
    rate = len(done) / (time.perf_counter() - begun)
    await sandbox.aclose()
    print(f"{isolation.tier:10} {1000 * statistics.median(apart):6.0f} ms (goal 120)", end="   ")
    print(f"bare python -I {1000 * statistics.median(floor):4.0f} ms", end="   ")
    print(f"{len(done)} of {IN_LINE} in line, two at a time: {rate:.1f} a second (goal 8)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    for cgroups in (True, False):
        asyncio.run(measured(runs, cgroups=cgroups))


if __name__ == "__main__":
    main()
