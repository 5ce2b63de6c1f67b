"""A real PostgreSQL server for tests: one throw-away cluster, shared by all test processes of a run."""

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg

START_SECONDS = 60
STOP_SECONDS = 15
USER = "dexter"
PASSWORD = "p4ss-w0rd"


def programs() -> Path | None:
    """Return the folder of the server's programs: Debian's newest, or what is on the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    found = shutil.which("initdb")
    return debian[-1].parent if debian else Path(found).parent if found else None


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    folder: str

    def url(self, database: str = "postgres", password: str = PASSWORD) -> str:
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)

    @contextlib.contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Give the URL of a fresh database, a copy of `template`."""
        name = f"t{uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def shared(meeting: Path) -> Iterator[Server]:
    """Give the server that all processes which name the same folder share: the first starts it, the last stops it."""
    with _alone(meeting) as state:
        if "port" not in state:
            state.update(_start())
        state["users"] = state.get("users", 0) + 1
        server = Server(state["port"], state["folder"])
    try:
        yield server
    finally:
        with _alone(meeting) as state:
            state["users"] -= 1
            if not state["users"]:
                _stop(state)
                state.clear()


@contextlib.contextmanager
def _alone(meeting: Path) -> Iterator[dict[str, object]]:
    meeting.mkdir(parents=True, exist_ok=True)
    with (meeting / "postgres.json").open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        state = json.loads(file.read() or "{}")
        try:
            yield state
        finally:
            file.seek(0)
            file.truncate()
            file.write(json.dumps(state))


def _start() -> dict[str, object]:
    bin = programs()
    assert bin, "PostgreSQL is missing: apt-get install postgresql"
    folder = Path(tempfile.mkdtemp(prefix="dexter-pg-"))
    secret = folder / "password"
    secret.write_text(PASSWORD)
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    if owner:  # the server refuses to run as root
        for path in (folder, secret):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}
    data, port = folder / "data", _free_port()
    making = [bin / "initdb", "-D", data, "-U", USER, f"--pwfile={secret}", "--auth=scram-sha-256"]
    subprocess.run(
        [*making, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
        check=True, capture_output=True, timeout=START_SECONDS, cwd=folder, **who,
    )  # fmt: skip
    settings = {
        "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
        "synchronous_commit": "off", "full_page_writes": "off", "max_connections": 200, "shared_buffers": "32MB",
    }  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [bin / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True, **who,
        )  # fmt: skip
    state: dict[str, object] = {"port": port, "folder": str(folder), "pid": process.pid}
    _await(Server(port, str(folder)), process, folder / "log")
    process.returncode = 0  # another test process may be the one that stops it
    return state


def _await(server: Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(server.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)
        else:
            return


def _stop(state: dict[str, object]) -> None:
    pid, folder = int(str(state["pid"])), Path(str(state["folder"]))
    running = folder / "data" / "postmaster.pid"  # the last thing that the server removes
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)  # PostgreSQL's fast shutdown
        deadline = time.monotonic() + STOP_SECONDS
        while running.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        if running.exists():
            os.killpg(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
