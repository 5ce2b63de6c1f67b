"""What goes in and comes out of a virtual machine, and in which state it is left."""

import asyncio
from pathlib import Path

import pytest

from core.adapters.sandboxes.hyperv import HyperV
from core.errors import BadRequest, Unavailable
from core.sandbox import Limits, Outcome, Program, Tier
from tests.doubles.hyperv import Windows

SLEEP = Program(files={}, argv=("sleep", "600"))
QUICK = Limits(seconds=20)
ONE_RUN = [
    *("Restore-VMSnapshot", "Get-VMNetworkAdapter", "Start-VM", "New-PSSession", "New-PSSession", "Invoke-Command"),
    *("Copy-Item", "Invoke-Command", "Stop-VM", "Restore-VMSnapshot", "Remove-PSSession"),
]


def returning(body: str, **given: object) -> Program:
    return Program(files={"main.py": f"def run(**given):\n    {body}\n".encode()}, entry="main.py:run", arguments=given)


async def begun(windows: Windows, at: int = 0) -> None:
    """Wait until a program runs that is not the probe."""
    while not (windows.vms[at].running.is_set() and windows.vms[at].job and not windows.vms[at].job.done()):
        await asyncio.sleep(0.02)


async def test_a_run_lies_between_two_restorations(windows: Windows, sandbox: HyperV) -> None:
    (vm,) = windows.vms
    ran = await sandbox.run(returning("print('said'); return given", a=[1, "ä"]), QUICK)
    assert (ran.outcome, ran.value, ran.stdout, ran.tier) == (Outcome.EXITED, {"a": [1, "ä"]}, "said\n", Tier.MACHINE)
    assert vm.done == 2 * ONE_RUN  # the self check, and this
    assert (vm.state, vm.dirty, windows.server.soap.shells, windows.host.held) == ("Saved", False, {}, set())


async def test_the_self_check_says_what_it_found(sandbox: HyperV) -> None:
    isolation = await sandbox.check()
    assert isolation.tier is Tier.MACHINE
    assert isolation.remedy is None
    assert str(isolation.found).endswith("virtual machines: 1; nothing got out")


async def test_a_guest_without_python_is_said(windows: Windows, sandbox: HyperV) -> None:
    windows.vms[0].python = ""
    isolation = await sandbox.check()
    assert isolation.tier is Tier.MACHINE
    assert "install Python" in str(isolation.remedy)


async def test_a_command_writes_its_result_to_the_file_that_it_is_told(sandbox: HyperV) -> None:
    program = Program(
        files={"a.json": b'{"x": 1}'}, argv=("sh", "-c", 'cat "$1" >"$DEXTER_RESULT"', "sh", "{files}/a.json")
    )
    ran = await sandbox.run(program, QUICK)
    assert (ran.returned, ran.value) == (True, {"x": 1})


async def test_libraries_go_into_the_guest(sandbox: HyperV, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "__init__.py").write_text("WORD = 'imported'\n")
    program = returning("import inner; return [inner.WORD, inner.__file__]")
    ran = await sandbox.run(program.but(libraries=(tmp_path,)), QUICK)
    assert ran.value[0] == "imported"
    assert str(tmp_path) not in ran.value[1]


@pytest.mark.parametrize("name", ["a:b", "con", "x/NUL.txt", "what?", "dot.", "space ", 'quo"te', "a/lpt1", "a|b"])
async def test_a_name_that_windows_does_not_know_is_refused(sandbox: HyperV, name: str) -> None:
    with pytest.raises(BadRequest, match="on Windows"):
        await sandbox.run(Program(files={name: b""}, argv=("true",)), QUICK)


async def test_names_that_are_one_on_windows_are_refused(sandbox: HyperV) -> None:
    with pytest.raises(BadRequest, match="one file on Windows"):
        await sandbox.run(Program(files={"a.py": b"", "A.py": b""}, argv=("true",)), QUICK)


async def test_too_much_is_refused_before_anything_is_sent(windows: Windows, sandbox: HyperV, tmp_path: Path) -> None:
    await sandbox.check()
    with (tmp_path / "big").open("wb") as big:
        big.truncate(300 << 20)
    noise = bytes(range(256)) * 4
    for at in range(8):
        content = b"".join(bytes(byte ^ (at + turn & 255) for byte in noise) for turn in range(64))
        (tmp_path / f"{at}.bin").write_bytes(content)
    with pytest.raises(BadRequest, match="7 MB"):
        await sandbox.run(Program(files={}, argv=("true",), libraries=(tmp_path,)), QUICK)
    assert len(windows.host.scripts) == 1


async def test_one_machine_runs_one_program_at_a_time() -> None:
    windows = Windows(2)
    sandbox = windows.sandbox()
    try:
        ran = await asyncio.gather(*(sandbox.run(returning("return given", at=at), QUICK) for at in range(5)))
        assert [one.value for one in ran] == [{"at": at} for at in range(5)]
        for vm in windows.vms:
            assert vm.done == len(vm.done) // len(ONE_RUN) * ONE_RUN  # nothing of another run in between
    finally:
        await sandbox.aclose()
        windows.close()


async def test_a_full_line_turns_away(windows: Windows) -> None:
    sandbox = windows.sandbox(waiting=1)
    await sandbox.check()
    runs = [asyncio.create_task(sandbox.run(SLEEP, QUICK)) for _ in range(2)]
    await begun(windows)
    with pytest.raises(Unavailable, match="wait for the sandbox"):
        await sandbox.run(SLEEP, QUICK)
    await sandbox.aclose()
    await asyncio.gather(*runs, return_exceptions=True)


async def test_cancelling_switches_the_machine_off_and_restores_it(windows: Windows, sandbox: HyperV) -> None:
    (vm,) = windows.vms
    await sandbox.check()
    run = asyncio.create_task(sandbox.run(SLEEP, QUICK))
    await begun(windows)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert (vm.state, vm.dirty, vm.job, windows.host.held) == ("Saved", False, None, set())
    assert windows.host.given[-1]["Action"] == "clean"  # from a second session, whatever became of the first


async def test_two_dexters_do_not_share_a_machine(windows: Windows, sandbox: HyperV) -> None:
    await sandbox.check()
    other = windows.sandbox()
    run = asyncio.create_task(sandbox.run(SLEEP, QUICK))
    await begun(windows)
    found = await other.check()
    assert found.tier is None
    assert "in use by another Dexter" in str(found.found)
    assert windows.vms[0].running.is_set()
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)
    assert (await other.check()).tier is Tier.MACHINE
    await other.aclose()


async def test_a_machine_that_is_not_fit_runs_nothing() -> None:
    windows = Windows(2)
    windows.vms[0].switch = "Default Switch"
    sandbox = windows.sandbox()
    try:
        isolation = await sandbox.check()
        assert isolation.tier is Tier.MACHINE
        assert str(windows.vms[0].id) in str(isolation.remedy)
        await asyncio.gather(*(sandbox.run(returning("return 1"), QUICK) for _ in range(3)))
        assert "Copy-Item" not in windows.vms[0].done
        assert windows.vms[1].done.count("Copy-Item") == 4
    finally:
        await sandbox.aclose()
        windows.close()


async def test_the_order_in_the_archive_is_what_the_limits_say(windows: Windows, sandbox: HyperV) -> None:
    await sandbox.run(Program(files={}, argv=("true",)), Limits(seconds=7.5, processes=9))
    given = windows.host.given[-1]
    assert (given["Action"], given["RunSeconds"], given["GuestUser"]) == ("run", 8, "Administrator")
