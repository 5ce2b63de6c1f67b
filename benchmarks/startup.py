"""What it costs to start and to sit idle: `dexter --help`, `import bot.app`, and a running Dexter's memory and CPU.

Each figure is the median of several runs, beside the bare interpreter's as a floor in the same run.
"""

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import structlog

RUNS = 7
IDLE_SECONDS = 20.0
FLOORS = {
    "litellm": "import litellm",
    "litellm, sqlmodel": "import litellm, sqlmodel",
    "litellm, sqlmodel, DBOS": "import dbos, litellm, sqlmodel",
    "litellm as Dexter loads it": "from core.adapters.litellm import library; library.load()",
    "…, sqlmodel": "import sqlmodel; from core.adapters.litellm import library; library.load()",
}
"""What Dexter is built on, imported and not used."""
RSS = "print(int(open('/proc/self/statm').read().split()[1]) * resource.getpagesize() / 2**20)"


def seconds(*argv: str) -> float:
    """Return the median wall time of a command."""
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *argv], check=True, capture_output=True)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def floor_mb(imports: str) -> float:
    """Return the memory of a process that has imported this and no more."""
    offline = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    command = [sys.executable, "-c", f"import resource; {imports}; {RSS}"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=offline).stdout)


def rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def idle() -> tuple[float, float]:
    """Return a running Dexter's memory in MB, litellm loaded, and its idle CPU in percent."""
    from bot.app import running
    from bot.settings import Settings

    with tempfile.TemporaryDirectory() as home:
        async with running(Settings(home=Path(home))) as app:
            await app.model.warm()
            await asyncio.sleep(2)
            begun, used = time.perf_counter(), cpu()
            await asyncio.sleep(IDLE_SECONDS)
            return rss_mb(), 100 * (cpu() - used) / (time.perf_counter() - begun)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    floor = seconds("-c", "pass")
    print(f"python -c pass       {floor:6.2f} s")
    print(f"dexter --help        {seconds('-m', 'bot', '--help'):6.2f} s   (goal 0.3)")
    print(f"import bot.app       {seconds('-c', 'import bot.app'):6.2f} s   (goal 1.0)")
    memory, busy = asyncio.run(idle())
    print(f"RSS, litellm loaded  {memory:6.0f} MB  (goal 200)")
    for name, imports in FLOORS.items():
        print(f"  imports of {name:26s} {floor_mb(imports):6.0f} MB")
    print(f"idle CPU             {busy:6.2f} %   (goal 2)")


if __name__ == "__main__":
    main()
