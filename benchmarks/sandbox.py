"""What the sandboxes cost: start to result of an empty Python program, beside bare `python -I`, and runs in line.

Both kinds are timed in turns in one process, so that whatever else the machine does meets both.
"""

import argparse
import asyncio
import statistics
import subprocess
import time

from core.ports import Sandbox
from core.sandbox import Limits, Outcome, Program
from tests.doubles.sandboxes import MAKE, lacking

EMPTY = Program(files={"main.py": b"def run():\n    return 1\n"}, entry="main.py:run")
LIMITS = Limits(seconds=60)
PYTHON = "/usr/bin/python3"
GOALS = {"bubblewrap": 120, "container": 700, "microvm": 2000}
"""Milliseconds, by the beginning of the sandbox's name."""
NAMES = [name for name in MAKE if name.partition("-")[0] in GOALS]
"""The others' times are their hosts': see benchmarks/hyperv.py."""
RATE = 8
"""Runs a second in line, on bubblewrap."""


def bare() -> float:
    begun = time.perf_counter()
    subprocess.run([PYTHON, "-I", "-c", "pass"], check=True)
    return time.perf_counter() - begun


async def one(sandbox: Sandbox) -> float:
    begun = time.perf_counter()
    ran = await sandbox.run(EMPTY, LIMITS)
    assert (ran.outcome, ran.value) == (Outcome.EXITED, 1), ran
    return time.perf_counter() - begun


async def measured(name: str, runs: int, in_line: int) -> None:
    """Print one line of a sandbox, or why there is none."""
    if reason := lacking(name):
        return print(f"{name:18} {reason}")
    sandbox = MAKE[name]()
    isolation = await sandbox.check()
    if isolation.tier is None:
        raise SystemExit(f"{name}: {isolation.found}")
    apart, floor = [], []
    for _ in range(runs):
        apart.append(await one(sandbox))
        floor.append(bare())
    begun = time.perf_counter()
    done = await asyncio.gather(*(one(sandbox) for _ in range(in_line)))
    rate = len(done) / (time.perf_counter() - begun)
    await sandbox.aclose()
    kind = name.partition("-")[0]
    print(f"{name:18} {isolation.tier:8} {1000 * statistics.median(apart):6.0f} ms (goal {GOALS[kind]})", end="   ")
    print(f"bare python -I {1000 * statistics.median(floor):4.0f} ms", end="   ")
    goal = f" (goal {RATE})" if kind == "bubblewrap" else ""
    print(f"{len(done)} of {in_line} in line, two at a time: {rate:.1f} a second{goal}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sandbox", choices=[*NAMES, "all"], action="append", help="which; may be given more than once"
    )
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--in-line", type=int, default=100)
    given = parser.parse_args()
    names = given.sandbox or ["bubblewrap-cgroup", "bubblewrap"]
    for name in [each for each in NAMES if each in names or "all" in names]:
        asyncio.run(measured(name, given.runs, given.in_line))


if __name__ == "__main__":
    main()
