"""Podman's service for tests: one for each runtime and process, on a socket and with storage of its own."""

import atexit
import functools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import docker

START_SECONDS = 30
PREFIX = "dexter-podman-"
RUNTIMES: dict[str, tuple[str, tuple[str, ...]]] = {
    "runc": ("runc", ()),
    "runsc": ("runsc", ("--runtime-flag", "network=none")),
}
"""By name: the program, and how Podman is told about it."""


@dataclass(frozen=True)
class Service:
    """A running service."""

    address: str

    def containers(self, pid: int, *, running: bool = False) -> list[dict[str, object]]:
        """Return the containers that a process made, with their commands."""
        with docker.APIClient(base_url=self.address, version="1.40") as client:
            found = client.containers(all=not running, filters={"label": ["dexter.sandbox"]})
        mine = f"dexter-sandbox-{pid}-"
        return [each for each in found if str(each["Labels"]["dexter.sandbox"]).startswith(mine)]


def lacking(kind: str) -> str:
    """Return what this machine lacks for a service; nothing where it can be had."""
    for program in ("podman", "conmon", RUNTIMES[kind][0]):
        if shutil.which(program) is None:
            return f"{program} is not installed: run deploy/tests_need.sh"
    if os.geteuid() != 0:
        return "containers of root's are tried here: run the tests as root"
    try:
        service(kind)
    except RuntimeError as error:
        return str(error)
    return ""


@functools.cache
def service(kind: str) -> Service:
    """Return the service of this process, or of the one that started it. Raises RuntimeError with the reason."""
    known = f"DEXTER_TEST_PODMAN_{kind}"
    if known not in os.environ:
        _sweep()
        os.environ[known] = _started(kind)
    return Service(os.environ[known])


def _started(kind: str) -> str:
    reasons = []
    for storage in ("overlay", "vfs"):
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        folder.chmod(0o755)
        process = _launched(folder, storage, *RUNTIMES[kind])
        atexit.register(_stopped, os.getpid(), process, folder)
        if _up(process, address := f"unix://{folder}/socket"):
            return address
        reasons.append(f"{storage}: {(folder / 'log').read_text()[-500:].strip()}")
        _stopped(os.getpid(), process, folder)
    raise RuntimeError(f"Podman's service does not come up here: {'; '.join(reasons)}")


def _launched(folder: Path, storage: str, runtime: str, flags: Sequence[str]) -> "subprocess.Popen[bytes]":
    places = [word for name in ("root", "runroot", "tmpdir") for word in (f"--{name}", str(folder / name))]
    how = ["--storage-driver", storage, "--cgroup-manager", "cgroupfs", "--events-backend", "none"]
    line = ["podman", *places, *how, "--runtime", str(shutil.which(runtime)), *flags]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [*line, "system", "service", "--time", "0", f"unix://{folder}/socket"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,  # where conmon leaves a file named oom
            start_new_session=True,
        )


def _up(process: "subprocess.Popen[bytes]", address: str) -> bool:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as connection:
            if connection.connect_ex(address.removeprefix("unix://")) == 0:
                return True
        time.sleep(0.05)
    return False


def _stopped(owner: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """End it, with what its storage has mounted; a fork of the tests' process leaves it alone."""
    if os.getpid() != owner:
        return
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(START_SECONDS)
    _removed(folder)


def _removed(folder: Path) -> None:
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for place in sorted((mount for mount in mounts if mount.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "-l", place], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Remove what tests that were killed have left."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not Path("/proc", pid).exists():
            for process in _of(folder):
                os.kill(process, signal.SIGKILL)
            _removed(folder)


def _of(folder: Path) -> list[int]:
    found = []
    for process in Path("/proc").iterdir():
        try:
            words = (process / "cmdline").read_bytes() if process.name.isdigit() else b""
        except OSError:
            continue
        found += [int(process.name)] if f"{folder}/".encode() in words else []
    return found
