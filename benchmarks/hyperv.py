"""The acceptance run for a Windows host: what no test can show without one, in some minutes, each as `ok` or `FAILED`.

python -m benchmarks.hyperv             on the host that dexter.toml names
python -m benchmarks.hyperv --double    on the host of the tests, which is none: what needs Windows is left out
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bot.parts import windows_of
from bot.settings import load
from core.errors import DexterError
from core.ports import Sandbox
from core.sandbox import MEGABYTE, Limits, Outcome, Program, Ran
from tests.doubles.hyperv import OnWindows

LIMITS = Limits(seconds=30, memory=256 * MEGABYTE, output=100_000, processes=16)
IMPORTS = "import json, os, socket, subprocess, sys, time"


def python(body: str, **more: object) -> Program:
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return Program(files={"main.py": f"{IMPORTS}\ndef run(**given):\n{lines}\n".encode()}, entry="main.py:run", **more)  # type: ignore[arg-type]


def powershell(script: str) -> Program:
    argv = ("powershell", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", "{files}/main.ps1")
    return Program(files={"main.ps1": script.encode()}, argv=argv, arguments={"x": 2})


def gives(value: object) -> Callable[[Ran], bool]:
    return lambda ran: ran.returned and ran.value == value


def ends(outcome: Outcome, code: int | None = None) -> Callable[[Ran], bool]:
    return lambda ran: ran.outcome is outcome and ran.code == code and not ran.returned


@dataclass(frozen=True)
class Item:
    """One thing that has to hold."""

    what: str
    program: Program
    holds: Callable[[Ran], bool]
    limits: Limits = LIMITS
    windows: bool = False
    """It can only be seen on Windows."""


FORGED = json.dumps({"ended": "exited", "code": 0, "result": "MQ=="})
ITEMS = [
    Item(
        "a function in Python gives its result",
        python("return given", arguments={"ä": [1, None]}),
        gives({"ä": [1, None]}),
    ),
    Item(
        "a script in PowerShell reads its arguments and writes its result",
        powershell(
            "$given = [Console]::In.ReadToEnd() | ConvertFrom-Json\n"
            "[IO.File]::WriteAllText($env:DEXTER_RESULT, 2 * $given.x)"
        ),
        gives(4),
        windows=True,
    ),
    Item("an exit code comes back", python("sys.exit(7)"), ends(Outcome.EXITED, 7)),
    Item(
        "an error is on standard error",
        python("raise ValueError('mine')"),
        lambda ran: "ValueError: mine" in ran.stderr,
    ),
    Item(
        "a program that is not there is said", Program(files={}, argv=("no-such-program",)), ends(Outcome.EXITED, 127)
    ),
    Item("text in any language comes back", python("print('ä🦊'); return 1"), lambda ran: ran.stdout.strip() == "ä🦊"),
    Item(
        "at the deadline it is ended, and what it started",
        python("subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\ntime.sleep(600)"),
        ends(Outcome.TIMED_OUT),
        LIMITS.but(seconds=5),
    ),
    Item("what says too much is ended", python("while True: print('x' * 1000)"), ends(Outcome.TOO_MUCH_OUTPUT)),
    Item("a result that is too long is none", python("return 'x' * 200_000"), ends(Outcome.TOO_MUCH_OUTPUT)),
    Item(
        "what takes too much memory is ended",
        python("held = []\nwhile True: held.append(b'x' * 1_000_000)"),
        ends(Outcome.OUT_OF_MEMORY),
    ),
    Item(
        "memory is bounded over all processes together",
        python(
            "code = 'held = b\"x\" * 100_000_000; import time; time.sleep(20)'\n"
            "for _ in range(5): subprocess.Popen([sys.executable, '-c', code])\ntime.sleep(20)"
        ),
        ends(Outcome.OUT_OF_MEMORY),
    ),
    Item(
        "processes are bounded",
        python(
            "made = 0\ntry:\n    while made < 100:\n"
            "        subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(20)']); made += 1\n"
            "except OSError: pass\nreturn made < 16"
        ),
        gives(True),
        LIMITS.but(memory=1024 * MEGABYTE),
        windows=True,
    ),
    Item("what it prints is no verdict", python(f"print({FORGED!r}); os._exit(3)"), ends(Outcome.EXITED, 3)),
    Item(
        "it reaches no network",
        python(
            "reached = []\nfor host in ('8.8.8.8', '10.0.0.1', '192.168.1.1', '172.17.0.1'):\n"
            "    for port in (53, 80, 445, 5985):\n"
            "        try: socket.create_connection((host, port), 0.5); reached.append(host)\n"
            "        except OSError: pass\nreturn reached"
        ),
        gives([]),
        LIMITS.but(seconds=60),
        windows=True,
    ),
    Item(
        "it is no administrator",
        python("import ctypes; return ctypes.windll.shell32.IsUserAnAdmin()"),
        gives(0),
        windows=True,
    ),
    Item(
        "it cannot end or open what watches over it",
        python(
            "import ctypes; return [bool(ctypes.windll.kernel32.OpenProcess(right, False, os.getppid())) "
            "for right in (0x1, 0x2, 0x8, 0x10, 0x20, 0x40, 0x800)]"
        ),
        gives([False] * 7),
        windows=True,
    ),
    Item(
        "it writes nowhere in Windows, in Program Files, or among its own files",
        python(
            "written = []\nhere = os.path.dirname(__file__)\n"
            "for folder in (os.environ['SystemRoot'], os.environ['ProgramFiles'], here):\n"
            "    try: open(os.path.join(folder, 'x.txt'), 'w').close(); written.append(folder)\n"
            "    except OSError: pass\nreturn written"
        ),
        gives([]),
        windows=True,
    ),
    Item(
        "it sees no environment but its own",
        python("return 'USERNAME' in os.environ or 'COMPUTERNAME' in os.environ"),
        gives(False),
    ),
    Item(
        "it leaves something …",
        python("open('C:/Users/Public/left.txt', 'w').close(); return 1"),
        gives(1),
        windows=True,
    ),
    Item(
        "… that the next does not see",
        python("return os.path.exists('C:/Users/Public/left.txt')"),
        gives(False),
        windows=True,
    ),
]


async def tried(what: str, attempt: Awaitable[bool]) -> bool:
    begun = time.perf_counter()
    try:
        held, why = await attempt, ""
    except DexterError as error:
        held, why = False, str(error)
    print(f"{'ok' if held else 'FAILED':6} {time.perf_counter() - begun:6.1f} s  {what}  {why}", flush=True)
    return held


async def held(sandbox: Sandbox, item: Item) -> bool:
    ran = await sandbox.run(item.program, item.limits)
    if not item.holds(ran):
        print("      ", str(ran)[:600])
    return item.holds(ran)


async def with_library(sandbox: Sandbox) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "greetings.py").write_text("HELLO = 'hello'\n")
        ran = await sandbox.run(python("import greetings; return greetings.HELLO", libraries=(Path(folder),)), LIMITS)
    return gives("hello")(ran)


async def cancelled(sandbox: Sandbox) -> bool:
    """Cancel a program that does not end, as soon as it is heard."""
    heard = asyncio.Event()
    waiting = python("print('begun'); time.sleep(600)")
    run = asyncio.create_task(sandbox.run(waiting, LIMITS.but(seconds=900), lambda *_: heard.set()))
    listening = asyncio.create_task(heard.wait())
    await asyncio.wait([run, listening], return_when=asyncio.FIRST_COMPLETED, timeout=600)
    run.cancel()
    listening.cancel()
    await asyncio.gather(run, listening, return_exceptions=True)
    return heard.is_set() and gives(1)(await sandbox.run(python("return 1"), LIMITS))


async def side_by_side(sandbox: Sandbox) -> bool:
    rans = await asyncio.gather(*(sandbox.run(python("return given", arguments={"at": at}), LIMITS) for at in range(4)))
    return all(gives({"at": at})(ran) for at, ran in enumerate(rans))


async def proved(sandbox: Sandbox) -> bool:
    found = await sandbox.check()
    print("      ", found.found, found.remedy or "")
    return found.tier is not None


async def accepted(sandbox: Sandbox, *, windows: bool) -> bool:
    """Try everything, and tell whether all of it held. `windows=False`: only what needs none."""
    if not await tried("the self check", proved(sandbox)):
        return False
    results = [await tried(item.what, held(sandbox, item)) for item in ITEMS if windows or not item.windows]
    for what, attempt in {
        "a library goes along": with_library,
        "a run that is heard and then cancelled leaves a machine that runs the next": cancelled,
        "runs side by side, or one after the other, get their own results": side_by_side,
    }.items():
        results.append(await tried(what, attempt(sandbox)))
    print(f"{results.count(True)} of {len(results)} held")
    return all(results)


async def run(*, double: bool) -> bool:
    settings = load()
    sandbox = OnWindows() if double else windows_of(settings.sandbox.hyperv, settings.sandbox.waiting)
    try:
        return await accepted(sandbox, windows=not double)
    finally:
        await sandbox.aclose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--double", action="store_true")
    given = parser.parse_args()
    if not given.double and not load().sandbox.hyperv.host:
        raise SystemExit("dexter.toml names no Windows host: see docs/hyperv.md.")
    sys.exit(0 if asyncio.run(run(double=given.double)) else 1)


if __name__ == "__main__":
    main()
