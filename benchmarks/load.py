"""What the benchmarks of the chats under load share: how acknowledgements are told, and how scenes are chosen."""

import argparse
import asyncio
import os
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence

GOAL_P50, GOAL_P99 = 0.03, 0.3
"""Seconds to an acknowledgement while 50 collaborations run in the same process."""

Scene = Callable[[float], Awaitable[None]]


def tell(what: str, took: Sequence[float], missing: int, *, goals: bool = False) -> None:
    """Print how many seconds acknowledgements took, and how many never came."""
    ordered = sorted(took) or [0.0]
    middle, high = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    missed = " (missed)" if goals and (middle > GOAL_P50 or high > GOAL_P99) else ""
    print(
        f"{what}: acknowledged p50 {middle * 1000:.0f} ms, p99 {high * 1000:.0f} ms{missed}, "
        f"{missing} not acknowledged; load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def run_scenes(scenes: Mapping[str, Scene], about: str) -> None:
    """Read the options and run the scenes that they name, or all of them."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("scenes", nargs="*", choices=[*scenes, []], help="all, if none is named")
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    for scene in options.scenes or scenes:
        asyncio.run(_run(scenes[scene], options.scale))


async def _run(scene: Scene, scale: float) -> None:
    await scene(scale)
