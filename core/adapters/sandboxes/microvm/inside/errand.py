"""One run in the guest: the program behind its walls, and what it says on its way to the host."""

import json
import os
import selectors
import signal
import sys
from typing import Any

import first  # type: ignore[import-untyped]  # it lies beside this file, in the guest
import walls  # type: ignore[import-not-found]

_CHUNK = 65_536
_GROUP = f"{walls.GROUPS}/run"
_OVERHEAD = 16 << 20
"""Bytes of the process that watches the program."""


def run(order: dict[str, Any], ports: dict[str, int]) -> list[str]:
    """Run a program and tell all to the ports. Returns words only in the program's process: what it has to call."""
    files = [(name, exactly(ports["order"], size)) for name, size in order["files"]]
    given = exactly(ports["order"], order["given"])
    _bound(order)
    pipes = {name: os.pipe() for name in ("go", "in", "out", "err", "result", "told", "furnished")}
    walls.apart_from_processes()
    pid = os.fork()
    if pid == 0:
        return _inside(order, files, pipes)
    for name, (reader, writer) in pipes.items():
        os.close(reader if name in ("go", "in") else writer)
    os.write(ports["told"], b"begun\n")
    if os.read(pipes["furnished"][0], 1):  # and what it took counts as the guest's, not as the program's
        with open(f"{_GROUP}/cgroup.procs", "w") as file:
            file.write(str(pid))
        os.write(pipes["go"][1], b"1")
    told = _carried(given, pipes, ports)
    status = os.waitpid(pid, 0)[1]
    said = {"told": told.decode() or None, "code": os.waitstatus_to_exitcode(status), **_used()}
    os.write(ports["told"], json.dumps(said).encode() + b"\n")
    os.rmdir(_GROUP)
    return []


def exactly(port: int, size: int) -> bytes:
    """Read so many bytes. Raises EOFError where there are fewer."""
    parts = []
    while size:
        part = os.read(port, min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _inside(order: dict[str, Any], files: list[tuple[str, bytes]], pipes: dict[str, tuple[int, int]]) -> list[str]:
    """Become process 1 of the program's namespaces; return in its child, the program."""
    kept = {"go": pipes["go"][0], "told": pipes["told"][1], "result": pipes["result"][1]}
    for at, end in enumerate((pipes["in"][0], pipes["out"][1], pipes["err"][1])):
        os.dup2(end, at)
    walls.furnish(files, order["disk"], libraries=order["libraries"])
    os.write(pipes["furnished"][1], b"1")
    for each in {int(name) for name in os.listdir("/proc/self/fd")} - {0, 1, 2, *kept.values()}:
        try:
            os.close(each)
        except OSError:
            continue  # the one that listed them
    for end in kept.values():
        os.set_inheritable(end, True)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", errors="backslashreplace")  # noqa: SIM115
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir("/work")
    walls.drop()
    sys.argv[1:] = [json.dumps({**order["order"], **kept}), *order["command"]]
    first.main()
    if os.getpid() == 1:
        os._exit(0)
    return list(order["command"])


def _carried(given: bytes, pipes: dict[str, tuple[int, int]], ports: dict[str, int]) -> bytes:
    """Move what flows until nothing of the program is left, and return what was told of it."""
    told = bytearray()
    rest = memoryview(given)
    flows = selectors.DefaultSelector()
    for name in ("out", "err", "result", "told"):
        flows.register(pipes[name][0], selectors.EVENT_READ, name)
    os.set_blocking(pipes["in"][1], False)
    flows.register(pipes["in"][1], selectors.EVENT_WRITE, "in")
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    left = 4
    while left:
        for key, _ in flows.select():
            if key.data == "in":
                rest = _fed(key.fd, rest)
                if not rest:
                    flows.unregister(key.fd)
                    os.close(key.fd)
            elif chunk := os.read(key.fd, _CHUNK):
                told.extend(chunk if key.data == "told" else b"")
                if key.data != "told":
                    _write(ports[key.data], chunk)
            else:
                flows.unregister(key.fd)
                left -= 1
    return bytes(told)


def _fed(pipe: int, rest: memoryview) -> memoryview:
    """Write some, and return what is left of it: nothing where nobody reads any more."""
    try:
        return rest[os.write(pipe, rest[:_CHUNK]) :] if rest else rest
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]


def _write(port: int, chunk: bytes) -> None:
    while chunk:
        chunk = chunk[os.write(port, chunk) :]


def _bound(order: dict[str, Any]) -> None:
    """Make the cgroup that bounds all of the program together."""
    os.mkdir(_GROUP)
    bounds = {
        "memory.max": order["memory"] + _OVERHEAD,
        "memory.oom.group": 1,
        "pids.max": order["order"]["processes"] + 2,
    }
    for name, value in bounds.items():
        with open(f"{_GROUP}/{name}", "w") as file:
            file.write(str(value))


def _used() -> dict[str, Any]:
    with open(f"{_GROUP}/memory.peak") as peak, open(f"{_GROUP}/memory.events") as events:
        counts = dict(line.split() for line in events)
        return {"peak": int(peak.read()), "overran": int(counts["oom_kill"]) > 0}
