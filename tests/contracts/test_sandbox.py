"""The contract of `core.ports.Sandbox`, on every sandbox of this machine: what it runs, and what it holds."""

import asyncio
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadRequest, Unavailable
from core.ports import Sandbox
from core.sandbox import MEGABYTE, Limits, Outcome, Program, Ran
from tests.doubles.sandboxes import ENDS_A_CROWD, MAKE, REACHES, UNSHOWN, going, lacking, left_behind, processes_with

QUICK = Limits(seconds=20, memory=128 * MEGABYTE, output=100_000, processes=16, disk=16 * MEGABYTE)


@pytest.fixture(params=MAKE, scope="module")
def name(request: pytest.FixtureRequest) -> str:
    if reason := lacking(request.param):
        pytest.skip(reason)
    return str(request.param)


@pytest.fixture(scope="module")
def sandbox(name: str) -> Iterator[Sandbox]:
    """One for all tests, because some take seconds to prove themselves."""
    made = MAKE[name]()
    yield made
    asyncio.run(made.aclose())


@pytest.fixture
async def own_sandbox(name: str) -> AsyncIterator[Sandbox]:
    made = MAKE[name]()
    yield made
    await made.aclose()


def python(body: str, **more: object) -> Program:
    """Return a program whose function `run(**given)` has this body."""
    lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    code = f"import os, sys, socket, time, json, signal, ctypes, subprocess\ndef run(**given):\n{lines}\n"
    return Program(files={"main.py": code.encode()}, entry="main.py:run", **more)  # type: ignore[arg-type]


async def value_of(sandbox: Sandbox, body: str, **given: object) -> object:
    ran = await sandbox.run(python(body, arguments=given), QUICK)
    assert (ran.outcome, ran.code, ran.returned) == (Outcome.EXITED, 0, True), ran
    return ran.value


@pytest.fixture(autouse=True)
def only_what_shows_something(request: pytest.FixtureRequest) -> None:
    called = request.node.callspec.params.get("name", "") if hasattr(request.node, "callspec") else ""
    if reason := UNSHOWN.get(called, {}).get(request.node.originalname):
        pytest.skip(reason)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    yield
    assert left_behind(os.getpid()) == []


# What it does


async def test_the_self_check_proves_what_the_tier_promises(sandbox: Sandbox, name: str) -> None:
    isolation = await sandbox.check()
    assert isolation.tier is REACHES[name], str(isolation.found)


async def test_arguments_go_in_and_a_result_comes_out(sandbox: Sandbox) -> None:
    ran = await sandbox.run(python("print('said'); return given", arguments={"ä": [1, None, "🦊"]}), QUICK)
    assert ran.value == {"ä": [1, None, "🦊"]}
    assert (ran.outcome, ran.code, ran.stdout, ran.stderr) == (Outcome.EXITED, 0, "said\n", "")
    assert ran.seconds > 0
    assert ran.cpu is not None
    assert ran.cpu > 0
    assert ran.memory is not None
    assert MEGABYTE < ran.memory < QUICK.memory


async def test_a_command_reads_its_arguments_and_its_files_and_writes_its_result(sandbox: Sandbox) -> None:
    script = b'read line; cat "$(dirname "$0")/a/b.txt"; echo "{\\"got\\": $line}" >&3; echo oops >&2'
    program = Program(
        files={"go.sh": script, "a/b.txt": b"text"}, argv=("sh", "{files}/go.sh"), arguments=[1, {"x": 2}]
    )
    ran = await sandbox.run(program, QUICK)
    assert (ran.stdout, ran.stderr, ran.value) == ("text", "oops\n", {"got": [1, {"x": 2}]})


@pytest.mark.parametrize("code", [0, 1, 7, 127, 255])
async def test_exit_codes_come_back(sandbox: Sandbox, code: int) -> None:
    ran = await sandbox.run(Program(files={}, argv=("sh", "-c", f"exit {code}")), QUICK)
    assert (ran.outcome, ran.code, ran.returned) == (Outcome.EXITED, code, False)


async def test_an_error_in_the_program_is_on_its_standard_error(sandbox: Sandbox) -> None:
    ran = await sandbox.run(python("raise ValueError('of mine')"), QUICK)
    assert (ran.outcome, ran.code, ran.returned) == (Outcome.EXITED, 1, False)
    assert "ValueError: of mine" in ran.stderr


async def test_a_program_that_is_not_there_is_said(sandbox: Sandbox) -> None:
    ran = await sandbox.run(Program(files={}, argv=("no-such-program",)), QUICK)
    assert (ran.outcome, ran.code) == (Outcome.EXITED, 127)
    assert "no-such-program" in ran.stderr


async def test_a_signal_that_the_program_sends_itself_is_told(sandbox: Sandbox) -> None:
    ran = await sandbox.run(python("os.kill(os.getpid(), signal.SIGSEGV); time.sleep(9)"), QUICK)
    assert (ran.outcome, ran.signal, ran.code) == (Outcome.KILLED, signal.SIGSEGV, None)


async def test_output_of_any_bytes_comes_back_as_text(sandbox: Sandbox) -> None:
    ran = await sandbox.run(python("os.write(1, bytes(range(256)) + b'\\xf0\\x9f\\x27')"), QUICK)
    assert ran.stdout.startswith("\0\x01\x02")
    assert "�" in ran.stdout


class Followed:
    """What is heard of a program, by channel."""

    def __init__(self) -> None:
        self.said = {"stdout": "", "stderr": ""}
        self.pieces = 0
        self.changed = asyncio.Event()

    def __call__(self, channel: str, text: str) -> None:
        self.said[channel] += text
        self.pieces += 1
        self.changed.set()

    async def until(self, channel: str, text: str) -> None:
        while text not in self.said[channel]:
            self.changed.clear()
            await self.changed.wait()


@pytest.mark.parametrize("channel", ["stdout", "stderr"])
async def test_what_a_program_says_is_heard_while_it_runs(own_sandbox: Sandbox, channel: str) -> None:
    """It says something and then nothing, for longer than anybody waits here: only what is told at once is heard."""
    heard = Followed()
    body = f"print('begun', file=sys.{channel}, flush=True)\ntime.sleep(600)"
    running = asyncio.ensure_future(own_sandbox.run(python(body), QUICK.but(seconds=600), heard))
    async with asyncio.timeout(60):
        waiting = asyncio.ensure_future(heard.until(channel, "begun\n"))
        await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
        assert waiting.done(), running.result()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sum(map(len, heard.said.values())) == len("begun\n")


async def test_all_that_is_heard_comes_back_and_nothing_else_does(sandbox: Sandbox) -> None:
    heard = Followed()
    body = """
for each in (b'\\xc3', b'\\xa4 one \\xf0\\x9f', b'\\xa6\\x8a\\n', bytes(range(256)), b'\\xe2\\x82'):
    os.write(1, each)
    os.write(2, each[::-1])
    time.sleep(0.1)
"""
    ran = await sandbox.run(python(body), QUICK, heard)
    assert ran.outcome is Outcome.EXITED
    assert heard.said == {"stdout": ran.stdout, "stderr": ran.stderr}
    assert ran.stdout.startswith("ä one 🦊\n")


async def test_of_a_flood_no_more_is_heard_than_comes_back(sandbox: Sandbox) -> None:
    heard = Followed()
    ran = await sandbox.run(python("while True:\n    os.write(1, b'x' * 10_000)"), QUICK, heard)
    assert ran.outcome is Outcome.TOO_MUCH_OUTPUT
    assert heard.said == {"stdout": ran.stdout, "stderr": ran.stderr}
    assert len(ran.stdout) == QUICK.output


async def test_many_files_and_large_arguments_arrive(sandbox: Sandbox) -> None:
    files = {f"assets/{at}/{at}.bin": bytes([at % 256]) * 1000 for at in range(300)}
    main = b"import pathlib\ndef run(text):\n    here = pathlib.Path(__file__).parent\n"
    main += b"    return [len(text), sum(len(p.read_bytes()) for p in here.rglob('*.bin'))]\n"
    program = Program(files={**files, "main.py": main}, entry="main.py:run", arguments={"text": "x" * 3_000_000})
    assert (await sandbox.run(program, QUICK)).value == [3_000_000, 300_000]


async def test_nobody_has_to_read_the_arguments(sandbox: Sandbox) -> None:
    program = Program(files={}, argv=("sh", "-c", "exec <&-; exit 4"), arguments="x" * 2_000_000)
    assert (await sandbox.run(program, QUICK)).code == 4


@pytest.mark.parametrize(
    "name_of_file", ["../up", "/etc/x", "a/../b", "", ".", "a//b", "a\\b", "nul\0", "x" * 300, "é\n"]
)
def test_names_that_leave_the_folder_are_refused(name_of_file: str) -> None:
    with pytest.raises(BadRequest):
        Program(files={name_of_file: b""}, argv=("true",))


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"argv": ("true",), "entry": "a.py:run"},
        {"argv": ("a\0b",)},
        {"argv": ("a\udc80b",)},
        {"entry": "b.py:run"},
        {"entry": "a.py"},
        {"entry": "a.py:"},
        {"entry": "a.py:os.system"},
        {"entry": "a.py:run", "arguments": [1]},
        {"argv": ("true",), "files": {"a.py": b"", "a.py/b": b""}},
    ],
)
def test_a_program_that_cannot_be_started_is_refused(parts: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        Program(**{"files": {"a.py": b""}, **parts})  # type: ignore[arg-type]


@given(st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_a_name_is_refused_or_stays_inside(name_of_file: str) -> None:
    try:
        Program(files={name_of_file: b""}, argv=("true",))
    except BadRequest:
        return
    assert os.path.normpath(f"/p/{name_of_file}") == f"/p/{name_of_file}"


# Limits


async def test_at_the_deadline_everything_is_killed(sandbox: Sandbox) -> None:
    mark = f"86400.{secrets.randbelow(10**9)}"
    body = f"""
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(3):
    subprocess.Popen(["setsid", "sh", "-c", "trap '' TERM HUP INT; sleep {mark}; true"])
print("begun", flush=True)
while True:
    time.sleep(1)
"""
    ran = await sandbox.run(python(body), QUICK.but(seconds=4))
    assert (ran.outcome, ran.stdout, ran.code) == (Outcome.TIMED_OUT, "begun\n", None)
    assert processes_with(mark) == []


async def test_what_outlives_the_program_is_killed_when_it_ends(sandbox: Sandbox) -> None:
    mark = f"86400.{secrets.randbelow(10**9)}"
    body = f"subprocess.Popen(['setsid', 'nohup', 'sleep', '{mark}'], start_new_session=True); return 1"
    assert await value_of(sandbox, body) == 1
    assert processes_with(mark) == []


async def test_memory_is_bounded(sandbox: Sandbox) -> None:
    ran = await sandbox.run(python("held = []\nwhile True:\n    held.append(b'x' * 1_000_000)"), QUICK)
    assert ran.outcome is Outcome.OUT_OF_MEMORY
    assert ran.returned is False


async def test_memory_is_bounded_over_all_processes_together(sandbox: Sandbox) -> None:
    body = """
for _ in range(8):
    if os.fork() == 0:
        held = [b'x' * 1_000_000 for _ in range(60)]
        time.sleep(30)
time.sleep(30)
"""
    ran = await sandbox.run(python(body), QUICK)
    assert ran.outcome is Outcome.OUT_OF_MEMORY


async def test_shared_memory_and_files_in_memory_count(sandbox: Sandbox) -> None:
    body = """
import mmap
held = []
while True:
    held.append(mmap.mmap(-1, 4_000_000))
    held[-1].write(b'x' * 4_000_000)
"""
    assert (await sandbox.run(python(body), QUICK)).outcome is Outcome.OUT_OF_MEMORY


async def test_forks_are_bounded_and_do_no_harm(sandbox: Sandbox, name: str) -> None:
    body = """
count = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        count += 1
except OSError:
    return count
"""
    ran = await sandbox.run(python(body), QUICK)
    if name in ENDS_A_CROWD:
        assert "more than 16 processes" in ran.stderr or ran.outcome is Outcome.OUT_OF_MEMORY
        assert ran.outcome in (Outcome.KILLED, Outcome.OUT_OF_MEMORY)
    else:
        assert ran.returned, ran
        assert ran.value <= QUICK.processes


async def test_a_fork_bomb_ends_at_the_deadline(sandbox: Sandbox, name: str) -> None:
    mark = f"bomb{secrets.randbelow(10**9)}"
    program = Program(files={}, argv=("sh", "-c", f"{mark}() {{ {mark} | {mark} & }}; {mark}; sleep 60"))
    ran = await sandbox.run(program, QUICK.but(seconds=1.5))
    assert ran.outcome is not Outcome.KILLED or name in ENDS_A_CROWD
    assert processes_with(mark) == []


@pytest.mark.parametrize("where", [1, 2, 3])
async def test_a_flood_is_cut_and_ends_the_run(sandbox: Sandbox, where: int) -> None:
    program = Program(files={}, argv=("sh", "-c", f"yes >&{where}"))
    ran = await sandbox.run(program, QUICK)
    assert ran.outcome is Outcome.TOO_MUCH_OUTPUT
    assert len(ran.stdout) <= QUICK.output
    assert len(ran.stderr) <= QUICK.output
    assert ran.returned is False


async def test_a_last_word_that_is_too_long_counts_too(sandbox: Sandbox) -> None:
    assert (await sandbox.run(python("return 'x' * 200_000"), QUICK)).outcome is Outcome.TOO_MUCH_OUTPUT


async def test_no_file_is_huge_and_no_folder_either(sandbox: Sandbox) -> None:
    body = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
written = 0
for folder in ('/work', '/tmp', '/dev/shm'):
    try:
        for at in range(100):
            with open(f'{folder}/{at}', 'wb', buffering=0) as file:
                for _ in range(8):
                    written += file.write(b'x' * 1_000_000)
    except OSError:
        pass
return written
"""
    ran = await sandbox.run(python(body), QUICK)
    assert ran.outcome is Outcome.EXITED, ran
    assert isinstance(ran.value, int)
    assert ran.value <= 2 * QUICK.disk + 17 * MEGABYTE


async def test_many_small_files_do_no_harm(sandbox: Sandbox) -> None:
    body = "at = 0\nwhile True:\n    at += 1\n    open(f'/work/{at}', 'w').close()"
    ran = await sandbox.run(python(body), QUICK.but(seconds=1.5))
    assert ran.outcome is not Outcome.KILLED


async def test_descriptors_are_bounded(sandbox: Sandbox) -> None:
    body = """
held = []
try:
    while len(held) < 100_000:
        held.append(os.dup(0))
except OSError:
    return len(held)
"""
    count = await value_of(sandbox, body)
    assert isinstance(count, int)
    assert count < 1024


# Isolation


async def test_no_file_of_the_host_can_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    secret = tmp_path / "secret"
    secret.write_text("canary")
    paths = [
        str(secret),
        "/etc/shadow",
        "/root",
        "/home",
        str(Path.cwd()),
        "/var/lib",
        "/run/lock",
        "/sys/kernel/uevent_seqnum",
    ]
    body = "return [path for path in given['paths'] if os.path.exists(path) or os.path.lexists(f'/proc/1/root{path}')]"
    assert await value_of(sandbox, body, paths=paths) == []


async def test_a_file_that_is_there_under_the_same_name_is_not_the_hosts(sandbox: Sandbox) -> None:
    names = ["/etc/passwd", "/etc/group", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/proc/self/environ"]
    body = "return {path: open(path).read() for path in given['paths'] if os.access(path, os.R_OK)}"
    seen = await value_of(sandbox, body, paths=names)
    hosts = {path: Path(path).read_text() for path in names if Path(path).exists()}
    assert isinstance(seen, dict)
    assert [path for path, text in seen.items() if text.strip() and text == hosts.get(path)] == []


async def test_the_environment_is_empty(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEXTER_CANARY", "canary")
    body = """
def read(path):
    try:
        return open(path, 'rb').read().decode(errors='replace')
    except OSError:
        return ''
said = [read(f'/proc/{pid}/{what}') for pid in os.listdir('/proc') if pid.isdigit() for what in ('environ', 'cmdline')]
return [sorted(os.environ), 'canary' in ' '.join(said).lower(), [word for word in said if given['path'] in word]]
"""
    names, seen, paths = await value_of(sandbox, body, path=str(Path.cwd()))  # type: ignore[misc]
    assert set(names) <= {"HOME", "LANG", "LC_CTYPE", "PATH", "PWD", "PYTHONDONTWRITEBYTECODE"}
    assert seen is False
    assert paths == []


async def test_no_network_is_reached(sandbox: Sandbox) -> None:
    name = f"dexter-{secrets.token_hex(8)}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as unseen:
        unseen.bind(f"\0{name}")
        unseen.listen()
        hosts = ["127.0.0.1", "10.0.0.1", "8.8.8.8"]
        body = """
reached = []
for host in given['hosts']:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_INET, kind) as one:
                one.settimeout(1)
                one.connect((host, given['port']))
                one.send(b'x')
                reached.append([host, int(kind)])
        except OSError:
            pass
for address in ('\\0' + given['name'], '/run/systemd/journal/socket', '/var/run/docker.sock'):
    try:
        socket.socket(socket.AF_UNIX).connect(address)
        reached.append(address)
    except OSError:
        pass
for family, kind in ((40, 1), (16, 3), (17, 3), (2, 3), (31, 3), (38, 5), (29, 3), (10, 3)):
    try:
        socket.socket(family, kind)
        reached.append([family, kind])
    except OSError:
        pass
return [one for one in reached if one != ['127.0.0.1', 2]]
"""
        assert await value_of(sandbox, body, hosts=hosts, port=server.getsockname()[1], name=name) == []


async def test_nothing_can_be_written_but_in_its_folders(sandbox: Sandbox) -> None:
    body = """
written = []
for top in os.listdir('/'):
    for folder, folders, files in os.walk('/' + top):
        if folder.startswith(('/work', '/tmp', '/dev/shm', '/proc/')) or folder.count('/') > 3:
            folders.clear()
            continue
        try:
            open(folder + '/written', 'w').close()
            written.append(folder)
        except OSError:
            pass
for path in (__file__, '/usr/bin/env', *('/proc/' + name for name in ('sys/kernel/core_pattern', 'sysrq-trigger'))):
    try:
        open(path, 'a').close()
        written.append(path)
    except OSError:
        pass
return written
"""
    assert await value_of(sandbox, body) == []


async def test_links_lead_nowhere_outside(sandbox: Sandbox, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "secret").write_text("canary")
    body = """
found = []
path = given['path']
for target in (path, '/proc/1/root' + path, '/proc/1/cwd', '/proc/1/fd/0', '../' * 20 + path):
    try:
        os.symlink(target, '/work/link')
        found.append(open('/work/link').read())
    except OSError:
        pass
    os.unlink('/work/link')
return found
"""
    assert await value_of(sandbox, body, path=str(tmp_path / "secret")) == []


async def test_no_other_process_is_seen_or_signalled(sandbox: Sandbox) -> None:
    body = """
seen = [pid for pid in os.listdir('/proc') if pid.isdigit()]
hit = []
for pid in given['pids']:
    try:
        os.kill(pid, 0)
        hit.append(pid)
    except OSError:
        pass
return [len(seen), [pid for pid in hit if str(pid) not in seen]]
"""
    seen, hit = await value_of(sandbox, body, pids=[os.getpid(), os.getppid(), *range(1000, 1400)])  # type: ignore[misc]
    assert seen <= 3
    assert hit == []


async def test_the_one_that_watches_cannot_be_killed_stopped_or_looked_into(sandbox: Sandbox) -> None:
    body = """
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
    try:
        os.kill(1, number)
    except OSError:
        pass
import resource
reached = []
for path in ('/proc/1/mem', '/proc/1/cwd/.', '/proc/1/root/.', *(f'/proc/1/fd/{at}' for at in range(64))):
    for how in (os.O_RDONLY, os.O_WRONLY):
        try:
            got = os.open(path, how)
        except OSError:
            continue
        try:  # gVisor lets everybody through such a link to what everybody may open, as process 1 does at times
            '/fd/' in path and os.open(os.readlink(f'/proc/self/fd/{got}'), how) or reached.append(path)
        except OSError:
            reached.append(path)
for what in (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE):
    try:
        resource.prlimit(1, what, (0, 0))
        reached.append('its limits')
    except OSError:
        pass
return reached
"""
    assert await value_of(sandbox, body) == []


async def test_nothing_can_be_traced_mounted_or_unshared(sandbox: Sandbox) -> None:
    body = """
system = ctypes.CDLL(None, use_errno=True)
child = os.fork()
if child == 0:
    time.sleep(30)
    os._exit(0)
done = []
for pid in (1, child):
    for request in (16, 0x4206):
        if system.ptrace(request, pid, 0, 0) == 0:
            done.append(f'ptrace {request} of {pid}')
    if system.process_vm_readv(pid, 0, 0, 0, 0, 0) >= 0:
        done.append('process_vm_readv')
for flag in (0x10000000, 0x40000000, 0x20000, 0x20000000, 0x04000000, 0x08000000, 0x02000000, 0x80):
    if system.unshare(flag) == 0:
        done.append(f'unshare {flag:x}')
    if system.syscall(56, flag | 17, 0, 0, 0, 0) == 0:
        os._exit(3)
if system.mount(b'x', b'/work', b'tmpfs', 0, None) == 0 or system.chroot(b'/work') == 0:
    done.append('mount')
if system.syscall(435, 0, 0) != -1 or ctypes.get_errno() != 38:
    done.append('clone3')
for number in (321, 323, 425, 298, 248, 250, 304, 438, 440, 447, 101, 155, 165, 246, 310, 0x40000000 + 39, 9999):
    if system.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() not in (1, 38):
        done.append(f'call {number}')
os.kill(child, signal.SIGKILL)
return done
"""
    if os.uname().machine != "x86_64":
        body = body.replace("syscall(", "getpid and (lambda *_: -1)(")
    assert await value_of(sandbox, body) == []


async def test_it_is_nobody_without_rights(sandbox: Sandbox) -> None:
    body = """
status = dict(line.split(':', 1) for line in open('/proc/self/status') if ':' in line)
names = ('CapEff', 'CapPrm', 'CapBnd', 'Seccomp')
privileges = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)
return [*os.getresuid(), *os.getresgid(), *os.getgroups()], [status[name].split()[0] for name in names], privileges
"""
    none = "0000000000000000"
    ids, rights, no_new_privileges = await value_of(sandbox, body)  # type: ignore[misc]
    assert set(ids) <= {65534, 65533}  # runs side by side may be two users
    assert (rights, no_new_privileges) == ([none, none, none, "2"], 1)


# Libraries


@pytest.fixture
def library() -> Iterator[Path]:
    """Return a folder that every user of this machine may read; pytest's own are for their owner alone."""
    with tempfile.TemporaryDirectory(prefix="library-") as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "greetings.py").write_text("def hello():\n    return 'hello from ' + __name__\n")
        (Path(folder) / "inner").mkdir()
        (Path(folder) / "inner" / "data.txt").write_text("data")
        yield Path(folder)


async def test_a_function_imports_from_its_libraries_in_their_order(sandbox: Sandbox, library: Path) -> None:
    (library / "inner" / "greetings.py").write_text("def hello():\n    return 'never'\n")
    program = python("import greetings\nreturn greetings.hello()", libraries=(library, library / "inner"))
    assert (await sandbox.run(program, QUICK)).value == "hello from greetings"


async def test_a_command_imports_from_its_libraries(sandbox: Sandbox, library: Path) -> None:
    script = b"import greetings, json, os; os.write(3, json.dumps(greetings.hello()).encode())"
    command = ("sh", "-c", 'exec "$(command -v python3 || echo /python/bin/python3)" "$0"', "{files}/m.py")
    ran = await sandbox.run(Program(files={"m.py": script}, argv=command, libraries=(library,)), QUICK)
    assert ran.value == "hello from greetings", ran.stderr


async def test_a_library_is_read_only_and_lies_elsewhere_than_on_this_machine(sandbox: Sandbox, library: Path) -> None:
    body = """
import greetings
folder = os.path.dirname(greetings.__file__)
written = []
for path in ('new.py', 'greetings.py', 'inner/new.txt', 'inner/data.txt'):
    try:
        open(os.path.join(folder, path), 'a').close()
        written.append(path)
    except OSError:
        pass
for change in (lambda: os.unlink(folder + '/greetings.py'), lambda: os.chmod(folder, 0o777)):
    try:
        change()
        written.append('changed')
    except OSError:
        pass
seen = ''.join(open('/proc/self/' + name).read() for name in ('environ', 'cmdline'))
return [written, open(folder + '/inner/data.txt').read(), os.path.exists(given['path']), given['path'] in seen]
"""
    program = python(body, libraries=(library,), arguments={"path": str(library)})
    assert (await sandbox.run(program, QUICK)).value == [[], "data", False, False]
    assert sorted(path.name for path in library.iterdir()) == ["greetings.py", "inner"]


async def test_a_run_without_libraries_sees_none_of_the_run_before(sandbox: Sandbox, library: Path) -> None:
    body = "import importlib.util\nreturn [importlib.util.find_spec('greetings') is None, 'PYTHONPATH' in os.environ]"
    await sandbox.run(python("return 1", libraries=(library,)), QUICK)
    assert await value_of(sandbox, body) == [True, False]


async def test_a_library_that_is_not_there_is_said(sandbox: Sandbox, library: Path) -> None:
    with pytest.raises(Unavailable, match="nowhere"):
        await sandbox.run(python("return 1", libraries=(library / "nowhere",)), QUICK)


# What cannot be forged


async def test_what_is_printed_is_no_result(sandbox: Sandbox) -> None:
    forged = json.dumps({"status": 0, "cpu": 0, "peak": 0, "full": False, "value": "forged"})
    body = f"print({forged!r}); print({forged!r}, file=sys.stderr, flush=True); os._exit(5)"
    ran = await sandbox.run(python(body), QUICK)
    assert (ran.outcome, ran.code, ran.returned, ran.value) == (Outcome.EXITED, 5, False, None)


async def test_how_it_ended_cannot_be_forged_through_any_descriptor(sandbox: Sandbox) -> None:
    forged = json.dumps({"status": 0, "cpu": 0, "peak": 0, "full": False})
    body = f"""
for place in [*range(3, 256), *(f'/proc/{{pid}}/fd/{{at}}' for pid in (1, 'self') for at in range(64))]:
    try:
        os.write(place if isinstance(place, int) else os.open(place, os.O_WRONLY), {forged!r}.encode())
    except OSError:
        pass
os._exit(9)
"""
    ran = await sandbox.run(python(body), QUICK)
    assert (ran.outcome, ran.code, ran.returned) == (Outcome.EXITED, 9, False)


@pytest.mark.parametrize("result", ["", "{", "1 2", "NaN", "[" * 90_000, "\\377", "1" * 6000])
async def test_a_result_that_is_not_one_json_value_is_none(sandbox: Sandbox, result: str) -> None:
    program = Program(files={"r": result.encode()}, argv=("sh", "-c", "cat {files}/r >&3"))
    ran = await sandbox.run(program, QUICK)
    assert (ran.outcome, ran.code, ran.returned, ran.value) == (Outcome.EXITED, 0, False, None)


# Side by side, one after the other, and without Dexter


async def test_runs_side_by_side_do_not_see_each_other(sandbox: Sandbox) -> None:
    body = """
open('/work/mine', 'w').write(given['name']); open('/tmp/mine', 'w').write(given['name'])
time.sleep(0.3)
others = [pid for pid in os.listdir('/proc') if pid.isdigit() and int(pid) not in (1, os.getpid())]
return [open('/work/mine').read(), open('/tmp/mine').read(), os.listdir('/work'), len(others)]
"""
    names = [f"run{at}" for at in range(6)]
    found = await asyncio.gather(*(value_of(sandbox, body, name=name) for name in names))
    assert found == [[name, name, ["mine"], 0] for name in names]


async def test_a_second_run_sees_nothing_of_the_first(sandbox: Sandbox) -> None:
    body = "found = os.listdir('/work') + os.listdir('/tmp') + os.listdir('/dev/shm')\n"
    body += "for folder in ('/work', '/tmp', '/dev/shm'):\n    open(folder + '/left', 'w').close()\nreturn found"
    assert [await value_of(sandbox, body) for _ in range(2)] == [[], []]


async def test_cancelling_kills_it(sandbox: Sandbox, name: str) -> None:
    mark = f"86400.{secrets.randbelow(10**9)}"
    await sandbox.check()
    run = asyncio.create_task(sandbox.run(Program(files={}, argv=("sleep", mark)), QUICK))
    while not await asyncio.to_thread(going, name, mark, os.getpid()):
        await asyncio.sleep(0.02)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert (going(name, mark, os.getpid()), processes_with(mark)) == (0, [])
    assert await value_of(sandbox, "return 1") == 1


async def test_closing_kills_what_runs_and_refuses_what_waits(own_sandbox: Sandbox, name: str) -> None:
    sandbox = own_sandbox
    mark = f"86400.{secrets.randbelow(10**9)}"
    await sandbox.check()
    runs = [asyncio.create_task(sandbox.run(Program(files={}, argv=("sleep", mark)), QUICK)) for _ in range(5)]
    while await asyncio.to_thread(going, name, mark, os.getpid()) < 2:
        await asyncio.sleep(0.02)
    await sandbox.aclose()
    ended = await asyncio.gather(*runs, return_exceptions=True)
    assert all(
        isinstance(end, Unavailable) or (isinstance(end, Ran) and end.outcome is Outcome.KILLED) for end in ended
    )
    assert (going(name, mark, os.getpid()), processes_with(mark)) == (0, [])
    with pytest.raises(Unavailable):
        await sandbox.run(Program(files={}, argv=("true",)), QUICK)


async def test_what_comes_while_it_is_being_closed_is_refused(own_sandbox: Sandbox) -> None:
    await own_sandbox.check()
    busy, loop = threading.Event(), asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))  # and it has much else to do: closing takes its time
    loop.run_in_executor(None, busy.wait)
    closing = asyncio.create_task(own_sandbox.aclose())
    await asyncio.sleep(0)
    try:
        with pytest.raises(Unavailable, match="being closed"):
            await own_sandbox.run(Program(files={}, argv=("true",)), QUICK)
    finally:
        busy.set()
    await closing


LAUNCHER = """
import asyncio, sys
from core.sandbox import Limits, Program
from tests.doubles.sandboxes import MAKE
async def main():
    sandbox = MAKE[sys.argv[1]]()
    await sandbox.run(Program(files={}, argv=("sh", "-c", sys.argv[2])), Limits(seconds=600))
asyncio.run(main())
"""


async def test_when_dexter_is_killed_nothing_stays(name: str, sandbox: Sandbox) -> None:
    mark = f"86400.{secrets.randbelow(10**9)}"
    script = f"setsid sleep {mark} & sleep {mark}"
    with subprocess.Popen([sys.executable, "-c", LAUNCHER, name, script]) as launcher:
        while not await asyncio.to_thread(going, name, mark, launcher.pid):
            await asyncio.sleep(0.02)
        launcher.kill()
        launcher.wait()
    async with asyncio.timeout(10):
        while processes_with(mark) or await asyncio.to_thread(going, name, mark, launcher.pid):
            await asyncio.sleep(0.02)
    await sandbox.check()  # which takes away folders, cgroups and containers of the dead
    assert left_behind(launcher.pid) == []
