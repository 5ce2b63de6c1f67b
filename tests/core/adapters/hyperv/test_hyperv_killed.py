"""A Dexter that is killed: its virtual machine is restored by the host alone, and the next Dexter can go on."""

import asyncio
import subprocess
import sys
import time

from core.sandbox import Limits, Program
from tests.doubles.hyperv import GUEST_PASSWORD, HOST_PASSWORD, Windows

DEXTER = """
import asyncio, sys, uuid
from pathlib import Path
from pydantic import SecretStr
from core.adapters.sandboxes.hyperv import Guest, HyperV, Machine, Remote
from core.sandbox import Limits, Program

async def main(port, user, authority, vm, checkpoint):
    host, guest = map(SecretStr, sys.stdin.read().split())
    remote = Remote("127.0.0.1", user=user, password=host, port=int(port), authority=Path(authority))
    sandbox = HyperV(remote, Guest("Administrator", guest, boot=200), [Machine(uuid.UUID(vm), uuid.UUID(checkpoint))])
    await sandbox.run(Program(files={}, argv=("sleep", "600")), Limits(seconds=3))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_after_a_kill_the_machine_is_restored_and_used_again(windows: Windows) -> None:
    (vm,) = windows.vms
    windows.host.fast = 10  # the next Dexter waits for the script of the first, whose program takes real time
    remote = windows.remote()
    words = [str(remote.port), remote.user, str(remote.authority), str(vm.id), str(vm.checkpoint)]
    with subprocess.Popen([sys.executable, "-c", DEXTER, *words], stdin=subprocess.PIPE) as dexter:
        assert dexter.stdin
        dexter.stdin.write(f"{HOST_PASSWORD} {GUEST_PASSWORD}".encode())
        dexter.stdin.close()
        until = time.monotonic() + 60
        while not (vm.dirty and vm.done.count("Copy-Item") == 2):
            assert time.monotonic() < until
            await asyncio.sleep(0.02)
        dexter.kill()
        dexter.wait()
    assert vm.state == "Running"  # nobody there to end it but the script on the host
    sandbox = windows.sandbox()
    assert (await sandbox.run(Program(files={}, argv=("true",)), Limits(seconds=20))).code == 0
    await sandbox.aclose()
    assert (vm.state, vm.dirty, windows.host.held) == ("Saved", False, set())
