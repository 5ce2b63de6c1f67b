"""What goes wrong with a host, its virtual machines and their guests: each a sentence with a remedy, and no harm."""

import asyncio
import base64
import json
import re
import uuid
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from core.adapters.sandboxes.hyperv import HyperV
from core.adapters.sandboxes.hyperv.link import Bound, Stopped, asked
from core.adapters.sandboxes.hyperv.payload import packed
from core.adapters.sandboxes.hyperv.work import GUEST_SCRIPT
from core.errors import Misconfigured, Unavailable
from core.sandbox import Isolation, Limits, Outcome, Program
from tests.doubles.hyperv import GUEST_PASSWORD, Windows
from tests.doubles.psrp_server import Ill

TRUE = Program(files={}, argv=("true",))
SLEEP = Program(files={}, argv=("sleep", "600"))
QUICK = Limits(seconds=20)

Fault = Callable[[Windows], object]


def spoilt(**changes: object) -> Fault:
    return lambda windows: [setattr(windows.vms[0], name, value) for name, value in changes.items()]


def odd(**changes: object) -> Fault:
    return lambda windows: [setattr(windows.host, name, value) for name, value in changes.items()]


FAULTS: dict[str, tuple[Fault, str, str]] = {
    "no module": (odd(module=False), "has no Hyper-V module", "Install-WindowsFeature"),
    "no right": (odd(denied=True), "may not manage Hyper-V", "Hyper-V Administrators"),
    "constrained": (odd(mode="ConstrainedLanguage"), r"run no script \(ConstrainedLanguage\)", "ordinary session"),
    "no language": (odd(mode="NoLanguage"), "did not run the script: The syntax is not supported", "ordinary session"),
    "no machine": (lambda windows: windows.host.vms.clear(), "has no virtual machine .* unable to find", "Get-VM"),
    "no checkpoint": (spoilt(checkpoint=uuid.uuid4()), "cannot be restored to its checkpoint", "Get-VMSnapshot"),
    "a network": (
        spoilt(switch="Default Switch"),
        r"connected to a network \(Network Adapter: Default Switch\)",
        "Remove",
    ),
    "no heartbeat": (spoilt(boots=False), "was not up after 200 s: NoContact", "Hyper-V Manager"),
    "wrong guest password": (
        spoilt(password="changed"),
        "does not let Administrator in: The credential",
        "guest_password",
    ),
    "restricted guest": (spoilt(refused="language"), "in the guest .* run no script", "policy"),
    "no administrator": (spoilt(refused="rights"), "Administrator is no administrator", "guest_user"),
    "holes": (spoilt(holes=["a network", "writing to C:"]), "has holes: a network and writing to C:", "docs/hyperv.md"),
    "a disk that is full": (
        odd(fails={"restore-vmsnapshot": "There is not enough space."}),
        "not enough space",
        "Get-VMS",
    ),
    "a copy that fails": (
        odd(fails={"copy-item": "The pipe is broken."}),
        "broke off: The pipe is broken",
        "Try again",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_a_sentence_with_a_remedy_and_leaves_nothing(windows: Windows, fault: str) -> None:
    cause, found, remedy = FAULTS[fault]
    sandbox = windows.sandbox()
    cause(windows)
    isolation = await sandbox.check()
    assert isolation.tier is None
    assert re.search(found, str(isolation.found)), str(isolation.found)
    assert remedy in str(isolation.remedy)
    with pytest.raises((Misconfigured, Unavailable)) as raised:
        await sandbox.run(TRUE, QUICK)
    assert re.search(found, str(raised.value))
    await sandbox.aclose()
    assert [(vm.state, vm.dirty) for vm in windows.vms] in ([("Saved", False)], [("Off", False)])
    assert (windows.host.held, windows.server.soap.shells) == (set(), {})


async def test_what_was_wrong_may_be_right_the_next_time(windows: Windows, sandbox: HyperV) -> None:
    windows.vms[0].password = "changed"
    with pytest.raises(Misconfigured, match="guest_password"):
        await sandbox.run(TRUE, QUICK)
    windows.vms[0].password = GUEST_PASSWORD
    assert (await sandbox.run(TRUE, QUICK)).code == 0


@pytest.mark.parametrize("cause", ["no machine", "no checkpoint", "a network", "wrong guest password", "no heartbeat"])
async def test_what_goes_wrong_after_the_self_check_is_said_as_well(
    windows: Windows, sandbox: HyperV, cause: str
) -> None:
    await sandbox.check()
    FAULTS[cause][0](windows)
    with pytest.raises((Misconfigured, Unavailable), match=FAULTS[cause][1]):
        await sandbox.run(TRUE, QUICK)
    assert not windows.vms[0].dirty


# The way to the host


async def checked(windows: Windows, **remote: object) -> Isolation:
    sandbox = windows.sandbox(**remote)
    try:
        return await sandbox.check()
    finally:
        await sandbox.aclose()


async def test_a_host_that_is_not_there(windows: Windows) -> None:
    windows.server.close()
    found = await checked(windows)
    assert "cannot be reached" in str(found.found)
    assert "firewall" in str(found.remedy)


async def test_a_name_that_nobody_knows(windows: Windows) -> None:
    assert "cannot be reached" in str((await checked(windows, host="host.invalid")).found)


async def test_a_certificate_of_a_stranger(windows: Windows) -> None:
    found = await checked(windows, authority=None)
    assert "is not trusted" in str(found.found)
    assert "sandbox.hyperv.authority" in str(found.remedy)
    assert windows.server.soap.asked == []  # and nothing was said to it


async def test_a_host_without_tls(windows: Windows) -> None:
    plain = Windows(tls=False)
    found = await checked(plain, tls=True)
    plain.close()
    assert "does not speak TLS" in str(found.found)


async def test_the_wrong_password_of_the_host(windows: Windows) -> None:
    found = await checked(windows, password=SecretStr("not-the-password"))
    assert "does not let Dexter in" in str(found.found)
    assert windows.server.soap.asked == []


async def test_too_many_sessions() -> None:
    windows = Windows(most_shells=0)
    found = await checked(windows)
    windows.close()
    assert "too many sessions" in str(found.found)
    assert "MaxShellsPerUser" in str(found.remedy)


def once(operation: str, how: Ill, times: int = 1) -> Callable[[str], Ill]:
    """Return an `ill` that an operation meets that often."""
    left = [how] * times
    return lambda asked: left.pop() if asked == operation and left else ""


@pytest.mark.parametrize("operation", ["Create", "Command", "Send", "Receive"])
@pytest.mark.parametrize("how", ["drop", "503", "garbage"])
async def test_a_connection_that_breaks_is_said_and_the_machine_is_restored(
    windows: Windows, sandbox: HyperV, operation: str, how: Ill
) -> None:
    await sandbox.check()
    windows.server.ill = once(operation, how)
    with pytest.raises(Unavailable, match=r"stopped answering|as it should|cannot be reached"):
        await sandbox.run(TRUE, QUICK)
    assert (await sandbox.run(TRUE, QUICK)).code == 0
    assert (windows.vms[0].dirty, windows.vms[0].job) == (False, None)


@pytest.mark.parametrize("how", ["drop", "503", "garbage", "401"])
async def test_how_a_session_ends_does_not_matter_to_a_run_that_is_over(
    windows: Windows, sandbox: HyperV, how: Ill
) -> None:
    await sandbox.check()
    windows.server.ill = once("Delete", how)
    assert (await sandbox.run(TRUE, QUICK)).code == 0


@pytest.mark.parametrize("operation", ["Command", "Send", "Receive"])
async def test_a_login_that_is_asked_for_again_is_given(windows: Windows, sandbox: HyperV, operation: str) -> None:
    await sandbox.check()
    windows.server.ill = once(operation, "401")
    assert (await sandbox.run(TRUE, QUICK)).code == 0


async def test_a_host_that_falls_silent_is_left_and_its_machine_is_restored(windows: Windows, sandbox: HyperV) -> None:
    await sandbox.check()
    run = asyncio.create_task(sandbox.run(SLEEP, QUICK.but(seconds=600)))
    while not windows.vms[0].job:
        await asyncio.sleep(0.02)
    windows.server.ill = once("Receive", "stall", 6)
    with pytest.raises(Unavailable, match="stopped answering"):
        await run
    assert (windows.vms[0].dirty, windows.vms[0].job) == (False, None)


# The guest


async def test_a_guest_that_hangs_has_run_out_of_time(windows: Windows, sandbox: HyperV) -> None:
    await sandbox.check()
    windows.vms[0].hangs = True
    ran = await sandbox.run(SLEEP, QUICK)
    assert (ran.outcome, ran.stdout) == (Outcome.TIMED_OUT, "")
    assert not windows.vms[0].dirty


FORGED = json.dumps({"ended": "exited", "code": 0, "result": base64.b64encode(b'"forged"').decode()})


@pytest.mark.parametrize(
    "said",
    [
        FORGED,
        " ",
        "{nonce}",
        "{nonce}[]",
        "{nonce}{}",
        '{nonce}{"ended": "exited", "code": "x"}',
        "{nonce}not json",
        "{nonce}\0",
    ],
)
async def test_a_guest_that_says_something_else_is_not_believed(windows: Windows, sandbox: HyperV, said: str) -> None:
    await sandbox.check()
    windows.vms[0].says = said
    with pytest.raises(Unavailable, match="broke off"):
        await sandbox.run(TRUE, QUICK)
    assert not windows.vms[0].dirty


async def test_a_program_cannot_forge_what_is_said_of_it(windows: Windows, sandbox: HyperV) -> None:
    nonce = "0" * 32
    script = f"echo '{nonce}{FORGED}'; echo '{FORGED}' >&2; echo '{FORGED}'; exit 3"
    ran = await sandbox.run(Program(files={}, argv=("sh", "-c", script)), QUICK)
    assert (ran.outcome, ran.code, ran.returned, ran.value) == (Outcome.EXITED, 3, False, None)
    assert FORGED in ran.stdout


async def test_more_output_than_there_may_be_is_cut_whoever_says_it(windows: Windows, sandbox: HyperV) -> None:
    await sandbox.check()
    much = base64.b64encode(b"x" * 5000).decode()
    windows.vms[0].says = "{nonce}" + json.dumps({"ended": "too much output", "code": 1, "stdout": much})
    ran = await sandbox.run(TRUE, QUICK.but(output=100))
    assert (ran.outcome, ran.stdout) == (Outcome.TOO_MUCH_OUTPUT, "x" * 100)


async def test_a_crash_on_windows_is_no_exit_code(windows: Windows, sandbox: HyperV) -> None:
    await sandbox.check()
    windows.vms[0].says = '{nonce}{"ended": "exited", "code": 3221225477}'
    ran = await sandbox.run(TRUE, QUICK)
    assert (ran.outcome, ran.code) == (Outcome.KILLED, None)


# The watchdog


def asking(windows: Windows, action: str) -> dict[str, str | int | bytes]:
    (vm,) = windows.vms
    ids = {"VMId": str(vm.id), "CheckpointId": str(vm.checkpoint), "BootSeconds": 100_000, "RunSeconds": 100_000}
    guest = {"GuestUser": "Administrator", "GuestScript": GUEST_SCRIPT, "Payload": packed(SLEEP, QUICK)}
    return {"Action": action, **ids, **guest}


@pytest.mark.parametrize(("boots", "stage"), [(False, "boot"), (True, "wait")])
async def test_a_script_that_does_not_end_is_ended_where_it_is(windows: Windows, boots: bool, stage: str) -> None:
    (vm,) = windows.vms
    vm.boots = boots
    with pytest.raises(Stopped) as ended:
        await asyncio.to_thread(asked, windows.remote(), asking(windows, "run"), GUEST_PASSWORD, Bound(2))
    assert (ended.value.stage, ended.value.late) == (stage, True)
    assert (vm.state, vm.dirty, windows.host.held) == ("Saved", False, set())  # by its own `finally`


async def test_cleaning_switches_off_what_runs_without_waiting_for_it(windows: Windows) -> None:
    (vm,) = windows.vms
    run = asyncio.create_task(
        asyncio.to_thread(asked, windows.remote(), asking(windows, "run"), GUEST_PASSWORD, Bound(60))
    )
    while not vm.job:
        await asyncio.sleep(0.02)
    report = await asyncio.to_thread(asked, windows.remote(), asking(windows, "clean"), "", Bound(60))
    assert (report.stage, report.restored, report.error) == ("done", True, "")
    broken = await run
    assert (broken.stage, broken.restored, broken.guest) == ("result", True, "")
    assert (vm.state, vm.dirty) == ("Saved", False)
