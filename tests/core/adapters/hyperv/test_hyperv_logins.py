"""How Dexter is let in by a Windows host, and where its secrets never turn up."""

import asyncio
import gc
import logging
import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.adapters.sandboxes.hyperv import HyperV
from core.errors import DexterError
from core.sandbox import Limits, Program, Tier
from tests.doubles.hyperv import GUEST_PASSWORD, HOST_PASSWORD, Windows

QUICK = Limits(seconds=20)


async def reached(sandbox: HyperV) -> Tier | None:
    try:
        return (await sandbox.check()).tier
    finally:
        await sandbox.aclose()


@pytest.mark.parametrize("transport", ["negotiate", "ntlm"])
async def test_a_login_over_tls(windows: Windows, transport: str) -> None:
    assert await reached(windows.sandbox(transport=transport)) is Tier.MACHINE
    assert windows.server.wrapped == 0  # TLS does it


@pytest.mark.parametrize("transport", ["negotiate", "ntlm"])
async def test_without_tls_every_message_is_encrypted(transport: str) -> None:
    windows = Windows(tls=False)
    assert await reached(windows.sandbox(transport=transport)) is Tier.MACHINE
    assert windows.server.wrapped == len(windows.server.soap.asked)
    windows.close()


async def test_a_login_by_certificate(windows: Windows) -> None:
    own = windows.server.certificates
    more = {"user": "", "password": SecretStr(""), "certificate": own.client, "key": own.client_key}
    assert await reached(windows.sandbox(transport="certificate", **more)) is Tier.MACHINE


async def test_a_certificate_that_is_not_there_is_said(windows: Windows, tmp_path: Path) -> None:
    more = {"transport": "certificate", "certificate": tmp_path / "none.pem", "key": tmp_path / "none.key"}
    sandbox = windows.sandbox(**more)
    isolation = await sandbox.check()
    await sandbox.aclose()
    assert isolation.tier is None
    assert "none.pem" in str(isolation.found)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # CredSSP's client leaves its socket
@pytest.mark.parametrize("transport", ["kerberos", "credssp"])
async def test_a_login_that_cannot_be_made_here_is_said(windows: Windows, transport: str) -> None:
    """Neither has a server in the tests: what is shown is that it ends in a sentence, and soon."""
    sandbox = windows.sandbox(transport=transport)
    isolation = await sandbox.check()
    await sandbox.aclose()
    gc.collect()
    assert isolation.tier is None
    assert f"no login by {transport} can be made" in str(isolation.found)
    assert "sandbox.hyperv.transport" in str(isolation.remedy)


async def test_no_proxy_gets_between(windows: Windows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert await reached(windows.sandbox()) is Tier.MACHINE


async def test_secrets_are_nowhere(windows: Windows, caplog: pytest.LogCaptureFixture) -> None:
    """In no log, however much it says, in no error, no word of a command line, and no parameter in clear."""
    caplog.set_level(logging.DEBUG)
    said = []
    for spoil in (None, "guest", "host", "gone"):
        sandbox = windows.sandbox(**({"password": SecretStr(HOST_PASSWORD + "x")} if spoil == "host" else {}))
        windows.vms[0].password = GUEST_PASSWORD + ("y" if spoil == "guest" else "")
        if spoil == "gone":
            windows.server.close()
        found = await sandbox.check()
        said += [str(found.found), str(found.remedy), repr(found)]
        try:
            said.append(repr(await sandbox.run(Program(files={}, argv=("env",)), QUICK)))
        except DexterError as error:
            said += [str(error), repr(error), repr(error.__cause__)]
        said.append(repr(vars(sandbox)))
        await sandbox.aclose()
    said += [record.getMessage() + str(record.exc_text or "") for record in caplog.records]
    said += [str(value) for given in windows.host.given for name, value in given.items() if name != "GuestPassword"]
    said += [(folder / "cmdline").read_bytes().decode() for folder in [Path(f"/proc/{os.getpid()}")]]
    assert any("Sending message" in line for line in said)  # the client did say much
    assert [line[:200] for line in said if HOST_PASSWORD in line or GUEST_PASSWORD in line] == []


async def test_the_host_repeats_no_secret_of_ours(windows: Windows) -> None:
    windows.host.fails = {"start-vm": f"Login of dexter with {HOST_PASSWORD} and {GUEST_PASSWORD} failed."}
    sandbox = windows.sandbox()
    found = await sandbox.check()
    await sandbox.aclose()
    assert "with *** and *** failed" in str(found.found)


async def test_nothing_is_asked_before_it_is_needed(windows: Windows) -> None:
    await asyncio.sleep(0)
    sandbox = windows.sandbox()
    await sandbox.aclose()
    assert windows.server.soap.asked == []
