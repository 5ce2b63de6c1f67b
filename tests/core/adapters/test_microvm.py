"""What the contract of sandboxes cannot show of microVMs: what differs between runs, what is kept, what breaks."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.sandboxes.bubblewrap.pump import Why
from core.adapters.sandboxes.bubblewrap.result import ran
from core.adapters.sandboxes.microvm import MicroVM, Wanted, archive, kernel, libraries, ticks, told
from core.errors import BadRequest, Misconfigured, Unavailable
from core.sandbox import MEGABYTE, Limits, Outcome, Program, Tier
from tests.doubles.sandboxes import MACHINES, going, lacking

LIMITS = Limits(seconds=60, memory=128 * MEGABYTE)
EMULATED = Wanted(accelerator="tcg")
FRESH = b"""
import os, random, time, uuid
def run():
    return [time.time(), os.urandom(8).hex(), random.random(), str(uuid.uuid4()), open('/proc/uptime').read()]
"""
needs_machines = pytest.mark.skipif(bool(lacking("microvm")), reason=lacking("microvm"))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[MicroVM]:
    made = MicroVM(MACHINES, EMULATED, parallel=2)
    yield made
    asyncio.run(made.aclose())


@pytest.fixture
async def home(sandbox: MicroVM, tmp_path: Path) -> Path:
    """A copy of what is kept, of which most is holes in files."""
    await sandbox.check()
    copied = await asyncio.create_subprocess_exec("cp", "-a", "--sparse=always", str(MACHINES), str(tmp_path / "home"))
    assert await copied.wait() == 0
    return tmp_path / "home"


def states(home: Path) -> dict[Path, int]:
    return {file: file.stat().st_mtime_ns for file in home.glob("*/state")}


@needs_machines
async def test_every_run_has_its_own_random_numbers_and_this_machines_time(sandbox: MicroVM) -> None:
    seen: list[list[object]] = []
    for _ in range(2):
        begun = time.time()
        value = (await sandbox.run(Program(files={"fresh.py": FRESH}, entry="fresh.py:run"), LIMITS)).value
        assert begun <= value[0] <= time.time()
        seen.append(value[1:4])
    assert all(one != other for one, other in zip(*seen, strict=True))


@needs_machines
async def test_a_second_dexter_finds_the_guest_that_the_first_has_frozen(sandbox: MicroVM) -> None:
    await sandbox.check()
    before = states(MACHINES)
    second = MicroVM(MACHINES, EMULATED, parallel=1)
    assert (await second.check()).tier is Tier.MACHINE
    await second.aclose()
    assert states(MACHINES) == before


@needs_machines
@pytest.mark.timeout(300)
async def test_a_snapshot_that_was_spoilt_is_taken_anew_before_the_first_run(sandbox: MicroVM, home: Path) -> None:
    for file in states(home):
        os.truncate(file, 1000)
    spoilt = MicroVM(home, EMULATED, parallel=1)
    assert (await spoilt.check()).tier is Tier.MACHINE
    await spoilt.aclose()
    assert {file for file in states(home) if file.stat().st_size > MEGABYTE}


@needs_machines
@pytest.mark.timeout(300)
async def test_a_snapshot_that_is_spoilt_between_two_runs_is_taken_anew(sandbox: MicroVM, home: Path) -> None:
    spoilt = MicroVM(home, EMULATED, parallel=2)
    await spoilt.check()
    for file in states(home):
        file.write_bytes(b"no snapshot" * 1000)
    runs = [spoilt.run(Program(files={}, argv=("sh", "-c", "exit 3")), LIMITS) for _ in range(2)]
    assert [ran.code for ran in await asyncio.gather(*runs)] == [3, 3]
    await spoilt.aclose()


@needs_machines
async def test_a_qemu_that_is_killed_half_way_is_a_sentence_and_leaves_nothing(sandbox: MicroVM) -> None:
    await sandbox.check()
    run = asyncio.create_task(sandbox.run(Program(files={}, argv=("sleep", "600")), LIMITS))
    while not (found := children()):
        await asyncio.sleep(0.05)
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(Unavailable, match="ended from outside"):
        await run
    assert going("microvm", "", os.getpid()) == 0
    assert (await sandbox.run(Program(files={}, argv=("true",)), LIMITS)).code == 0


def children() -> list[int]:
    """Return the QEMUs of this process."""
    told = subprocess.run(["pgrep", "-P", str(os.getpid()), "qemu"], capture_output=True, check=False).stdout
    return [int(pid) for pid in told.split()]


@needs_machines
async def test_a_program_that_is_too_large_for_the_machine_is_refused(sandbox: MicroVM) -> None:
    with pytest.raises(BadRequest, match=r"\[sandbox.microvm\] memory is 1024"):
        await sandbox.run(Program(files={}, argv=("true",)), LIMITS.but(memory=2048 * MEGABYTE))
    large = Program(files={"large": bytes(500 * MEGABYTE)}, argv=("true",))
    with pytest.raises(BadRequest):
        await sandbox.run(large, LIMITS)


@needs_machines
async def test_the_commands_of_a_shell_and_python_are_there_and_the_hosts_others_are_not(sandbox: MicroVM) -> None:
    script = (
        b"echo a b | tr a-z A-Z | sed 's/A/x/' | awk '{print $2, $1}'; seq 3 | sort -r | head -1; python3 -c 'print(1)'"
    )
    ran = await sandbox.run(Program(files={"go.sh": script}, argv=("bash", "{files}/go.sh")), LIMITS)
    assert (ran.stdout, ran.stderr) == ("B x\n3\n1\n", "")
    assert (await sandbox.run(Program(files={}, argv=("qemu-system-x86_64",)), LIMITS)).code == 127


@needs_machines
async def test_a_kernel_that_is_missing_runs_nothing_and_says_so(tmp_path: Path) -> None:
    without = MicroVM(tmp_path, Wanted(kernel=str(tmp_path / "vmlinuz-9")))
    isolation = await without.check()
    assert (isolation.tier, str(isolation.found)) == (None, "there is no kernel that a guest can start with")
    assert "linux-image-cloud-amd64" in str(isolation.remedy)
    with pytest.raises(Misconfigured, match="no kernel"):
        await without.run(Program(files={}, argv=("true",)), LIMITS)
    await without.aclose()


async def test_a_machine_without_qemu_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    without = MicroVM(tmp_path)
    isolation = await without.check()
    await without.aclose()
    assert (isolation.tier, isolation.installed) == (None, False)
    assert "apt-get install qemu-system-x86" in str(isolation.remedy)


def test_modules_are_loaded_after_what_they_need(tmp_path: Path) -> None:
    names = ["virtio_ring", "virtio", "virtio_mmio", "virtio_blk", "virtio_console", "squashfs"]
    for name in names:
        (tmp_path / f"{name}.ko").touch()
    rows = ["virtio_mmio.ko: virtio.ko virtio_ring.ko", "virtio_blk.ko: virtio.ko virtio_ring.ko"]
    rows += ["virtio_console.ko:", "squashfs.ko:", "virtio.ko: virtio_ring.ko", "virtio_ring.ko:"]
    (tmp_path / "modules.dep").write_text("\n".join(rows))
    (tmp_path / "modules.builtin").write_text("kernel/drivers/other.ko\n")
    assert [file.stem for file in kernel._modules(tmp_path) or ()] == names
    (tmp_path / "modules.builtin").write_text("kernel/fs/squashfs/squashfs.ko\n")
    assert [file.stem for file in kernel._modules(tmp_path) or ()] == names[:-1]
    (tmp_path / "virtio.ko").unlink()
    assert kernel._modules(tmp_path) is None
    assert kernel._modules(tmp_path / "not there") is None


def test_what_the_kernel_starts_with_is_an_archive_that_others_read() -> None:
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("busybox is not installed: run deploy/tests_need.sh")
    made = archive.first_files([("dev", None), ("init", b"#!/bin/sh\n"), ("link", "init"), ("odd", b"123")])
    listed = subprocess.run([busybox, "cpio", "-t"], input=made, capture_output=True, check=True).stdout
    assert listed.decode().split() == ["dev", "init", "link", "odd"]


@pytest.mark.skipif(
    bool(shutil.which("sqfstar") is None), reason="squashfs-tools are missing: run deploy/tests_need.sh"
)
def test_libraries_are_packed_once_and_again_when_they_change(tmp_path: Path) -> None:
    folder, home = tmp_path / "lib", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    (folder / "a.py").write_text("A = 1\n")
    (folder / "out").symlink_to("/etc/passwd")
    first = libraries.disk([folder], home)
    assert first == libraries.disk([folder], home) != libraries.disk([folder, folder], home)
    (folder / "a.py").write_text("A = 22\n")
    assert libraries.disk([folder], home) != first
    assert libraries.disk([], home) is None
    for at in range(libraries._MOST + 3):
        (folder / "a.py").write_text(f"A = {10**at}\n")
        last = libraries.disk([folder], home)
    assert last in (kept := list(home.iterdir()))
    assert len(kept) == libraries._MOST
    with pytest.raises(Unavailable):
        libraries.disk([tmp_path / "not there"], home)


def test_the_counter_of_cycles_is_measured_alike_each_time() -> None:
    first, second = ticks.per_millisecond(), ticks.per_millisecond()
    assert first > 100_000
    assert abs(first - second) < first / 100


FIRST = json.dumps({"status": 0, "cpu": 0.1, "peak": 0, "full": False})
WHOLE = {"told": FIRST, "code": 0, "overran": False, "peak": 5}


def said(why: Why, page: object, code: int = -9) -> Outcome:
    words = told.BEGUN + json.dumps(page).encode() + b"\n"
    return ran(told.seen(why, words, b"", b"", b"1", code), Tier.MACHINE, 1.0).outcome


def test_the_end_is_what_the_guest_and_qemu_say() -> None:
    assert said(Why.DONE, WHOLE) is Outcome.EXITED
    assert said(Why.DONE, {**WHOLE, "told": None, "overran": True, "code": -9}) is Outcome.OUT_OF_MEMORY
    assert said(Why.LATE, {}) is Outcome.TIMED_OUT
    assert said(Why.FLOOD, {}) is Outcome.TOO_MUCH_OUTPUT
    assert said(Why.STOPPED, {}) is Outcome.KILLED
    assert said(Why.OVER, {}, code=0) is Outcome.KILLED  # a guest that its program brought down
    with pytest.raises(Unavailable, match="from outside"):
        said(Why.OVER, {}, code=-9)


@pytest.mark.parametrize(
    "page",
    [
        [],
        None,
        {},
        {**WHOLE, "told": "{"},
        {**WHOLE, "told": json.dumps({**json.loads(FIRST), "status": "x"})},
        {**WHOLE, "told": json.dumps({**json.loads(FIRST), "status": 0x7F})},
        {**WHOLE, "told": FIRST.replace("0.1", "NaN")},
        {**WHOLE, "told": FIRST.replace("0.1", "-1")},
        {**WHOLE, "peak": -1},
        {**WHOLE, "peak": "many"},
        {**WHOLE, "code": None},
    ],
)
def test_a_guest_that_was_taken_over_cannot_say_what_makes_no_sense(page: object) -> None:
    with pytest.raises(Unavailable, match="none would say"):
        said(Why.DONE, page)


@given(st.binary(max_size=200))
def test_whatever_a_guest_says_is_an_end_or_a_sentence(words: bytes) -> None:
    try:
        told.seen(Why.DONE, told.BEGUN + words, b"", b"", b"", -9)
    except Unavailable:
        return
