"""The guests of a Hyper-V host that is none: what is copied into them runs for real, under bubblewrap on this machine.

Files, arguments, output, results, exit codes and time are real. Windows is not: no PowerShell, no job object, no token.
"""

import asyncio
import base64
import concurrent.futures
import io
import json
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import Any

from core.adapters.sandboxes.bubblewrap import Bubblewrap
from core.sandbox import Follow, Limits, Outcome, Program, Ran

SHIM = 'export DEXTER_RESULT=/tmp/.result; "$@"; code=$?; cat "$DEXTER_RESULT" >&3 2>/dev/null; exit $code'
PYTHON = 'exec "$(command -v python3 || echo /python/bin/python3)" "$@"'


class Guests:
    """Runs what would run in guests, on an event loop of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._bubblewrap = Bubblewrap(parallel=4, cgroups=False)

    def start(self, payload: bytes, follow: Follow) -> "concurrent.futures.Future[dict[str, Any]]":
        """Run the program of an archive; what comes is what guest.ps1 would say."""
        return asyncio.run_coroutine_threadsafe(self._run(payload, follow), self._loop)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._bubblewrap.aclose(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _run(self, payload: bytes, follow: Follow) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="guest-") as folder:
            Path(folder).chmod(0o755)
            program, limits = _unpacked(payload, Path(folder))
            return _told(await self._bubblewrap.run(program, limits, follow))


def ordered(payload: bytes) -> dict[str, Any]:
    """Return what the archive says is to be run."""
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        order: dict[str, Any] = json.loads(archive.read("order.json"))
        return order


def _unpacked(payload: bytes, folder: Path) -> tuple[Program, Limits]:
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert contents["cell/Cell.cs"]
    order = json.loads(contents["order.json"])
    limits = Limits(**{name: order[name] for name in ("seconds", "memory", "output", "processes")})
    libraries = sorted({Path(name).parts[1] for name in contents if name.startswith("libraries/")}, key=int)
    for name, content in contents.items():
        if name.startswith("libraries/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    for each in (folder, *folder.rglob("*")):
        each.chmod(0o755)
    argv = [word.replace("{files}", "{files}/files") for word in order["argv"]]
    if order["entry"]:
        file, _, function = order["entry"].partition(":")
        argv = ["sh", "-c", PYTHON, "sh", "-I", "-X", "utf8", "{files}/call.py", f"{{files}}/files/{file}", function]
    files = {name: content for name, content in contents.items() if name.startswith("files/") or name == "call.py"}
    program = Program(
        files=files,
        argv=("sh", "-c", SHIM, "sh", *argv),
        arguments=json.loads(contents["arguments.json"]),
        libraries=tuple(folder / "libraries" / each for each in libraries),
    )
    return program, limits


def _told(ran: Ran) -> dict[str, Any]:
    crashed = ran.code is not None and ran.code > 128  # what a shell makes of a signal; Windows has codes of its own
    return {
        "ended": "exited" if ran.outcome is Outcome.KILLED else ran.outcome.value,
        "code": 0xC0000005 if crashed and ran.code != 255 else ran.code or 0,
        "cpu": ran.cpu,
        "memory": ran.memory,
        "stdout": base64.b64encode(ran.stdout.encode(errors="surrogateescape")).decode(),
        "stderr": base64.b64encode(ran.stderr.encode(errors="surrogateescape")).decode(),
        "result": base64.b64encode(json.dumps(ran.value).encode()).decode() if ran.returned else "",
    }
