"""The parts of the container sandbox that its contract cannot show: filter, image, frames, refusals, leftovers."""

import asyncio
import io
import json
import os
import platform
import socket
import subprocess
import sys
import tarfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.sandboxes.bubblewrap.calls import DENIED
from core.adapters.sandboxes.bubblewrap.pump import Why
from core.adapters.sandboxes.container import Container, engine, host, image, line
from core.adapters.sandboxes.container.engine import Engine
from core.adapters.sandboxes.container.host import Choice
from core.adapters.sandboxes.container.seccomp import profile
from core.adapters.sandboxes.container.stream import Heard, Stream
from core.adapters.sandboxes.following import NOBODY
from core.adapters.sandboxes.pool import Slot
from core.errors import BadRequest, Misconfigured, Unavailable
from core.sandbox import MEGABYTE, Limits, Outcome, Program, Tier
from tests.doubles import podman
from tests.doubles.sandboxes import MAKE, lacking, processes_with

TRUE = Program(files={}, argv=("true",))
needs_podman = pytest.mark.skipif(bool(lacking("container-runc")), reason=lacking("container-runc"))
needs_gvisor = pytest.mark.skipif(bool(lacking("container-gvisor")), reason=lacking("container-gvisor"))


# What goes in


def denied(call: str, *arguments: int) -> int | None:
    """Return with which error the profile answers a call, as libseccomp compares; `None`: it is allowed."""
    for rule in json.loads(profile())["syscalls"]:
        if call in rule["names"] and all(holds(look, arguments) for look in rule["args"]):
            return int(rule["errnoRet"])
    return None


def holds(look: dict[str, int], arguments: tuple[int, ...]) -> bool:
    value, wanted = arguments[look["index"]], look["value"]
    match look["op"]:
        case "SCMP_CMP_EQ":
            return value == wanted
        case "SCMP_CMP_NE":
            return value != wanted
        case "SCMP_CMP_GE":
            return value >= wanted
        case "SCMP_CMP_MASKED_EQ":
            return value & wanted == look["valueTwo"]
    raise AssertionError(look)


def test_the_engines_filter_denies_what_bubblewraps_does() -> None:
    assert {denied(call) for call in DENIED} == {1}
    assert denied("clone3") == 38
    assert denied("read") is None
    assert platform.machine() != "x86_64" or "SCMP_ARCH_X32" in json.loads(profile())["architectures"]


def test_the_engines_filter_lets_threads_start_and_no_namespaces() -> None:
    assert denied("clone", 0x3D0F00) is None
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert denied("clone", flag | 17) == 1


def test_the_engines_filter_lets_unix_and_internet_sockets_pass_and_none_that_is_raw() -> None:
    for call in ("socket", "socketpair"):
        for family in range(100):
            assert (denied(call, family, 1 | 0o2004000) is None) is (family in (1, 2, 10))
        assert [denied(call, 2, kind) is None for kind in range(8)] == [kind in (1, 2, 5) for kind in range(8)]
    assert [denied("ioctl", 0, request) for request in (0x5401, 0x5412, 0x541C)] == [None, 1, 1]
    assert [denied("prlimit64", pid) for pid in (0, 1)] == [None, 1]


def test_the_image_is_small_the_same_each_time_and_holds_no_program() -> None:
    assert image.archive() == image.archive()
    assert len(image.archive()) < 100_000
    with tarfile.open(fileobj=io.BytesIO(image.archive())) as tar:
        assert [entry.name for entry in tar if entry.isfile() and entry.size] == []
        assert {entry.name: entry.linkname for entry in tar if entry.issym()}["lib"] == "usr/lib"
        assert {entry.uid for entry in tar} == {0}


@pytest.mark.parametrize("name", ["Podman Engine 4.3.1", "Docker 29.0.0"])
def test_a_container_sees_what_it_needs_read_only_and_may_nothing(name: str, tmp_path: Path) -> None:
    there = host.Host(
        Engine("unix:///x", name, image.repository()), host.python.Python("/usr/bin/python3"), "", gvisor=False
    )
    limits = Limits(memory=64 * MEGABYTE, processes=8, disk=MEGABYTE)
    spec = line.spec(there, 0, tmp_path, [Path("/opt/packages")], limits)
    given = spec["host_config"]
    assert all(mount["ReadOnly"] for mount in given["Mounts"])
    assert {mount["Target"] for mount in given["Mounts"]} >= {"/usr", "/program", "/dexter", "/libraries/0"}
    assert (given["NetworkMode"], given["ReadonlyRootfs"], given["CapDrop"], given["CapAdd"]) == (
        "none",
        True,
        ["ALL"],
        [],
    )
    assert (given["Memory"], given["MemorySwap"], given["PidsLimit"]) == (88 * MEGABYTE, 88 * MEGABYTE, 9)
    assert spec["user"] == "65534:65534"
    assert "no-new-privileges" in given["SecurityOpt"]
    (filter,) = (each for each in given["SecurityOpt"] if each.startswith("seccomp="))
    assert ("ptrace" in filter) is name.startswith("Docker")  # which is given the text, Podman a file


# What comes out


def framed(letter: str, content: bytes) -> bytes:
    return letter.encode() + len(content).to_bytes(4, "big") + content


def pieces(content: bytes, size: int, stream: int = 1) -> bytes:
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    return b"".join(bytes([stream, 0, 0, 0]) + len(part).to_bytes(4, "big") + part for part in parts)


@given(
    st.lists(st.tuples(st.sampled_from("oer"), st.binary(max_size=50)), max_size=10),
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_frames_are_put_together_however_they_are_cut(frames: list[tuple[str, bytes]], piece: int, chunk: int) -> None:
    heard = Heard()
    flow = pieces(b"".join(framed(letter, content) for letter, content in frames), piece)
    for at in range(0, len(flow), chunk):
        heard.take(flow[at : at + chunk])
    for letter in "oer":
        assert heard.said[letter] == b"".join(content for each, content in frames if each == letter)


def test_what_the_runtime_says_is_kept_apart_from_what_process_1_says() -> None:
    heard = Heard()
    heard.take(pieces(b"exec: python3: not found", 100) + pieces(b"it broke", 100, stream=2))
    assert b"not found" in heard.noise
    assert b"it broke" in heard.noise
    assert {letter: bytes(said) for letter, said in heard.said.items() if said} == {}


def test_a_wait_ends_by_a_word_by_silence_and_by_a_stop() -> None:
    ours, theirs = socket.socketpair()
    stop, soon = os.eventfd(0), time.monotonic() + 60
    with ours, theirs:
        stream = Stream(ours.fileno(), Slot(0, stop, NOBODY))
        theirs.send(pieces(framed("h", b"{}"), 100))
        assert stream.until("h", soon) is Why.DONE
        assert stream.until("t", 0) is Why.LATE
        os.eventfd_write(stop, 1)
        assert stream.until("t", soon) is Why.STOPPED
        os.eventfd_read(stop)
        theirs.close()
        assert stream.until("t", soon) is Why.OVER
        stream.close()
    os.close(stop)


# What is missing


async def refused(choice: Choice) -> str:
    """Return why nothing runs in a sandbox, by its check and by its refusal to run."""
    sandbox = Container(choice)
    isolation = await sandbox.check()
    assert isolation.tier is None
    with pytest.raises(Misconfigured):
        await sandbox.run(TRUE, Limits())
    await sandbox.aclose()
    return f"{isolation.found}. {isolation.remedy}"


async def test_where_no_engine_listens_nothing_runs_and_what_to_install_is_said(tmp_path: Path) -> None:
    assert "apt-get install podman runsc" in await refused(Choice(socket=f"unix://{tmp_path}/none"))
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(tmp_path / "stale"))
    stale.close()
    assert "neither Docker nor Podman listens" in await refused(Choice(socket=f"unix://{tmp_path}/stale"))


async def test_an_image_that_can_change_is_refused() -> None:
    assert "digest" in await refused(Choice(image="docker.io/library/python:3.12"))


async def test_something_else_than_an_engine_is_told_from_one(tmp_path: Path) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(10_000):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello!")
            await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(greet, tmp_path / "socket"):
        assert "does not answer as it should" in await refused(Choice(socket=f"unix://{tmp_path}/socket"))


def test_the_usual_places_are_those_of_podman_and_docker(tmp_path: Path) -> None:
    assert engine._usual({"DOCKER_HOST": "unix:///mine"}) == ["unix:///mine"]
    usual = engine._usual({"XDG_RUNTIME_DIR": "/run/user/1000"})
    assert "unix:///run/user/1000/podman/podman.sock" in usual
    assert usual[-1] == "unix:///var/run/docker.sock"


async def test_what_only_bubblewrap_grants_is_refused() -> None:
    with pytest.raises(BadRequest):
        await Container().run(TRUE.but(network=("api.example.com",)), Limits())


# On a real engine


@pytest.fixture
def killed() -> subprocess.Popen[bytes]:
    """A process that is gone, with a container of its own left behind on the engine for runc."""
    code = (
        "import sys\nfrom core.adapters.sandboxes.container import engine\n"
        "there = engine.find(sys.argv[1], '')\nwith there.client() as client:\n"
        "    there.create(client, ['true'], {})\nprint('made', flush=True)\n"
    )
    service = podman.service("runc")
    with subprocess.Popen([sys.executable, "-c", code, service.address], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"made\n"
    return process


@needs_podman
async def test_containers_of_the_dead_are_swept_and_those_of_the_living_stay(
    killed: subprocess.Popen[bytes],
) -> None:
    service, sandbox = podman.service("runc"), MAKE["container-runc"]()
    assert len(service.containers(killed.pid)) == 1
    there = engine.find(service.address, "")
    assert there
    with there.client() as client:
        own = there.create(client, ["true"], {})
        await sandbox.check()
        assert service.containers(killed.pid) == []
        assert [each["Id"] for each in service.containers(os.getpid())] == [own]
        engine.remove(client, own)
        engine.remove(client, own)  # that it is gone is no error
    await sandbox.aclose()


@needs_podman
async def test_the_image_is_made_once_and_needs_no_network() -> None:
    service = podman.service("runc")
    made = [engine.find(service.address, "") for _ in range(2)]
    assert [each and each.image for each in made] == [f"{image.repository()}:latest"] * 2
    assert made[0]
    assert made[0].is_podman
    with made[0].client() as client:
        assert len(client.images(name=made[0].image)) == 1


@needs_podman
async def test_an_image_that_is_not_there_is_said_and_nothing_runs() -> None:
    name = f"localhost/nowhere@sha256:{'0' * 64}"
    assert "cannot be made" in await refused(Choice(podman.service("runc").address, image=name))


@needs_gvisor
async def test_a_kernel_that_is_not_gvisors_any_more_ends_every_run() -> None:
    """The engine's runtime may be changed at any time; nobody may believe in a tier that is no more."""
    sandbox = Container(Choice(podman.service("runsc").address), parallel=1)
    assert (await sandbox.check()).tier is Tier.KERNEL
    assert sandbox._proof._host
    other = engine.find(podman.service("runc").address, "")
    assert other
    sandbox._proof._host = replace(sandbox._proof._host, engine=other)
    with pytest.raises(Unavailable, match="gVisor"):
        await sandbox.run(TRUE, Limits())
    await sandbox.aclose()


@needs_podman
async def test_a_run_that_takes_down_process_1_is_told_by_the_engine() -> None:
    """What fills memory that belongs to no process may end process 1 first, which can then say nothing."""
    sandbox = MAKE["container-runc"]()
    code = b"import socket\ndef run():\n    held = []\n    while True:\n        held.append(socket.socketpair())\n"
    code += b"        held[-1][0].setblocking(False)\n        try:\n            while True:\n"
    code += b"                held[-1][0].send(b'x' * 65536)\n        except BlockingIOError:\n            pass\n"
    program = Program(files={"main.py": code}, entry="main.py:run")
    ran = await sandbox.run(program, Limits(memory=32 * MEGABYTE, seconds=20))
    assert ran.outcome in (Outcome.OUT_OF_MEMORY, Outcome.EXITED)
    assert not ran.returned
    await sandbox.aclose()


@needs_podman
async def test_no_cgroup_of_a_container_stays() -> None:
    sandbox = MAKE["container-runc"]()
    service = podman.service("runc")
    await sandbox.check()
    run = asyncio.create_task(sandbox.run(Program(files={}, argv=("sleep", "86400")), Limits(seconds=60)))
    while not (running := await asyncio.to_thread(service.containers, os.getpid(), running=True)):
        await asyncio.sleep(0.02)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    folders = [path for parent in Path("/sys/fs/cgroup").glob("**/libpod*") for path in (parent, *parent.iterdir())]
    assert [path for path in folders if str(running[0]["Id"]) in path.name] == []
    await sandbox.aclose()


@needs_podman
async def test_a_container_that_somebody_else_kills_is_said_to_be_killed() -> None:
    sandbox = MAKE["container-runc"]()
    service = podman.service("runc")
    run = asyncio.create_task(sandbox.run(Program(files={}, argv=("sleep", "86401")), Limits(seconds=60)))
    there = engine.find(service.address, "")
    assert there
    while len(processes_with("sleep\x0086401")) < 2:  # process 1, which is told to start it, and it
        await asyncio.sleep(0.02)
    with there.client() as client:
        client.kill(str(service.containers(os.getpid(), running=True)[0]["Id"]))
    assert (await run).outcome is Outcome.KILLED
    await sandbox.aclose()
