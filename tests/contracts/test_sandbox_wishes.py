"""Secrets and hosts for programs, on every sandbox of this machine: just those that were named, or a refusal."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from pydantic import SecretStr

from core.errors import BadRequest
from core.ports import Sandbox
from core.sandbox import MEGABYTE, Limits, Outcome, Program, Ran
from tests.doubles.sandboxes import MAKE, lacking

QUICK = Limits(seconds=30, memory=128 * MEGABYTE, output=100_000, processes=16, disk=16 * MEGABYTE)
FULFILLED = ("bubblewrap", "bubblewrap-cgroup")
SECRET = 's3cret-"ä"-value'
ASKING = '''
import os, socket
def ask(request, host="127.0.0.1", port=8080):
    with socket.create_connection((host, port), 5) as one:
        one.sendall(request.encode() + b"\\r\\n\\r\\n")
        answer = b""
        while not answer.endswith(b"\\r\\n\\r\\n"):
            if not (part := one.recv(1)):
                break
            answer += part
        if b" 200 " in answer.split(b"\\r\\n")[0]:
            one.sendall(b"ping")
            one.shutdown(socket.SHUT_WR)
            while part := one.recv(1000):
                answer += part
        return answer.decode()
'''  # fmt: skip


@pytest.fixture(params=MAKE)
def name(request: pytest.FixtureRequest) -> str:
    if reason := lacking(request.param):
        pytest.skip(reason)
    return str(request.param)


@pytest.fixture
async def sandbox(name: str) -> AsyncIterator[Sandbox]:
    made = MAKE[name]()
    yield made
    await made.aclose()


@pytest.fixture
async def server() -> AsyncIterator[tuple[int, list[bytes]]]:
    """Return a port of this machine where somebody answers, and what came there."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        writer.write(b"pong")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as served:
        yield served.sockets[0].getsockname()[1], heard


def program(body: str, **more: object) -> Program:
    lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    code = f"{ASKING}\ndef run(**given):\n{lines}\n"
    return Program(files={"main.py": code.encode()}, entry="main.py:run", **more)  # type: ignore[arg-type]


async def test_a_secret_is_not_heard_either_however_it_is_said(name: str, sandbox: Sandbox) -> None:
    heard: list[str] = []
    body = """
value = os.environ["API_TOKEN"].encode()
for at in range(len(value)):
    os.write(1, value[at:at + 1])
    if at % 5 == 0:
        time.sleep(0.02)
os.write(1, b" and " + value[:-1])
"""
    wanted = program(f"import time{body}", secrets={"API_TOKEN": SecretStr(SECRET)})
    ran = await fulfilled(name, lambda: sandbox.run(wanted, QUICK, lambda _, text: heard.append(text)))
    assert "".join(heard) == ran.stdout == f"*** and {SECRET[:-1]}"


async def fulfilled(name: str, run: Callable[[], Awaitable[Ran]]) -> Ran:
    """Return what came of it; where the sandbox does not do such things, it has to say so."""
    if name not in FULFILLED:
        with pytest.raises(BadRequest, match="This sandbox"):
            await run()
        pytest.skip(f"{name} refuses it")
    ran = await run()
    assert (ran.outcome, ran.code, ran.returned) == (Outcome.EXITED, 0, True), ran
    return ran


async def test_a_secret_is_a_variable_and_is_struck_out_of_all_that_comes_back(sandbox: Sandbox, name: str) -> None:
    body = """
import json, sys
secret = os.environ['API_TOKEN']
print('out', secret)
print('err', secret, file=sys.stderr)
seen = [open(f'/proc/{pid}/cmdline').read() for pid in os.listdir('/proc') if pid.isdigit()]
return {'text': f'<{secret}>', 'list': [secret], secret: 1, 'right': len(secret), 'seen': secret in ' '.join(seen)}
"""
    wanted = program(body, secrets={"API_TOKEN": SecretStr(SECRET)})
    ran = await fulfilled(name, lambda: sandbox.run(wanted, QUICK))
    assert ran.value == {"text": "<***>", "list": ["***"], "***": 1, "right": len(SECRET), "seen": False}
    assert (ran.stdout, ran.stderr) == ("out ***\n", "err ***\n")
    assert SECRET not in repr(wanted)
    assert SECRET not in str(ran)


async def test_a_program_without_wishes_has_neither_secrets_nor_a_way_out(sandbox: Sandbox, name: str) -> None:
    body = """
try:
    ask('CONNECT 127.0.0.1:443 HTTP/1.1')
    reached = True
except OSError:
    reached = False
return [[name for name in os.environ if 'PROXY' in name.upper() or 'TOKEN' in name], reached, os.path.exists('/door')]
"""
    assert (await sandbox.run(program(body), QUICK)).value == [[], False, False]


@pytest.mark.parametrize("bad", ["PATH", "LD_PRELOAD", "lower", "A=B", "", "PYTHONPATH", "HTTPS_PROXY", "X" * 65])
def test_names_that_no_secret_has_are_refused(bad: str) -> None:
    with pytest.raises(BadRequest):
        program("return 1", secrets={bad: SecretStr("value")})


@pytest.mark.parametrize(
    "bad", ["", "*", "*.example.com", "a b", "host:0", "host:70000", "http://host", "host/path", "a\n"]
)
def test_what_names_no_host_is_refused(bad: str) -> None:
    with pytest.raises(BadRequest):
        program("return 1", network=(bad,))


async def test_a_host_that_was_named_is_reached(sandbox: Sandbox, name: str, server: tuple[int, list[bytes]]) -> None:
    port, heard = server
    body = "return [ask(f'CONNECT 127.0.0.1:{given[\"port\"]} HTTP/1.1'), os.environ['HTTPS_PROXY']]"
    wanted = program(body, network=(f"127.0.0.1:{port}",), arguments={"port": port})
    ran = await fulfilled(name, lambda: sandbox.run(wanted, QUICK))
    assert ran.value == ["HTTP/1.1 200 Connection established\r\n\r\npong", "http://127.0.0.1:8080"]
    assert heard == [b"ping"]


async def test_nothing_else_is_reached(sandbox: Sandbox, name: str, server: tuple[int, list[bytes]]) -> None:
    port, heard = server
    body = """
port = given['port']
places = ['127.0.0.1:', 'localhost:', '127.1:', '[::1]:', 'allowed.example:1', '2130706433:', '0x7f.1:']
places.append(f'allowed.example:{port}@127.0.0.1:')
requests = [f'CONNECT {place}{port} HTTP/1.1' for place in places]
requests += [f'GET http://allowed.example:{port}/ HTTP/1.1', 'CONNECT allowed.example HTTP/1.1', '', 'x' * 9000]
said = [ask(request)[9:12] for request in requests]
direct = []
for address in (('127.0.0.1', port), ('10.0.0.1', 80), ('1.1.1.1', 443)):
    try:
        socket.create_connection(address, 1)
        direct.append(address)
    except OSError:
        pass
return [said, direct]
"""
    wanted = program(body, network=(f"allowed.example:{port}",), arguments={"port": port})
    ran = await fulfilled(name, lambda: sandbox.run(wanted, QUICK))
    said, direct = ran.value
    assert set(said) <= {"400", "403", ""}
    assert direct == []
    assert heard == []


async def test_a_name_that_leads_home_leads_nowhere(
    sandbox: Sandbox, name: str, server: tuple[int, list[bytes]]
) -> None:
    port, heard = server
    assert socket.gethostbyname("localhost") == "127.0.0.1"
    body = "return ask(f'CONNECT localhost:{given[\"port\"]} HTTP/1.1')[9:12]"
    wanted = program(body, network=(f"localhost:{port}",), arguments={"port": port})
    assert (await fulfilled(name, lambda: sandbox.run(wanted, QUICK))).value == "403"
    assert heard == []
