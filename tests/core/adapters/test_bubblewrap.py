"""The parts of the bubblewrap sandbox that its contract cannot show: filter, cgroups, refusals, and what is swept."""

import asyncio
import ctypes
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.adapters.sandboxes.bubblewrap import Bubblewrap, cgroup, filter, folder, owner
from core.adapters.sandboxes.bubblewrap.calls import CLONE3, DENIED, LAST, LOOKED_AT, MEMFD
from core.adapters.sandboxes.bubblewrap.inside import probe
from core.errors import Misconfigured, Unavailable
from core.sandbox import Limits, Outcome, Program, Tier
from tests.doubles.sandboxes import lacking

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
ALLOW, KILL, EPERM, ENOSYS, EAFNOSUPPORT = 0x7FFF0000, 0x80000000, 0x50001, 0x50026, 0x50061
TRUE = Program(files={}, argv=("true",))
needs_bubblewrap = pytest.mark.skipif(bool(lacking("bubblewrap")), reason=lacking("bubblewrap"))


def answer(program: bytes, audit: int, number: int, *arguments: int) -> int:
    """Run a BPF program as the kernel does, and return what it answers."""
    data = struct.pack("=IIQ6Q", number, audit, 0, *arguments, *[0] * (6 - len(arguments)))
    lines = list(struct.iter_unpack("=HBBI", program))
    at = held = 0
    while True:
        code, yes, no, value = lines[at]
        at += 1
        match code:
            case 0x20:
                (held,) = struct.unpack_from("=I", data, value)
            case 0x54:
                held &= value
            case 0x06:
                return int(value)
            case _:
                holds = {0x15: held == value, 0x25: held > value, 0x45: bool(held & value)}[code]
                at += yes if holds else no


@pytest.fixture(params=MACHINES)
def asked(request: pytest.FixtureRequest) -> Callable[..., int]:
    """What the filter of a machine answers to a call, by name or number."""
    column, audit = MACHINES[request.param]
    program = filter.compiled(memfd=False, machine=request.param)

    def ask(call: str | int, *arguments: int) -> int:
        number = (
            call if isinstance(call, int) else {**DENIED, **LOOKED_AT, "clone3": CLONE3, "memfd": MEMFD}[call][column]
        )
        assert number is not None
        return answer(program, audit, number, *arguments)

    return ask


@pytest.mark.parametrize("machine", MACHINES)
def test_every_denied_call_is_not_permitted_and_no_other_machines_calls_pass(machine: str) -> None:
    column, audit = MACHINES[machine]
    program = filter.compiled(memfd=True, machine=machine)
    numbers = {number for row in DENIED.values() if (number := row[column]) is not None}
    assert {answer(program, audit, number) for number in numbers} == {EPERM}
    assert answer(program, audit ^ 0xFF, 1) == KILL
    assert answer(program, audit, MEMFD[column]) == ALLOW
    others = set(range(LAST + 1)) - numbers - {row[column] for row in LOOKED_AT.values()} - {CLONE3[column]}
    assert {answer(program, audit, number) for number in others} == {ALLOW}
    assert {answer(program, audit, number) for number in (LAST + 1, 0x40000001, 0xFFFFFFFF)} == {ENOSYS}


def test_threads_and_processes_start_and_namespaces_do_not(asked: Callable[..., int]) -> None:
    assert asked("clone", 0x3D0F00) == asked("clone", 17) == ALLOW
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert asked("clone", flag | 17) == EPERM
    assert asked("clone3") == ENOSYS
    assert asked("memfd") == ENOSYS


def test_sockets_are_unix_and_internet_and_never_raw(asked: Callable[..., int]) -> None:
    for call in ("socket", "socketpair"):
        for family in range(50):
            assert (asked(call, family, 1 | 0o2004000) == ALLOW) is (family in (1, 2, 10))
        assert [asked(call, 2, kind) == ALLOW for kind in range(8)] == [kind in (1, 2, 5) for kind in range(8)]
        assert asked(call, 40, 1) == EAFNOSUPPORT


def test_arguments_decide_for_terminals_personalities_and_limits(asked: Callable[..., int]) -> None:
    assert [asked("ioctl", 0, request) for request in (0x5401, 0x5412, 0x541C)] == [ALLOW, EPERM, EPERM]
    assert [asked("personality", kind) for kind in (0, 8, 0xFFFFFFFF)] == [ALLOW] * 3
    assert [asked("personality", kind) for kind in (0x40000, 0x400000)] == [EPERM] * 2
    assert [asked("prlimit64", pid) for pid in (0, 1, 77)] == [ALLOW, EPERM, EPERM]


def test_the_numbers_are_those_of_the_library_that_knows_them_all() -> None:
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp is not installed: apt-get install libseccomp2")
    rows = {**DENIED, **LOOKED_AT, "clone3": CLONE3, "memfd_create": MEMFD}
    for column, audit in MACHINES.values():
        for name, row in rows.items():
            number = library.seccomp_syscall_resolve_name_arch(audit, name.encode())
            assert (number if number >= 0 else None) == row[column], name


def test_a_cgroup_of_version_2_is_made_where_dexter_is_or_above(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("1:name=systemd:/x\n0::/system.slice/dexter.service/main\n")
    assert [place.name for place in cgroup._places(tmp_path, own)] == ["main", "dexter.service"]
    own.write_text("0::/\n")
    assert cgroup._places(tmp_path, own) == [tmp_path / ""]
    (tmp_path / "cgroup.controllers").write_text("memory pids\n")
    assert cgroup.find(tmp_path, own) is None  # a folder made here has no files that would bound anything


@pytest.mark.parametrize(
    ("files", "peak", "overran"),
    [
        ({"memory.peak": "5000\n", "memory.events": "low 0\noom 1\noom_kill 1\n"}, 5000, True),
        ({"memory.peak": "5000\n", "memory.events": "low 0\noom 0\noom_kill 0\n"}, 5000, False),
        ({"memory.max_usage_in_bytes": "7\n", "memory.oom_control": "under_oom 0\noom_kill 2\n"}, 7, True),
        ({}, None, False),
    ],
)
def test_what_a_cgroup_says_is_read_in_both_versions(
    tmp_path: Path, files: dict[str, str], peak: int | None, overran: bool
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    group = cgroup.Group({"memory": tmp_path})
    assert (group.peak(), group.overran()) == (peak, overran)


def test_folders_of_the_dead_are_swept_and_those_of_the_living_stay() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as living:
        begun = Path(f"/proc/{living.pid}/stat").read_text().rpartition(")")[2].split()[19]
        names = {f"{living.pid}-{begun}-kept": True, f"{living.pid}-1-reused": False, "4194999-77-gone": False}
        names |= {"of-somebody-else": True}
        made = {Path(tempfile.gettempdir(), owner.PREFIX + name): stays for name, stays in names.items()}
        for path in made:
            (path / "files").mkdir(parents=True)
        folder.sweep()
        assert {path: path.exists() for path in made} == made
        living.communicate(b"\n")
        folder.sweep()
        assert [path.name for path in made if path.exists()] == [f"{owner.PREFIX}of-somebody-else"]
        for path in made:
            if path.exists():
                (path / "files").rmdir()
                path.rmdir()


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody may look into, unlike pytest's: as root, runs are of other users."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def in_path(place: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Bubblewrap:
    """Return a sandbox on a machine whose bubblewrap is this script."""
    program = place / "bwrap"
    program.write_text(f"#!/bin/sh\n[ \"$1\" = --version ] && {{ echo 'bubblewrap 0.8.0'; exit; }}\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")
    return Bubblewrap(parallel=1, cgroups=False)


async def refused(sandbox: Bubblewrap) -> str:
    """Return why nothing runs in a sandbox, by its check and by its refusal to run."""
    isolation = await sandbox.check()
    assert isolation.tier is None
    with pytest.raises(Misconfigured) as error:
        await sandbox.run(TRUE, Limits())
    await sandbox.aclose()
    assert str(error.value) == f"Nothing may run here: {isolation.found}. {isolation.remedy}"
    return str(error.value)


async def test_without_bubblewrap_nothing_runs_and_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    sandbox = Bubblewrap()
    assert (await sandbox.check()).installed is False
    assert "apt-get install bubblewrap" in await refused(sandbox)


async def test_a_bubblewrap_that_is_too_old_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho bubblewrap 0.4.1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "bubblewrap 0.4.1 is too old. Install 0.8 or newer." in await refused(Bubblewrap())


@needs_bubblewrap
async def test_where_namespaces_are_not_allowed_it_is_said_how_to_allow_them(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "echo 'bwrap: No permissions to create new namespace' >&2; exit 1"
    told = await refused(in_path(place, monkeypatch, script))
    assert "No permissions to create new namespace" in told
    assert "apparmor_restrict_unprivileged_userns=0" in told


@needs_bubblewrap
@pytest.mark.parametrize(
    ("lost", "hole"),
    [
        ("--seccomp", "system calls without a filter"),
        ("--unshare-net", "a port of the host"),
        ("--unshare-pid", "there is no namespace of processes"),
        ("--clearenv", "the host's environment"),
        ("--remount-ro", "writing to /"),
    ],
)
async def test_a_wall_that_is_missing_is_found_by_the_self_check(
    place: Path, monkeypatch: pytest.MonkeyPatch, lost: str, hole: str
) -> None:
    """A bubblewrap that does less than it is told to: nothing runs."""
    lossy = place / "lossy.py"
    lossy.write_text(
        f"""
import os, sys
lost, words = {lost!r}, sys.argv[1:]
options = os.read(int(words[1]), 1 << 20).decode().split("\\0")[:-1]
rest = words[2:]
if lost == "--seccomp":
    at = rest.index(lost)
    del rest[at : at + 2]
elif lost == "--remount-ro":
    while "--remount-ro" in options:
        at = options.index("--remount-ro")
        del options[at : at + 2]
else:
    options.remove(lost)
    if lost == "--unshare-pid":
        options.remove("--as-pid-1")
    if lost == "--clearenv":
        os.environ["DEXTER_CANARY"] = "x"
os.execv("/usr/bin/bwrap", ["bwrap", *options, *rest])
"""
    )
    script = f'exec /usr/bin/python3 -I {lossy} "$@"'
    assert hole in await refused(in_path(place, monkeypatch, script))


@needs_bubblewrap
async def test_the_line_is_bounded_and_what_waits_in_it_runs() -> None:
    sandbox = Bubblewrap(parallel=1, waiting=2, cgroups=False)
    assert (await sandbox.check()).tier is Tier.LIMITED
    ends = await asyncio.gather(*(sandbox.run(TRUE, Limits()) for _ in range(5)), return_exceptions=True)
    assert [str(end) for end in ends if isinstance(end, Unavailable)] == [
        "3 programs wait for the sandbox. Try again in a minute."
    ] * 2
    assert [end.outcome for end in ends if not isinstance(end, BaseException)] == [Outcome.EXITED] * 3
    await sandbox.aclose()


@needs_bubblewrap
async def test_no_descriptor_is_lost_over_many_runs() -> None:
    sandbox = Bubblewrap(parallel=2, cgroups=False)
    await sandbox.run(TRUE, Limits())
    before = len([*Path("/proc/self/fd").iterdir()])
    await asyncio.gather(*(sandbox.run(TRUE, Limits()) for _ in range(8)))
    assert len([*Path("/proc/self/fd").iterdir()]) == before
    await sandbox.aclose()


def test_a_descriptor_of_another_is_a_hole_where_its_file_cannot_be_opened_by_name() -> None:
    """gVisor lets everybody through /proc/1/fd to what everybody may open; process 1 reads such files now and then."""
    with Path("/proc/meminfo").open() as public, tempfile.TemporaryFile() as nameless:
        assert not probe._taken(f"/proc/self/fd/{public.fileno()}", os.O_RDONLY)
        assert probe._taken(f"/proc/self/fd/{nameless.fileno()}", os.O_RDONLY)
    assert not probe._taken("/proc/self/fd/12345", os.O_RDONLY)
